"""Proposing from a file, over real wires: by the form of ``/vod delete --file``, and by the menu of a message."""

import csv
import io

import pytest

from deletion import work
from deletion.approval.requests.lists import GIVE_UP_MS
from deletion.audit.messages.delivery import Share
from deletion.terms.requests.targets import Mezzanines, Videos
from handlers.views.proposing import form, preview
from sandbox.slack import Delivery, FaultKind, SlackSandbox
from tests.e2e.conftest import Starter
from tests.e2e.running import wait_for
from tests.e2e.test_long_lists import some_videos
from tests.handlers.commands import corpus
from tests.harness import plans
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")


def fill_in(stage: Stage, name: str, content: bytes, who: str = "ana", **more: str) -> Delivery:
    """Open the form by the command, give it a file, submit it, and let what follows happen."""
    stage.say(who, "/vod delete --file")
    file = stage.slack.upload(who, name, content)
    answers = {"file": file.id, "level": "video", "reason": "rights expired", **more}
    delivery = stage.send_form(who, answers)
    stage.settle()
    return delivery


def test_the_ids_of_a_file_are_proposed_and_it_is_said_how_it_was_read(stage: Stage) -> None:
    one, two, three = some_videos(stage, 3)
    content = f"Title;Video-ID\r\nA;{one}\r\nB;{two}\r\nC;{one}\r\nD;\r\nE;{three}\r\n".encode("cp1252")
    delivery = fill_in(stage, "list.csv", content)
    assert delivery.error is None
    assert not delivery.field_errors
    assert stage.slack.modal("ana") is None
    assert plans.ids_of(stage.view(1).plan) == [one, two, three]  # type: ignore[arg-type] # it was read
    assert stage.view(1).row.reason == "rights expired"
    reading, told = stage.answers("ana")[-2:]
    assert "Reading `list.csv`" in reading
    assert "3 videos from `list.csv`" in told
    assert f"Named several times, taken once: `{one}`." in told
    assert "lines 5" in told
    assert "column `B`, headed `Video-ID`" in told


def test_a_file_in_a_message_is_proposed_from_its_menu(stage: Stage) -> None:
    one, two = some_videos(stage, 2)
    file = stage.slack.upload("cy", "Weg damit.csv", f"id\n{one}\n{two}\n".encode())
    message = stage.slack.share("cy", file, text="could you?", channel="vod-deletions")
    opened = stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, message)
    assert opened.error is None
    assert opened.modal is not None
    assert "Weg damit.csv" in str(opened.modal.content)
    stage.slack.choose_in_modal("ana", "level", {"level": "mezzanine"})
    stage.send_form("ana", {"force": "force", "reason": "rights expired"})
    stage.settle()
    row = stage.view(1)
    assert row.row.proposer == stage.slack.user("ana").id
    assert row.plan is not None
    assert plans.asked(row) == Mezzanines((one, two), force=True)


def test_of_several_files_in_a_message_one_is_chosen(stage: Stage) -> None:
    one, two = some_videos(stage, 2)
    files = [stage.slack.upload("ana", f"{n}.txt", name.encode()) for n, name in enumerate((one, two))]
    message = stage.slack.share("ana", *files, text=f"not this: {one}")
    opened = stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, message)
    assert opened.modal is not None
    assert "only the file is" in str(opened.modal.content)
    stage.send_form("ana", {"file": "1.txt", "level": "video", "reason": "rights expired"})
    stage.settle()
    assert plans.ids_of(stage.view(1).plan) == [two]  # type: ignore[arg-type] # it was read


def test_the_ids_in_a_message_are_shown_before_they_are_proposed(stage: Stage) -> None:
    one, two = some_videos(stage, 2)
    message = stage.slack.workspace.message(
        stage.slack.channel("vod-deletions").id,
        _said(stage.slack, f"please delete {one}, and <https://vod.console.aliyun.com/#/media/{two}|that one>!"),
    )
    opened = stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, message)
    assert opened.modal is not None
    (shown,) = (
        each["element"]["initial_value"] for each in opened.modal.inputs() if each["block_id"] == form.IDS_BLOCK
    )
    assert shown == f"{one}\n{two}"
    slip = stage.slack.submit("ana", {"ids": f"{one}\n{two[:-1]}", "level": "video", "reason": "x"})
    assert "it has 31 characters" in slip.field_errors[form.IDS_BLOCK]
    assert stage.slack.modal("ana") is not None
    done = stage.send_form("ana", {"ids": shown, "level": "video", "reason": "rights expired"})
    stage.settle()
    assert not done.field_errors
    assert plans.asked(stage.view(1)) == Videos((one, two))
    assert "Proposal #1 is stored" in stage.answers("ana")[-1]


def _said(slack: SlackSandbox, text: str) -> str:
    slack.say("ana", text)
    return slack.messages("vod-deletions")[-1].ts


def test_a_message_with_neither_is_told_so(stage: Stage) -> None:
    ts = _said(stage.slack, "good morning")
    message = stage.slack.workspace.message(stage.slack.channel("vod-deletions").id, ts)
    assert stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, message).modal is None
    assert "holds no file and no IDs" in stage.answers("ana")[-1]


def test_more_ids_than_the_form_takes_are_not_cut(stage: Stage) -> None:
    ts = _said(stage.slack, " ".join(f"{n:032x}" for n in range(200)))
    message = stage.slack.workspace.message(stage.slack.channel("vod-deletions").id, ts)
    assert stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, message).modal is None
    assert "200 IDs, more than the form takes" in stage.answers("ana")[-1]


def test_who_may_not_propose_is_turned_away_before_anything_is_read(
    local_slack: SlackSandbox, open_stage: Opener
) -> None:
    stage = open_stage(COUNTERSIGN_PROPOSERS=local_slack.user("bo").id)
    file = stage.slack.upload("ana", "list.csv", b"x")
    message = stage.slack.share("ana", file)
    assert stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, message).modal is None
    reply = stage.say("ana", "/vod delete --file").reply
    assert reply is not None
    assert "You may not propose deletions" in reply.text
    assert "You may not propose deletions" in stage.answers("ana")[0]
    assert [event["data"]["rule"] for event in stage.events("proposal.refused")] == ["not a proposer"] * 2


def test_a_guest_s_file_is_not_even_fetched(stage: Stage) -> None:
    stage.slack.say("ana", "/vod delete --file")
    file = stage.slack.upload("ana", "list.csv", b"id\n")
    stage.send_form("ana", {"file": file.id, "level": "video", "reason": "x"})
    stage.slack.change_person("ana", is_restricted=True)
    stage.settle()
    assert "guest" in stage.answers("ana")[-1].lower()
    assert [call for call in stage.slack.calls if call.method == "files.info"] == []
    assert [event["data"]["rule"] for event in stage.events("proposal.refused")] == ["guest"]


def test_what_can_be_said_at_once_is_said_at_the_field(stage: Stage) -> None:
    stage.say("ana", "/vod delete --file")
    slack = stage.slack
    cases = [
        ({"reason": " \u200b "}, form.REASON_BLOCK, "Say why"),
        ({}, form.LEVEL_BLOCK, "old workbook"),
    ]
    file = slack.upload("ana", "list.csv", b"id\n")
    for answers, block, words in cases[:1]:
        delivery = slack.submit("ana", {"file": file.id, "level": "video", "reason": "x", **answers})
        assert words in delivery.field_errors[block]
        assert slack.modal("ana") is not None
    old = slack.share("ana", slack.upload("ana", "list.XLS", corpus.OLD))
    slack.shortcut("ana", form.MESSAGE_SHORTCUT, old)
    delivery = slack.submit("ana", {"level": "video", "reason": "x"})
    assert "old workbook (.xls)" in delivery.field_errors[form.FILE_BLOCK]
    large = slack.share("ana", slack.upload("ana", "list.csv", b"x" * (10 * 2**20 + 1)))
    slack.shortcut("ana", form.MESSAGE_SHORTCUT, large)
    delivery = slack.submit("ana", {"level": "video", "reason": "x"})
    assert "more than 10.5 MB" in delivery.field_errors[form.FILE_BLOCK]
    stage.settle()
    assert [call for call in slack.calls if call.method == "files.info"] == []


def test_slack_takes_no_other_files_in_the_form(stage: Stage) -> None:
    stage.say("ana", "/vod delete --file")
    file = stage.slack.upload("ana", "list.pdf", b"%PDF")
    delivery = stage.slack.submit("ana", {"file": file.id, "level": "video", "reason": "x"})
    assert delivery.request is None
    assert "is not one of" in delivery.field_errors[form.FILE_BLOCK]


def test_what_is_typed_with_the_option_is_filled_in(stage: Stage) -> None:
    stage.say("ana", '/vod delete mezzanine --force --file --reason "rights expired"')
    view = stage.slack.modal("ana")
    assert view is not None
    elements = {block["block_id"]: block["element"] for block in view.inputs()}
    assert elements[form.LEVEL_BLOCK]["initial_option"]["value"] == "mezzanine"
    assert elements[form.FORCE_BLOCK]["initial_options"]
    assert elements[form.REASON_BLOCK]["initial_value"] == "rights expired"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("stream --file", "cannot be proposed from a file: video, mezzanine, image can"),
        (f"video {'a1' * 16} --file", "leave out the 1 typed here"),
        ("video --file --force", "--force is only for mezzanine"),
        (f"--file --reason {'x' * 501}", "501 characters"),
    ],
)
def test_what_does_not_go_with_the_option_is_said(stage: Stage, typed: str, words: str) -> None:
    reply = stage.say("ana", f"/vod delete {typed}").reply
    assert reply is not None
    assert words in reply.text
    assert stage.slack.modal("ana") is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("list.csv", b"%PDF-1.7", "It is not a list (PDF)."),
        ("list.csv", b"", "It is empty."),
        ("list.xlsx", corpus.workbook(corpus.ROWS)[:-300], "It is damaged"),
        ("list.csv", b"name,title\r\none,x\r\n", "There are no IDs in it."),
        (
            "list.csv",
            corpus.table([("a", "b"), (corpus.A, corpus.B)]).encode(),
            "Several columns hold IDs: A (a), B (b).",
        ),
    ],
)
def test_a_wrong_file_is_explained_in_private(stage: Stage, name: str, content: bytes, words: str) -> None:
    fill_in(stage, name, content)
    assert f"Nothing was proposed from `{name}`. {words}" in stage.answers("ana")[-1]
    assert stage.events("proposal.made") == []


def test_the_column_that_was_asked_for_is_the_one_that_is_read(stage: Stage) -> None:
    one, two = some_videos(stage, 2)
    fill_in(stage, "list.csv", corpus.table([("a", "b"), (one, two)]).encode(), column="B")
    assert plans.asked(stage.view(1)) == Videos((two,))


def test_forty_problems_are_counted_shown_in_part_and_sent_whole(stage: Stage) -> None:
    lines = "\n".join(f"{corpus.A[:30]}{n:02}x" for n in range(40))
    fill_in(stage, "list.txt", lines.encode())
    told = stage.answers("ana")[-1]
    assert "Nothing was proposed from `list.txt`: 40 problems." in told
    assert "line 10: " in told
    assert "line 11: " not in told
    assert "… and 30 more" in told
    assert "in a direct message to you" in told
    (message,) = [each for each in stage.slack.dm("ana") if each.files]
    assert "All 40 problems with `list.txt`." in message.text
    rows = list(csv.reader(io.StringIO(message.files[0].content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["sheet", "line", "value", "problem"]
    assert [row[1] for row in rows[1:]] == [str(n) for n in range(1, 41)]
    assert "it has 33 characters" in rows[1][3]


def test_the_file_of_problems_is_sent_once_though_its_upload_was_broken_off(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.RESET_AFTER, "files.completeUploadExternal")
    lines = "\n".join(f"{corpus.A[:30]}{n:02}x" for n in range(40))
    fill_in(stage, "list.txt", lines.encode())
    for _ in range(3):
        stage.advance(60)
    assert len([each for each in stage.slack.dm("ana") if each.files]) == 1


def test_more_than_one_proposal_may_delete_is_refused_and_not_copied_into_the_log(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_ITEMS="5")
    fill_in(stage, "list.csv", "\n".join(corpus.ids_of(500)).encode())
    told = stage.answers("ana")[-1]
    assert "500" in told
    assert "5" in told
    assert "COUNTERSIGN_MAX_ITEMS" in told
    (event,) = stage.events("proposal.refused")
    assert event["data"]["rule"] == "too many"
    assert corpus.ids_of(1)[0] not in str(event)


def test_without_the_scope_the_form_takes_no_file_and_it_is_said_what_is_missing(stage: Stage) -> None:
    stage.slack.scopes.discard("files:read")
    stage.say("ana", "/vod delete --file")
    opened = stage.slack.modal("ana")
    assert opened is not None
    assert form.FILE_BLOCK not in {block["block_id"] for block in opened.blocks}
    file = stage.slack.upload("ana", "list.csv", b"id\n")
    stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, stage.slack.share("ana", file))
    stage.send_form("ana", {"level": "video", "reason": "x"})
    stage.settle()
    assert "lacks the scope files:read" in stage.answers("ana")[-1]


def test_a_file_that_is_gone_or_not_shown_to_the_bot_is_told_so(stage: Stage) -> None:
    slack = stage.slack
    file = slack.upload("ana", "list.csv", b"id\n")
    slack.shortcut("ana", form.MESSAGE_SHORTCUT, slack.share("ana", file))
    slack.delete_file(file.id)
    stage.send_form("ana", {"level": "video", "reason": "x"})
    stage.settle()
    assert "It is gone, or Countersign cannot see it." in stage.answers("ana")[-1]
    slack.change_channel("general", members=slack.channel("general").members - {slack.bot_user_id})
    hidden = slack.share("ana", slack.upload("ana", "b.csv", b"id\n"), channel="general")
    slack.shortcut("ana", form.MESSAGE_SHORTCUT, hidden)
    stage.send_form("ana", {"level": "video", "reason": "x"})
    stage.settle()
    assert "invite it there" in (stage.answers("ana") + [each.text for each in slack.dm("ana")])[-1]


def test_the_token_goes_to_no_other_host(stage: Stage) -> None:
    file = stage.slack.upload("ana", "list.csv", b"id\n")
    stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, stage.slack.share("ana", file))
    stage.send_form("ana", {"level": "video", "reason": "x"})
    own = stage.slack.state.url
    stage.slack.state.url = "http://127.0.0.1:9"
    try:
        stage.settle()
    finally:
        stage.slack.state.url = own
    assert "It is gone, or Countersign cannot see it." in stage.answers("ana")[-1]


def test_a_slack_that_is_down_is_asked_again_and_at_last_given_up(stage: Stage) -> None:
    (one,) = some_videos(stage, 1)
    stage.slack.faults.add(FaultKind.HTTP_503, "files.info")
    stage.slack.faults.add(FaultKind.HTTP_503, "files-pri")
    fill_in(stage, "list.csv", one.encode())
    for _ in range(3):
        stage.advance(10)
    assert plans.asked(stage.view(1)) == Videos((one,))
    stage.slack.faults.add(FaultKind.HTTP_503, "files.info", times=10_000)
    fill_in(stage, "other.csv", one.encode())
    stage.advance(GIVE_UP_MS / 1000 + 1)
    assert "Slack did not hand it out within 15 minutes." in stage.answers("ana")[-1]


def test_time_in_which_another_file_was_read_is_not_slacks(stage: Stage) -> None:
    (one,) = some_videos(stage, 1)
    reading = stage.program.context.lists._one_at_a_time  # type: ignore[attr-defined] # SlackListFiles
    with reading:
        fill_in(stage, "list.csv", one.encode())
        for _ in range(3):
            stage.advance(GIVE_UP_MS / 1000)
        assert [call.method for call in stage.slack.calls if call.method == "files.info"] == []
        assert "Reading `list.csv`" in stage.answers("ana")[-1]
    stage.slack.faults.add(FaultKind.HTTP_503, "files.info")
    stage.advance(2)
    assert "Reading `list.csv`" in stage.answers("ana")[-1]
    stage.advance(70)
    assert plans.asked(stage.view(1)) == Videos((one,))


def test_files_are_read_in_the_order_in_which_they_came(stage: Stage) -> None:
    names = some_videos(stage, 3)
    reading = stage.program.context.lists._one_at_a_time  # type: ignore[attr-defined] # SlackListFiles
    with reading:
        for number, name in enumerate(names):
            fill_in(stage, f"{number}.csv", name.encode())
            for _ in range(20 - 5 * number):
                stage.advance(1)
    stage.advance(1)
    assert [plans.asked(stage.view(number)) for number in (1, 2, 3)] == [Videos((name,)) for name in names]


def test_a_file_that_nobody_asked_slack_for_while_the_bot_was_down_is_not_given_up(stage: Stage) -> None:
    (one,) = some_videos(stage, 1)
    stage.say("ana", "/vod delete --file")
    file = stage.slack.upload("ana", "list.csv", one.encode())
    stage.send_form("ana", {"file": file.id, "level": "video", "reason": "rights expired"})
    stage.clock.advance(2 * GIVE_UP_MS / 1000)
    stage.slack.faults.add(FaultKind.HTTP_503, "files.info")
    stage.settle()
    stage.advance(10)
    assert plans.asked(stage.view(1)) == Videos((one,))


def test_a_form_that_was_refused_is_taken_as_it_is_once_there_is_room(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_OPEN="1")
    one, two = some_videos(stage, 2)
    stage.say("ana", f"/vod delete video {one} --reason x")
    file = stage.slack.upload("ana", "list.csv", two.encode())
    stage.say("ana", "/vod delete --file")
    answers = {"file": file.id, "level": "video", "reason": "rights expired"}
    assert "1 at a time is the limit" in str(stage.send_form("ana", answers).field_errors)
    assert "1 at a time is the limit" in str(stage.slack.submit("ana", {}).field_errors)
    stage.say("ana", "/vod withdraw 1")
    shown = stage.slack.modal("ana")
    assert not stage.slack.submit("ana", {}).field_errors
    assert "was handled already" in str(stage.slack.submit("ana", {}, shown).field_errors)
    assert "was handled already" in str(stage.slack.submit("ana", {}, shown).field_errors)
    stage.settle()
    assert plans.asked(stage.view(2)) == Videos((two,))
    assert len(stage.events("proposal.made")) == 2


def test_ids_in_a_form_that_was_refused_are_taken_as_they_are_once_there_is_room(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_OPEN="1")
    one, two = some_videos(stage, 2)
    stage.say("ana", f"/vod delete video {one} --reason x")
    channel = stage.slack.channel("vod-deletions").id
    message = stage.slack.workspace.message(channel, _said(stage.slack, two))
    stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, message)
    answers = {"ids": two, "level": "video", "reason": "rights expired"}
    assert "1 at a time is the limit" in str(stage.send_form("ana", answers).field_errors)
    stage.say("ana", "/vod withdraw 1")
    shown = stage.slack.modal("ana")
    assert not stage.slack.submit("ana", {}).field_errors
    assert "was handled already" in str(stage.slack.submit("ana", {}, shown).field_errors)
    stage.settle()
    assert plans.asked(stage.view(2)) == Videos((two,))
    assert len(stage.events("proposal.made")) == 2


def test_a_form_that_slack_did_not_open_is_no_loss(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.ERROR, "views.open", error="expired_trigger_id")
    reply = stage.say("ana", "/vod delete --file").reply
    assert reply is not None
    assert "could not open the form in time; nothing was stored" in reply.text
    stage.slack.faults.add(FaultKind.ERROR, "views.open", error="expired_trigger_id")
    file = stage.slack.upload("ana", "list.csv", b"id\n")
    stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, stage.slack.share("ana", file))
    assert "could not open the form in time" in stage.answers("ana")[-1]


def test_a_form_whose_answer_came_late_is_proposed_once(stage: Stage) -> None:
    (one,) = some_videos(stage, 1)
    file = stage.slack.upload("ana", "list.csv", one.encode())
    stage.say("ana", "/vod delete --file")
    view = stage.slack.modal("ana")
    assert view is not None
    answers = {"file": file.id, "level": "video", "reason": "rights expired"}
    stage.slack.faults.add(FaultKind.LATE, "submit")
    assert stage.slack.submit("ana", answers).error == "operation_timeout"
    assert stage.slack.modal("ana") == view
    # She saw an error, and what she had typed; she presses the button once more.
    stage.slack.submit("ana", {})
    assert stage.program.lookups.settle(10)
    shown = stage.slack.modal("ana")
    assert shown is not None
    stage.slack.faults.add(FaultKind.LATE, "submit")
    assert stage.slack.submit("ana", {}).error == "operation_timeout"
    assert stage.slack.modal("ana") == shown
    again = stage.slack.submit("ana", {})
    stage.settle()
    assert "was handled already" in " ".join(again.field_errors.values())
    assert len(stage.events("proposal.made")) == 1
    changed = stage.slack.submit("ana", {"reason": "rights expired in May"})
    stage.settle()
    assert not changed.field_errors
    assert len(stage.events("proposal.made")) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_both_ways_in_on_a_running_bot_that_is_killed_meanwhile(started: Starter, engine: str) -> None:
    running = started(engine)
    slack = running.slack
    videos = [video.video_id for video in running.vod.library.videos() if not video.forbidden][:4]
    slack.say("ana", "/vod delete --file")
    slack.faults.add(FaultKind.SLOW, "files.info", seconds=30)
    file = slack.upload("ana", "list.xlsx", corpus.workbook([("id",), *((each,) for each in videos[:2])]))
    assert not running.send_form(
        "ana", {"file": file.id, "level": "video", "reason": "rights expired"}
    ).field_errors
    wait_for(lambda: not slack.faults.pending(), "the file is asked for")
    running.bot.kill()
    running.let_leases_run_out("jobs", "lanes")
    running.start()
    message = slack.share("ana", slack.upload("ana", "list.csv", "\n".join(videos[2:]).encode()))
    slack.shortcut("ana", form.MESSAGE_SHORTCUT, message)
    assert not running.send_form("ana", {"level": "video", "reason": "rights expired"}).field_errors
    wait_for(lambda: len(running.events("plan.frozen")) == 2 and running.all_is_told(), "both are shown")
    assert {plans.asked(running.view(number)) for number in (1, 2)} == {
        Videos(tuple(videos[:2])),
        Videos(tuple(videos[2:])),
    }
    assert running.verify().holds


def test_the_list_under_a_card_proposes_the_same_again(stage: Stage) -> None:
    wanted = some_videos(stage, 30)
    number = stage.propose("ana", f"video {' '.join(wanted)}")
    (attached,) = [message for message in stage.thread(number) if message.files]
    stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, attached)
    stage.send_form("ana", {"level": "video", "reason": "once more"})
    stage.settle()
    assert plans.every_id(stage.database, stage.view(number + 1)) == wanted


def test_files_that_wait_count_as_proposals(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_OPEN="2")
    for n in range(3):
        stage.slack.say("ana", "/vod delete --file")
        file = stage.slack.upload("ana", f"{n}.csv", f"{n:032x}".encode())
        delivery = stage.send_form("ana", {"file": file.id, "level": "video", "reason": "x"})
    assert "2" in delivery.field_errors[preview.REASON_BLOCK]
    stage.settle()
    assert len(stage.events("proposal.made")) == 2
    assert [event["data"]["rule"] for event in stage.events("proposal.refused")] == ["too many open"]


def test_a_file_with_a_hostile_name_is_one_like_others(stage: Stage) -> None:
    (one,) = some_videos(stage, 1)
    file = stage.slack.upload("ana", "\u202e<!channel>`.csv", one.encode())
    stage.slack.shortcut("ana", form.MESSAGE_SHORTCUT, stage.slack.share("ana", file))
    stage.send_form("ana", {"level": "video", "reason": "x"})
    stage.settle()
    assert plans.asked(stage.view(1)) == Videos((one,))
    assert not [message for message in stage.slack.ephemerals("ana") if message.broadcasts]


def test_no_message_waits_behind_a_file_of_problems(stage: Stage) -> None:
    stage.slack.say("ana", "/vod delete --file")
    file = stage.slack.upload("ana", "list.csv", "\n".join(f"{corpus.A[:30]}{n:02}x" for n in range(40)).encode())
    stage.send_form("ana", {"file": file.id, "level": "video", "reason": "x"})
    while work.run_one(stage.program.context):
        pass
    while stage.announcer.step(Share.MESSAGES):
        pass
    assert "40 problems" in stage.answers("ana")[-1]
    assert [each for each in stage.slack.dm("ana") if each.files] == []
    while stage.announcer.step(Share.FILES):
        pass
    assert len([each for each in stage.slack.dm("ana") if each.files]) == 1
