import multiprocessing
import signal
import threading
from collections.abc import Callable
from typing import Any

from storage import Database
from storage.tables import audit_log, deliveries, jobs, proposals, votes
from tests.storage import racers, samples
from tests.storage.engines import Engine

THREADS = 8
spawn = multiprocessing.get_context("spawn")


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do these things in a thread each, started together; return what each gave back, or raised."""
    start = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        start.wait(30)
        try:
            results[place] = work()
        except Exception as exc:  # noqa: BLE001 - the test looks at whatever came of it
            results[place] = exc

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_threads_that_read_and_then_write_lose_nothing(database: Database) -> None:
    results = at_once(*[lambda: racers.append_events(database, 25)] * THREADS)

    assert results == [None] * THREADS
    assert [row.seq for row in audit_log.every(database)] == list(range(1, 25 * THREADS + 1))
    assert database.read(audit_log.head).seq == 25 * THREADS


def test_instances_that_read_and_then_write_lose_nothing(engine: Engine, database: Database) -> None:
    handles = [database, *(engine.open() for _ in range(3))]

    results = at_once(*[lambda handle=handle: racers.append_events(handle, 25) for handle in handles])

    assert results == [None] * len(handles)
    assert database.read(audit_log.head).seq == 25 * len(handles)


def test_of_fifty_simultaneous_clicks_of_one_person_one_is_a_vote(database: Database) -> None:
    number = samples.proposal(database)

    def click() -> int | None:
        return database.write(
            lambda tx: votes.cast(tx, proposal_id=number, digest="d", voter=("T1", "UBO"), channel="C1")
        )

    results = at_once(*[click] * 50)

    assert len([vote for vote in results if vote is not None]) == 1
    assert len(database.read(lambda tx: votes.of(tx, number, "cast"))) == 1


def test_of_many_simultaneous_moves_one_happens(database: Database) -> None:
    number = samples.proposal(database)

    def move(new: str) -> bool:
        return database.write(lambda tx: proposals.move(tx, number, old="pending", new=new, note="{}"))

    results = at_once(*[lambda new=new: move(new) for new in ("approved", "rejected", "withdrawn", "expired")] * 3)

    assert sorted(results) == [False] * 11 + [True]


def test_of_many_deliveries_of_one_request_one_is_the_first(database: Database) -> None:
    results = at_once(*[lambda: database.write(lambda tx: deliveries.first_time(tx, "trigger"))] * THREADS)

    assert sorted(results) == [False] * (THREADS - 1) + [True]


def test_every_job_is_done_by_exactly_one_of_many_workers(database: Database) -> None:
    for ref in range(40):
        database.write(lambda tx, ref=ref: jobs.add(tx, "count", ref))  # type: ignore[misc]

    results = at_once(*[lambda name=f"worker {n}": racers.claim_jobs(database, name) for n in range(4)])

    assert sorted(ref for done in results for ref in done) == list(range(40))


def test_processes_that_start_at_once_on_nothing_build_one_schema_and_lose_no_event(engine: Engine) -> None:
    start = spawn.Barrier(3)
    arguments = (engine.name, engine.address, start, 20)
    processes = [spawn.Process(target=racers.migrate_and_append, args=arguments) for _ in range(3)]
    assert racers.exit_codes(*processes) == [0, 0, 0]
    database = engine.open()
    assert database.migrate() == []
    assert [row.seq for row in audit_log.every(database)] == list(range(1, 61))


def test_a_process_killed_while_writing_leaves_what_it_committed_and_no_lock(
    engine: Engine, database: Database
) -> None:
    process = spawn.Process(target=racers.die_while_writing, args=(engine.name, engine.address))
    assert racers.exit_codes(process) == [-signal.SIGKILL]
    assert not database.write(lambda tx: deliveries.first_time(tx, "committed"))
    assert database.write(lambda tx: deliveries.first_time(tx, "never committed"))
