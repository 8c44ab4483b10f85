"""What became of every item of a big deletion: a file in the thread, once, that can be given back."""

import csv
import io

import pytest

from deletion import ended
from deletion.audit.messages import audience
from deletion.audit.messages.delivery import Claim
from deletion.audit.messages.places import MessageKind
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from handlers.cards import ids
from handlers.outbox import lists
from sandbox.slack import FaultKind, Message
from storage import Tx
from tests.e2e.deletions import NO_TRIAL, propose, send_one_batch, videos
from tests.e2e.evidence import assert_lawful, every_button, in_blocks
from tests.harness import plans
from tests.stage import Opener, Stage

ENGINES = ["sqlite", "postgres"]
MANY = 45


def outcome_files(stage: Stage, number: int) -> list[Message]:
    name = f"proposal-{number}-outcomes.csv"
    return [message for message in stage.thread(number) if any(file.name == name for file in message.files)]


def content(stage: Stage, number: int) -> bytes:
    (file,) = [file for file in stage.slack.files if file.name == f"proposal-{number}-outcomes.csv"]
    return file.content


def rows(stage: Stage, number: int) -> list[dict[str, str]]:
    text = content(stage, number).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def finished(stage: Stage, wanted: list[str]) -> int:
    return carried_out(stage, propose(stage, wanted))


def carried_out(stage: Stage, number: int) -> int:
    """Let bo approve a proposal, and it be carried out."""
    stage.slack.click_message("bo", "vod-deletions", stage.card(number).ts, ids.APPROVE)
    stage.settle()
    assert stage.state(number) is State.FINISHED
    return number


@pytest.mark.parametrize("engine", ENGINES)
def test_what_became_of_every_item_is_a_file_in_the_thread(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, COUNTERSIGN_STOP_ON="none", **NO_TRIAL)
    wanted = videos(stage, MANY, forbidden=(3, 30))
    number = propose(stage, wanted)
    stage.vod.library.change_video(wanted[7], title="Needed after all")
    stage.slack.click("bo", "Approve", match=f"#{number}")
    stage.settle()
    assert stage.state(number) is State.PENDING
    carried_out(stage, number)

    (told,) = outcome_files(stage, number)
    assert f"What became of every item of #{number}." in told.text
    found = rows(stage, number)
    assert [row["id"] for row in found] == wanted
    assert [row["number"] for row in found] == [str(n) for n in range(1, MANY + 1)]
    assert {row["id"]: row["outcome"] for row in found if row["id"] in {wanted[3], wanted[30]}} == {
        wanted[3]: "refused by VOD",
        wanted[30]: "refused by VOD",
    }
    assert {row["outcome"] for row in found} == {"refused by VOD", "deleted (absence verified)"}
    assert "no write permission" in found[3]["why"]
    assert (found[0]["title"], found[0]["why"]) == ("take 0", "")
    assert all(int(row["size_bytes"]) > 0 for row in found)
    calls = {row["id"]: row for row in stage.database.read(lambda tx: tx.rows("SELECT * FROM calls"))}
    for row in found:
        assert row["id"] in calls[row["call_id"]]["targets"]
        assert row["vod_request_id"] in calls[row["call_id"]]["answer"]
        assert row["settled_utc"].endswith("Z")
    for shown in (stage.card(number), *(m for m in stage.thread(number) if "is finished" in m.text)):
        assert "What became of every item comes as a CSV file into the thread" in in_blocks(shown)
    assert "NOT ALL DELETED · 2 of 45 refused by VOD" in stage.card(number).text
    assert_lawful(stage)


@pytest.mark.parametrize("count", [15, 16])
def test_a_result_that_names_every_item_has_no_file(stage: Stage, count: int) -> None:
    number = finished(stage, videos(stage, count))
    assert len(outcome_files(stage, number)) == (count > 15)
    assert ("CSV file into the thread" in in_blocks(stage.card(number))) == (count > 15)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_file_given_back_proposes_the_same(open_stage: Opener, language: str) -> None:
    stage = open_stage(COUNTERSIGN_LANGUAGE=language)
    wanted = videos(stage, 20, forbidden=range(20))
    stage.say("ana", f'/vod delete video {" ".join(wanted)} --reason "rights expired"')
    number = carried_out(stage, 1)
    assert set(stage.outcomes(number).values()) == {"refused"}
    refused = {"en": "refused by VOD", "zh-CN": "被点播拒绝"}[language]
    assert {row["outcome"] for row in rows(stage, number)} == {refused}

    given = stage.slack.upload("ana", "what is left.csv", content(stage, number))
    stage.say("ana", "/vod delete --file")
    stage.send_form("ana", {"file": given.id, "level": "video", "reason": "rights expired"})
    stage.settle()
    assert plans.asked(stage.view(number + 1)) == Videos(tuple(wanted))
    assert stage.state(number + 1) is State.PENDING


def test_what_was_stopped_is_listed_with_the_reason(open_stage: Opener) -> None:
    stage = open_stage(**NO_TRIAL)
    number = propose(stage, videos(stage, MANY))
    send_one_batch(stage, number)
    stage.click("cy", "Stop", number)
    found = [row for row in rows(stage, number) if row["outcome"] == "stopped before its call was sent"]
    assert len(found) == MANY - 20
    assert {row["why"] for row in found} == {"a person stopped it"}
    assert {row["call_id"] for row in found} == {""}
    assert all(row["settled_utc"] for row in rows(stage, number))


def test_a_file_whose_answer_is_lost_is_not_posted_twice(stage: Stage) -> None:
    number = propose(stage, videos(stage, 19))
    stage.slack.faults.add(FaultKind.RESET_AFTER, "files.completeUploadExternal")
    stage.click("bo", "Approve", number)
    stage.advance(60)
    assert len(outcome_files(stage, number)) == 1
    assert stage.database.read(_unsent) == []


def test_a_file_that_slack_does_not_take_keeps_nothing_waiting_and_comes_later(stage: Stage) -> None:
    number = propose(stage, videos(stage, 19))
    stage.slack.faults.add(FaultKind.DOWN, "files.getUploadURLExternal")
    stage.click("bo", "Approve", number)
    assert outcome_files(stage, number) == []
    assert stage.state(number) is State.FINISHED
    assert "Deleted" in stage.card(number).text
    assert propose(stage, videos(stage, 1)) == number + 1
    stage.slack.faults.clear()
    stage.advance(60)
    assert len(outcome_files(stage, number)) == 1
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_file_follows_a_card_that_is_posted_anew(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    number = finished(stage, videos(stage, 20, forbidden=(4, 9)))
    first = stage.card(number)
    stage.slack.faults.add(FaultKind.ERROR, "chat.update", error="message_not_found", channel="vod-deletions")
    stage.slack.click_message("bo", "vod-deletions", first.ts, ids.AGAIN)
    stage.settle()
    row = stage.view(number).row
    assert row.card_ts not in {None, first.ts}
    under = [each for each in stage.slack.workspace.everything() if each.thread_ts == row.card_ts]
    assert [file.name for each in under for file in each.files] == [f"proposal-{number}-outcomes.csv"]
    (posted,) = [
        each for each in stage.slack.calls if each.method == "chat.postMessage" and each.answer["ts"] == row.card_ts
    ]
    assert "comes as a CSV file into the thread" in str(posted.args["blocks"])
    stage.database.write(lambda tx: audience.card(tx, number))
    stage.settle()
    assert stage.database.read(_unsent) == []
    card = stage.slack.workspace.message(str(row.card_channel), str(row.card_ts))
    assert "is in the CSV file in the thread" in in_blocks(card)
    assert_lawful(stage)


@pytest.mark.parametrize("count", [16, 20])
@pytest.mark.parametrize("code", ["file_uploads_disabled", "storage_limit_reached"])
def test_a_file_that_slack_never_takes_is_not_promised(stage: Stage, code: str, count: int) -> None:
    number = propose(stage, videos(stage, count))
    stage.slack.faults.add(FaultKind.ERROR, "files.getUploadURLExternal", error=code, times=None)
    carried_out(stage, number)
    told = in_blocks(stage.card(number))
    assert "CSV file into the thread" not in told
    assert "Slack did not take the CSV file with what became of every item" in told
    assert f"View all {count}" in every_button(stage.card(number))
    opened = stage.slack.click_message("bo", "vod-deletions", stage.card(number).ts, ids.VIEW_ALL)
    assert opened.modal is not None
    assert "deleted (absence verified)" in str(opened.modal.content)


def test_where_slack_takes_neither_files_nor_updates_the_channel_is_not_filled_with_cards(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.ERROR, "files.getUploadURLExternal", error="file_uploads_disabled", times=None)
    stage.slack.faults.add(FaultKind.ERROR, "chat.update", error="edit_window_closed", times=None)
    number = propose(stage, videos(stage, 20))
    for _ in range(5):
        stage.advance(60)
    before = len(stage.slack.messages("vod-deletions"))
    for _ in range(5):
        stage.advance(60)
    assert len(stage.slack.messages("vod-deletions")) == before <= 4
    stage.slack.say("ana", f"/vod withdraw {number}", channel="vod-deletions")
    stage.settle()
    assert stage.state(number) is State.WITHDRAWN


def test_a_list_that_slack_never_takes_is_not_promised_to_whoever_is_to_approve(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.ERROR, "files.getUploadURLExternal", error="file_uploads_disabled", times=None)
    number = propose(stage, videos(stage, 20))
    told = in_blocks(stage.card(number))
    assert "is the CSV file in this card's thread" not in told
    assert "nobody can approve this" in told
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.PENDING


def test_more_than_a_page_is_listed_whole_and_in_order(open_stage: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended, "PAGE", 7)
    stage = open_stage(**NO_TRIAL)
    wanted = videos(stage, 30)
    assert [row["id"] for row in rows(stage, finished(stage, wanted))] == wanted


def _unsent(tx: Tx) -> list[dict[str, object]]:
    return tx.rows("SELECT id FROM outbox WHERE state <> 'sent'")


def test_the_rest_of_what_is_listed_is_what_is_proposed_again(stage: Stage) -> None:
    wanted = videos(stage, 20, forbidden=(4, 9))
    number = finished(stage, wanted)
    stage.slack.click_message("bo", "vod-deletions", stage.card(number).ts, ids.AGAIN)
    stage.settle()
    left = [row["id"] for row in rows(stage, number) if row["outcome"] == "refused by VOD"]
    assert plans.asked(stage.view(number + 1)) == Videos(tuple(left))


def test_whoever_lost_the_message_while_making_the_file_posts_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = propose(stage, videos(stage, 19))
    outbox, asked = stage.announcer._outbox, 0
    renew = outbox.renew

    def taken_over(claim: Claim) -> bool:
        """Say that it is ours when the sending begins, and no more while the file is made."""
        nonlocal asked
        asked += claim.kind is MessageKind.OUTCOMES
        return renew(claim) and (claim.kind is not MessageKind.OUTCOMES or asked == 1)

    with monkeypatch.context() as slow:
        slow.setattr(lists, "ASK_EVERY", 5)
        slow.setattr(outbox, "renew", taken_over)
        stage.click("bo", "Approve", number)
        assert asked == 2
        assert outcome_files(stage, number) == []
    stage.advance(120)
    assert len(outcome_files(stage, number)) == 1
