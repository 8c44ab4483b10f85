"""Freeze: anybody in the channel keeps everything from being deleted; it takes two people to go on."""

from typing import Any

import pytest

from deletion.execution.calls import batches
from deletion.terms.states import State
from sandbox.slack import FaultKind
from tests.e2e.deletions import NO_TRIAL, approve, begin, propose, send_one_batch, step_until, tally, videos
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    audit_channel,
    in_blocks,
)
from tests.e2e.meddling import Meddled, nothing
from tests.stage import Opener, Stage

UNTIL = "no further calls will be sent until two people, one of them an approver, type `/vod unfreeze`."
A_DAY_S = 86_400


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage(**NO_TRIAL)


def answered(stage: Stage, who: str, command: str, channel: str = "vod-deletions") -> str:
    """Type a command, let everything that follows happen, and return the answer to the command itself."""
    delivery = stage.say(who, command, channel=channel)
    assert delivery.error is None
    assert delivery.reply is not None
    return delivery.reply.text


def is_frozen(stage: Stage) -> bool:
    return stage.database.read(lambda tx: tx.one("SELECT 1 AS n FROM freezes WHERE thawed_ms IS NULL")) is not None


def thaw(stage: Stage, *people: str) -> None:
    for who in people:
        assert "Your vote to unfreeze is recorded" in answered(stage, who, "/vod unfreeze")


def frozen_deletion(stage: Stage) -> tuple[int, list[str]]:
    """Return a deletion that was approved while everything was frozen, and what it is about."""
    ids = videos(stage, 1)
    number = propose(stage, ids)
    answered(stage, "gus", "/vod freeze")
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.APPROVED
    return number, ids


def channel_says(stage: Stage, words: str) -> bool:
    return any(words in message.text for message in stage.slack.messages("vod-deletions"))


def test_nothing_more_is_sent_of_anything_while_all_that_deletes_nothing_goes_on(stage: Stage) -> None:
    half, begun, pending = (propose(stage, videos(stage, count)) for count in (40, 30, 1))
    approve(stage, half)
    approve(stage, begun)
    step_until(stage, lambda: {stage.state(half), stage.state(begun)} == {State.EXECUTING})
    step_until(stage, lambda: stage.vod.ledger.calls() != ())
    sent = stage.vod.ledger.ids()
    answered(stage, "dee", "/vod freeze wrong folder")
    stage.click("bo", "Approve", pending)
    new = propose(stage, videos(stage, 1))
    for _ in range(10):
        stage.advance(60)

    assert stage.vod.ledger.ids() == sent
    states = {number: stage.state(number) for number in (half, begun, pending, new)}
    assert states == {
        half: State.EXECUTING,
        begun: State.EXECUTING,
        pending: State.APPROVED,
        new: State.PENDING,
    }
    outcomes = {**stage.outcomes(half), **stage.outcomes(begun)}
    assert {word for target, word in outcomes.items() if target in sent} == {"deleted"}
    assert {word for target, word in outcomes.items() if target not in sent} == {None}

    thaw(stage, "ana", "bo")
    for number in (half, begun, pending):
        assert stage.state(number) is State.FINISHED
        assert set(stage.outcomes(number).values()) == {"deleted"}
    assert_lawful(stage)


def test_what_was_sent_before_a_freeze_is_read_back_during_it(stage: Stage) -> None:
    number = propose(stage, videos(stage, 40))
    send_one_batch(stage, number)
    answered(stage, "dee", "/vod freeze")
    assert tally(stage, number) == {"deleted": 20, "waiting": 20}
    assert "Started, and frozen: 20 of 40 done." in stage.card(number).text


def test_cards_channel_list_and_log_say_who_froze_and_why_and_afterwards_who_thawed(stage: Stage) -> None:
    numbers = [propose(stage, videos(stage, 1)) for _ in range(3)]
    begin(stage, numbers[0])
    approve(stage, numbers[1])
    stage.slack.say("dee", "/vod freeze wrong folder", channel="vod-deletions")
    stage.settle()
    dee = stage.slack.user("dee").id
    for number in numbers[:2]:
        card = stage.card(number)
        assert "Frozen by Dee: no further calls will be sent" in card.text
        assert "The reason: `wrong folder`." in in_blocks(card)
        assert "now" not in card.text
    assert channel_says(stage, "*Dee froze all deletions.* No further calls will be sent, whatever was approved")
    assert channel_says(stage, "The reason: `wrong folder`. To go on, two people, one of them an approver")
    assert f"*Frozen* by <@{dee}>: {UNTIL}" in answered(stage, "cy", "/vod list")
    assert f"all deletions: Dee (`{dee}`) froze all deletions; reason: `wrong folder`" in audit_channel(stage)

    thaw(stage, "ana")
    assert channel_says(
        stage, "Ana voted to unfreeze: 1 of 2 people. It takes two people, one of them an approver."
    )
    thaw(stage, "bo")
    assert channel_says(stage, "*Unfrozen* by Ana and Bo. What was approved goes on after a hold that begins anew")
    assert "all deletions: unfrozen by Ana" in audit_channel(stage)
    assert not [number for number in numbers if "rozen" in stage.card(number).text]
    assert_lawful(stage)


def test_a_card_that_waits_for_approval_says_that_everything_is_frozen_as_long_as_it_is(stage: Stage) -> None:
    before = propose(stage, videos(stage, 1))
    answered(stage, "dee", "/vod freeze")
    during = propose(stage, videos(stage, 1))
    told = "even once this is approved, nothing is deleted until two people"
    assert all(told in in_blocks(stage.card(number)) for number in (before, during))

    thaw(stage, "ana", "bo")
    assert not [number for number in (before, during) if "rozen" in stage.card(number).text]


@pytest.mark.parametrize(("command", "why"), [("/vod freeze", "frozen"), ("/vod stop {number}", "stopped")])
def test_a_call_that_is_journalled_already_is_not_made_after_a_freeze_or_a_stop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, command: str, why: str
) -> None:
    number = propose(stage, videos(stage, 40))
    begin(stage, number)
    look_and_call = batches._call_if_still_right

    def after_the_command(*args: Any) -> Any:
        assert stage.slack.say("bo", command.format(number=number)).error is None
        return look_and_call(*args)

    monkeypatch.setattr(batches, "_call_if_still_right", after_the_command)
    stage.settle()
    assert stage.vod.ledger.calls() == ()
    journalled = stage.events("call.intent")
    (answer,) = stage.events("call.answered")
    assert len(journalled) == 1
    assert answer["data"]["answer"] == {"missing": [], "refused": [], "not_sent": why}
    assert_nothing_was_deleted(stage)


def test_a_freeze_while_the_assets_are_read_again_keeps_the_call_from_being_journalled(stage: Stage) -> None:
    number = propose(stage, videos(stage, 40))
    begin(stage, number)
    read = stage.program.context.reader.read_again

    def freeze_then_read(*args: Any) -> Any:
        assert stage.slack.say("gus", "/vod freeze", channel="vod-deletions").error is None
        return read(*args)

    stage.program.context.reader.read_again = freeze_then_read  # type: ignore[assignment, method-assign] # the same, with a freeze
    stage.settle()
    assert is_frozen(stage)
    assert stage.events("call.intent") == []
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize(("moment", "sent"), [("before", 0), ("after", 1)])
def test_a_freeze_lets_out_no_call_that_has_not_left_yet_and_no_other_after_it(
    stage: Stage, moment: str, sent: int
) -> None:
    number = propose(stage, videos(stage, 60))
    begin(stage, number)

    def freeze(call: int) -> None:
        if call == 1:
            assert stage.slack.say("gus", "/vod freeze", channel="vod-deletions").error is None

    Meddled(stage, **{"before": nothing, "after": nothing, moment: freeze})
    stage.settle()
    assert len(stage.vod.ledger.calls()) == sent
    assert tally(stage, number) == {**({"deleted": 20} if sent else {}), "waiting": 60 - 20 * sent}
    assert stage.verify().holds


@pytest.mark.parametrize("begun", [True, False])
def test_what_runs_out_of_time_while_frozen_ends_and_is_not_deleted_after_the_thaw(
    open_stage: Opener, *, begun: bool
) -> None:
    stage = open_stage(**NO_TRIAL, COUNTERSIGN_EXECUTE_HOURS="1")
    number = propose(stage, videos(stage, 2))
    if begun:
        begin(stage, number)
    else:
        approve(stage, number)
    answered(stage, "gus", "/vod freeze")
    stage.advance(3600)
    if begun:
        assert stage.state(number) is State.FINISHED
        assert tally(stage, number) == {"stopped": 2}
        assert "Stopped: the time to execute it is over." in stage.card(number).text
    else:
        assert stage.state(number) is State.EXPIRED
        assert "approved, but not executed in time" in stage.card(number).text
    thaw(stage, "ana", "bo")
    stage.advance(A_DAY_S)
    assert_nothing_was_deleted(stage)


def test_a_freeze_survives_a_restart(stage: Stage) -> None:
    number, _ = frozen_deletion(stage)
    stage.restart()
    stage.advance(600)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)


def test_what_is_frozen_can_still_be_stopped_and_withdrawn(stage: Stage) -> None:
    stopped, _ = frozen_deletion(stage)
    withdrawn = propose(stage, videos(stage, 1))
    stage.click("bo", "Approve", withdrawn)
    stage.click("cy", "Stop", stopped)
    stage.say("ana", f"/vod withdraw {withdrawn}")
    assert (stage.state(stopped), stage.state(withdrawn)) == (State.STOPPED, State.WITHDRAWN)
    assert_nothing_was_deleted(stage)


def test_one_person_alone_cannot_thaw_however_often_they_ask(stage: Stage) -> None:
    frozen_deletion(stage)
    thaw(stage, "bo")
    told = answered(stage, "bo", "/vod unfreeze")
    assert "You have already voted to unfreeze. It takes two people, one of them an approver." in told
    assert stage.events("vote.refused")[-1]["data"]["rule"] == "already thawed"
    stage.advance(600)
    assert "was refused a vote to unfreeze: `already thawed`" in audit_channel(stage)
    assert is_frozen(stage)
    assert_nothing_was_deleted(stage)


def test_two_people_of_whom_none_is_an_approver_cannot_thaw_until_one_joins_them(open_stage: Opener) -> None:
    settings = {"COUNTERSIGN_PROPOSERS": "members"}
    stage = open_stage(**NO_TRIAL, **settings)
    bo, cy = (stage.slack.user(who).id for who in ("bo", "cy"))
    stage.restart(COUNTERSIGN_APPROVERS=f"{bo} {cy}")
    number, ids = frozen_deletion(stage)
    thaw(stage, "ana", "dee")
    assert channel_says(
        stage, "voted to unfreeze: 2 of 2 people. None of them is an approver: now an approver has to type"
    )
    stage.advance(600)
    assert is_frozen(stage)
    assert_nothing_was_deleted(stage)

    thaw(stage, "cy")
    assert not is_frozen(stage)
    assert stage.state(number) is State.FINISHED
    assert stage.vod.ledger.ids() == ids
    assert_lawful(stage)


def test_who_may_neither_propose_nor_approve_cannot_thaw_and_is_told_whom_to_ask(stage: Stage) -> None:
    frozen_deletion(stage)
    told = answered(stage, "dee", "/vod unfreeze")
    assert "Only proposers and approvers can vote to unfreeze" in told
    assert "Ask an approver to type `/vod unfreeze`." in told
    assert stage.events("vote.refused")[-1]["data"]["rule"] == "may not thaw"


UNFIT = [
    ({"is_restricted": True}, "guest", "Guests cannot take part"),
    ({"is_restricted": True, "is_ultra_restricted": True}, "guest", "Guests cannot take part"),
    # Slack lets nobody tell a deactivated person anything.
    ({"deleted": True}, "deactivated", ""),
    ({"is_bot": True}, "bot", "Bots cannot take part"),
    ({"is_stranger": True}, "stranger", "You belong to another workspace"),
]


@pytest.mark.parametrize(("flags", "rule", "words"), UNFIT, ids=str)
def test_a_vote_to_unfreeze_is_void_when_slack_says_that_this_person_takes_no_part(
    stage: Stage, flags: dict[str, bool], rule: str, words: str
) -> None:
    frozen_deletion(stage)
    thaw(stage, "ana")
    assert stage.slack.say("bo", "/vod unfreeze", channel="vod-deletions").error is None
    stage.slack.change_person("bo", **flags)
    stage.settle()
    assert is_frozen(stage)
    (event,) = stage.events("vote.voided")
    assert event["data"]["rule"] == rule
    assert (f"Your vote to unfreeze was not counted. {words}" in stage.answers("bo")[-1]) == bool(words)
    assert_nothing_was_deleted(stage)

    # Once they are well again they may ask again.
    stage.slack.change_person("bo", **dict.fromkeys(flags, False))
    thaw(stage, "bo")
    assert not is_frozen(stage)
    assert_lawful(stage)


def test_while_slack_cannot_say_who_somebody_is_the_thaw_waits_and_then_counts(stage: Stage) -> None:
    number, ids = frozen_deletion(stage)
    thaw(stage, "ana")
    stage.slack.faults.add(FaultKind.HTTP_503, "users.info", times=5)
    thaw(stage, "bo")
    assert is_frozen(stage)
    assert_nothing_was_deleted(stage)

    for _ in range(6):
        stage.advance(60)
    assert not is_frozen(stage)
    assert stage.state(number) is State.FINISHED
    assert stage.vod.ledger.ids() == ids
    assert_lawful(stage)


def test_a_vote_about_an_earlier_freeze_does_not_count_for_a_later_one(stage: Stage) -> None:
    frozen_deletion(stage)
    stage.slack.faults.add(FaultKind.HTTP_503, "users.info", times=1)
    thaw(stage, "cy")
    thaw(stage, "ana", "bo")
    assert not is_frozen(stage)
    answered(stage, "dee", "/vod freeze again")
    stage.advance(60)
    assert stage.events("vote.voided")[-1]["data"]["rule"] == "not frozen"
    thaw(stage, "ana")
    assert is_frozen(stage)
    thaw(stage, "cy")
    assert not is_frozen(stage)
    assert_lawful(stage)


def test_freezing_twice_is_answered_politely_and_changes_nothing(stage: Stage) -> None:
    answered(stage, "gus", "/vod freeze first")
    told = answered(stage, "bo", "/vod freeze second")
    assert f"Deletions are already frozen, by <@{stage.slack.user('gus').id}>." in told
    assert len(stage.events("freeze.begun")) == 1
    assert stage.events("freeze.refused")[-1]["data"]["rule"] == "already frozen"


def test_a_thaw_of_what_is_not_frozen_says_so(stage: Stage) -> None:
    assert "Nothing is frozen, so nothing was unfrozen." in answered(stage, "bo", "/vod unfreeze")


def test_a_replayed_freeze_does_not_freeze_again_after_the_thaw_and_a_replayed_thaw_does_not_thaw(
    stage: Stage,
) -> None:
    first = stage.say("gus", "/vod freeze")
    asked = stage.say("bo", "/vod unfreeze")
    stage.slack.replay(asked)
    thaw(stage, "ana")
    assert not is_frozen(stage)
    stage.slack.replay(first)
    stage.settle()
    assert not is_frozen(stage)
    answered(stage, "gus", "/vod freeze")
    stage.slack.replay(asked)
    thaw(stage, "ana")
    assert is_frozen(stage)


ODD = [
    "",
    '"payload"',
    "payload=1&payload[0]={}",
    'an "unclosed quote',
    "it's “curly” and „low",
    "--reason not needed",
    "--reason",
    "<!channel> <@U0DEE7H4PVC> *bold* _x_ `c` <https://evil.example|click> & &lt;!here&gt;",
    "\u202egpj.exe\u202c \u2066line\u2069 \x07 \ufeff \U000e0041",
    "so\nmany\r\nlines\tand tabs",
    "%00 ' OR 1=1; -- \\",
    "削除しないで " * 30,
    "x" * 3_000,
]


@pytest.mark.parametrize("reason", ODD)
def test_a_freeze_works_whatever_its_reason_looks_like(stage: Stage, reason: str) -> None:
    assert "Everything is frozen" in answered(stage, "gus", f"/vod freeze {reason}")
    stage.click("bo", "Approve", propose(stage, videos(stage, 1)))
    assert is_frozen(stage)
    assert_lawful(stage)
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("typed", ["/vod FREEZE", "/vod freeze\tnow", "/vod   Freeze \n now"])
def test_a_freeze_is_understood_however_it_is_spaced_and_written(stage: Stage, typed: str) -> None:
    assert "Everything is frozen" in answered(stage, "gus", typed)


def test_a_guest_in_the_channel_can_freeze_and_is_named(stage: Stage) -> None:
    frozen_deletion(stage)
    (event,) = stage.events("freeze.begun")
    assert event["actor"].endswith(f"/{stage.slack.user('gus').id}")


@pytest.mark.parametrize("who", ["dee", "gus"])
def test_from_another_channel_who_has_no_part_cannot_freeze_and_is_told_where_they_can(
    stage: Stage, who: str
) -> None:
    told = answered(stage, who, "/vod freeze", channel="payload-alerts" if who == "dee" else "general")
    assert "Nothing was frozen. Type `/vod freeze` in the approvals channel" in told
    assert not is_frozen(stage)
    assert stage.events("freeze.refused")[-1]["data"]["rule"] == "not in channel"


def test_an_approver_can_freeze_from_anywhere(stage: Stage) -> None:
    assert "Everything is frozen" in answered(stage, "cy", "/vod freeze", channel="payload-alerts")
    assert is_frozen(stage)
