"""The hold: time between the last approval and the first deletion in which nothing of it is deleted."""

import pytest

from deletion.terms.states import State
from tests.e2e.deletions import propose, videos
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    assert_told_as_finished,
    buttons,
    in_blocks,
)
from tests.stage import Opener, Stage

HOLD_S = 60


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage(COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))


def held(stage: Stage) -> tuple[int, list[str]]:
    """Return a deletion that was approved and is on hold, and what it is about."""
    ids = videos(stage, 2)
    number = propose(stage, ids)
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.APPROVED
    return number, ids


def hold_until_ms(stage: Stage, number: int) -> int:
    found = stage.view(number).row.hold_until_ms
    assert found is not None
    return found


def test_nothing_is_sent_before_the_hold_is_over_and_everything_after_it(stage: Stage) -> None:
    number, ids = held(stage)
    stage.advance(HOLD_S - 5)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)

    stage.advance(5)
    assert stage.vod.ledger.ids() == ids
    assert_told_as_finished(stage, number, proposer="ana", tally="2 videos: 2 deleted")
    assert_lawful(stage)


def test_the_hold_lasts_a_minute_where_nobody_says_otherwise(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="")
    number, _ = held(stage)
    (begun,) = stage.events("hold.begun")
    assert hold_until_ms(stage, number) - begun["data"]["begun_ms"] == HOLD_S * 1000


def test_card_thread_and_status_say_when_it_starts_and_who_can_stop_it(stage: Stage) -> None:
    number, _ = held(stage)
    when = f"n hold until <!date^{hold_until_ms(stage, number) // 1000}^{{date_short_pretty}} at {{time_secs}}|"
    card = stage.card(number)
    assert buttons(card) == ["Stop the deletion"]
    status = stage.say("cy", f"/vod status {number}").reply
    assert status is not None
    for told in (card.text, in_blocks(card), stage.thread(number)[-1].text, status.text):
        assert when in told
        assert "its proposer or any approver can stop it" in told


def test_the_hold_begins_with_the_last_approval(stage: Stage) -> None:
    stage.restart(COUNTERSIGN_APPROVALS_NEEDED="2")
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Approve", number)
    stage.advance(HOLD_S * 2)
    assert stage.state(number) is State.PENDING
    stage.click("cy", "Approve", number)
    stage.advance(HOLD_S - 5)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("other_s", ["0", "60", "3600"])
def test_a_hold_survives_a_restart_and_ends_when_it_was_said_whatever_the_setting_is_by_then(
    stage: Stage, other_s: str
) -> None:
    number, ids = held(stage)
    until = hold_until_ms(stage, number)
    stage.restart(COUNTERSIGN_HOLD_SECONDS=other_s)
    stage.advance(HOLD_S - 10)
    assert hold_until_ms(stage, number) == until
    assert_nothing_was_deleted(stage)

    stage.advance(10)
    assert stage.state(number) is State.FINISHED
    assert stage.vod.ledger.ids() == ids
    assert_lawful(stage)


def test_a_late_approval_during_the_hold_is_answered_and_changes_nothing(stage: Stage) -> None:
    number, _ = held(stage)
    until = hold_until_ms(stage, number)
    value = f'{{"digest":"{stage.view(number).row.digest}","proposal":{number}}}'
    stage.slack.click_message("cy", "vod-deletions", stage.card(number).ts, "countersign_approve", value)
    stage.settle()
    assert "is already approved; nothing changed" in stage.answers("cy")[-1]
    assert hold_until_ms(stage, number) == until
    assert_nothing_was_deleted(stage)


def test_its_proposer_may_withdraw_it_during_the_hold_as_well(stage: Stage) -> None:
    number, _ = held(stage)
    stage.say("ana", f"/vod withdraw {number}")
    stage.advance(HOLD_S * 2)
    assert stage.state(number) is State.WITHDRAWN
    assert_nothing_was_deleted(stage)


def test_what_changes_during_the_hold_is_held_back(stage: Stage) -> None:
    number, ids = held(stage)
    stage.vod.library.change_video(ids[0], title="Needed after all")
    stage.advance(HOLD_S)
    assert stage.outcomes(number) == {ids[0]: "changed", ids[1]: "deleted"}
    assert stage.vod.ledger.ids() == [ids[1]]
    assert_lawful(stage)


def test_a_freeze_and_a_thaw_during_the_hold_do_not_shorten_it(stage: Stage) -> None:
    number, ids = held(stage)
    for who, command in (("gus", "freeze"), ("ana", "thaw"), ("bo", "thaw")):
        stage.say(who, f"/vod {command}")
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)
    stage.advance(HOLD_S)
    assert stage.vod.ledger.ids() == ids


def test_without_a_hold_nobody_is_told_of_one(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="0")
    number = propose(stage, videos(stage, 1))
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.FINISHED
    assert not [message for message in stage.slack.workspace.everything() if "hold" in message.text]
