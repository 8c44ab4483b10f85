"""Slack or VOD away for a while: people are told, nothing is lost or said twice, and the work goes on."""

from typing import Any

import pytest

from deletion import work
from deletion.terms.states import State
from sandbox.slack import FaultKind, Message
from sandbox.vod import seed
from tests.e2e.evidence import (
    assert_every_event_is_told_once,
    assert_lawful,
    assert_nothing_was_deleted,
    assert_told_as_finished,
)
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER.video_id
TOUR = seed.WAREHOUSE_TOUR.video_id


MARKS = (
    "is approved",
    "approved: 1 of 1",
    "Deleting",
    "is finished",
    "could not be read yet",
    "is open for approval",
)


def told(messages: list[Message]) -> list[str]:
    """Return what each message is about, or all of one that is about nothing known."""
    return [next((mark for mark in MARKS if mark in message.text), message.text) for message in messages]


def counting_is_done(stage: Stage, number: int) -> None:
    """Click and count an approval, show its card, and begin no execution."""
    stage.slack.click("bo", "Approve", match=f"#{number}")
    while stage.state(number) is State.PENDING:
        assert work.run_one(stage.program.context)
    stage.settle_messages()


def test_all_that_happens_while_slack_is_down_is_told_afterwards_in_order_and_once(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER} {TOUR}")
    counting_is_done(stage, number)
    stage.slack.faults.add(FaultKind.DOWN)
    for _ in range(6):
        stage.advance(30)
    # While the audit channel cannot be read, nobody knows whether the record is whole.
    assert stage.state(number) is State.APPROVED
    assert stage.vod.ledger.calls() == ()
    assert told(stage.thread(number)) == ["approved: 1 of 1"]
    stage.slack.faults.clear()
    for _ in range(4):
        stage.advance(30)
    assert stage.state(number) is State.FINISHED

    found = told(stage.thread(number))
    assert (found[0], found[-2:]) == ("approved: 1 of 1", ["Deleting", "is finished"])
    assert told(stage.slack.dm("ana")) == ["is open for approval", "is approved", "is finished"]
    assert [text for text in stage.answers("bo") if "is saved" in text] != []
    assert_told_as_finished(stage, number, proposer="ana", tally="2 videos: 2 deleted")
    assert_every_event_is_told_once(stage)
    assert_lawful(stage)


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.FATAL_ERROR_AFTER, FaultKind.HTTP_503])
def test_posts_whose_answer_is_lost_are_looked_for_and_not_repeated(stage: Stage, kind: FaultKind) -> None:
    stage.slack.faults.add(kind, "chat.postMessage", times=4)
    number = stage.propose("ana", f"video {TEASER}")
    for _ in range(4):
        stage.advance(60)
    stage.slack.faults.add(kind, "chat.postMessage", times=6)
    stage.slack.faults.add(kind, "chat.update", times=2)
    counting_is_done(stage, number)
    # In steps like those of real time: each post is tried again before this is more than a hiccup.
    for _ in range(60):
        stage.advance(1)
    stage.advance(60)

    assert told(stage.thread(number)) == ["approved: 1 of 1", "Deleting", "is finished"]
    assert told(stage.slack.dm("ana")) == ["is open for approval", "is approved", "is finished"]
    assert len(stage.slack.messages("vod-deletions")) == 1
    assert_told_as_finished(stage, number, proposer="ana", tally="1 video: 1 deleted")
    assert_every_event_is_told_once(stage)
    assert_lawful(stage)


def test_a_slack_that_asks_for_quiet_gets_it_and_then_everything(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.RATELIMITED, times=12, retry_after=30)
    stage.slack.say("ana", f"/vod delete video {TEASER} --reason x")
    for _ in range(20):
        stage.advance(31)
    stage.click("bo", "Approve", 1)

    assert_told_as_finished(stage, 1, proposer="ana", tally="1 video: 1 deleted")
    assert_every_event_is_told_once(stage)
    assert_lawful(stage)


def test_a_card_that_somebody_deleted_is_posted_anew(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.workspace.remove(stage.card(number))
    stage.say("ana", f"/vod withdraw {number}")
    stage.advance(5)

    (card,) = [m for m in stage.slack.messages("vod-deletions") if f"· #{number}." in m.text]
    assert "Withdrawn" in card.text
    assert card == stage.card(number)
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize(
    ("kind", "more"), [(FaultKind.SLOW, {"seconds": 10}), (FaultKind.ERROR, {"error": "expired_trigger_id"})]
)
def test_a_form_that_slack_does_not_open_in_time_is_told_in_time(
    stage: Stage, kind: FaultKind, more: dict[str, Any]
) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.faults.add(kind, "views.open", **more)
    delivery = stage.click("bo", "Reject", number)

    assert delivery.error is None
    assert "Click Reject once more" in stage.answers("bo")[-1]
    assert stage.state(number) is State.PENDING
    assert stage.click("bo", "Reject", number).modal is not None


def test_a_vod_that_is_down_when_something_is_proposed_delays_the_card_and_the_proposer_is_told_once(
    stage: Stage,
) -> None:
    stage.vod.faults.set("unavailable")
    number = stage.propose("ana", f"video {TEASER}")
    stage.advance(120)
    assert stage.slack.messages("vod-deletions") == []
    assert told(stage.slack.dm("ana")) == ["could not be read yet"]
    stage.vod.faults.clear()
    stage.advance(120)

    assert stage.state(number) is State.PENDING
    assert len(stage.slack.messages("vod-deletions")) == 1
    assert told(stage.slack.dm("ana")) == ["could not be read yet", "is open for approval"]


def test_a_vod_that_stays_down_ends_the_attempt_to_propose(stage: Stage) -> None:
    stage.vod.faults.set("unavailable")
    number = stage.propose("ana", f"video {TEASER}")
    for _ in range(16):
        stage.advance(60)

    assert stage.state(number) is State.FAILED
    assert "was not opened" in stage.slack.dm("ana")[-1].text
    assert stage.slack.messages("vod-deletions") == []


def test_a_vod_that_is_down_when_somebody_approves_makes_the_vote_wait_and_the_voter_is_told_once(
    stage: Stage,
) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.vod.faults.set("unavailable")
    stage.click("bo", "Approve", number)
    for _ in range(4):
        stage.advance(60)
    assert stage.state(number) is State.PENDING
    assert len([text for text in stage.answers("bo") if "is saved, but VOD cannot be read right now" in text]) == 1
    assert "every item is being re-read before the vote counts" in stage.card(number).text
    assert_nothing_was_deleted(stage)
    stage.vod.faults.clear()
    stage.advance(120)

    assert_told_as_finished(stage, number, proposer="ana", tally="1 video: 1 deleted")
    assert_lawful(stage)


def test_a_vod_that_is_down_while_deleting_makes_the_work_wait_and_the_thread_is_told_once(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    counting_is_done(stage, number)
    stage.vod.faults.set("unavailable")
    for _ in range(8):
        stage.advance(60)
    assert stage.state(number) is State.EXECUTING
    assert len([m for m in stage.thread(number) if "Waiting for VOD" in m.text]) == 1
    stage.vod.faults.clear()
    stage.advance(120)

    assert_told_as_finished(stage, number, proposer="ana", tally="1 video: 1 deleted")
    assert_lawful(stage)


def test_a_vod_that_nothing_can_reach_is_as_good_as_down(open_stage: Opener) -> None:
    """The port is closed: not one byte was sent, so nothing has to be read back."""
    stage = open_stage()
    number = stage.propose("ana", f"video {TEASER}")
    stage.vod.stop()
    stage.click("bo", "Approve", number)
    stage.advance(60)

    assert stage.state(number) is State.PENDING
    assert "is saved, but VOD cannot be read right now" in stage.answers("bo")[-1]
    assert_nothing_was_deleted(stage)
