"""What instances of the program do at once, as functions that another process can run."""

import os
import signal
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier

from storage import Database, StorageError, Tx
from storage.engine.sqlite import wall_clock_ms
from storage.tables import audit_log, deliveries, jobs
from tests.storage import samples
from tests.storage.engines import open_database


def exit_codes(*processes: BaseProcess) -> list[int | None]:
    """Let these run at once to their ends, None for one that did not come to it within a minute; none is left."""
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        return [process.exitcode for process in processes]
    finally:
        for process in processes:
            if process.is_alive():
                process.kill()
                process.join()


def append_events(database: Database, times: int) -> None:
    """Read the head, then write what follows from it, again and again."""
    for _ in range(times):
        database.write(_append)


def claim_jobs(database: Database, owner: str) -> list[int]:
    """Claim and finish jobs until there are none."""
    done = []
    while job := database.write(lambda tx: jobs.claim(tx, owner=owner, lease_ms=tx.now_ms() + 60_000)):
        database.write(lambda tx, job=job: jobs.finish(tx, job))  # type: ignore[misc] # a lambda's default
        done.append(job.ref)
    return done


def migrate_and_append(name: str, address: str, start: Barrier, times: int) -> None:
    """Start as an instance does, at the same moment as the others, then append; the exit code says how it went."""
    database = open_database(name, address, wall_clock_ms)
    start.wait(30)
    try:
        database.migrate()
        database.check_schema()
        append_events(database, times)
    except StorageError:
        raise SystemExit(1) from None
    finally:
        database.close()


def die_while_writing(name: str, address: str) -> None:
    """Commit one thing, write another, and be killed before it is committed."""
    database = open_database(name, address, wall_clock_ms)
    database.write(lambda tx: deliveries.first_time(tx, "committed"))

    def die(tx: Tx) -> None:
        deliveries.first_time(tx, "never committed")
        os.kill(os.getpid(), signal.SIGKILL)

    database.write(die)


def _append(tx: Tx) -> None:
    audit_log.append(tx, samples.event(audit_log.head(tx, locked=True)))
