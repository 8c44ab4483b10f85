"""``/vod`` over HTTP: every command is answered at once, to one person, whatever breaks."""

import re

import pytest
from structlog.testing import capture_logs

from deletion.terms.states import State
from handlers.commands.every_verb import FORMS
from sandbox.slack import Delivery
from sandbox.slack.model.block_kit.blocks import texts
from sandbox.vod import seed
from tests.handlers.samples import BIDI, HOSTILE
from tests.stage import Opener, Stage

UNTIL = "no further calls will be sent until two people, one of them an approver, type `/vod unfreeze`."
TEASER = seed.SPRING_TEASER.video_id
REFERENCE = re.compile(r"\(reference `([0-9a-f]{8})`\)")


def reply(delivery: Delivery) -> str:
    """Return the private answer to a command that was acknowledged in time."""
    assert (delivery.status, delivery.error) == (200, None)
    assert delivery.reply is not None
    assert delivery.reply.ephemeral_to == delivery.origin.person
    return "\n".join([delivery.reply.text, *texts(list(delivery.reply.blocks))])


def lose(stage: Stage, table: str) -> None:
    """Take a table away from the bot."""
    stage.database.write(lambda tx: tx.run(f"ALTER TABLE {table} RENAME TO lost_{table}"))


@pytest.mark.parametrize("typed", ["/vod", "/vod help", "/vod HELP"])
def test_help_is_answered_in_full(story: Stage, typed: str) -> None:
    told = reply(story.slack.say("cy", typed))
    assert all(f"/vod {form.usage}" in told for form in FORMS)
    assert "May approve: <@" in told


def test_the_status_of_every_proposal_of_the_long_day_is_answered(story: Stage) -> None:
    numbers = [row["id"] for row in story.database.read(lambda tx: tx.rows("SELECT id FROM proposals"))]
    for number in numbers:
        told = reply(story.slack.say("cy", f"/vod status {number}"))
        assert f"#{number}" in told.split(". ")[0]
        assert "Approve" not in told.replace("Approved", "")
    assert {story.state(number) for number in numbers} >= {
        State.FINISHED,
        State.REJECTED,
        State.FAILED,
        State.STALE,
    }


@pytest.mark.parametrize("number", ["999", "#999", "999999999"])
def test_a_proposal_that_does_not_exist_is_said_so(story: Stage, number: str) -> None:
    told = reply(story.slack.say("cy", f"/vod status {number}"))
    assert f"There is no proposal #{number.removeprefix('#')}. See open proposals with `/vod list`." in told


def test_an_empty_list_is_answered(story: Stage) -> None:
    assert "No proposals are open." in reply(story.slack.say("cy", "/vod list"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/vod delte video", "Did you mean delete?"),
        ("/vod delete video short", "it has 5 characters, IDs have 32"),
        (f"/vod delete video {TEASER}", "add --reason"),
        (f'/vod delete video {TEASER} --reason "open', "is not closed"),
        (f"/vod delete video {HOSTILE} --reason x", "!channel"),
        (f"/vod delete video {BIDI} --reason x", "gpj.fdp"),
        ("/vod payload", "Unknown command “payload”"),
        ("/vod 删除 视频", "Unknown command “删除”"),
        ("/vod @bo #general", "Unknown command"),
    ],
)
def test_what_is_wrong_is_answered_and_nothing_is_stored(story: Stage, typed: str, words: str) -> None:
    before = story.database.read(lambda tx: tx.one("SELECT count(*) AS n FROM proposals"))
    delivery = story.slack.say("ana", typed)
    told = reply(delivery)
    assert words in told
    assert told.startswith("Nothing was stored or deleted: ")
    assert delivery.reply is not None
    assert delivery.reply.broadcasts == []
    assert story.database.read(lambda tx: tx.one("SELECT count(*) AS n FROM proposals")) == before


def test_what_only_the_settings_can_tell_is_answered_at_once_as_well(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_ITEMS="1")
    told = reply(
        stage.slack.say("ana", "/vod delete image https://a.example/1.png https://b.example/2.png --reason x")
    )
    assert "2 items exceed the limit of 1 per proposal." in told
    assert "`https://a.example/1.png`, `https://b.example/2.png`: not on an image domain of this account" in told
    assert f"allowed: `{stage.vod.image_domain}`" in told


def test_a_proposal_is_stored_listed_and_withdrawn(stage: Stage) -> None:
    told = reply(stage.slack.say("ana", f'/vod delete video {TEASER} --reason "A & B <!here>"'))
    assert "Proposal #1 is stored. Reading 1 video from VOD now;" in told
    assert "*#1* 🔎 Reading · 1 video · " in reply(stage.slack.say("cy", "/vod list"))
    assert reply(stage.slack.say("cy", "/vod status 1")).startswith("Proposal #1 is being read from VOD.")
    stage.settle()
    listed = stage.slack.say("cy", "/vod list")
    card = stage.card(1)
    link = f"{stage.slack.url}/archives/{stage.slack.channel('vod-deletions').id}/p{card.ts.replace('.', '')}"
    assert f"*<{link}|#1>* ⏳ Waiting · 1 video · " in reply(listed)
    assert f"`{seed.SPRING_TEASER.title}` · expires " in reply(listed)
    assert "`A &amp; B &lt;!here&gt;`" in reply(listed)
    assert listed.reply is not None
    assert listed.reply.broadcasts == [f"<@{stage.slack.user('ana').id}>"] * 2
    assert "Only the proposer of #1 can withdraw it." in reply(stage.slack.say("bo", "/vod withdraw 1"))
    assert "You withdrew #1. Nothing will be deleted." in reply(stage.slack.say("ana", "/vod withdraw 1"))
    stage.settle()
    assert stage.state(1) is State.WITHDRAWN
    assert "No proposals are open." in reply(stage.slack.say("cy", "/vod list"))
    assert f"*<{link}|#1>* ↩️ Withdrawn · 1 video · " in reply(stage.slack.say("cy", "/vod list --done --since 1h"))
    assert "No proposals of yours have ended." in reply(stage.slack.say("cy", "/vod list mine done"))
    assert "*1 proposal of yours that has ended*" in reply(stage.slack.say("ana", "/vod list --mine --done"))
    assert "No proposals have ended. (since " in reply(stage.slack.say("cy", "/vod list --done --since 2099-01-01"))
    assert "“--min”. Did you mean --mine?" in reply(stage.slack.say("cy", "/vod list --min"))


@pytest.mark.parametrize(
    ("typed", "table"),
    [
        (f"/vod delete video {TEASER} --reason x", "jobs"),
        ("/vod withdraw 1", "deliveries"),
        ("/vod status 1", "items"),
        ("/vod list", "proposals"),
    ],
)
def test_when_the_record_breaks_the_person_still_gets_an_answer_with_a_number(
    stage: Stage, typed: str, table: str
) -> None:
    stage.propose("ana", f"video {seed.WAREHOUSE_TOUR.video_id}")
    lose(stage, table)
    with capture_logs() as logged:
        told = reply(stage.slack.say("ana", typed))
    found = REFERENCE.search(told)
    assert found
    assert "It deleted nothing. Check `/vod list` to see whether your action was saved" in told
    assert "try again, and give this reference to the operator of Countersign." in told
    assert table not in told
    (entry,) = [entry for entry in logged if entry["log_level"] == "error"]
    assert (entry["reference"], entry["listener"]) == (found[1], "command")


def test_a_command_that_broke_halfway_left_nothing_behind(stage: Stage) -> None:
    lose(stage, "jobs")
    with capture_logs():
        reply(stage.slack.say("ana", f"/vod delete video {TEASER} --reason x"))
    assert stage.database.read(lambda tx: tx.rows("SELECT id FROM proposals")) == []
    assert stage.database.read(lambda tx: tx.rows("SELECT seq FROM audit")) == []


@pytest.mark.parametrize("verb", ["approve", "reject", "aprove"])
def test_deciding_by_typing_says_where_the_button_is_and_decides_nothing(stage: Stage, verb: str) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    told = reply(stage.slack.say("bo", f"/vod {verb} {number}"))
    card, channel = stage.card(number), stage.slack.channel("vod-deletions").id
    link = f"{stage.slack.url}/archives/{channel}/p{card.ts.replace('.', '')}"
    assert (
        "Nothing was decided by this command. Approving and rejecting are done with the buttons on the card of "
        f"<{link}|#{number}> in <#{channel}>."
    ) in told
    stage.settle()
    assert stage.state(number) is State.PENDING
    assert stage.view(number).votes == ()


def test_what_cannot_be_decided_on_any_more_says_how_it_stands(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.say("ana", f"/vod withdraw {number}")
    told = reply(stage.slack.say("bo", f"/vod approve {number}"))
    assert f"#{number} was withdrawn. Details: `/vod status {number}`" in told
    assert "There is no proposal #99." in reply(stage.slack.say("bo", "/vod approve 99"))


def test_a_misspelt_command_that_only_reads_shows_what_was_meant(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    told = reply(stage.slack.say("cy", f"/vod statsu {number}"))
    assert told.startswith("Unknown command “statsu”. Showing `status`: ⏳ Waiting · Delete 1 video")


def test_a_misspelt_command_that_writes_is_not_carried_out(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    assert "Did you mean withdraw?" in reply(stage.say("ana", f"/vod withdrw {number}"))
    assert "Did you mean freeze?" in reply(stage.say("ana", "/vod frezee wrong folder"))
    assert stage.state(number) is State.PENDING
    assert stage.events("freeze.begun") == []


def test_unfreeze_is_thaw(stage: Stage) -> None:
    assert "Everything is frozen" in reply(stage.say("ana", "/vod freeze wrong folder"))
    assert reply(stage.slack.say("cy", "/vod list")).startswith(
        f"*Frozen* by <@{stage.slack.user('ana').id}>: {UNTIL} No proposals are open."
    )
    assert "Your vote to unfreeze is recorded." in reply(stage.say("ana", "/vod unfreeze"))
    assert "Your vote to unfreeze is recorded." in reply(stage.say("bo", "/vod thaw"))
    assert len(stage.events("freeze.ended")) == 1
