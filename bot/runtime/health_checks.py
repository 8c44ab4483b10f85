"""What is looked at in every process: the record and the worker's threads."""

import threading
import time

import structlog

from bot.runtime.health import Facts, Health
from bot.runtime.worker import Worker
from deletion.approval.holds import anchoring
from deletion.approval.people.troubles import MENDABLE
from deletion.audit.messages import places
from deletion.jobs.context import Context
from handlers.slack.api.failures import NOT_ADMITTED
from storage import Database, MovedError, StorageError, Tx
from storage.engine import deadline
from storage.tables import jobs, outbox, rate_limits

log = structlog.get_logger()

STUCK_S = 120
"""A worker whose threads took no turn for this long is reported as unhealthy."""

LATE_S = 120
"""A message to a channel that waits for longer is reported."""

TRY_EVERY_S = 5
"""How long it is believed that the record can be written."""

CHANNELS = {places.APPROVALS: "the approvals channel", places.AUDIT: "the audit channel"}

ANSWER_WITHIN_S = 2
"""How long a question about the record may wait for others; whoever asks for health has little patience."""


def health_of(database: Database, worker: Worker, ctx: Context) -> Health:
    """Return the health of a process with this record and this worker."""
    health = Health(lambda: _facts(database, worker))
    health.watch("database", _Writing(database).cause)
    health.watch("messages", lambda: _messages(database))
    health.watch("worker", lambda: _worker(worker))
    health.watch("record", lambda: _record(ctx))
    return health


class _Writing:
    """Tries now and then whether the record can be written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._tried_s: float | None = None
        self._cause: str | None = None

    def cause(self) -> str | None:
        """Say why the record cannot be used; a good answer is good for a few seconds."""
        with self._lock:
            now_s = time.monotonic()
            if self._cause is not None or self._tried_s is None or now_s - self._tried_s >= TRY_EVERY_S:
                self._cause = _database(self._database)
                self._tried_s = now_s
            return self._cause


def _database(database: Database) -> str | None:
    try:
        with deadline.within(ANSWER_WITHIN_S):
            database.check_not_moved()
            database.read(_waiting)
    except MovedError:
        return "the record is kept elsewhere now; end this process, and start the bot where it was moved to"
    except StorageError:
        return "the record cannot be read; see the log, and the database"
    try:
        with deadline.within(ANSWER_WITHIN_S):
            database.write(rate_limits.touch)
    except StorageError:
        log.exception("health.record_not_writable")
        return "the record cannot be written: is its disk full, or the database read-only or busy? See the log"
    return None


def _messages(database: Database) -> str | None:
    """Say which of the channels has taken no message for long."""
    try:
        with deadline.within(ANSWER_WITHIN_S):
            now_ms, late = database.read(lambda tx: (tx.now_ms(), outbox.late(tx, older_ms=1000 * LATE_S)))
    except StorageError:
        return None  # which is what the database's own check says
    channels = [each for each in late if each[0] in CHANNELS]
    if not channels:
        return None
    return "; ".join(
        f"{CHANNELS[lane]} has taken no message for {(now_ms - since) // 1000} s ({error or 'none was tried'}): "
        f"{_mended_by(error)}"
        for lane, since, error in channels
    )


def _mended_by(code: str) -> str:
    if code in NOT_ADMITTED:
        return "Slack does not accept the bot's token; install the app again and set SLACK_BOT_TOKEN"
    if code in MENDABLE:
        return "unarchive it, invite the bot again, or name another in the settings"
    return "is Slack reached from here? See the log, and `bot check`"


def _record(ctx: Context) -> str | None:
    try:
        with deadline.within(ANSWER_WITHIN_S):
            return anchoring.fault(ctx)
    except StorageError:
        # That it cannot be read is another check's to say.
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
