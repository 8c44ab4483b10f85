"""A VOD that fails, lies and delays, told as stories; every lie in every place is in `test_lie_matrix.py`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import pytest

from deletion.jobs.context import Timings
from deletion.plan.library.reading import Reading
from deletion.terms.states import State
from sandbox.vod import FaultKind, Video, seed
from tests.e2e.evidence import in_blocks, result_in_thread
from tests.e2e.meddling import Meddled, nothing
from tests.stage import Opener, Stage

IMPATIENT = Timings(look_again=(5_000,), give_up=15_000, give_up_unread=90_000, resend_after=0, retry=(5_000,))
"""Nothing is tried a second time before a test lets time pass."""

TEASER = seed.SPRING_TEASER.video_id

Things = Sequence[str]


@pytest.fixture
def impatient(open_stage: Opener) -> Stage:
    """A bot that gives VOD up after a minute, and whose calls time out after three quarters of a second."""
    return open_stage(timings=IMPATIENT, COUNTERSIGN_LEASE_SECONDS="2")


def finish(stage: Stage, number: int) -> None:
    """Let time pass until a proposal is finished."""
    for _ in range(40):
        if stage.state(number) is State.FINISHED:
            return
        stage.advance(5)
    raise AssertionError(f"#{number} is still {stage.state(number)}")


def test_throttled_calls_do_not_use_up_the_tries(impatient: Stage) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("throttle", "DeleteVideo", times=5)
    impatient.vod.faults.set("reset_before", "DeleteVideo", times=2)
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert impatient.outcomes(number) == {TEASER: "deleted"}
    assert len(impatient.vod.ledger.calls()) == 8
    assert [news.text for news in impatient.thread(number) if "Waiting for VOD" in news.text] != []


def test_a_refusal_for_the_whole_account_stops_the_batches_that_follow(impatient: Stage) -> None:
    wanted = [video.video_id for video in impatient.vod.library.videos() if not video.forbidden][:25]
    number = impatient.propose("ana", f"video {' '.join(wanted)}")
    impatient.vod.faults.set("forbidden_ram", "DeleteVideo")
    impatient.click("bo", "Approve", number)

    (call,) = impatient.vod.ledger.calls()
    assert impatient.outcomes(number) == dict.fromkeys(wanted, "stopped") | dict.fromkeys(call.ids, "refused")
    told = in_blocks(result_in_thread(impatient, number))
    assert "RAM identity has no permission for this" in told
    assert "VOD gives no reason" not in told


def test_nothing_is_called_deleted_before_its_absence_could_be_read(impatient: Stage) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("unavailable", "GetVideoInfos")
    impatient.click("bo", "Approve", number)
    for _ in range(6):
        impatient.advance(5)
    assert impatient.vod.library.video(TEASER) is None
    assert impatient.state(number) is State.EXECUTING
    assert "deleted" not in set(impatient.outcomes(number).values())
    assert "until then it does not count as deleted" in impatient.thread(number)[-1].text

    impatient.vod.faults.clear()
    finish(impatient, number)
    assert impatient.outcomes(number) == {TEASER: "deleted"}


@pytest.mark.parametrize(("answer", "word"), [(None, "accepted"), (FaultKind.RESET_AFTER, "unknown")])
def test_what_can_never_be_read_back_is_neither_called_deleted_nor_still_there(
    impatient: Stage, answer: FaultKind | None, word: str
) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("unavailable", "GetVideoInfos")
    if answer is not None:
        impatient.vod.faults.set(answer, "DeleteVideo")
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert impatient.outcomes(number) == {TEASER: word}
    assert len(impatient.vod.ledger.calls()) == 1
    assert "still there" not in in_blocks(impatient.thread(number)[-1])


@pytest.mark.parametrize("others", [(), (seed.WAREHOUSE_TOUR.video_id,)])
def test_what_somebody_else_removes_at_the_last_moment_is_already_gone(impatient: Stage, others: Things) -> None:
    number = impatient.propose("ana", f"video {' '.join((TEASER, *others))}")

    def remove(_: int) -> None:
        impatient.vod.library.remove_video(TEASER)

    Meddled(impatient, before=remove, after=nothing)
    impatient.click("bo", "Approve", number)

    assert impatient.outcomes(number) == {TEASER: "already gone"} | dict.fromkeys(others, "deleted")


@pytest.mark.parametrize("others", [(), (seed.WAREHOUSE_TOUR.video_id,)])
def test_what_an_earlier_call_of_ours_removed_is_not_called_already_gone(impatient: Stage, others: Things) -> None:
    """The answer was lost and a stale reading still showed it, so it was sent twice; it was gone by the first."""
    library = impatient.vod.library
    number = impatient.propose("ana", f"video {' '.join((TEASER, *others))}")
    video = library.video(TEASER)
    assert video is not None
    impatient.vod.faults.set("reset_after", "DeleteVideo", times=1)
    shown = {name: getattr(video, name) for name in Video.__dataclass_fields__}

    def remove_again(call: int) -> None:
        if call == 2:
            library.remove_video(TEASER)

    def show_it_still(call: int) -> None:
        if call == 1:
            library.add_video(**shown)

    Meddled(impatient, before=remove_again, after=show_it_still)
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert len(impatient.vod.ledger.calls()) == 2
    assert impatient.outcomes(number) == dict.fromkeys((TEASER, *others), "deleted")


def test_what_others_removed_while_vod_turned_us_away_is_already_gone(impatient: Stage) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    impatient.vod.faults.set("throttle", "DeleteVideo", times=1)
    impatient.click("bo", "Approve", number)
    assert impatient.state(number) is State.EXECUTING
    impatient.vod.library.remove_video(TEASER)
    finish(impatient, number)

    assert impatient.outcomes(number) == {TEASER: "already gone"}


@pytest.mark.parametrize("ticks", [(), (0,)], ids=["while reading", "after reading"])
def test_a_batch_that_took_too_long_is_read_again_and_not_sent_on_old_facts(
    impatient: Stage, ticks: tuple[int, ...]
) -> None:
    number = impatient.propose("ana", f"video {TEASER}")
    reader: Any = impatient.program.context.reader
    reads_again = reader.read_again
    clock: Iterator[int] = repeat(0)

    def read_again(*what: Any) -> Reading:
        nonlocal clock
        found: Reading = reads_again(*what)
        clock, reader.read_again = chain(ticks, repeat(1_000)), reads_again
        return found

    def monotonic_ms() -> int:
        now = next(clock)
        if now:
            impatient.vod.library.change_video(TEASER, title="Changed meanwhile")
        return now

    reader.read_again = read_again
    slow = replace(impatient.program.context, monotonic_ms=monotonic_ms)
    impatient.program = replace(impatient.program, context=slow)
    impatient.click("bo", "Approve", number)
    finish(impatient, number)

    assert impatient.vod.ledger.calls() == ()
    assert impatient.outcomes(number) == {TEASER: "changed"}
    assert impatient.verify().holds
