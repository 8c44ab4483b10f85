"""Whether this process is healthy, and what waits: what ``/healthz`` answers."""

from bot.runtime.worker import Worker
from storage import Database, Tx
from storage.tables import jobs, outbox

STUCK_S = 120
"""A worker whose threads took no turn for this long is reported as unhealthy."""


def health(database: Database, worker: Worker) -> tuple[bool, dict[str, object]]:
    """Return whether the process is healthy, and what is waiting."""
    try:
        database.check_not_moved()
        jobs_due, messages_owed = database.read(_waiting)
    except Exception as exc:  # noqa: BLE001 - whatever is wrong with the database is the answer
        return False, {"status": "unwell", "database": type(exc).__name__}
    ok = worker.idle_s < STUCK_S
    facts: dict[str, object] = {
        "status": "ok" if ok else "unwell",
        "database": "ok",
        "worker": "in this process" if worker.works else "not in this process",
        "last_turn_s": round(worker.idle_s),
        "jobs_due": jobs_due,
        "messages_owed": messages_owed,
    }
    return ok, facts


def _waiting(tx: Tx) -> tuple[int, int]:
    return jobs.waiting(tx), outbox.unsent(tx)
