import threading
from collections.abc import MutableMapping
from typing import Any

import pytest

from deletion.approval.requests import proposing
from deletion.jobs.config import JobKind
from deletion.plan.library.quota import StopRequestedError
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from sandbox.vod import seed
from storage.tables import jobs
from storage.tables.jobs import JobRow
from tests.deletion.bench import ANA, Bench

ONE = Videos((seed.SPRING_TEASER.video_id,))
TWO = Videos((seed.WAREHOUSE_TOUR.video_id,))


def job(bench: Bench, kind: JobKind) -> JobRow:
    row = bench.database.read(lambda tx: tx.one("SELECT * FROM jobs WHERE kind = :kind", kind=kind))
    assert row is not None
    return JobRow(**row)


def fail() -> None:
    raise RuntimeError("a bug")


def stop() -> None:
    raise StopRequestedError


def test_with_nothing_to_do_nothing_is_done(bench: Bench) -> None:
    assert not bench.step()


def test_a_job_that_breaks_is_tried_again_later_and_not_lost(bench: Bench) -> None:
    bench.meddled.before["get_media"] = fail
    number = bench.propose(ONE)
    assert bench.state(number) == State.COLLECTING
    broken = job(bench, JobKind.COLLECT)
    assert (broken.state, broken.owner, broken.attempts) == ("queued", None, 1)
    assert broken.due_ms == bench.clock.ms + bench.ctx.timings.retry[0]

    bench.advance(1)

    assert bench.state(number) == State.PENDING


def test_pauses_grow_while_a_job_keeps_breaking(bench: Bench) -> None:
    bench.database.write(lambda tx: jobs.add(tx, "nonsense", 1))
    pauses = []
    for _ in range(len(bench.ctx.timings.retry) + 2):
        assert bench.step()
        row = bench.database.read(lambda tx: tx.one("SELECT due_ms FROM jobs"))
        assert row is not None
        pauses.append(row["due_ms"] - bench.clock.ms)
        bench.clock.ms = row["due_ms"]

    assert pauses == [*bench.ctx.timings.retry, *[bench.ctx.timings.retry[-1]] * 2]


def test_a_job_that_breaks_does_not_stop_the_others_and_is_logged_with_an_id(
    bench: Bench, logs: list[MutableMapping[str, Any]]
) -> None:
    bench.database.write(lambda tx: jobs.add(tx, "nonsense", 1))

    number = bench.propose(TWO)

    assert bench.state(number) == State.PENDING
    (entry,) = [entry for entry in logs if entry["event"] == "job.failed"]
    assert (entry["job"], entry["ref"], entry["exc_info"]) == ("nonsense", 1, True)
    assert len(entry["fault"]) == 8


@pytest.mark.parametrize("method", ["get_media", "delete_videos", "get_videos"])
def test_a_bug_anywhere_in_carrying_out_ends_in_a_true_state(bench: Bench, method: str) -> None:
    number = bench.executing(ONE)
    bench.meddled.before[method] = fail

    bench.settle()
    for _ in range(4):
        bench.advance(31)

    assert bench.state(number) == State.FINISHED
    assert set(bench.outcomes(number).values()) == {"deleted"}
    assert bench.vod.ledger.ids() == list(ONE.ids)


def test_when_the_program_is_asked_to_stop_the_job_is_put_back_as_it_was(bench: Bench) -> None:
    bench.meddled.before["get_media"] = stop
    deed, wish = bench._deed(ANA), proposing.ProposalDraft(ONE, "reason")
    bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, deed, wish))

    assert bench.step()

    put_back = job(bench, JobKind.COLLECT)
    assert (put_back.state, put_back.owner, put_back.due_ms) == ("queued", None, bench.clock.ms)
    bench.settle()
    assert bench.state(1) == State.PENDING


def test_a_job_taken_over_while_it_was_done_is_left_to_its_new_holder(bench: Bench) -> None:
    def overtake() -> None:
        bench.clock.advance(31)
        bench.database.write(lambda tx: jobs.claim(tx, owner="another", lease_ms=tx.now_ms() + 30_000))

    bench.meddled.before["get_media"] = overtake
    deed, wish = bench._deed(ANA), proposing.ProposalDraft(ONE, "reason")
    bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, deed, wish))

    bench.step()

    held = job(bench, JobKind.COLLECT)
    assert (held.state, held.owner) == ("queued", "another")


def test_two_threads_of_one_instance_do_not_put_each_others_jobs_away(bench: Bench) -> None:
    late, overtaken = threading.Event(), threading.Event()
    held: list[str | None] = []

    def dawdle() -> None:
        late.set()
        assert overtaken.wait(30)

    def let_it_finish() -> None:
        overtaken.set()
        thread.join(30)
        held.append(job(bench, JobKind.COLLECT).owner)

    bench.meddled.before["get_media"] = dawdle
    deed, wish = bench._deed(ANA), proposing.ProposalDraft(ONE, "reason")
    bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, deed, wish))
    thread = threading.Thread(target=bench.step)
    thread.start()
    assert late.wait(30)
    bench.clock.advance(31)
    bench.meddled.before["get_media"] = let_it_finish

    assert bench.step()

    assert held != [None]
    assert bench.state(1) == State.PENDING
    assert len(bench.events("plan.frozen")) == 1
    assert job(bench, JobKind.COLLECT).state == "done"


def test_a_proposal_nobody_decides_expires(bench: Bench) -> None:
    number = bench.propose(ONE)

    bench.advance(3599)
    assert bench.state(number) == State.PENDING
    bench.advance(1)

    assert bench.state(number) == State.EXPIRED
    assert bench.news("direct")[-1] == "proposal.expired"
    assert bench.queued() == 0
