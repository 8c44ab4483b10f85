"""Nothing is deleted that people cannot see and stop: a hold begins with its card, and anew after a thaw."""

import pytest

from deletion.terms.states import State
from tests.e2e.deletions import NO_TRIAL, propose, step_until, videos
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, buttons
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
HOLD_S = 60
AWAY_S = 600

MOST_MESSAGES = 200
"""Far more than are owed in any of these stories."""

both_engines = pytest.mark.parametrize("engine", ENGINES)


def approved_while_slack_is_away(stage: Stage) -> tuple[int, list[str]]:
    """Return a deletion whose quorum was reached just when Slack went away, and what it is about."""
    ids = videos(stage, 2)
    number = propose(stage, ids)
    stage.slack.click("bo", "Approve", match=f"#{number}")
    step_until(stage, lambda: stage.state(number) is State.APPROVED)
    stage.slack.leave()
    return number, ids


def freeze_and_thaw(stage: Stage) -> None:
    for who, command in (("dee", "freeze"), ("ana", "unfreeze"), ("bo", "unfreeze")):
        stage.say(who, f"/vod {command}")


@both_engines
@pytest.mark.parametrize("hold_s", [0, HOLD_S])
def test_the_hold_begins_when_the_card_with_stop_is_in_the_channel_and_not_with_the_quorum(
    engine: str, hold_s: int, stage_on: Opener
) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(hold_s))
    number, ids = approved_while_slack_is_away(stage)
    for _ in range(10):
        stage.advance(AWAY_S / 10)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)

    stage.slack.come_back()
    stage.advance(31)
    if hold_s:
        assert buttons(stage.card(number)) == ["Stop the deletion"]
        stage.advance(HOLD_S - 10)
        assert stage.state(number) is State.APPROVED
        assert_nothing_was_deleted(stage)
    stage.advance(HOLD_S)
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    (begun,), (started,) = stage.events("hold.begun"), stage.events("execution.started")
    assert started["at_ms"] - begun["data"]["begun_ms"] >= hold_s * 1000
    assert_lawful(stage)


@both_engines
def test_what_was_approved_while_slack_was_away_is_stopped_once_it_is_back(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number, _ = approved_while_slack_is_away(stage)
    stage.advance(AWAY_S)
    stage.slack.come_back()
    stage.advance(31)
    stage.click("cy", "Stop the deletion", number)
    stage.advance(AWAY_S)
    assert stage.state(number) is State.STOPPED
    assert_nothing_was_deleted(stage)


@both_engines
def test_a_hold_that_waits_for_its_card_survives_a_restart(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number, ids = approved_while_slack_is_away(stage)
    stage.slack.come_back()
    stage.restart(COUNTERSIGN_HOLD_SECONDS="0")
    stage.advance(31)
    stage.restart()
    stage.advance(HOLD_S - 10)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)
    stage.advance(10)
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    assert_lawful(stage)


@both_engines
def test_a_card_that_was_sent_before_the_quorum_begins_no_hold(engine: str, stage_on: Opener) -> None:
    """It was put into words while people still had to approve: it has no Stop button."""
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = propose(stage, videos(stage, 1))
    sender = stage.announcer._sender
    stage.slack.click("bo", "Approve", match=f"#{number}")
    claim = stage.announcer._outbox.claim()
    while claim is not None and claim.kind != "card":
        stage.announcer._outbox.sent(claim, sender.send(stage.announcer._outbox.read(claim)), pause_ms=0)
        claim = stage.announcer._outbox.claim()
    assert claim is not None
    posted = sender.send(stage.announcer._outbox.read(claim))
    step_until(stage, lambda: stage.state(number) is State.APPROVED)
    stage.announcer._outbox.sent(claim, posted, pause_ms=0)
    assert stage.events("hold.begun") == []

    stage.settle_messages()
    assert len(stage.events("hold.begun")) == 1
    assert buttons(stage.card(number)) == ["Stop the deletion"]


@both_engines
def test_after_a_thaw_what_was_approved_during_the_freeze_is_on_hold_anew(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    ids = videos(stage, 1)
    number = propose(stage, ids)
    stage.say("dee", "/vod freeze")
    stage.click("bo", "Approve", number)
    stage.advance(AWAY_S)
    for who in ("ana", "bo"):
        stage.say(who, "/vod unfreeze")
    stage.advance(HOLD_S - 10)
    assert stage.state(number) is State.APPROVED
    assert buttons(stage.card(number)) == ["Stop the deletion"]
    assert_nothing_was_deleted(stage)

    stage.advance(10)
    assert stage.vod.ledger.ids() == ids
    assert_lawful(stage)


@both_engines
def test_after_a_thaw_what_was_under_way_is_on_hold_anew_and_can_be_stopped(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number = propose(stage, videos(stage, 60))
    begin_after_hold(stage, number)
    sent = stage.vod.ledger.ids()
    freeze_and_thaw(stage)
    stage.advance(HOLD_S - 10)
    assert stage.state(number) is State.EXECUTING
    assert stage.vod.ledger.ids() == sent
    assert "Started, and on hold anew" in stage.card(number).text

    stage.click("cy", "Stop the deletion", number)
    stage.advance(HOLD_S)
    assert stage.vod.ledger.ids() == sent
    assert_lawful(stage)


@both_engines
def test_a_stop_before_the_new_hold_began_leaves_no_card_going_round(engine: str, stage_on: Opener) -> None:
    """A stopped deletion's card has no Stop button, so no hold begins with it: it is shown once and that is all."""
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number = propose(stage, videos(stage, 60))
    begin_after_hold(stage, number)
    for who, command in (("dee", "freeze"), ("ana", "unfreeze"), ("bo", "unfreeze")):
        stage.slack.say(who, f"/vod {command}", channel="vod-deletions")
        step_until(stage, lambda: not voting(stage))
    assert len(stage.events("hold.awaited")) == 1
    stage.slack.say("cy", f"/vod stop {number}", channel="vod-deletions")

    assert any(not stage.announcer.step() for _ in range(MOST_MESSAGES)), "a card is sent again and again"
    assert stage.state(number) is State.EXECUTING
    stage.advance(HOLD_S)
    assert stage.state(number) is State.FINISHED
    assert len(stage.vod.ledger.calls()) == 1
    assert_lawful(stage)


def voting(stage: Stage) -> bool:
    """Say whether a vote is cast that does not count yet."""
    return stage.database.read(lambda tx: tx.one("SELECT 1 AS n FROM votes WHERE state = 'cast'")) is not None


def begin_after_hold(stage: Stage, number: int) -> None:
    """Let one batch of a deletion be sent, after its hold."""
    stage.slack.click("bo", "Approve", match=f"#{number}")
    step_until(stage, lambda: stage.state(number) is State.APPROVED)
    stage.settle_messages()
    stage.clock.advance(HOLD_S)
    step_until(stage, lambda: bool(stage.vod.ledger.calls()))


def test_every_hold_begins_anew_however_many_were_approved(open_stage: Opener) -> None:
    """More than the cards that a freeze shows anew by itself."""
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS=str(AWAY_S))
    numbers = [propose(stage, videos(stage, 1)) for _ in range(25)]
    for number in numbers:
        stage.click("bo", "Approve", number)
    stage.advance(AWAY_S / 2)
    freeze_and_thaw(stage)
    (ended,) = stage.events("freeze.ended")
    assert ended["data"]["released"] == numbers
    stage.advance(AWAY_S - 20)
    assert {stage.state(number) for number in numbers} == {State.APPROVED}
    stage.advance(AWAY_S)
    assert {stage.state(number) for number in numbers} == {State.FINISHED}
    assert_lawful(stage)


def test_a_stop_goes_before_everything_else_that_the_channel_is_owed(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    first, second = propose(stage, videos(stage, 1)), propose(stage, videos(stage, 1))
    stage.click("bo", "Approve", first)
    stage.slack.click("bo", "Approve", match=f"#{second}")
    step_until(stage, lambda: stage.state(second) is State.APPROVED)
    stage.slack.click("cy", "Stop the deletion", match=f"#{first}")
    stage.slack.say("dee", "/vod freeze", channel="vod-deletions")
    before = len(stage.slack.calls)
    stage.settle_messages()
    shown = [
        (call.method, str(call.args.get("text", "")))
        for call in stage.slack.calls[before:]
        if call.method in {"chat.update", "chat.postMessage"}
        and call.args.get("channel") == stage.slack.channel("vod-deletions").id
    ]
    places = {
        word: next(n for n, (_, text) in enumerate(shown) if word in text) for word in ("Stopped", "froze all")
    }
    on_hold = next(n for n, (_, text) in enumerate(shown) if f"#{second}" in text and "Approved" in text)
    replies = [n for n, (_, text) in enumerate(shown) if "approved:" in text]
    assert max(places.values()) < on_hold < min(replies)
