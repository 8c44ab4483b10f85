"""The running program killed with -9 in the middle of its work, started again, and asked to end."""

from collections import Counter

from deletion.terms.states import State
from sandbox.slack import SlackSandbox
from sandbox.vod import FaultKind, VodSandbox
from tests.e2e.conftest import Starter
from tests.e2e.evidence import assert_every_event_is_told_once, assert_heads_are_posted
from tests.e2e.running import Running, wait_for


def assert_all_was_said_once(running: Running, numbers: list[int]) -> None:
    """Hold that every event and every result is told, and that nothing is told twice."""
    report = running.verify()
    assert report.holds, report.text()
    assert_every_event_is_told_once(running)
    assert_heads_are_posted(running)
    for number in numbers:
        told = Counter(message.text for message in running.thread(number))
        assert [text for text, times in told.items() if times > 1] == []
        assert len([text for text in told if f"#{number} is finished" in text]) == 1
        assert len([m for m in running.slack.dm("ana") if f"#{number} is finished" in m.text]) == 1
    assert len(running.slack.messages("vod-deletions")) == len(numbers)


def test_everything_approved_is_deleted_once_although_the_program_was_killed_at_several_points(
    local_slack: SlackSandbox, local_vod: VodSandbox, started: Starter
) -> None:
    """Killed with one vote uncounted, one call in flight, one call's answer lost, and one call turned away."""
    running = started(COUNTERSIGN_MAX_GIGABYTES="100000")
    free = [video.video_id for video in local_vod.library.videos() if not video.forbidden]
    uncounted, in_flight, second_batch, turned_away = [free[0]], free[1:3], free[3:28], [free[28]]
    lists = [uncounted, in_flight, second_batch, turned_away]
    numbers = [running.propose(f"video {' '.join(ids)}") for ids in lists]
    local_vod.faults.set(FaultKind.TIMEOUT, "BatchGetMediaInfos", times=1, ids=uncounted, seconds=30)
    local_vod.faults.set(FaultKind.TIMEOUT, "DeleteVideo", times=1, ids=in_flight, seconds=30)
    local_vod.faults.set(FaultKind.TIMEOUT, "DeleteVideo", times=1, ids=second_batch[20:], seconds=30)
    local_vod.faults.set(FaultKind.RESET_BEFORE, "DeleteVideo", times=1, ids=turned_away)
    for number in numbers:
        local_slack.click("bo", "Approve", match=f"#{number}")
    wait_for(lambda: len(local_vod.ledger.calls()) == 4, "all four calls have reached VOD")
    running.bot.kill()
    assert {running.state(number) for number in numbers} <= {State.PENDING, State.APPROVED, State.EXECUTING}

    running.let_leases_run_out("jobs", "calls", "lanes")
    running.start()
    wait_for(lambda: all(running.state(n) is State.FINISHED for n in numbers), "all are finished")
    wait_for(running.all_is_told, "all is told")
    assert running.end() == [0]

    for number, ids in zip(numbers, lists, strict=True):
        assert running.outcomes(number) == dict.fromkeys(ids, "deleted")
        assert [video_id for video_id in ids if local_vod.library.video(video_id)] == []
    sent = Counter(local_vod.ledger.ids())
    assert {video_id for video_id, times in sent.items() if times > 1} == set(turned_away)
    assert sent[turned_away[0]] == 2
    assert_all_was_said_once(running, numbers)


def test_a_program_killed_again_and_again_gets_there_and_ends_when_asked(
    local_slack: SlackSandbox, local_vod: VodSandbox, started: Starter
) -> None:
    """Each time another call has reached VOD, whatever else is going on just then."""
    running = started(COUNTERSIGN_LEASE_SECONDS="2", COUNTERSIGN_MAX_GIGABYTES="100000")
    ids = [video.video_id for video in local_vod.library.videos() if not video.forbidden][:45]
    number = running.propose(f"video {' '.join(ids)}")
    local_slack.click("bo", "Approve", match=f"#{number}")
    for calls in (1, 2):
        wait_for(lambda calls=calls: len(local_vod.ledger.calls()) >= calls, f"call {calls}")  # type: ignore[misc] # mypy cannot infer a lambda's default
        running.bot.kill()
        running.let_leases_run_out("lanes")
        running.start()
    wait_for(lambda: running.state(number) is State.FINISHED, "it is finished")
    wait_for(running.all_is_told, "all is told")
    assert running.end() == [0]

    assert running.outcomes(number) == dict.fromkeys(ids, "deleted")
    assert Counter(local_vod.ledger.ids()) == dict.fromkeys(ids, 1)
    assert_all_was_said_once(running, [number])
    assert "Traceback" not in running.log


def test_a_program_asked_to_end_in_the_middle_ends_cleanly_and_goes_on_later(
    local_slack: SlackSandbox, local_vod: VodSandbox, started: Starter
) -> None:
    running = started()
    # So many that one goes alone first: the others are still to be sent when that one is answered.
    ids = [local_vod.library.add_video(title=f"take {n}").video_id for n in range(60)]
    number = running.propose(f"video {' '.join(ids)}")
    local_vod.faults.set(FaultKind.TIMEOUT, "DeleteVideo", times=1, seconds=1)
    local_slack.click("bo", "Approve", match=f"#{number}")
    wait_for(lambda: len(local_vod.ledger.calls()) == 1, "the first call has reached VOD")
    assert running.end() == [0]
    assert '"clean": true' in running.log
    assert "Traceback" not in running.log
    assert running.state(number) is State.EXECUTING
    calls = running.database.read(lambda tx: tx.rows("SELECT state FROM calls"))
    assert {call["state"] for call in calls} == {"done"}

    running.start()
    wait_for(lambda: running.state(number) is State.FINISHED, "it is finished")
    wait_for(running.all_is_told, "all is told")
    assert running.end() == [0]
    assert Counter(local_vod.ledger.ids()) == dict.fromkeys(ids, 1)
    assert_all_was_said_once(running, [number])
