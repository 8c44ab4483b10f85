"""Stop: during the hold nothing of it is ever deleted, later nothing more is sent; and who may say so."""

from collections.abc import Callable
from functools import partial

import pytest

from deletion.terms.states import State
from handlers.cards import ids as names
from sandbox.slack import Delivery
from tests.e2e.deletions import (
    NO_TRIAL,
    approve,
    assert_only_sent,
    begin,
    propose,
    send_one_batch,
    step_until,
    tally,
    videos,
)
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    assert_told_as_finished,
    audit_lines,
    button_value,
    buttons,
    in_blocks,
    result_in_thread,
    value_for,
)
from tests.e2e.meddling import Meddled, nothing
from tests.e2e.test_click_storm import at_once, at_work
from tests.stage import Opener, Stage

A_WEEK_S = 7 * 86_400
RACES = 10

HOLDING = {"COUNTERSIGN_HOLD_SECONDS": "60"}


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage(**HOLDING, **NO_TRIAL)


def held(stage: Stage, count: int = 2) -> int:
    """Return a deletion that was approved and is on hold, its card up to date."""
    number = propose(stage, videos(stage, count))
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.APPROVED
    return number


def press_stop(stage: Stage, who: str, number: int) -> Delivery:
    """Press Stop on a proposal's card, also where only an earlier version of it had that button."""
    value = value_for(stage, number)
    stage.settle_messages()
    delivery = stage.slack.click_message(who, "vod-deletions", stage.card(number).ts, names.STOP, value)
    stage.settle()
    assert delivery.error is None
    return delivery


def type_stop(stage: Stage, who: str, number: int) -> Delivery:
    return stage.say(who, f"/vod stop {number}")


def answer(stage: Stage, who: str, delivery: Delivery) -> str:
    """Return what somebody was answered, by the command itself or privately after a click."""
    return delivery.reply.text if delivery.reply is not None else stage.answers(who)[-1]


WAYS: list[Callable[[Stage, str, int], Delivery]] = [press_stop, type_stop]


@pytest.mark.parametrize("stop", WAYS)
@pytest.mark.parametrize("who", ["ana", "bo", "cy"])
def test_what_is_stopped_during_the_hold_is_never_deleted(
    stage: Stage, who: str, stop: Callable[[Stage, str, int], Delivery]
) -> None:
    number = held(stage)
    delivery = stop(stage, who, number)
    assert f"You stopped #{number} before it started. Nothing was deleted" in answer(stage, who, delivery)
    stage.advance(A_WEEK_S)
    stage.restart()
    stage.advance(A_WEEK_S)

    assert stage.state(number) is State.STOPPED
    assert_nothing_was_deleted(stage)
    card, person, name = stage.card(number), stage.slack.user(who).id, stage.slack.user(who).label
    assert f"Stopped by {name} before it started: nothing was deleted." in card.text
    assert buttons(card) == []
    assert stage.thread(number)[-1].text == f"{name} stopped this before it started. Nothing was deleted."
    told = f"<@{person}> stopped your proposal #{number} before it started" in stage.slack.dm("ana")[-1].text
    assert told == (who != "ana"), "nobody is pinged by their own deed"
    (event,) = stage.events("proposal.stopped")
    assert event["actor"].endswith(f"/{person}")
    assert f"#{number}: {name} (`{person}`) stopped it before it started" in audit_lines(stage, number)


OTHERS = [*((who, stop) for who in ("dee", "gus") for stop in WAYS), ("eve", press_stop)]
"""Who else is in the channel, a guest and a visitor from another workspace among them, and how they may try."""


@pytest.mark.parametrize(("who", "stop"), OTHERS)
def test_nobody_else_can_stop_and_is_told_what_to_do(
    stage: Stage, who: str, stop: Callable[[Stage, str, int], Delivery]
) -> None:
    number = held(stage)
    told = answer(stage, who, stop(stage, who, number))
    assert f"Only the proposer of #{number} and approvers can stop it." in told
    assert "type `/vod freeze` in the approvals channel" in told
    assert stage.state(number) is State.APPROVED
    (event,) = stage.events("stop.refused")
    assert event["actor"].endswith(f"/{stage.slack.user(who).id}")
    assert event["data"]["rule"] == "may not stop"

    stage.advance(60)
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)


def test_a_second_stop_is_answered_politely_and_changes_nothing(stage: Stage) -> None:
    number = held(stage)
    press_stop(stage, "cy", number)
    press_stop(stage, "ana", number)
    assert f"#{number} was stopped before anything was deleted; nothing changed." in stage.answers("ana")[-1]
    assert len(stage.events("proposal.stopped")) == 1
    assert stage.events("stop.refused")[-1]["data"]["rule"] == "not open"
    assert_nothing_was_deleted(stage)


def test_a_replayed_stop_is_no_second_stop(stage: Stage) -> None:
    number = held(stage)
    delivery = press_stop(stage, "cy", number)
    stage.slack.replay(delivery)
    stage.settle()
    assert stage.events("stop.refused")[-1]["data"]["rule"] == "replayed"
    assert len(stage.events("proposal.stopped")) == 1
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize(
    ("bring", "stands"),
    [
        (lambda stage, _: stage.settle(), "is waiting for approval"),
        (lambda stage, number: stage.say("ana", f"/vod withdraw {number}"), "was withdrawn"),
        (lambda stage, number: (stage.click("bo", "Approve", number), stage.advance(60)), "is already finished"),
    ],
)
def test_what_is_not_under_way_cannot_be_stopped(
    stage: Stage, bring: Callable[[Stage, int], object], stands: str
) -> None:
    number = propose(stage, videos(stage, 1))
    bring(stage, number)
    before = stage.state(number)
    told = answer(stage, "ana", type_stop(stage, "ana", number))
    assert f"#{number} {stands}; nothing changed. See `/vod status {number}`." in told
    assert stage.state(number) is before


def test_a_stop_of_what_was_never_proposed_says_so(stage: Stage) -> None:
    assert "There is no proposal #99." in answer(stage, "ana", type_stop(stage, "ana", 99))


@pytest.mark.parametrize("stop", WAYS)
@pytest.mark.parametrize("who", ["ana", "cy"])
def test_a_stop_while_deleting_lets_nothing_more_be_sent(
    open_stage: Opener, who: str, stop: Callable[[Stage, str, int], Delivery]
) -> None:
    stage = open_stage(**NO_TRIAL)
    number = propose(stage, videos(stage, 60))
    send_one_batch(stage, number)
    delivery = stop(stage, who, number)
    told = answer(stage, who, delivery)
    assert f"You stopped #{number}. No further calls will be sent" in told
    stage.advance(A_WEEK_S)

    assert_only_sent(stage, number, "deleted")
    assert tally(stage, number) == {"deleted": 20, "stopped": 40}
    name = stage.slack.user(who).label
    assert f"Stopped by {name}. Approved by" in stage.card(number).text
    (told,) = [reply.text for reply in stage.thread(number) if "stopped this" in reply.text]
    assert told.startswith(
        f"*{name} stopped this.* No further calls will be sent: 40 items were still waiting. Calls already sent"
    )
    (event,) = stage.events("execution.stopped")
    assert event["data"] == {"because": {"why": "stopped by a person"}, "count": 40}
    result = in_blocks(result_in_thread(stage, number))
    assert "stopped before its call was sent: a person stopped it" in result
    assert_told_as_finished(stage, number, proposer="ana", tally="60 videos: 40 stopped, 20 deleted")
    assert_lawful(stage)


def test_while_it_is_read_back_the_card_of_a_stopped_deletion_has_no_button_and_says_what_happens(
    open_stage: Opener,
) -> None:
    stage = open_stage(**NO_TRIAL)
    number = propose(stage, videos(stage, 60))
    stage.vod.faults.set("late", "DeleteVideo", seconds=3600)
    send_one_batch(stage, number)
    press_stop(stage, "cy", number)
    assert stage.state(number) is State.EXECUTING
    card = stage.card(number)
    assert buttons(card) == []
    assert "Calls already sent are being verified: 40 of 60 done." in card.text
    press_stop(stage, "ana", number)
    assert f"#{number} was already stopped; no further calls will be sent." in stage.answers("ana")[-1]

    stage.vod.library.settle()
    stage.advance(60)
    assert tally(stage, number) == {"deleted": 20, "stopped": 40}
    assert_lawful(stage)


@pytest.mark.parametrize(("moment", "batches"), [("before", 0), ("after", 1)])
def test_a_stop_lets_out_no_call_that_has_not_left_yet_and_no_other_after_it(
    open_stage: Opener, moment: str, batches: int
) -> None:
    stage = open_stage(**NO_TRIAL)
    number = propose(stage, videos(stage, 60))
    begin(stage, number)

    def stop(call: int) -> None:
        if call == 1:
            assert stage.slack.say("cy", f"/vod stop {number}").error is None

    Meddled(stage, **{"before": nothing, "after": nothing, moment: stop})
    stage.settle()

    assert_only_sent(stage, number, "deleted", batches=batches)
    assert tally(stage, number) == {**({"deleted": 20} if batches else {}), "stopped": 60 - 20 * batches}
    assert_lawful(stage)


def test_what_was_sent_in_vain_before_the_stop_is_not_sent_again_and_not_called_unsent(open_stage: Opener) -> None:
    """A call that VOD broke off did nothing: its items are still there, and would have been sent again."""
    stage = open_stage(**NO_TRIAL, COUNTERSIGN_STOP_ON="none")
    ids = videos(stage, 40)
    number = propose(stage, ids)
    stage.vod.faults.set("internal", "DeleteVideo", times=1)
    send_one_batch(stage, number)
    press_stop(stage, "cy", number)

    assert stage.state(number) is State.FINISHED
    assert_only_sent(stage, number, "unknown")
    assert tally(stage, number) == {"stopped": 20, "unknown": 20}
    assert all(stage.vod.library.video(video) is not None for video in ids)
    results = in_blocks(result_in_thread(stage, number))
    assert results.count("unknown: VOD's answers do not show whether it is gone: a person stopped it") == 15
    assert_lawful(stage)


def test_a_stop_and_a_freeze_together_end_at_once_without_waiting_for_a_thaw(open_stage: Opener) -> None:
    stage = open_stage(**NO_TRIAL, COUNTERSIGN_STOP_ON="none")
    number = propose(stage, videos(stage, 40))
    stage.vod.faults.set("internal", "DeleteVideo", times=1)
    send_one_batch(stage, number)
    stage.slack.say("gus", "/vod freeze", channel="vod-deletions")
    press_stop(stage, "cy", number)

    assert stage.state(number) is State.FINISHED
    assert tally(stage, number) == {"stopped": 20, "unknown": 20}
    assert_lawful(stage)


def test_a_stopped_deletion_is_not_taken_up_again_after_a_restart(open_stage: Opener) -> None:
    stage = open_stage(**NO_TRIAL)
    number = propose(stage, videos(stage, 60))
    send_one_batch(stage, number)
    assert stage.slack.say("ana", f"/vod stop {number}").error is None
    stage.restart()
    stage.advance(60)

    assert_only_sent(stage, number, "deleted")
    assert tally(stage, number) == {"deleted": 20, "stopped": 40}
    assert_lawful(stage)


def test_the_button_of_another_plan_or_of_none_stops_nothing(stage: Stage) -> None:
    number = held(stage)
    card = stage.card(number)
    stage.slack.click_message("cy", "vod-deletions", card.ts, names.STOP, value="tampered")
    stage.settle()
    assert "belongs to no plan that was ever shown" in stage.answers("cy")[-1]
    assert stage.state(number) is State.APPROVED
    assert button_value(card, names.STOP) == value_for(stage, number)


def test_a_stop_a_withdrawal_and_the_start_of_the_deletion_at_the_same_moment_have_one_outcome(
    open_stage: Opener,
) -> None:
    stage = open_stage(**NO_TRIAL)
    videos_of = {}
    for _ in range(RACES):
        ids = videos(stage, 2)
        videos_of[propose(stage, ids)] = ids
    for number in videos_of:
        approve(stage, number)
    stage.settle_messages()
    deeds: list[Callable[[], Delivery]] = []
    for number in videos_of:
        card, value = stage.card(number), value_for(stage, number)
        press = partial(stage.slack.click_message, "cy", "vod-deletions", card.ts, names.STOP, value)
        deeds += [press, partial(stage.slack.say, "ana", f"/vod withdraw {number}")]
        deeds += [partial(stage.slack.say, "bo", f"/vod stop {number}")]
    with at_work(stage.program):
        answers = at_once(deeds)
        over = {State.STOPPED, State.WITHDRAWN, State.FINISHED}
        assert stage.slack.wait_until(lambda: all(stage.state(number) in over for number in videos_of), 30)
    stage.restart()
    stage.settle()

    assert {answer.error for answer in answers} == {None}
    sent = stage.vod.ledger.ids()
    assert len(sent) == len(set(sent))
    for number, ids in videos_of.items():
        if stage.state(number) is not State.FINISHED:
            assert not set(sent) & set(ids)
            assert buttons(stage.card(number)) == []
        events = [stage.events(f"proposal.{word}") for word in ("stopped", "withdrawn")]
        closed = [event for found in events for event in found if event["ref"] == f"proposal/{number}"]
        assert len(closed) == (stage.state(number) is not State.FINISHED)
    assert_lawful(stage)


def test_every_lane_sees_a_stop(open_stage: Opener) -> None:
    """With several lanes each has a batch of its own in hand; not one of them sends another."""
    stage = open_stage(**NO_TRIAL, COUNTERSIGN_MAX_ITEMS="1000", COUNTERSIGN_MAX_GIGABYTES="100000")
    number = propose(stage, videos(stage, 400))
    begin(stage, number)
    step_until(stage, lambda: len(stage.vod.ledger.calls()) == 5)
    assert stage.slack.say("ana", f"/vod stop {number}").error is None
    stage.settle()

    assert_only_sent(stage, number, "deleted", batches=5)
    assert tally(stage, number) == {"deleted": 100, "stopped": 300}
    assert_lawful(stage)
