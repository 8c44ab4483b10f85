"""PostgreSQL behind the Database protocol, through psycopg: the same SQL, for several instances of the program.

A whole transaction is run again when PostgreSQL says that it lost a race, or when the connection is lost before
the commit was sent. A connection lost during the commit leaves an outcome that nobody knows, and is told as that.
"""

import math
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from storage.engine import deadline, fence
from storage.engine.clock import SteadyClock
from storage.engine.database import NewerSchemaError, Row, StorageError, Tx, UnknownCommitError
from storage.engine.introspection import LEDGER
from storage.engine.postgres_connections import (
    BEGIN,
    BEGIN_READING,
    CONNECT_WITHIN_S,
    SESSION,
    Connection,
    Pool,
    errors_mapped,
    open_pool,
    parameters,
    reach,
    shown,
)
from storage.migrations.schema import MIGRATIONS, statements_for

T = TypeVar("T")

TRIES = 20
"""How often a transaction that lost a race is run again before the loss is reported."""

RECONNECTIONS = 3
"""How often a transaction whose connection was lost is run again: each time, dead connections are thrown away."""

RESET_AFTER_S = 0.1
"""How far the limit of a wait may be behind a deadline; setting it anew costs a round trip."""

LOST_RACES = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
)

STATEMENT_MORE_MS = 50
"""How much longer than a wait a statement may take: the wait says better what is wrong."""

ENGINE = "postgres"


class LostConnectionError(Exception):
    """The connection was lost and nothing was committed."""


class PostgresTx:
    """One open PostgreSQL transaction."""

    def __init__(
        self, connection: Connection, begin: str, now_ms: Callable[[], int] | None, clock: SteadyClock
    ) -> None:
        self._connection = connection
        self._cursor = connection.only
        self._now_ms = now_ms
        asked_ns = time.monotonic_ns()
        (servers_ms, self._server), self._read_ns = _begin(connection, begin), time.monotonic_ns()
        self._then_ms = servers_ms
        if now_ms is None:
            self._then_ms = clock.read(servers_ms, unsure_ms=(self._read_ns - asked_ns) // 1_000_000)
        self._lock_s = deadline.left_s(math.inf)
        self.published: list[object] = []

    def rows(self, sql: str, /, **params: str | int | None) -> list[Row]:
        """Run a statement and return all of its rows."""
        self._keep_to_deadline()
        cursor = self._cursor.execute(dialect(sql), params)
        # Not its description: that is made up anew, column by column, whenever somebody looks at it.
        return cursor.fetchall() if cursor.pgresult is not None and cursor.pgresult.nfields else []

    def one(self, sql: str, /, **params: str | int | None) -> Row | None:
        """Run a statement and return its first row, or None."""
        found = self.rows(sql, **params)
        return found[0] if found else None

    def run(self, sql: str, /, **params: str | int | None) -> int:
        """Run a statement and return how many rows it changed."""
        self._keep_to_deadline()
        return self._cursor.execute(dialect(sql), params).rowcount

    def run_many(self, sql: str, rows: Iterable[Mapping[str, str | int | None]], /) -> int:
        """Run one statement once per row of parameters; return how many rows all of them changed together."""
        self._cursor.executemany(dialect(sql), list(rows))
        return max(0, self._cursor.rowcount)

    def now_ms(self) -> int:
        """Return the database's own clock, never an instance's.

        It is read with the BEGIN; after that, the time that has passed here is added, which saves a round trip per
        look. A transaction is too short (its time-outs see to that) for two machines to disagree on how long it
        takes. The time in between is counted from the answer, so that it lags by at most the way back and never
        runs ahead: the next transaction cannot find itself before this one.
        """
        if self._now_ms is not None:
            return self._now_ms()
        return self._then_ms + (time.monotonic_ns() - self._read_ns) // 1_000_000

    def server(self) -> str:
        """Return when the server was started, by itself: a pooler may hand a connection on to another one."""
        return self._server

    def publish(self, fact: object, /) -> None:
        """Let subscribers hear of something once this transaction is committed."""
        self.published.append(fact)

    def _keep_to_deadline(self) -> None:
        """Shorten the wait for the next lock by what the last ones took: PostgreSQL counts anew for each."""
        left_s = deadline.left_s(math.inf)
        if self._lock_s - left_s > RESET_AFTER_S:
            limits = _limits(left_s).items()
            self._connection.execute("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in limits))
            self._lock_s = left_s


class PostgresDatabase:
    """One PostgreSQL database. ``now_ms`` replaces its clock in tests."""

    def __init__(
        self,
        url: str,
        *,
        now_ms: Callable[[], int] | None = None,
        clock: SteadyClock | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._parameters = parameters(url)
        self.place = shown(self._parameters)
        self._now_ms = now_ms
        self._clock = clock or SteadyClock()
        self._pause = pause
        self._lock = threading.Lock()
        self._pool: Pool | None = None
        self._subscribers: list[Callable[[object], None]] = []

    def subscribe(self, hear: Callable[[object], None], /) -> None:
        """Call ``hear`` with everything that is published, after its commit."""
        self._subscribers.append(hear)

    def write(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` in one transaction; run all of it again when it lost a race or its connection."""
        return self._transaction(BEGIN, work)

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one snapshot; a write inside it is refused by PostgreSQL itself."""
        return self._transaction(BEGIN_READING, work)

    def migrate(self) -> list[str]:
        """Apply what is missing in one transaction, under a lock that makes simultaneous starters queue up."""
        self.reach()
        return self.write(migrate)

    def check_schema(self) -> None:
        """Raise unless every migration of this program, and no other, was applied."""
        self.reach()
        applied = self.read(_applied)
        missing = [name for name, _ in MIGRATIONS if name not in applied]
        if missing:
            raise StorageError(f"The {self.place} lacks {len(missing)} migration(s). Run: python -m bot migrate")

    def check_not_moved(self) -> None:
        """Raise MovedError when the record is kept elsewhere now."""
        self.read(lambda tx: fence.refuse_if_moved(tx, ENGINE))

    def now_ms(self) -> int:
        """Return the database's clock."""
        return self.read(lambda tx: tx.now_ms())

    def analyze(self, table: str, /) -> None:
        """Take statistics of a table now, unless somebody is at it already.

        Autovacuum does so within a minute or more. Until then, 200,000 new items are sorted anew for each batch of
        20 (measured: 124 ms instead of 0.4 ms), since the planner believes that there are three.
        """
        self.write(lambda tx: tx.run(f"ANALYZE (SKIP_LOCKED) {table}"))

    def reach(self) -> None:
        """Connect once; StorageError with the server's own reason when that is not possible."""
        reach(self._parameters)

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _transaction(self, begin: str, work: Callable[[Tx], T]) -> T:
        races = losses = 0
        with errors_mapped(self.place):
            while True:
                try:
                    return self._once(begin, work)
                except LOST_RACES:
                    if races == TRIES or deadline.is_over():
                        raise
                    self._pause(min(0.5, 0.005 * 2**races))
                    races += 1
                except LostConnectionError as exc:
                    if losses == RECONNECTIONS and str(exc) == psycopg.errors.ReadOnlySqlTransaction.__name__:
                        raise StorageError(
                            f"The {self.place} takes no writes: it is read-only, such as a standby. Nothing was "
                            "changed. Let DATABASE_URL name the primary, or all servers with "
                            "target_session_attrs=read-write."
                        ) from exc
                    if losses == RECONNECTIONS:
                        raise StorageError(
                            f"The connection to the {self.place} was lost {losses + 1} times in a row. "
                            "Nothing was changed; try again."
                        ) from exc
                    losses += 1
                    # A server that was restarted leaves dead connections behind, perhaps all of them.
                    self._connections().check()

    def _once(self, begin: str, work: Callable[[Tx], T]) -> T:
        """Run ``work`` once; what it raises, or a connection that is lost before the commit, changes nothing."""
        with self._connections().connection(timeout=deadline.left_s(CONNECT_WITHIN_S)) as connection:
            committing = False
            try:
                tx = PostgresTx(connection, begin, self._now_ms, self._clock)
                result = work(tx)
                _refuse_what_failed(connection)
                committing = True
                connection.commit()
            except psycopg.errors.ReadOnlySqlTransaction as exc:
                if begin != BEGIN:
                    raise
                # The server was demoted. Whoever holds on to such a session never gets to the new one.
                connection.close()
                raise LostConnectionError(type(exc).__name__) from None
            except psycopg.Error as exc:
                if not connection.closed:
                    raise
                if committing and begin == BEGIN:
                    raise UnknownCommitError(
                        f"The connection to the {self.place} was lost while it committed: "
                        "nobody knows whether the change was stored. Look before you repeat it."
                    ) from None
                raise LostConnectionError(type(exc).__name__) from None
        for fact in tx.published:
            for hear in self._subscribers:
                hear(fact)
        return result

    def _connections(self) -> Pool:
        with self._lock:
            if self._pool is None:
                self._pool = open_pool(self._parameters)
            return self._pool


_CLOCK = "CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)"

_SERVER = "CAST(extract(epoch FROM pg_postmaster_start_time()) AS TEXT)"


def _begin(connection: Connection, begin: str) -> tuple[int, str]:
    """Begin, so that whoever has a deadline waits for no lock beyond it; return the server's clock (ms) and name.

    One round trip, and one statement for all settings: a SET for each costs the server as much as a query for each.
    """
    left_s = deadline.left_s(math.inf)
    limits = SESSION if left_s == math.inf else {**SESSION, **_limits(left_s)}
    settings = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in limits.items())
    cursor = connection.only.execute(f"{begin}; SELECT {_CLOCK} AS now, {_SERVER} AS server, {settings}")
    cursor.nextset()
    row = cursor.fetchone()
    return (int(row["now"]), str(row["server"])) if row else (0, "")


def _limits(seconds: float) -> dict[str, str]:
    """Return how long a lock, and a statement, may take.

    Whoever waits for a row in a queue waits twice in one statement, for its turn and for whoever has the row.
    """
    # 0 would be no limit.
    ms = 1 + round(seconds * 1000)
    return {"lock_timeout": f"{ms}ms", "statement_timeout": f"{ms + STATEMENT_MORE_MS}ms"}


def _refuse_what_failed(connection: Connection) -> None:
    """Raise when a statement failed and ``work`` went on: PostgreSQL rolls back at a COMMIT then, in silence."""
    if connection.info.transaction_status == TransactionStatus.INERROR:
        raise StorageError("A statement failed in the middle of a transaction, so all of it was undone.")


@lru_cache(maxsize=512)
def dialect(sql: str) -> str:
    """Turn ``:name`` into ``%(name)s`` (but not ``::`` casts), double ``%``, and fill the lock placeholders.

    A row is locked as an UPDATE of it would lock it, no more: whoever inserts what refers to it (a call, an
    item, a vote) locks its key, and would wait for FOR UPDATE, or be waited for.
    """
    named = re.sub(r"(?<!:):([a-z_][a-z0-9_]*)", r"%(\1)s", sql.replace("%", "%%"))
    return named.replace("{lock}", "FOR NO KEY UPDATE").replace("{skip}", "FOR NO KEY UPDATE SKIP LOCKED")


def migrate(tx: Tx) -> list[str]:
    """Apply what is missing; whoever else starts meanwhile waits for this transaction to end."""
    lock_schema(tx)
    tx.run(f"CREATE TABLE IF NOT EXISTS {LEDGER[ENGINE]} (name TEXT PRIMARY KEY, applied_ms BIGINT NOT NULL)")
    fence.refuse_if_moved(tx, ENGINE)
    _refuse_other_encodings(tx)
    applied = _applied(tx)
    wanted = [name for name, _ in MIGRATIONS if name not in applied]
    for name, statements in MIGRATIONS:
        if name in wanted:
            for statement in statements_for(ENGINE, statements):
                tx.run(_types(statement))
            tx.run(
                f"INSERT INTO {LEDGER[ENGINE]} (name, applied_ms) VALUES (:name, :now)",  # noqa: S608 - a name of ours
                name=name,
                now=tx.now_ms(),
            )
    return wanted


def lock_schema(tx: Tx) -> None:
    """Let nobody else migrate or move a record until this transaction ends.

    CREATE … IF NOT EXISTS does not do: of two starters that find nothing, one fails.
    """
    tx.run("SELECT pg_advisory_xact_lock(hashtext(:name))", name=LEDGER[ENGINE])


def _types(statement: str) -> str:
    return (
        statement.replace("{serial}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
        .replace("{big}", "BIGINT")
        .replace("{strict}", "")
    )


def _refuse_other_encodings(tx: Tx) -> None:
    row = tx.one("SHOW server_encoding")
    if row is None or row["server_encoding"] != "UTF8":
        raise StorageError("The PostgreSQL database cannot hold every title: make one with ENCODING 'UTF8'.")


def _applied(tx: Tx) -> set[str]:
    exists = tx.one("SELECT to_regclass(:name) AS found", name=LEDGER[ENGINE])
    if exists is None or exists["found"] is None:
        return set()
    applied = {str(row["name"]) for row in tx.rows(f"SELECT name FROM {LEDGER[ENGINE]}")}  # noqa: S608 - ours
    unknown = sorted(applied - {name for name, _ in MIGRATIONS})
    if unknown:
        raise NewerSchemaError(
            f"The database was written by a newer version of Countersign (it has {', '.join(unknown)}). "
            "Start that version, or restore a backup made before the upgrade."
        )
    return applied
