from collections.abc import Callable
from dataclasses import replace

import pytest

import vod
from deletion.evidence import record_check
from deletion.jobs.context import Timings
from deletion.terms.requests.targets import ImageUrls, Mezzanines, Streams, Videos
from deletion.terms.results.outcomes import MOST_SENDS
from deletion.terms.states import State
from sandbox.vod import PICTURE, seed
from tests.deletion.bench import Bench

ONE = seed.SPRING_TEASER.video_id


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing after it runs."""


def die() -> None:
    raise Killed


def holds(bench: Bench) -> bool:
    return record_check.verify(bench.database).holds


def killed(bench: Bench, moment: dict[str, Callable[[], None]], method: str = "delete_videos") -> int:
    """Carry out a deletion until the instance dies at ``moment``."""
    number = bench.executing(Videos((ONE,)))
    moment[method] = die
    with pytest.raises(Killed):
        bench.settle()
    return number


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_whose_instance_died_is_read_back_before_anything_else(bench: Bench, when: str) -> None:
    number = killed(bench, bench.meddled.before if when == "before" else bench.meddled.after)
    other = bench.other_instance()
    bench.settle(other)
    assert {item.state for item in bench.items(number)} == {"inflight"}

    bench.clock.advance(31)
    bench.settle(other)

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: "deleted"}
    assert bench.vod.ledger.ids() == [ONE]
    assert len(bench.events("call.adopted")) == 1
    assert bench.events("call.adopted")[0]["state"] == "unknown"
    assert holds(bench)


@pytest.mark.parametrize("method", ["get_media", "get_videos"])
def test_an_instance_that_died_reading_left_nothing_behind_that_another_cannot_finish(
    bench: Bench, method: str
) -> None:
    number = killed(bench, bench.meddled.before, method)

    bench.clock.advance(31)
    bench.settle(bench.other_instance())

    assert bench.outcomes(number) == {ONE: "deleted"}
    assert bench.vod.ledger.ids() == [ONE]
    assert holds(bench)


def test_a_call_is_not_adopted_while_its_instance_may_still_be_at_it(bench: Bench) -> None:
    number = killed(bench, bench.meddled.before)
    bench.sql("UPDATE jobs SET lease_ms = 0")

    bench.settle(bench.other_instance())

    assert bench.events("call.adopted") == []
    assert {item.state for item in bench.items(number)} == {"inflight"}
    assert bench.vod.ledger.calls() == ()


def test_what_was_read_before_another_sent_it_again_says_nothing_of_that_sending(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.faults.set("internal", "DeleteVideo", times=1)
    bench.step()
    bench.vod.faults.set("kept", "DeleteVideo", times=1)

    def overtake() -> None:
        bench.clock.advance(31)
        for _ in range(6):
            bench.step(bench.other_instance())

    bench.meddled.after["get_videos"] = overtake
    bench.step()

    (item,) = bench.items(number)
    assert (item.state, item.attempts, item.outcome) == ("sent", 2, "accepted")
    bench.settle()
    assert len(bench.vod.ledger.calls()) == 2


def test_a_reading_that_took_half_a_lease_is_not_noted_but_made_again(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.meddled.after["get_videos"] = lambda: dawdle(bench, bench.ctx.lease_ms // 2)

    bench.step()
    assert bench.outcomes(number) == {ONE: "accepted"}
    bench.advance(1)

    assert bench.outcomes(number) == {ONE: "deleted"}


def test_of_sources_that_are_slow_to_read_some_are_read_at_a_time(bench: Bench) -> None:
    names = tuple(video.video_id for video in bench.vod.library.videos() if video.source and not video.forbidden)[
        :5
    ]
    number = bench.executing(Mezzanines(names, force=True))
    read, client = bench.client.get_source, bench.meddled._client

    def read_slowly(video_id: str) -> vod.Source:
        dawdle(bench, bench.ctx.lease_ms // 8)
        return read(video_id)

    client.get_source = read_slowly  # type: ignore[method-assign] # the same, slowly
    bench.settle()
    assert list(bench.outcomes(number).values()) == ["deleted"] * 2 + ["accepted"] * 3
    bench.advance(1)
    bench.advance(1)

    assert set(bench.outcomes(number).values()) == {"deleted"}


def dawdle(bench: Bench, ms: int) -> None:
    bench.monotonic_ms += ms


def test_an_answer_that_says_nothing_is_followed_by_a_look_not_by_another_call(bench: Bench) -> None:
    bench.vod.faults.set("deleted_but_503", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))

    bench.settle()

    assert bench.outcomes(number) == {ONE: "deleted"}
    assert bench.vod.ledger.ids() == [ONE]


def test_what_is_read_as_still_there_is_sent_again_but_not_for_ever(bench: Bench) -> None:
    bench.vod.faults.set("unavailable", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))

    for _ in range(5):
        bench.advance(60)
    assert bench.outcomes(number) == {ONE: "unknown"}
    assert bench.state(number) == State.EXECUTING
    assert bench.news("thread").count("DeletionsLate") == 1
    for _ in range(6):
        bench.advance(60)

    assert bench.outcomes(number) == {ONE: "failed"}
    assert bench.state(number) == State.FINISHED
    assert len(bench.vod.ledger.calls()) == MOST_SENDS
    assert bench.vod.library.video(ONE) is not None
    assert holds(bench)


def test_people_are_told_within_ten_seconds_why_a_deletion_waits_that_vod_never_answered(bench: Bench) -> None:
    bench.vod.faults.set("unavailable", "DeleteVideo")
    bench.ctx = replace(bench.ctx, timings=Timings())
    bench.executing(Videos((ONE,)))

    bench.settle()
    for _ in range(9):
        bench.advance(1)

    assert bench.news("thread").count("DeletionsLate") == 1


def test_what_is_there_and_vod_refused_each_time_has_failed_without_a_wait(bench: Bench) -> None:
    bench.vod.faults.set("rejected", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))

    bench.settle()

    assert bench.outcomes(number) == {ONE: "failed"}
    assert len(bench.vod.ledger.calls()) == MOST_SENDS


def test_one_refusal_among_calls_without_an_answer_makes_no_failure_certain(bench: Bench) -> None:
    bench.vod.faults.set("rejected", "DeleteVideo", times=1)
    bench.vod.faults.set("unavailable", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))

    bench.settle()
    assert len(bench.vod.ledger.calls()) == MOST_SENDS
    assert bench.state(number) == State.EXECUTING
    bench.advance(600)

    assert bench.outcomes(number) == {ONE: "failed"}


def test_what_vod_calls_gone_and_shows_is_in_the_end_not_known(bench: Bench) -> None:
    bench.vod.faults.set("not_found", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))

    bench.settle()
    assert bench.state(number) == State.EXECUTING
    bench.advance(600)

    assert bench.outcomes(number) == {ONE: "unknown"}
    assert len(bench.vod.ledger.calls()) == MOST_SENDS


def test_what_vod_called_gone_once_is_not_called_failed_after_its_instance_died(bench: Bench) -> None:
    bench.vod.faults.set("not_found", "DeleteVideo", times=1)
    bench.vod.faults.set("unavailable", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))
    while len(bench.vod.ledger.calls()) < 1:
        bench.step()
    bench.meddled.before["delete_videos"] = die
    with pytest.raises(Killed):
        bench.settle()

    other = bench.other_instance()
    for _ in range(12):
        bench.clock.advance(60)
        bench.settle(other)

    assert len(bench.events("call.adopted")) == 1
    assert bench.outcomes(number) == {ONE: "unknown"}


def test_what_vod_called_gone_each_time_was_not_deleted_by_the_bot(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.faults.set("not_found", "DeleteVideo", times=1)
    bench.vod.faults.set("not_found", "DeleteVideo", times=1)
    while len(bench.vod.ledger.calls()) < 2:
        bench.step()

    bench.vod.library.remove_video(ONE)
    bench.advance(60)

    assert bench.outcomes(number) == {ONE: "already gone"}


@pytest.mark.parametrize(("fault", "word"), [("not_found", "already gone"), ("unavailable", "deleted")])
def test_what_is_gone_when_it_is_to_be_sent_again_was_deleted_only_if_a_call_may_have_done_it(
    bench: Bench, fault: str, word: str
) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.faults.set(fault, "DeleteVideo", times=1)
    bench.meddled.after["get_videos"] = lambda: remove(bench)

    bench.settle()

    assert bench.outcomes(number) == {ONE: word}
    assert len(bench.vod.ledger.calls()) == 1


def test_what_one_call_may_have_removed_and_the_next_calls_gone_is_deleted(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.faults.set("unavailable", "DeleteVideo", times=1)
    bench.vod.faults.set("not_found", "DeleteVideo", times=1)
    while len(bench.vod.ledger.calls()) < 2:
        bench.step()

    bench.vod.library.remove_video(ONE)
    bench.advance(60)

    assert bench.outcomes(number) == {ONE: "deleted"}


POSTER = seed.SPRING_POSTER

ADDRESSES = {
    "": ("deleted", 1),
    "reset_after": ("deleted", 2),
    "not_found": ("already gone", 1),
    "rejected": ("unknown", MOST_SENDS),
    "unavailable": ("unknown", MOST_SENDS),
}
"""What an image by address ends as, whose address answers 404 from the approval on, and how often it is sent."""


@pytest.mark.parametrize("fault", ADDRESSES)
def test_a_404_at_an_address_proves_something_only_with_a_word_of_vods(bench: Bench, fault: str) -> None:
    url = f"{bench.vod.url}{POSTER.path}"
    number = bench.executing(ImageUrls((url,)))
    bench.vod.faults.set("page_404", PICTURE)
    if fault:
        bench.vod.faults.set(fault, "DeleteImage", times=1 if fault == "reset_after" else None)

    bench.settle()
    bench.advance(600)

    assert (bench.outcomes(number)[url], len(bench.vod.ledger.calls())) == ADDRESSES[fault]
    assert bench.state(number) == State.FINISHED


def test_what_was_accepted_is_never_sent_again_and_its_lateness_is_told_once(bench: Bench) -> None:
    bench.vod.faults.set("kept", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))

    bench.settle()
    for _ in range(12):
        bench.advance(30)
    assert bench.outcomes(number) == {ONE: "accepted"}
    assert bench.state(number) == State.EXECUTING
    assert bench.news("thread").count("DeletionsLate") == 1
    bench.advance(600)

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: "accepted"}
    assert bench.vod.ledger.ids() == [ONE]


def test_what_was_accepted_and_goes_late_is_deleted_once_it_is_read_as_gone(bench: Bench) -> None:
    bench.vod.faults.set("late", "DeleteVideo", seconds=3_000)
    number = bench.executing(Videos((ONE,)))
    bench.settle()
    assert bench.outcomes(number) == {ONE: "accepted"}

    bench.vod.library.settle()
    bench.advance(60)

    assert bench.outcomes(number) == {ONE: "deleted"}


def test_looks_grow_rarer_while_nothing_changes(bench: Bench) -> None:
    bench.vod.faults.set("kept", "DeleteVideo")
    number = bench.executing(Videos((ONE,)))
    bench.settle()
    pauses = []

    for _ in range(6):
        due = bench.items(number)[0].due_ms
        pauses.append(due - bench.clock.ms)
        bench.clock.ms = due
        bench.settle()

    assert pauses == sorted(pauses)
    assert pauses[0] == bench.ctx.timings.look_again[0]
    assert pauses[-1] == bench.ctx.timings.look_again[-1]


@pytest.mark.parametrize(("fault", "word"), [(None, "accepted"), ("garbage", "unknown")])
def test_what_cannot_be_read_back_for_a_day_gets_the_word_for_not_knowing(
    bench: Bench, fault: str | None, word: str
) -> None:
    number = bench.executing(Videos((ONE,)))
    if fault:
        bench.vod.faults.set(fault, "DeleteVideo")
    bench.vod.faults.set("unavailable", "GetVideoInfos")
    bench.settle()
    assert bench.state(number) == State.EXECUTING

    bench.advance(24 * 3600)
    bench.advance(60)

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: word}
    assert bench.vod.ledger.ids() == [ONE]


def test_a_stream_that_is_hidden_when_it_is_read_back_is_looked_at_again(bench: Bench) -> None:
    video = bench.vod.library.video(ONE)
    assert video is not None
    job = video.streams[0].job_id
    number = bench.executing(Streams(ONE, (job,)))
    bench.meddled.after["delete_streams"] = lambda: hide(bench)

    bench.settle()
    assert bench.outcomes(number) == {job: "accepted"}
    bench.vod.library.change_video(ONE, status="Normal")
    bench.advance(60)

    assert bench.outcomes(number) == {job: "deleted"}


def remove(bench: Bench) -> None:
    bench.vod.library.remove_video(ONE)


def hide(bench: Bench) -> None:
    bench.vod.library.change_video(ONE, status="Transcoding")
