"""``/vod`` over HTTP: every command is answered at once, to one person, whatever breaks."""

import re

import pytest
from structlog.testing import capture_logs

from deletion.terms.states import State
from handlers.commands import answers
from sandbox.slack import Delivery
from sandbox.slack.model.block_kit.blocks import texts
from sandbox.vod import seed
from tests.handlers.samples import BIDI, HOSTILE
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER.video_id
FAULT = re.compile(r"\(fault `([0-9a-f]{8})`\)")


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
    told = reply(story.slack.say("dee", typed))
    assert all(usage in told for usage in answers.USAGE.values())
    assert "May approve: <@" in told


def test_the_status_of_every_proposal_of_the_long_day_is_answered(story: Stage) -> None:
    numbers = [row["id"] for row in story.database.read(lambda tx: tx.rows("SELECT id FROM proposals"))]
    for number in numbers:
        told = reply(story.slack.say("dee", f"/vod status {number}"))
        assert told.startswith(f"Proposal #{number}")
        assert "Approve" not in told.replace("Approved", "")
    assert {story.state(number) for number in numbers} >= {
        State.FINISHED,
        State.REJECTED,
        State.FAILED,
        State.STALE,
    }


@pytest.mark.parametrize("number", ["999", "#999", "999999999"])
def test_a_proposal_that_does_not_exist_is_said_so(story: Stage, number: str) -> None:
    told = reply(story.slack.say("dee", f"/vod status {number}"))
    assert f"There is no proposal #{number.removeprefix('#')}. See what is open with `/vod list`." in told


def test_an_empty_list_is_answered(story: Stage) -> None:
    assert "No proposals are open." in reply(story.slack.say("dee", "/vod list"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/vod delte video", "Did you mean delete?"),
        ("/vod delete video short", "it has 5 characters, ids have 32"),
        (f"/vod delete video {TEASER}", "add --reason"),
        (f"/vod delete video {TEASER} {TEASER} --reason x", "is there 2 times; name it once."),
        (f'/vod delete video {TEASER} --reason "open', "is never closed"),
        (f"/vod delete video {HOSTILE} --reason x", "<!channel>"),
        (f"/vod delete video {BIDI} --reason x", "\\u202Egpj.fdp"),
        ("/vod payload", "There is no command “payload”"),
        ("/vod 删除 视频", "There is no command “删除”"),
        ("/vod @bo #general", "There is no command"),
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
    assert "2 at once; one proposal may delete 1." in told
    assert "`https://a.example/1.png`, `https://b.example/2.png`: no image domain of this account" in told
    assert f"allowed: `{stage.vod.image_domain}`" in told


def test_a_proposal_is_stored_listed_and_withdrawn(stage: Stage) -> None:
    told = reply(stage.slack.say("ana", f'/vod delete video {TEASER} --reason "A & B <!here>"'))
    assert "Proposal #1 is stored. I am reading 1 video from VOD now;" in told
    assert "*#1* video, is still being read from VOD." in reply(stage.slack.say("dee", "/vod list"))
    assert reply(stage.slack.say("dee", "/vod status 1")).startswith("Proposal #1 is still being read from VOD.")
    stage.settle()
    listed = stage.slack.say("dee", "/vod list")
    assert "`A &amp; B &lt;!here&gt;`" in reply(listed)
    assert listed.reply is not None
    assert listed.reply.broadcasts == [f"<@{stage.slack.user('ana').id}>"] * 2
    assert "Only the person who proposed #1 can withdraw it." in reply(stage.slack.say("bo", "/vod withdraw 1"))
    assert "You withdrew #1. Nothing will be deleted." in reply(stage.slack.say("ana", "/vod withdraw 1"))
    stage.settle()
    assert stage.state(1) is State.WITHDRAWN
    assert "No proposals are open." in reply(stage.slack.say("dee", "/vod list"))


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
    found = FAULT.search(told)
    assert found
    assert "Nothing was deleted by it." in told
    assert "try once more, and give this number to whoever runs Countersign." in told
    assert table not in told
    (entry,) = [entry for entry in logged if entry["log_level"] == "error"]
    assert (entry["fault"], entry["listener"]) == (found[1], "command")


def test_a_command_that_broke_halfway_left_nothing_behind(stage: Stage) -> None:
    lose(stage, "jobs")
    with capture_logs():
        reply(stage.slack.say("ana", f"/vod delete video {TEASER} --reason x"))
    assert stage.database.read(lambda tx: tx.rows("SELECT id FROM proposals")) == []
    assert stage.database.read(lambda tx: tx.rows("SELECT seq FROM audit")) == []
