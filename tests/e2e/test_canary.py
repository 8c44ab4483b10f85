"""The canary: of a big deletion one item goes alone and is verified first; and the outcomes that stop the rest."""

from collections.abc import Container

import pytest

from deletion import work
from deletion.jobs.context import Timings
from deletion.terms.states import State
from sandbox.vod import FaultKind
from tests.e2e.deletions import NO_TRIAL, begin, propose, step_until, tally, videos
from tests.e2e.evidence import (
    assert_lawful,
    assert_nothing_was_deleted,
    assert_told_as_finished,
    in_blocks,
    result_in_thread,
)
from tests.harness import plans
from tests.stage import Opener, Stage

FROM = 30
A_DAY_S = 86_400


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage(COUNTERSIGN_CANARY_FROM=str(FROM))


def planned(stage: Stage, number: int) -> list[str]:
    """Return the ids of a proposal in the order of its plan."""
    return plans.every_id(stage.database, stage.view(number))


def sizes(stage: Stage) -> list[int]:
    """Return how many ids each delete call named."""
    return [len(call.ids) for call in stage.vod.ledger.calls()]


def thread(stage: Stage, number: int) -> str:
    return "\n".join(message.text for message in stage.thread(number))


def proposed(stage: Stage, count: int = FROM, *, forbidden: Container[int] = ()) -> tuple[int, list[str]]:
    """Return a proposal and its ids in the order of its plan."""
    number = propose(stage, videos(stage, count, forbidden=forbidden))
    return number, planned(stage, number)


def test_one_goes_alone_its_absence_is_verified_and_then_the_rest_follows(stage: Stage) -> None:
    number, ids = proposed(stage, FROM + 12)
    begin(stage, number)
    stage.settle_messages()
    assert "one item goes first, the rest follows once its absence is verified" in stage.card(number).text
    stage.settle()

    assert sorted(sizes(stage)) == [1, 1, 20, 20]
    assert sizes(stage)[0] == 1
    assert stage.vod.ledger.calls()[0].ids == (ids[0],)
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    assert f"The absence of the first item (`{ids[0]}`) is verified. The rest follows now." in thread(stage, number)
    (event,) = stage.events("canary.passed")
    assert event["data"] == {"outcome": "deleted", "target": ids[0], "rest": True}
    assert_told_as_finished(stage, number, proposer="ana", tally="42 videos: 42 deleted")
    assert_lawful(stage)


def test_nothing_else_is_sent_until_the_first_one_was_read_back(stage: Stage) -> None:
    number, ids = proposed(stage)
    stage.vod.faults.set(FaultKind.LATE, "DeleteVideo", times=1, seconds=3600)
    stage.click("bo", "Approve", number)
    for _ in range(5):
        stage.advance(60)
    assert stage.vod.ledger.ids() == [ids[0]]
    stage.vod.library.settle()
    stage.advance(60)
    assert tally(stage, number) == {"deleted": FROM}
    assert_lawful(stage)


@pytest.mark.parametrize(("count", "alone"), [(FROM - 1, False), (FROM, True), (FROM + 1, True)])
def test_only_from_the_number_of_the_settings_on(stage: Stage, count: int, *, alone: bool) -> None:
    number, _ = proposed(stage, count)
    stage.click("bo", "Approve", number)
    assert (sizes(stage)[0] == 1) == alone
    assert ("is tried alone first" in thread(stage, number)) == alone


@pytest.mark.parametrize(
    ("fault", "times", "forbidden", "word"),
    [
        (FaultKind.KEPT, 1, (), "accepted"),
        (FaultKind.INTERNAL, 3, (), "failed"),
        (None, 0, (0,), "refused"),
    ],
)
@pytest.mark.parametrize("stop_on", ["none", "failed, unknown"])
def test_when_the_first_one_is_not_read_back_as_gone_the_rest_stays(
    stage: Stage, fault: FaultKind | None, times: int, forbidden: tuple[int, ...], word: str, stop_on: str
) -> None:
    stage.restart(COUNTERSIGN_STOP_ON=stop_on)
    number, ids = proposed(stage, forbidden=forbidden)
    begin(stage, number)
    if fault:
        stage.vod.faults.set(fault, "DeleteVideo", times=times)
    for _ in range(15):
        stage.advance(60)

    assert set(stage.vod.ledger.ids()) == {ids[0]}
    assert tally(stage, number) == {word: 1, "stopped": FROM - 1}
    assert f"Stopped: the first item, tried alone, ended as: {word}." in stage.card(number).text
    assert "follows now" not in thread(stage, number)
    assert stage.events("canary.passed") == []
    assert_lawful(stage)


def test_when_nobody_can_tell_whether_the_first_one_is_gone_the_rest_stays(open_stage: Opener) -> None:
    timings = Timings(resend_after=0, give_up_unread=60_000)
    stage = open_stage(timings=timings, COUNTERSIGN_CANARY_FROM=str(FROM))
    number, ids = proposed(stage)
    begin(stage, number)
    stage.vod.faults.set(FaultKind.UNAVAILABLE, "GetVideoInfos")
    step_until(stage, lambda: stage.vod.ledger.ids() == [ids[0]])
    stage.vod.faults.set(FaultKind.UNAVAILABLE, "BatchGetMediaInfos")
    for _ in range(5):
        stage.advance(60)

    assert stage.vod.ledger.ids() == [ids[0]]
    assert tally(stage, number) == {"accepted": 1, "stopped": FROM - 1}
    assert_lawful(stage)


def test_a_first_one_that_has_changed_or_was_gone_before_proves_nothing_so_the_next_is_tried(stage: Stage) -> None:
    number, ids = proposed(stage)
    begin(stage, number)
    stage.vod.library.change_video(ids[0], title="Needed after all")
    stage.vod.library.remove_video(ids[1])
    stage.settle()

    assert stage.vod.ledger.calls()[0].ids == (ids[2],)
    outcomes = stage.outcomes(number)
    assert (outcomes[ids[0]], outcomes[ids[1]], outcomes[ids[2]]) == ("changed", "already gone", "deleted")
    assert tally(stage, number) == {"changed": 1, "already gone": 1, "deleted": FROM - 2}
    assert f"The absence of the first item (`{ids[2]}`) is verified." in thread(stage, number)
    assert_lawful(stage)


def test_when_nothing_is_left_to_try_nobody_is_told_of_a_rest(stage: Stage) -> None:
    number, ids = proposed(stage)
    begin(stage, number)
    for video in ids:
        stage.vod.library.remove_video(video)
    stage.settle()

    assert tally(stage, number) == {"already gone": FROM}
    assert "follows now" not in thread(stage, number)
    assert stage.state(number) is State.FINISHED
    assert_nothing_was_deleted(stage)


@pytest.mark.parametrize("steps", range(1, 6))
def test_a_restart_anywhere_during_the_trial_sends_nothing_twice_and_still_tries_one_first(
    stage: Stage, steps: int
) -> None:
    number, ids = proposed(stage)
    begin(stage, number)
    for _ in range(steps):
        work.run_one(stage.program.context)
    stage.restart()
    stage.advance(60)

    assert sizes(stage)[0] == 1
    assert sorted(stage.vod.ledger.ids()) == sorted(ids)
    assert tally(stage, number) == {"deleted": FROM}
    assert_lawful(stage)


def test_a_stop_during_the_trial_leaves_the_rest_and_nobody_is_told_that_it_follows(stage: Stage) -> None:
    number, ids = proposed(stage)
    begin(stage, number)
    step_until(stage, lambda: stage.vod.ledger.ids() == [ids[0]])
    assert stage.slack.say("cy", f"/vod stop {number}").error is None
    stage.settle()

    assert tally(stage, number) == {"deleted": 1, "stopped": FROM - 1}
    assert "follows now" not in thread(stage, number)
    assert stage.events("canary.passed") == []
    assert_lawful(stage)


def test_a_stop_before_the_trial_leaves_everything(stage: Stage) -> None:
    number, _ = proposed(stage)
    begin(stage, number)
    assert stage.slack.say("cy", f"/vod stop {number}").error is None
    stage.settle()

    assert tally(stage, number) == {"stopped": FROM}
    assert stage.state(number) is State.FINISHED
    assert "follows now" not in thread(stage, number)
    assert_nothing_was_deleted(stage)


def test_a_freeze_during_the_trial_keeps_the_rest_waiting_until_the_thaw(stage: Stage) -> None:
    number, ids = proposed(stage)
    begin(stage, number)
    step_until(stage, lambda: stage.vod.ledger.ids() == [ids[0]])
    stage.say("gus", "/vod freeze")
    stage.advance(60)
    assert stage.vod.ledger.ids() == [ids[0]]
    for who in ("ana", "bo"):
        stage.say(who, "/vod unfreeze")
    assert tally(stage, number) == {"deleted": FROM}
    assert_lawful(stage)


def with_one_refused(stage: Stage) -> int:
    """Return a deletion that was carried out as far as it goes; of its every batch VOD refuses one item."""
    number, _ = proposed(stage, 60, forbidden=(0, 20, 40))
    stage.click("bo", "Approve", number)
    return number


def test_the_first_outcome_that_is_named_stops_the_rest(open_stage: Opener) -> None:
    stage = open_stage(**NO_TRIAL, COUNTERSIGN_STOP_ON="changed, refused")
    number = with_one_refused(stage)

    assert tally(stage, number) == {"deleted": 19, "refused": 1, "stopped": 40}
    assert sizes(stage) == [20]
    assert "Stopped: an item ended as: refused." in stage.card(number).text
    assert (
        "*Stopped: an item ended as: refused.* No further calls will be sent: 40 items were still waiting."
        in thread(stage, number)
    )
    assert "refused by VOD" in in_blocks(result_in_thread(stage, number)).split("\n")[1]
    (event,) = stage.events("execution.stopped")
    assert event["data"]["because"] == {"outcome": "refused", "why": "stopping outcome"}
    assert_lawful(stage)


@pytest.mark.parametrize("stop_on", ["none", "failed, unknown, changed"])
def test_an_outcome_that_is_not_named_stops_nothing(open_stage: Opener, stop_on: str) -> None:
    stage = open_stage(**NO_TRIAL, COUNTERSIGN_STOP_ON=stop_on)
    number = with_one_refused(stage)

    assert tally(stage, number) == {"deleted": 57, "refused": 3}
    assert stage.events("execution.stopped") == []
    assert_lawful(stage)


@pytest.mark.parametrize(("stop_on", "changed", "sent"), [("changed", 1, 0), ("none", 2, 38)])
def test_an_item_that_has_changed_can_stop_even_its_own_batch(
    open_stage: Opener, stop_on: str, changed: int, sent: int
) -> None:
    stage = open_stage(**NO_TRIAL, COUNTERSIGN_STOP_ON=stop_on)
    number = propose(stage, videos(stage, 40))
    begin(stage, number)
    for video in planned(stage, number)[::20]:
        stage.vod.library.change_video(video, title="Needed after all")
    stage.settle()

    assert tally(stage, number)["changed"] == changed
    assert len(stage.vod.ledger.ids()) == sent
    assert stage.state(number) is State.FINISHED
    assert_lawful(stage)
