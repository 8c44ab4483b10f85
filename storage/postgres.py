"""PostgreSQL behind the Database protocol, through psycopg: the same SQL, for several instances of the program.

Every time-out is set on purpose: an instance that is stopped in the middle of a transaction would otherwise hold
the head of the audit log for ever (measured: with idle_in_transaction_session_timeout the lock is free when it
has passed). A whole transaction is run again when PostgreSQL says that it lost a race.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from storage.database import NewerSchemaError, Row, StorageError, Tx
from storage.schema import MIGRATIONS, statements_for

T = TypeVar("T")

Connection = psycopg.Connection[dict[str, Any]]

Pool = ConnectionPool[Connection]

CONNECT_WITHIN_S = 30

TRIES = 20
"""How often a transaction that lost a race is run again before the loss is reported."""

LOST_RACES = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
)

SESSION = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
}
"""Session settings, PostgreSQL documentation chapter 20.11."""

CONNECTIONS = 12


class PostgresTx:
    """One open PostgreSQL transaction."""

    def __init__(self, connection: Connection, now_ms: Callable[[], int] | None) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def rows(self, sql: str, /, **params: str | int | None) -> list[Row]:
        """Run a statement and return all of its rows."""
        cursor = self._connection.execute(dialect(sql), params)
        return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, /, **params: str | int | None) -> Row | None:
        """Run a statement and return its first row, or None."""
        found = self.rows(sql, **params)
        return found[0] if found else None

    def run(self, sql: str, /, **params: str | int | None) -> int:
        """Run a statement and return how many rows it changed."""
        return self._connection.execute(dialect(sql), params).rowcount

    def run_many(self, sql: str, rows: Iterable[Mapping[str, str | int | None]], /) -> int:
        """Run one statement once per row of parameters; return how many rows all of them changed together."""
        with self._connection.cursor() as cursor:
            cursor.executemany(dialect(sql), list(rows))
            return max(0, cursor.rowcount)

    def now_ms(self) -> int:
        """Return the database's own clock, never an instance's."""
        if self._now_ms is not None:
            return self._now_ms()
        row = self.one("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now")
        return int(row["now"]) if row else 0


class PostgresDatabase:
    """One PostgreSQL database. ``now_ms`` replaces its clock in tests."""

    def __init__(
        self, url: str, *, now_ms: Callable[[], int] | None = None, pause: Callable[[float], None] = time.sleep
    ) -> None:
        try:
            psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise StorageError(
                "DATABASE_URL is not a PostgreSQL address. Percent-encode special characters in the password."
            ) from None
        self._url = url
        self._now_ms = now_ms
        self._pause = pause
        self._lock = threading.Lock()
        self._pool: Pool | None = None

    def write(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` in one transaction; run all of it again when it lost a race."""
        with _errors_mapped():
            for attempt in range(TRIES):
                try:
                    return self._transaction(work)
                except LOST_RACES:
                    self._pause(min(0.5, 0.005 * 2**attempt))
            return self._transaction(work)

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one snapshot; a write inside it is refused by PostgreSQL itself."""

        def reading(tx: Tx) -> T:
            tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return work(tx)

        with _errors_mapped():
            return self._transaction(reading)

    def migrate(self) -> list[str]:
        """Apply what is missing in one transaction, under a lock that makes simultaneous starters queue up."""
        with _errors_mapped():
            try:
                return self._transaction(_migrate)
            except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
                # Another starter made the ledger in the same instant: CREATE … IF NOT EXISTS can lose that race.
                return self._transaction(_migrate)

    def check_schema(self) -> None:
        """Raise unless every migration of this program, and no other, was applied."""
        missing = [name for name, _ in MIGRATIONS if name not in self.read(_applied)]
        if missing:
            raise StorageError(f"The database lacks {len(missing)} migration(s). Run: python -m bot migrate")

    def now_ms(self) -> int:
        """Return the database's clock."""
        return self.read(lambda tx: tx.now_ms())

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _transaction(self, work: Callable[[Tx], T]) -> T:
        with self._connections().connection() as connection, connection.transaction():
            return work(PostgresTx(connection, self._now_ms))

    def _connections(self) -> Pool:
        with self._lock:
            if self._pool is None:
                self._pool = ConnectionPool(
                    self._url,
                    connection_class=psycopg.Connection[dict[str, Any]],
                    kwargs={"row_factory": dict_row, "autocommit": True, "options": _options()},
                    min_size=1,
                    max_size=CONNECTIONS,
                    timeout=CONNECT_WITHIN_S,
                    # A server that was restarted leaves dead connections behind; none of them is handed out.
                    check=ConnectionPool.check_connection,
                    open=True,
                )
            return self._pool


@contextmanager
def _errors_mapped() -> Iterator[None]:
    """Turn psycopg's errors into ours; their texts may hold the connection's address and are left out."""
    try:
        yield
    except PoolTimeout as exc:
        raise StorageError("PostgreSQL does not answer. Check DATABASE_URL and that the server runs.") from exc
    except psycopg.Error as exc:
        said = exc.diag.message_primary or type(exc).__name__
        # libpq's own texts quote the address, password and all, when it cannot read it.
        raise StorageError(f"The PostgreSQL database refused: {said}.") from None


@lru_cache(maxsize=512)
def dialect(sql: str) -> str:
    """Turn ``:name`` into ``%(name)s`` (but not ``::`` casts), double ``%``, and fill the lock placeholders."""
    named = re.sub(r"(?<!:):([a-z_][a-z0-9_]*)", r"%(\1)s", sql.replace("%", "%%"))
    return named.replace("{lock}", "FOR UPDATE").replace("{skip}", "FOR UPDATE SKIP LOCKED")


def _migrate(tx: Tx) -> list[str]:
    tx.run("CREATE TABLE IF NOT EXISTS countersign_migrations (name TEXT PRIMARY KEY, applied_ms BIGINT NOT NULL)")
    tx.run("LOCK TABLE countersign_migrations IN EXCLUSIVE MODE")
    applied = _applied(tx)
    wanted = [name for name, _ in MIGRATIONS if name not in applied]
    for name, statements in MIGRATIONS:
        if name in wanted:
            for statement in statements_for("postgres", statements):
                tx.run(_types(statement))
            tx.run(
                "INSERT INTO countersign_migrations (name, applied_ms) VALUES (:name, :now)",
                name=name,
                now=tx.now_ms(),
            )
    return wanted


def _types(statement: str) -> str:
    return (
        statement.replace("{serial}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
        .replace("{big}", "BIGINT")
        .replace("{strict}", "")
    )


def _applied(tx: Tx) -> set[str]:
    exists = tx.one("SELECT to_regclass(:name) AS found", name="countersign_migrations")
    if exists is None or exists["found"] is None:
        return set()
    applied = {str(row["name"]) for row in tx.rows("SELECT name FROM countersign_migrations")}
    unknown = sorted(applied - {name for name, _ in MIGRATIONS})
    if unknown:
        raise NewerSchemaError(
            f"The database was written by a newer version of Countersign (it has {', '.join(unknown)}). "
            "Start that version, or restore a backup made before the upgrade."
        )
    return applied


def _options() -> str:
    return " ".join(f"-c {name}={value}" for name, value in SESSION.items())
