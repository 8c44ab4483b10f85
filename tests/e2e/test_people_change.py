"""People who change between their vote and the deletion, and one person with several ids: over real wires."""

from typing import Any

import pytest

from deletion.terms.states import State
from sandbox.vod import seed
from tests.e2e import deletions
from tests.e2e.evidence import assert_lawful
from tests.scene import Scene
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
TEASER = seed.SPRING_TEASER.video_id
HOLD_S = 60
LEAVING = {"deactivated": {"deleted": True}, "guest": {"is_restricted": True}}


def held(stage: Stage) -> int:
    """Propose and approve; return the number of what is on hold now."""
    number = stage.propose("ana", f"video {TEASER}")
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.APPROVED
    return number


def assert_nothing_was_deleted(scene: Scene) -> None:
    assert scene.vod.ledger.calls() == ()
    assert_lawful(scene)


def assert_only_one_call_went_out(stage: Stage, number: int) -> None:
    (call,) = stage.vod.ledger.calls()
    sent = len(call.removed)
    assert deletions.tally(stage, number) == {"deleted": sent, "stopped": 25 - sent}


def thread_text(stage: Stage, number: int) -> str:
    return " ".join(message.text for message in stage.thread(number))


@pytest.mark.parametrize("rule", sorted(LEAVING))
@pytest.mark.parametrize("engine", ENGINES)
def test_a_voter_who_left_during_the_hold_is_no_approval_any_more(stage_on: Opener, engine: str, rule: str) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = held(stage)
    stage.slack.change_person("bo", **LEAVING[rule])
    stage.advance(HOLD_S + 1)

    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)
    assert stage.events("vote.voided")[-1]["data"]["rule"] == rule
    assert "No longer approved" in thread_text(stage, number)
    assert "Waiting for 1 approval" in stage.card(number).text
    assert "Approvals that do not count: Bo" in stage.card(number).text
    assert "is no longer approved: 0 of 1" in stage.slack.dm("ana")[-1].text

    stage.click("cy", "Approve", number)
    assert stage.state(number) is State.APPROVED
    stage.advance(HOLD_S / 2)
    assert stage.vod.ledger.calls() == ()
    stage.advance(HOLD_S / 2 + 1)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_proposer_who_left_during_the_hold_ends_the_deletion(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = held(stage)
    stage.slack.change_person("ana", deleted=True)
    stage.advance(HOLD_S + 1)

    assert stage.state(number) is State.STOPPED
    assert_nothing_was_deleted(stage)
    assert "Stopped before it started: its proposer is no longer a full member" in stage.card(number).text
    assert "its proposer is no longer a full member" in thread_text(stage, number)


def test_an_approval_that_fell_expires_when_its_time_is_over(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS=str(HOLD_S), COUNTERSIGN_EXPIRES_HOURS="1")
    number = held(stage)
    stage.slack.change_person("bo", deleted=True)
    stage.advance(HOLD_S + 1)
    assert stage.state(number) is State.PENDING
    stage.advance(3600)
    assert stage.state(number) is State.EXPIRED
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("fault", [{"kind": "ratelimited", "retry_after": 20}, {"kind": "http_503"}])
def test_nothing_starts_while_slack_cannot_say_who_they_are(open_stage: Opener, fault: dict[str, Any]) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = held(stage)
    stage.slack.faults.add(**fault, method="users.info", times=None)
    for _ in range(4):
        stage.advance(HOLD_S)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)
    assert "Waiting for Slack, which cannot confirm" in thread_text(stage, number)

    stage.slack.faults.clear()
    stage.advance(HOLD_S)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_who_left_in_the_middle_of_a_deletion_stops_the_rest_after_a_restart(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **deletions.NO_TRIAL)
    ids = deletions.videos(stage, 25)
    number = deletions.propose(stage, ids)
    deletions.send_one_batch(stage, number)
    stage.slack.change_person("bo", deleted=True)
    stage.restart()
    stage.settle()

    assert_only_one_call_went_out(stage, number)
    assert "too few of its approvers may still approve it" in thread_text(stage, number)
    assert_lawful(stage)


def test_who_left_while_everything_was_frozen_stops_the_rest_after_the_thaw(open_stage: Opener) -> None:
    stage = open_stage(**deletions.NO_TRIAL)
    ids = deletions.videos(stage, 25)
    number = deletions.propose(stage, ids)
    deletions.send_one_batch(stage, number)
    stage.say("cy", "/vod freeze")
    stage.slack.change_person("ana", deleted=True)
    stage.say("cy", "/vod unfreeze")
    stage.say("bo", "/vod unfreeze")
    stage.advance(10)

    assert_only_one_call_went_out(stage, number)
    assert "its proposer is no longer a full member" in thread_text(stage, number)
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_person_of_a_grid_does_not_approve_their_own_by_another_id(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {TEASER}")
    for who in ("ana", "bo"):
        stage.slack.change_person(who, enterprise_id="W0ANAGRID01")
    stage.click("bo", "Approve", number)

    assert stage.events("vote.voided")[-1]["data"]["rule"] == "own proposal"
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_one_person_of_a_grid_is_not_two_approvers(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_APPROVALS_NEEDED="2")
    number = stage.propose("ana", f"video {TEASER}")
    for who in ("bo", "cy"):
        stage.slack.change_person(who, enterprise_id="W0BOGRID001")
    stage.click("bo", "Approve", number)
    stage.click("cy", "Approve", number)

    assert stage.events("vote.voided")[-1]["data"]["rule"] == "already approved"
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_who_turns_out_to_be_one_person_during_the_hold_is_no_quorum(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_APPROVALS_NEEDED="2", COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = stage.propose("ana", f"video {TEASER}")
    stage.click("bo", "Approve", number)
    stage.click("cy", "Approve", number)
    for who in ("bo", "cy"):
        stage.slack.change_person(who, enterprise_id="W0BOGRID001")
    stage.advance(HOLD_S + 1)
    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)


def test_an_answer_about_somebody_else_is_no_answer(open_stage: Opener) -> None:
    stage = open_stage()
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.change_person("bo", answers_as=stage.slack.user("ana").id)
    stage.click("bo", "Approve", number)

    assert stage.events("vote.voided")[-1]["data"]["rule"] == "unknown person"
    assert_nothing_was_deleted(stage)


def test_an_answer_with_the_grids_id_is_about_that_person(open_stage: Opener) -> None:
    stage = open_stage()
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.change_person("bo", answers_as="W0BOGRID001", enterprise_id="W0BOGRID001")
    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_vote_that_slack_lets_wait_is_not_lost(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.faults.add("ratelimited", "users.info", retry_after=30, times=1)
    stage.click("bo", "Approve", number)
    assert "cannot confirm your account right now" in stage.answers("bo")[-1]
    stage.advance(10)
    assert stage.state(number) is State.PENDING
    stage.advance(21)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_approver_who_was_removed_is_shown_before_anything_else(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = held(stage)
    other = stage.propose("ana", f"video {seed.WAREHOUSE_TOUR.video_id}")
    stage.restart(COUNTERSIGN_APPROVERS="U0ANA4K2M7Q U0CY5R8ZN1D")
    stage.settle()

    assert stage.state(number) is State.PENDING
    assert "Waiting for 1 approval" in stage.card(number).text
    assert "Approvals that do not count: Bo" in stage.card(number).text
    assert "no longer counts" in stage.answers("bo")[-1]
    assert stage.state(other) is State.PENDING
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("engine", ENGINES)
def test_more_approvals_asked_for_by_a_restart_are_on_the_card_at_once(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    number = held(stage)
    other = stage.propose("ana", f"video {seed.WAREHOUSE_TOUR.video_id}")
    stage.restart(COUNTERSIGN_APPROVALS_NEEDED="2")
    stage.settle()

    assert stage.state(number) is State.PENDING
    assert "Waiting for 1 approval" in stage.card(number).text
    assert "Approved so far by Bo" in stage.card(number).text
    assert "The settings now ask for more approvals" in thread_text(stage, number)
    assert "Waiting for 2 approvals" in stage.card(other).text
    stage.advance(HOLD_S + 1)
    assert_nothing_was_deleted(stage)

    stage.click("cy", "Approve", number)
    stage.advance(HOLD_S + 1)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)
