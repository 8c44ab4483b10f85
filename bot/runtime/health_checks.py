"""What is looked at in every process: the record and the worker's threads."""

from bot.runtime.health import Facts, Health
from bot.runtime.worker import Worker
from storage import Database, MovedError, StorageError, Tx
from storage.engine import deadline
from storage.tables import jobs, outbox

STUCK_S = 120
"""A worker whose threads took no turn for this long is reported as unhealthy."""

ANSWER_WITHIN_S = 2
"""How long a question about the record may wait for others; whoever asks for health has little patience."""


def health_of(database: Database, worker: Worker) -> Health:
    """Return the health of a process with this record and this worker."""
    health = Health(lambda: _facts(database, worker))
    health.watch("database", lambda: _database(database))
    health.watch("worker", lambda: _worker(worker))
    return health


def _database(database: Database) -> str | None:
    try:
        with deadline.within(ANSWER_WITHIN_S):
            database.check_not_moved()
            database.read(_waiting)
    except MovedError:
        return "the record is kept elsewhere now; end this process, and start the bot where it was moved to"
    except StorageError:
        return "the record cannot be read; see the log, and the database"
    return None


def _worker(worker: Worker) -> str | None:
    idle_s = worker.idle_s
    if idle_s < STUCK_S:
        return None
    return f"a thread has been at one turn for {idle_s:.0f} s; see the log, or start this process anew"


def _facts(database: Database, worker: Worker) -> Facts:
    with deadline.within(ANSWER_WITHIN_S):
        jobs_due, messages_owed = database.read(_waiting)
    return {
        "worker": "in this process" if worker.works else "not in this process",
        "last_turn_s": round(worker.idle_s),
        "jobs_due": jobs_due,
        "messages_owed": messages_owed,
    }


def _waiting(tx: Tx) -> tuple[int, int]:
    return jobs.waiting(tx), outbox.unsent(tx)
