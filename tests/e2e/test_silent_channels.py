"""Channels that take no messages for a while: nothing is sent, and afterwards people have a whole hold to stop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from deletion import work
from deletion.approval.holds import anchoring
from deletion.terms.states import State
from sandbox.slack import FaultKind
from tests.e2e.deletions import NO_TRIAL, approve, propose, step_until, videos
from tests.e2e.evidence import assert_lawful, audit_lines, buttons
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
HOLD_S = 60
AWAY_S = 150
STEP_S = 5
APPROVALS, AUDIT = "vod-deletions", "vod-audit"
POSTS = ("chat.postMessage", "chat.update")
PAUSED = "took no messages or could not be read"

both_engines = pytest.mark.parametrize("engine", ENGINES)


@dataclass(frozen=True)
class Outage:
    """A way in which people cannot see what there is to stop."""

    name: str
    go: Callable[[Stage], Any]
    end: Callable[[Stage], Any]


def closes_to_posts(channel: str) -> Callable[[Stage], None]:
    """Return what lets only others post in a channel; it can be read all the same."""

    def close(stage: Stage) -> None:
        for method in POSTS:
            stage.slack.faults.add(FaultKind.ERROR, method, error="restricted_action", times=None, channel=channel)

    return close


def clear(stage: Stage) -> None:
    stage.slack.faults.clear()


REFUSED = Outage("refusing connections", lambda s: s.slack.leave(), lambda s: s.slack.come_back())
RESET = Outage("resetting connections", lambda s: s.slack.faults.add(FaultKind.DOWN), clear)
ARCHIVED = Outage(
    "the approvals channel archived",
    lambda s: s.slack.change_channel(APPROVALS, is_archived=True),
    lambda s: s.slack.change_channel(APPROVALS, is_archived=False),
)
READ_ONLY = Outage("the approvals channel read-only", closes_to_posts(APPROVALS), clear)

every_outage = pytest.mark.parametrize("outage", [REFUSED, RESET, ARCHIVED], ids=lambda each: each.name)


def pass_time(stage: Stage, seconds: float) -> None:
    """Let time pass in small steps, with the bot at work and on watch."""
    for _ in range(round(seconds / STEP_S)):
        stage.clock.advance(STEP_S)
        if stage.program.context.trust.unread is None:
            stage.program.context.trust.doubt()  # as after ten seconds: what was seen is too old to stand
        anchoring.watch(stage.program.context)
        stage.settle()


def on_hold(stage: Stage) -> tuple[int, list[str]]:
    """Return a deletion whose hold has begun, and what it is about."""
    ids = videos(stage, 65)
    number = propose(stage, ids)
    approve(stage, number)
    assert len(stage.events("hold.begun")) == 1
    return number, ids


def under_way(stage: Stage) -> tuple[int, list[str]]:
    """Return a deletion of which the first batch was sent, and what it is about."""
    number, ids = on_hold(stage)
    stage.clock.advance(HOLD_S)
    step_until(stage, lambda: bool(stage.vod.ledger.calls()))
    stage.settle_messages()
    return number, ids


def stops_at(stage: Stage) -> int:
    """Return when the card with the Stop button was shown last (UTC ms)."""
    begun_ms: int = stage.events("hold.begun")[-1]["data"]["begun_ms"]
    return begun_ms


def assert_held_anew(stage: Stage, number: int, ids: list[str], *, sent: int) -> None:
    """Hold that after an outage nothing goes before a whole hold, that all goes then, and that people were told."""
    step_until_shown(stage)
    assert buttons(stage.card(number)) == ["Stop the deletion"]
    pass_time(stage, HOLD_S - 2 * STEP_S)
    assert len(stage.vod.ledger.calls()) == sent
    pass_time(stage, HOLD_S + 60)
    assert stage.state(number) is State.FINISHED
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    first = next(e for e in stage.events("call.intent")[sent:])
    assert first["at_ms"] - stops_at(stage) >= HOLD_S * 1000
    (awaited,) = stage.events("hold.awaited")
    assert awaited["data"]["silence"]
    assert len(stage.events("hold.begun")) == 2
    said = [message.text for message in stage.thread(number) if PAUSED in message.text]
    assert len(said) == 1, said
    assert "begins again, so that everybody can still stop it" in said[0]
    assert PAUSED in audit_lines(stage, number)
    assert_lawful(stage)


def step_until_shown(stage: Stage) -> None:
    """Let what is owed be sent until the card with the Stop button is in the channel again."""
    before = len(stage.events("hold.begun"))
    for _ in range(20):
        if len(stage.events("hold.begun")) > before:
            return
        stage.clock.advance(STEP_S)
        stage.program.context.trust.doubt()
        anchoring.watch(stage.program.context)
        stage.settle_messages()
    raise AssertionError("the card is not shown again")


@both_engines
@every_outage
def test_an_outage_during_the_hold_lets_it_begin_anew(engine: str, outage: Outage, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = on_hold(stage)
    outage.go(stage)
    pass_time(stage, AWAY_S)
    assert stage.state(number) is State.APPROVED
    assert stage.vod.ledger.calls() == ()
    outage.end(stage)
    assert_held_anew(stage, number, ids, sent=0)


@both_engines
@every_outage
def test_an_outage_under_way_lets_the_rest_wait_for_a_whole_hold(
    engine: str, outage: Outage, stage_on: Opener
) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = under_way(stage)
    outage.go(stage)
    pass_time(stage, AWAY_S)
    assert stage.state(number) is State.EXECUTING
    assert len(stage.vod.ledger.calls()) == 1
    outage.end(stage)
    assert_held_anew(stage, number, ids, sent=1)


@both_engines
def test_an_outage_within_a_hold_is_noticed_and_lets_it_begin_anew(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(AWAY_S), **NO_TRIAL)
    number, _ = on_hold(stage)
    pass_time(stage, 20)
    stage.slack.leave()
    pass_time(stage, AWAY_S / 2)
    stage.slack.come_back()
    step_until_shown(stage)
    pass_time(stage, AWAY_S - 2 * STEP_S)
    assert stage.state(number) is State.APPROVED
    assert stage.vod.ledger.calls() == ()
    stage.click("cy", "Stop the deletion", number)
    pass_time(stage, AWAY_S)
    assert stage.state(number) is State.STOPPED
    assert stage.vod.ledger.calls() == ()
    assert_lawful(stage)


@both_engines
def test_an_approvals_channel_that_takes_no_posts_lets_the_rest_wait_for_a_whole_hold(
    engine: str, stage_on: Opener
) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = on_hold(stage)
    READ_ONLY.go(stage)
    other = propose_in_silence(stage)
    pass_time(stage, AWAY_S)
    assert stage.vod.ledger.calls() == ()
    assert stage.state(number) is State.APPROVED
    assert "approvals: restricted_action" in str(stage.program.health.report())
    READ_ONLY.end(stage)
    assert_held_anew(stage, number, ids, sent=0)
    assert stage.state(other) is State.PENDING


def propose_in_silence(stage: Stage) -> int:
    """Let somebody propose something whose card is not taken: by that it shows that the channel takes nothing."""
    delivery = stage.say("cy", f"/vod delete video {videos(stage, 1)[0]} --reason x")
    assert delivery.reply is not None
    return int(delivery.reply.text.split()[1].removeprefix("#"))


@both_engines
def test_an_audit_channel_that_takes_no_posts_lets_everything_wait_and_go_on_without_another_hold(
    engine: str, stage_on: Opener
) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = on_hold(stage)
    closes_to_posts(AUDIT)(stage)
    propose_in_silence(stage)
    pass_time(stage, AWAY_S)
    assert stage.vod.ledger.calls() == ()
    assert stage.state(number) is State.APPROVED
    told = [
        message.text for message in stage.thread(number) if "the audit channel takes no messages" in message.text
    ]
    assert len(told) == 1
    assert "audit: restricted_action" in str(stage.program.health.report())
    clear(stage)
    pass_time(stage, 60)
    assert stage.state(number) is State.FINISHED
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    assert stage.events("hold.awaited") == []
    assert_lawful(stage)


@both_engines
def test_being_throttled_is_no_outage(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = under_way(stage)
    for method in (*POSTS, "conversations.info", "conversations.history"):
        stage.slack.faults.add(FaultKind.RATELIMITED, method, times=5, retry_after=3)
    pass_time(stage, 120)
    assert stage.state(number) is State.FINISHED
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    assert stage.events("hold.awaited") == []
    assert_lawful(stage)


@both_engines
def test_posts_that_are_throttled_for_minutes_keep_nothing_from_going_on(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, _ = under_way(stage)
    for method in POSTS:
        stage.slack.faults.add(FaultKind.RATELIMITED, method, times=None, retry_after=300)
    pass_time(stage, 120)
    assert stage.state(number) is State.FINISHED
    assert stage.events("hold.awaited") == []


@both_engines
def test_a_hiccup_is_no_outage(engine: str, stage_on: Opener) -> None:
    """One answer that is lost, of a look or of a post, is asked for again."""
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = under_way(stage)
    for method in ("conversations.info", *POSTS):
        stage.slack.faults.add(FaultKind.HTTP_503, method)
    pass_time(stage, 120)
    assert stage.state(number) is State.FINISHED
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    assert stage.events("hold.awaited") == []
    assert_lawful(stage)


@both_engines
def test_looks_in_vain_one_after_the_other_are_told_once(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = under_way(stage)
    stage.slack.faults.add(FaultKind.HTTP_503, "conversations.info", times=6)
    stage.program.context.trust.doubt()
    for _ in range(3):
        anchoring.look(stage.program.context)
    assert len(stage.events("hold.awaited")) == 1
    assert_held_anew(stage, number, ids, sent=1)


@both_engines
def test_a_hold_begins_once_and_is_told_once_when_a_channel_that_takes_posts_could_not_be_read(
    engine: str, stage_on: Opener
) -> None:
    """Nobody knows then whether people see what Slack takes; and holds that begin all the time are a flood."""
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    number, ids = on_hold(stage)
    posts = len(stage.thread(number))
    stage.slack.faults.add(FaultKind.HTTP_503, "conversations.info", times=None)
    pass_time(stage, 4 * AWAY_S)
    assert len(stage.events("hold.awaited")) == 1
    assert len(stage.events("hold.begun")) == 1
    assert len(stage.thread(number)) - posts <= 2
    assert buttons(stage.card(number)) == ["Stop the deletion"]
    clear(stage)
    assert_held_anew(stage, number, ids, sent=0)


@both_engines
def test_work_that_waits_for_a_silent_channel_wakes_no_other_that_waits_for_it(
    engine: str, stage_on: Opener
) -> None:
    """Slack takes updates of cards, so that holds end, and no new posts: work waits, and asks now and then."""
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), **NO_TRIAL)
    on_hold(stage)
    approve(stage, propose(stage, videos(stage, 70)[66:]))
    stage.slack.faults.add(
        FaultKind.ERROR, "chat.postMessage", error="restricted_action", times=None, channel=APPROVALS
    )
    propose_in_silence(stage)
    pass_time(stage, HOLD_S - 3 * STEP_S)
    assert len(stage.events("hold.begun")) == 4
    stage.clock.advance(2 * HOLD_S)
    steps = 0
    while work.run_one(stage.program.context):
        steps += 1
        assert steps < 20, "running in circles"
    assert stage.vod.ledger.calls() == ()


@both_engines
def test_without_a_hold_the_rest_waits_until_the_card_is_shown_again(engine: str, stage_on: Opener) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS="0", **NO_TRIAL)
    number, ids = under_way(stage)
    stage.slack.leave()
    pass_time(stage, AWAY_S)
    assert len(stage.vod.ledger.calls()) == 1
    stage.slack.come_back()
    pass_time(stage, 60)
    assert stage.state(number) is State.FINISHED
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    (said,) = [message.text for message in stage.thread(number) if PAUSED in message.text]
    assert "goes on now that the card is shown again" in said
    assert_lawful(stage)
