from storage import Database, Tx
from storage.tables import jobs
from storage.tables.jobs import JobRow
from tests.storage.engines import Clock, Engine

LEASE = 1_000


def add(database: Database, kind: str, ref: int = 1, due_ms: int = 0) -> None:
    database.write(lambda tx: jobs.add(tx, kind, ref, due_ms=due_ms))


def claim(database: Database, owner: str = "one") -> JobRow | None:
    return database.write(lambda tx: jobs.claim(tx, owner=owner, lease_ms=tx.now_ms() + LEASE))


def claimed(database: Database, owner: str = "one") -> JobRow:
    job = claim(database, owner)
    assert job is not None
    return job


def again(database: Database, job: JobRow, due_ms: int = 0, *, progress: bool = False) -> bool:
    return database.write(lambda tx: jobs.reschedule(tx, job, due_ms=due_ms, progress=progress))


def test_a_job_is_queued_once_per_kind_and_thing(database: Database) -> None:
    for kind, ref in (("count", 1), ("count", 1), ("count", 2), ("collect", 1)):
        add(database, kind, ref)

    found = [claim(database) for _ in range(4)]

    assert [(job.kind, job.ref) if job else None for job in found] == [
        ("count", 1),
        ("count", 2),
        ("collect", 1),
        None,
    ]


def test_a_job_is_held_until_its_lease_is_over(database: Database, clock: Clock) -> None:
    add(database, "collect")
    first = claimed(database, "one")
    assert (first.owner, first.lease_ms, first.attempts) == ("one", clock.ms + LEASE, 1)

    clock.advance(LEASE - 1)
    assert claim(database, "two") is None
    clock.advance(1)
    second = claimed(database, "two")

    assert (second.id, second.owner, second.attempts) == (first.id, "two", 2)


def test_a_job_that_is_not_due_waits(database: Database, clock: Clock) -> None:
    add(database, "expire", due_ms=clock.ms + 10)

    assert claim(database) is None
    clock.advance(10)
    assert claimed(database).kind == "expire"


def test_the_job_that_is_due_longest_comes_first(database: Database, clock: Clock) -> None:
    for ref, due in ((1, clock.ms), (2, clock.ms - 20), (3, clock.ms - 10), (4, clock.ms - 20)):
        add(database, "count", ref, due)

    assert [claimed(database).ref for _ in range(4)] == [2, 4, 3, 1]


def test_a_finished_job_is_never_claimed_again(database: Database, clock: Clock) -> None:
    add(database, "collect")

    assert database.write(lambda tx: jobs.finish(tx, claimed_in(tx)))

    clock.advance(LEASE * 2)
    add(database, "collect")
    assert claim(database) is None
    assert database.read(jobs.waiting) == 0


def claimed_in(tx: Tx) -> JobRow:
    job = jobs.claim(tx, owner="one", lease_ms=tx.now_ms() + LEASE)
    assert job is not None
    return job


def test_only_its_holder_can_put_a_job_away(database: Database, clock: Clock) -> None:
    add(database, "collect")
    late = claimed(database, "one")
    clock.advance(LEASE)
    holder = claimed(database, "two")

    assert not database.write(lambda tx: jobs.finish(tx, late))
    assert not again(database, late)
    assert claim(database, "three") is None
    assert database.write(lambda tx: jobs.finish(tx, holder))


def test_a_job_put_back_is_due_when_it_says_and_free_for_anyone(database: Database, clock: Clock) -> None:
    add(database, "execute")
    job = claimed(database, "one")

    assert again(database, job, due_ms=clock.ms + 5)

    assert claim(database, "two") is None
    clock.advance(5)
    assert claimed(database, "two").id == job.id


def test_attempts_are_counted_until_there_is_progress(database: Database) -> None:
    add(database, "execute")
    seen = []
    for progress in (False, False, True, False):
        job = claimed(database)
        seen.append(job.attempts)
        again(database, job, progress=progress)

    assert seen == [1, 2, 3, 1]


def test_a_cancelled_job_is_not_claimed(database: Database) -> None:
    add(database, "expire", 1)
    add(database, "expire", 2)

    database.write(lambda tx: jobs.cancel(tx, "expire", 1))

    assert claimed(database).ref == 2
    assert claim(database) is None


def test_a_job_cancelled_while_it_was_held_does_not_come_back(database: Database, clock: Clock) -> None:
    add(database, "execute")
    job = claimed(database)
    database.write(lambda tx: jobs.cancel(tx, "execute", 1))

    again(database, job)

    clock.advance(LEASE * 2)
    assert claim(database) is None


def test_jobs_that_are_due_are_counted_held_or_not(database: Database, clock: Clock) -> None:
    add(database, "collect", 1)
    add(database, "collect", 2)
    add(database, "expire", 1, clock.ms + 5)
    claim(database)

    assert database.read(jobs.waiting) == 2
    clock.advance(5)
    assert database.read(jobs.waiting) == 3


def test_a_job_survives_the_instance_that_queued_it(engine: Engine, database: Database) -> None:
    add(database, "collect")
    database.close()

    assert claimed(engine.open()).kind == "collect"
