import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

import vod
from deletion.evidence import record_check
from deletion.execution.calls import batches, preflight
from deletion.execution.calls.checking import HIDDEN_TRIES, Checked
from deletion.execution.steps import BatchInput
from deletion.plan import cache
from deletion.terms import canonical
from deletion.terms.ids import CallId
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)
from deletion.terms.states import State
from sandbox.vod import Stream, seed
from storage import MovedError, Tx
from storage.engine import fence
from storage.tables import audit_log, calls
from storage.tables.audit_log import Head
from storage.tables.jobs import JobRow
from storage.tables.rate_limits import SendWindow
from tests.deletion.bench import Bench

ONE, TWO = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
BOTH = Videos((ONE, TWO))


def job_ids(bench: Bench, video_id: str) -> tuple[str, ...]:
    video = bench.vod.library.video(video_id)
    assert video is not None
    return tuple(stream.job_id for stream in video.streams)


def many(bench: Bench, count: int) -> Videos:
    return Videos(tuple(video.video_id for video in bench.vod.library.videos()[-count:]))


def note(bench: Bench, number: int) -> dict[str, Any]:
    (item,) = bench.items(number)
    return dict(canonical.loads(item.note))


REQUESTS: dict[str, Callable[[Bench], Request]] = {
    "DeleteVideo": lambda _: BOTH,
    "DeleteStream": lambda bench: Streams(ONE, job_ids(bench, ONE)[:2]),
    "DeleteMezzanines": lambda _: Mezzanines((ONE, TWO), force=False),
    "DeleteImage by id": lambda _: Images((seed.SPRING_POSTER.image_id, seed.SPRING_COVER.image_id)),
    "DeleteImage by address": lambda bench: ImageUrls((f"{bench.vod.url}{seed.SPRING_POSTER.path}",)),
    "DeleteImage of a video": lambda _: ImagesOf(ONE, (VideoImages.COVER, VideoImages.SPRITE)),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_every_kind_of_request_is_carried_out_by_one_call_of_its_own(bench: Bench, name: str) -> None:
    request = REQUESTS[name](bench)
    number = bench.executing(request)

    bench.settle()

    assert set(bench.outcomes(number).values()) == {"deleted"}
    (call,) = bench.vod.ledger.calls()
    assert call.action == name.partition(" ")[0]
    assert call.status == 200
    (intent,) = bench.events("call.intent")
    assert intent["targets"] == list(bench.outcomes(number))
    assert intent["digest"] == bench.row(number).digest
    assert record_check.verify(bench.database).holds


@pytest.mark.parametrize("force", [False, True])
def test_a_source_that_is_played_goes_only_with_force(bench: Bench, *, force: bool) -> None:
    name = seed.UNREMOVABLE.video_id
    number = bench.executing(Mezzanines((name,), force=force))

    bench.settle()

    assert bench.outcomes(number) == {name: "deleted" if force else "refused"}


def test_what_vod_refuses_one_by_one_is_told_apart_from_what_it_does(bench: Bench) -> None:
    number = bench.executing(Videos((ONE, seed.FORBIDDEN.video_id)))

    bench.settle()

    assert bench.outcomes(number) == {ONE: "deleted", seed.FORBIDDEN.video_id: "refused"}


def test_a_call_names_at_most_twenty_and_nothing_twice(bench: Bench) -> None:
    request = many(bench, 45)
    number = bench.executing(request)

    bench.settle()

    assert [len(call.ids) for call in bench.vod.ledger.calls()] == [20, 20, 5]
    assert sorted(bench.vod.ledger.ids()) == sorted(request.ids)
    assert set(bench.outcomes(number).values()) <= {"deleted", "refused"}


def test_the_intent_is_on_record_before_vod_is_called(bench: Bench) -> None:
    bench.executing(BOTH)
    seen: list[list[str]] = []
    bench.meddled.before["delete_videos"] = lambda: seen.append([e["call"] for e in bench.events("call.intent")])

    bench.settle()

    assert len(seen[0]) == 1


def test_what_changed_after_the_approval_is_held_with_what_changed(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.library.change_video(ONE, title="Another title")

    bench.settle()

    assert bench.outcomes(number) == {ONE: "changed"}
    named, moved = note(bench, number)["drift"]
    assert named == ["title", seed.SPRING_TEASER.title, "Another title"]
    assert moved[0] == "ModificationTime"
    assert bench.vod.ledger.calls() == ()
    assert bench.events("items.held")[0]["items"][0][:2] == [ONE, "changed"]


def test_only_what_changed_is_held(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.vod.library.change_video(ONE, title="Another title")

    bench.settle()

    assert bench.outcomes(number) == {ONE: "changed", TWO: "deleted"}
    assert bench.vod.ledger.ids() == [TWO]


def test_a_stream_is_held_when_what_was_to_play_afterwards_does_not(bench: Bench) -> None:
    going, stays = Stream("HD"), (Stream("LD"), Stream("FD"))
    name = bench.vod.library.add_video(streams=(going, *stays)).video_id
    number = bench.executing(Streams(name, (going.job_id,)))
    bench.vod.library.change_video(name, streams=(going, stays[1]))

    bench.settle()

    assert bench.outcomes(number) == {going.job_id: "changed"}
    assert note(bench, number)["drift"] == [["stays", "LD mp4", "nothing"]]
    assert bench.vod.ledger.calls() == ()


def test_what_somebody_else_deleted_is_already_gone(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.vod.library.remove_video(ONE)

    bench.settle()

    assert bench.outcomes(number) == {ONE: "already gone", TWO: "deleted"}
    assert bench.vod.ledger.ids() == [TWO]


def hide(bench: Bench) -> str:
    """Have VOD hide the streams of a video; return the job id of one."""
    bench.vod.library.change_video(ONE, status="Transcoding")
    return job_ids(bench, ONE)[0]


def test_what_vod_hides_before_the_call_is_read_again_and_then_stopped_not_gone(bench: Bench) -> None:
    job = job_ids(bench, ONE)[0]
    number = bench.executing(Streams(ONE, (job,)))
    hide(bench)
    pauses: list[int] = []

    bench.settle()
    while bench.outcomes(number) == {job: None}:
        due = bench.items(number)[0].due_ms
        pauses.append(due - bench.clock.ms)
        bench.clock.ms = due
        bench.settle()

    assert pauses == [1_000, 2_000, 5_000, 15_000]
    assert bench.outcomes(number) == {job: "stopped"}
    assert bench.state(number) == State.FINISHED
    assert bench.vod.ledger.calls() == ()


def test_what_vod_hides_for_a_moment_is_sent_when_it_is_shown_again(bench: Bench) -> None:
    job = job_ids(bench, ONE)[0]
    number = bench.executing(Streams(ONE, (job,)))
    hide(bench)

    bench.settle()
    bench.vod.library.change_video(ONE, status="Normal")
    bench.advance(60)

    assert bench.outcomes(number) == {job: "deleted"}
    assert [call.ids for call in bench.vod.ledger.calls()] == [(job,)]


def test_what_vod_hides_does_not_hold_up_the_others_of_its_batch(bench: Bench) -> None:
    number = bench.executing(BOTH)
    hide_from_readings(bench, ONE, times=1)

    bench.settle()
    assert bench.outcomes(number) == {ONE: None, TWO: "deleted"}
    bench.advance(60)

    assert bench.outcomes(number) == {ONE: "deleted", TWO: "deleted"}
    assert [list(call.ids) for call in bench.vod.ledger.calls()] == [[TWO], [ONE]]


def hide_from_readings(bench: Bench, name: str, *, times: int) -> None:
    """Have the next readings before a batch pass over one video without a word."""
    reader: Any = bench.ctx.reader
    client = reader._client

    class Passing:
        left = times

        def __getattr__(self, attribute: str) -> Any:
            return getattr(client, attribute)

        def get_media(self, ids: Sequence[str]) -> vod.MediaAnswer:
            answer: vod.MediaAnswer = client.get_media(ids)
            if name not in answer.found or not self.left:
                return answer
            self.left -= 1
            return replace(answer, found={key: one for key, one in answer.found.items() if key != name})

    reader._client = Passing()


def test_how_often_an_item_was_hidden_survives_the_end_of_an_instance(bench: Bench) -> None:
    job = job_ids(bench, ONE)[0]
    number = bench.executing(Streams(ONE, (job,)))
    hide(bench)

    for turn in range(HIDDEN_TRIES):
        bench.settle(replace(bench.other_instance(), owner=f"instance {turn}"))
        assert note(bench, number) == {"hidden": turn + 1}
        bench.clock.ms = bench.items(number)[0].due_ms
    bench.settle()

    assert bench.outcomes(number) == {job: "stopped"}


def test_what_was_sent_without_an_answer_and_is_then_hidden_is_not_said_to_be_unsent(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.faults.set("unavailable", "DeleteVideo")
    bench.meddled.before["delete_videos"] = lambda: hide_from_readings(bench, ONE, times=99)

    bench.settle()
    for _ in range(5):
        bench.advance(60)

    assert bench.outcomes(number) == {ONE: "unknown"}
    assert bench.state(number) == State.FINISHED
    assert len(bench.vod.ledger.calls()) == 1


@pytest.mark.parametrize(
    ("fault", "word"), [("unavailable", "unknown"), ("not_found", "changed"), ("throttle", "changed")]
)
def test_what_changed_after_a_call_is_called_changed_only_if_that_call_certainly_did_nothing(
    bench: Bench, fault: str, word: str
) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.faults.set(fault, "DeleteVideo", times=1)
    bench.step()
    bench.vod.library.change_video(ONE, title="Another title")

    bench.advance(60)

    assert bench.outcomes(number) == {ONE: word}
    named, moved = note(bench, number)["drift"]
    assert named == ["title", seed.SPRING_TEASER.title, "Another title"]
    assert moved[0] == "ModificationTime"
    assert len(bench.vod.ledger.calls()) == 1


@pytest.mark.parametrize(
    ("fault", "word"), [("unavailable", "unknown"), ("not_found", "refused"), ("throttle", "refused")]
)
@pytest.mark.parametrize("refusal", ["of the item", "of the account"])
def test_what_is_refused_after_a_call_is_called_refused_only_if_that_call_certainly_did_nothing(
    bench: Bench, refusal: str, fault: str, word: str
) -> None:
    name = seed.FORBIDDEN.video_id if refusal == "of the item" else ONE
    number = bench.executing(Videos((name,)))
    bench.vod.faults.set(fault, "DeleteVideo", times=1)
    bench.step()
    if refusal == "of the account":
        bench.vod.faults.set("forbidden_ram", "DeleteVideo", times=1)

    bench.advance(60)

    assert bench.outcomes(number) == {name: word}
    assert len(bench.vod.ledger.calls()) == 2


def test_a_stop_while_items_are_hidden_stops_them(bench: Bench) -> None:
    job = job_ids(bench, ONE)[0]
    number = bench.executing(Streams(ONE, (job,)))
    hide(bench)
    bench.settle()

    bench.advance(3600)

    assert bench.outcomes(number) == {job: "stopped"}


def test_an_item_that_the_plan_does_not_name_is_not_sent(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.sql("UPDATE items SET target = :other WHERE proposal_id = :id", other=TWO, id=number)

    bench.settle()

    assert bench.outcomes(number) == {TWO: "stopped"}
    assert bench.vod.ledger.calls() == ()


def test_while_the_assets_cannot_be_read_again_nothing_is_claimed_and_it_is_told_once(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.vod.faults.set("unavailable", "BatchGetMediaInfos")

    bench.settle()
    for _ in range(6):
        bench.advance(60)

    assert {item.state for item in bench.items(number)} == {"pending"}
    assert bench.events("call.intent") == []
    assert bench.news("thread").count("CallsWait") == 1
    bench.vod.faults.clear()
    bench.advance(60)
    assert set(bench.outcomes(number).values()) == {"deleted"}


def test_a_throttled_call_did_nothing_and_is_made_again_later(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.vod.faults.set("throttle", "DeleteVideo", times=4)

    for _ in range(6):
        bench.advance(60)

    assert set(bench.outcomes(number).values()) == {"deleted"}
    assert [call.code for call in bench.vod.ledger.calls()] == ["Throttling.User"] * 4 + [""]
    assert {item.attempts for item in bench.items(number)} == {1}


def test_what_somebody_else_deleted_while_the_bot_was_throttled_was_not_deleted_by_the_bot(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    bench.vod.faults.set("throttle", "DeleteVideo", times=1)
    bench.settle()
    bench.vod.library.remove_video(ONE)

    bench.advance(60)

    assert bench.outcomes(number) == {ONE: "already gone"}


def test_an_account_that_may_not_delete_stops_everything_at_the_first_call(bench: Bench) -> None:
    number = bench.executing(many(bench, 25))
    bench.vod.faults.set("forbidden_ram", "DeleteVideo")

    bench.settle()

    assert len(bench.vod.ledger.calls()) == 1
    assert sorted(map(str, bench.outcomes(number).values())) == ["refused"] * 20 + ["stopped"] * 5
    assert bench.state(number) == State.FINISHED


def test_media_that_became_those_of_another_application_are_not_told_as_an_account_that_is_refused(
    bench: Bench,
) -> None:
    job = job_ids(bench, ONE)[0]
    number = bench.executing(Streams(ONE, (job,)))

    def close_off() -> None:
        bench.vod.library.change_video(ONE, forbidden=True)

    bench.meddled.before["delete_streams"] = close_off

    bench.settle()

    assert bench.outcomes(number) == {job: "refused"}
    (stopped,) = bench.events("execution.stopped")
    assert stopped["because"] == {"why": "media refused", "vod_code": "Forbidden.OperateAppResource"}


def dawdle(bench: Bench) -> None:
    bench.monotonic_ms += bench.ctx.lease_ms // 2


def test_a_batch_that_took_too_long_to_read_is_not_claimed_but_read_anew(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.meddled.after["get_media"] = lambda: dawdle(bench)

    bench.settle()
    assert bench.events("call.intent") == []
    bench.advance(1)

    assert len(bench.vod.ledger.calls()) == 1
    assert set(bench.outcomes(number).values()) == {"deleted"}


def test_a_batch_that_took_too_long_to_journal_is_not_sent_but_read_anew(bench: Bench) -> None:
    number = bench.executing(BOTH)
    names = itertools.chain(["claim", "slow"], (f"later-{n}" for n in itertools.count()))

    def name() -> str:
        given = next(names)
        if given == "slow":
            dawdle(bench)
        return given

    bench.settle(replace(bench.ctx, new_id=name))

    answers = [event["answer"] for event in bench.events("call.answered")]
    assert answers[0]["not_sent"] == "no longer fresh"
    assert len(bench.vod.ledger.calls()) == 1
    assert set(bench.outcomes(number).values()) == {"deleted"}
    assert {item.attempts for item in bench.items(number)} == {1}
    assert record_check.verify(bench.database).holds


def test_an_approval_that_runs_out_while_the_assets_are_read_is_not_used(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.meddled.after["get_media"] = lambda: bench.clock.advance(3600)

    bench.settle()

    assert bench.vod.ledger.calls() == ()
    assert set(bench.outcomes(number).values()) == {"stopped"}


def test_an_approval_that_runs_out_while_the_log_is_waited_for_is_not_used(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = bench.executing(BOTH)
    read, waiting = audit_log.head, iter([True])

    def read_late(tx: Tx, *, locked: bool = False) -> Head:
        if next(waiting, False):
            bench.clock.advance(3600)
        return read(tx, locked=locked)

    monkeypatch.setattr(audit_log, "head", read_late)
    bench.settle()

    assert bench.events("call.intent") == []
    assert bench.vod.ledger.calls() == ()
    assert set(bench.outcomes(number).values()) == {"stopped"}
    assert record_check.verify(bench.database).holds


def test_a_proposal_closed_while_the_assets_are_read_is_not_carried_out(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.meddled.after["get_media"] = lambda: close(bench, number)

    bench.settle()

    assert bench.vod.ledger.calls() == ()


def close(bench: Bench, number: int) -> None:
    bench.sql("UPDATE proposals SET state = 'finished' WHERE id = :id", id=number)


def test_an_instance_that_finds_its_items_taken_sends_nothing(bench: Bench) -> None:
    number = bench.executing(many(bench, 25))
    other = bench.other_instance()
    sent: list[int] = []

    def overtake() -> None:
        bench.clock.advance(31)
        bench.step(other)  # it looks everybody up first, as an instance that takes a deletion over
        bench.step(other)
        sent.append(len(bench.vod.ledger.calls()))

    bench.meddled.after["get_media"] = overtake
    bench.step()

    assert sent == [1]
    assert len(bench.vod.ledger.calls()) == 1
    assert len(bench.events("call.intent")) == 1
    bench.advance(60)
    assert len(bench.vod.ledger.ids()) == len(set(bench.vod.ledger.ids())) == 25
    assert bench.state(number) == State.FINISHED
    assert record_check.verify(bench.database).holds


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_instance_that_was_held_up_around_its_call_is_fenced_and_counts_nothing(
    bench: Bench, moment: str
) -> None:
    number = bench.executing(Videos((ONE,)))
    other = bench.other_instance()

    def overtake() -> None:
        bench.clock.advance(31)
        bench.settle(other)

    getattr(bench.meddled, moment)["delete_videos"] = overtake
    bench.step()
    bench.advance(60)

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: "deleted"}
    assert len(bench.events("call.fenced")) == 1
    assert [call.code for call in bench.vod.ledger.calls()] == [""]
    assert len(bench.events("execution.finished")) == 1
    assert record_check.verify(bench.database).holds


def test_a_lost_claim_leaves_no_trace_in_the_record(bench: Bench) -> None:
    number = bench.executing(BOTH)
    before = bench.items(number)
    batch = Checked(tuple(before))
    bench.sql("UPDATE items SET state = 'inflight' WHERE target = :t", t=TWO)
    shown = bench.database.read(lambda tx: cache.to_show(tx, number, 1))
    assert shown is not None
    job = JobRow(1, "execute", number, 0, "queued", 0, 1, "this instance", 0)
    work = BatchInput(job, bench.row(number), shown, tuple(before))

    with pytest.raises(batches.ClaimLostError):
        bench.database.write(lambda tx: batches._journal(tx, bench.ctx, work, batch, CallId("call")))

    assert [item.state for item in bench.items(number)] == ["pending", "inflight"]
    assert bench.events("call.intent") == []


@pytest.mark.parametrize(
    ("held_up_ms", "why"),
    [(preflight.HELD_MS - 1, ""), (preflight.HELD_MS, "held up"), (15_000, "no longer fresh")],
)
def test_who_was_held_up_with_the_wire_in_hand_does_not_send(bench: Bench, held_up_ms: int, why: str) -> None:
    bench.executing(Videos((ONE,)))
    check_send_window = bench.ctx.quota.check_send_window

    def slowly(tx: Tx, action: str) -> SendWindow:
        bench.monotonic_ms += held_up_ms
        return check_send_window(tx, action)

    bench.ctx.quota.check_send_window = slowly  # type: ignore[method-assign] # the same, late
    bench.step()

    answers = [event["answer"] for event in bench.events("call.answered")]
    assert [answer.get("not_sent", "") for answer in answers] == [why]
    assert len(bench.vod.ledger.calls()) == int(not why)


def test_of_a_record_that_was_moved_after_the_journal_nothing_is_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.executing(Videos((ONE,)))
    moved = fence.Fence("move", f"{fence.FIRST_WORDS}kept elsewhere")

    def rest(_ms: int) -> None:
        bench.database.write(lambda tx: fence.put_up(tx, "sqlite", moved))

    monkeypatch.setattr(bench.ctx.quota, "rest", rest)
    with pytest.raises(MovedError):
        bench.step()

    assert [call.state for call in bench.database.read(calls.every)] == ["intent"]
    assert bench.vod.ledger.calls() == ()


def test_a_request_before_the_call_itself_does_not_take_its_place(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role's token is renewed by the same client, in the same thread, right before the call."""
    bench.executing(Videos((ONE,)))
    sent: list[str] = []

    def delete(*_: object) -> Callable[[], vod.DeleteAnswer]:
        def call() -> vod.DeleteAnswer:
            vod.pass_gate(lambda: sent.append("the token"))
            vod.pass_gate(lambda: sent.append("the call"))
            return vod.DeleteAnswer("request", frozenset(), frozenset())

        return call

    monkeypatch.setattr(batches, "_delete", delete)
    bench.step()

    assert sent == ["the token", "the call"]


def test_a_transaction_that_is_run_again_after_the_sending_does_not_send_again(bench: Bench) -> None:
    number = bench.executing(Videos((ONE,)))
    write = bench.database.write

    def twice(work: Callable[[Tx], Any]) -> Any:
        if getattr(work, "__name__", "") != "look_and_send":
            return write(work)

        def run_again(tx: Tx) -> Any:
            work(tx)
            return work(tx)

        return write(run_again)

    database: Any = Twice(bench.database, twice)
    bench.step(replace(bench.ctx, database=database))

    assert [call.code for call in bench.vod.ledger.calls()] == [""]
    bench.advance(60)
    assert bench.outcomes(number) == {ONE: "deleted"}


class Twice:
    """A database whose writes are done in another way."""

    def __init__(self, database: Any, write: Callable[[Callable[[Tx], Any]], Any]) -> None:
        self._database = database
        self.write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)
