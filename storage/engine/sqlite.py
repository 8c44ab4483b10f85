"""SQLite behind the Database protocol, through sqlite-utils.

Why it is set up this way was measured: ``isolation_level=None`` because otherwise ``INSERT … RETURNING`` leaves
a transaction open that a later close throws away; ``BEGIN IMMEDIATE`` because a deferred BEGIN loses write
races at once, whatever the busy timeout; ``synchronous=FULL`` because a deletion that was sent must not lose
its journal line to a power cut; one connection per thread because a shared one loses other threads' rows.
"""

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import sqlite_utils
from sqlite_utils.migrations import Migrations

from storage.engine import deadline, fence
from storage.engine.clock import wall_clock_ms as wall_clock_ms  # noqa: PLC0414 - it was here before
from storage.engine.database import BusyError, MovedError, NewerSchemaError, Row, StorageError, Tx
from storage.migrations.schema import MIGRATIONS, SET_NAME, Statement, statements_for

T = TypeVar("T")

ENGINE = "sqlite"

BUSY_TIMEOUT_S = 30
"""How long a writer waits for the others; eight writers were seen to need 1.5 s."""

POLL_MS = 4
"""How long SQLite itself polls for the writers of other processes, before it is told to begin anew.

By itself it polls ever more seldom, down to ten times a second, and a worker that deletes in eight lanes has begun
its next write each time it looks: beside a deletion of 100,000 writes of the listener waited up to 2.3 s, and
clicks behind them.
"""

CACHE_KIB = 512
"""Pages that a connection keeps in memory: each thread has one, and the system keeps the file for all of them."""

CLOSE_WITHIN_S = 2


class SqliteTx:
    """One open SQLite transaction."""

    def __init__(self, db: sqlite_utils.Database, now_ms: Callable[[], int], file: str) -> None:
        self._db = db
        self._file = file
        self._now_ms = now_ms
        self.published: list[object] = []

    def rows(self, sql: str, /, **params: str | int | None) -> list[Row]:
        """Run a statement and return all of its rows."""
        cursor = self._db.execute(dialect(sql), params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, sql: str, /, **params: str | int | None) -> Row | None:
        """Run a statement and return its first row, or None."""
        found = self.rows(sql, **params)
        return found[0] if found else None

    def run(self, sql: str, /, **params: str | int | None) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self._db.execute(dialect(sql), params).rowcount)

    def run_many(self, sql: str, rows: Iterable[Mapping[str, str | int | None]], /) -> int:
        """Run one statement once per row of parameters; return how many rows all of them changed together."""
        return max(0, self._db.conn.executemany(dialect(sql), rows).rowcount)

    def now_ms(self) -> int:
        """Return the clock of this database's only host."""
        return self._now_ms()

    def server(self) -> str:
        """Return the name that the file system gave to the file when it was opened."""
        return self._file

    def publish(self, fact: object, /) -> None:
        """Let subscribers hear of something once this transaction is committed."""
        self.published.append(fact)


class SqliteDatabase:
    """One SQLite file, one connection per thread."""

    def __init__(self, path: Path | str, *, now_ms: Callable[[], int] = wall_clock_ms) -> None:
        self._path = str(path)
        self.place = f"SQLite database at {path}"
        self._now_ms = now_ms
        self._local = threading.local()
        self._opened: list[tuple[sqlite3.Connection, threading.RLock]] = []
        self._opened_lock = threading.Lock()
        # SQLite lets one write at a time and the others poll, ever more seldom: here they queue up instead.
        # It only saves time; what keeps writers apart, those of other processes too, is BEGIN IMMEDIATE.
        self._writing = threading.RLock()
        self._queue = threading.Condition()
        self._in_a_hurry = 0
        self._subscribers: list[Callable[[object], None]] = []

    def subscribe(self, hear: Callable[[object], None], /) -> None:
        """Call ``hear`` with everything that is published, after its commit."""
        self._subscribers.append(hear)

    def write(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` inside BEGIN IMMEDIATE; commit when it returns, roll back when it raises."""
        with self._turn_to_write():
            return self._transaction(self._begin_to_write, work)

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one snapshot; a write inside it is refused by SQLite itself."""
        db = self._connection()
        db.execute("PRAGMA query_only = ON")
        try:
            return self._transaction(lambda db: db.execute("BEGIN"), work)
        finally:
            db.execute("PRAGMA query_only = OFF")

    def migrate(self) -> list[str]:
        """Apply what is missing, inside one BEGIN IMMEDIATE, so that simultaneous starters queue up."""
        db = self._connection()
        with self._errors_mapped():
            mode = _use_wal(db)
        if mode not in {"wal", "memory"}:
            raise StorageError(
                f"SQLite cannot use its write-ahead log on this disk (it answered {mode!r}). "
                "Put the database file on a local disk."
            )

        def work(tx: Tx) -> list[str]:
            fence.refuse_if_moved(tx, ENGINE)
            return self._apply_missing(db)

        return self._transaction(self._begin_to_write, work)

    def check_schema(self) -> None:
        """Raise unless every migration of this program, and no other, was applied."""
        applied = self._refuse_newer(self._connection())
        missing = [name for name, _ in MIGRATIONS if name not in applied]
        if missing:
            raise StorageError(
                f"The database at {self._path} lacks {len(missing)} migration(s). Run: python -m bot migrate"
            )

    def check_not_moved(self) -> None:
        """Raise MovedError when the record is kept elsewhere now."""
        self.read(lambda tx: fence.refuse_if_moved(tx, ENGINE))

    def now_ms(self) -> int:
        """Return the clock of this database's only host."""
        return self._now_ms()

    def analyze(self, table: str, /) -> None:
        """Do nothing: without statistics SQLite plans by the indexes there are, and these are made for that."""

    def close(self) -> None:
        """Close the connections of all threads; one that a thread is still busy with is left to the process's end.

        SQLite crashes the whole process when a connection is closed under a running statement.
        """
        with self._opened_lock:
            for connection, busy in self._opened:
                if busy.acquire(timeout=CLOSE_WITHIN_S):
                    connection.close()
                    busy.release()
            self._opened.clear()
        self._local = threading.local()

    def _transaction(self, begin: Callable[[sqlite_utils.Database], object], work: Callable[[Tx], T]) -> T:
        db = self._connection()
        with self._local.busy, self._errors_mapped():
            begin(db)
            try:
                tx = SqliteTx(db, self._now_ms, self._local.file)
                result = work(tx)
                db.execute("COMMIT")
            except BaseException:
                db.rollback()
                raise
        for fact in tx.published:
            for hear in self._subscribers:
                hear(fact)
        return result

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        with self._before_those_without_deadline():
            has_turn = self._writing.acquire(timeout=deadline.left_s(BUSY_TIMEOUT_S))
        if not has_turn:
            raise _busy(self._path)
        try:
            yield
        finally:
            self._writing.release()

    def _begin_to_write(self, db: sqlite_utils.Database) -> None:
        """Wait for the writers of other processes, and look often whether it is our turn."""
        until = time.monotonic() + deadline.left_s(BUSY_TIMEOUT_S)
        while True:
            left_ms = max(0, round((until - time.monotonic()) * 1000))
            _wait_at_most(db, min(left_ms, POLL_MS))
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as exc:
                if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not left_ms:
                    raise
            else:
                _wait_at_most(db, left_ms)
                return

    @contextmanager
    def _before_those_without_deadline(self) -> Iterator[None]:
        """Let whoever has a deadline go first: a lock is given to anybody, and a big deletion always wants it."""
        in_a_hurry = deadline.left_s(math.inf) < math.inf
        with self._queue:
            if not in_a_hurry:
                self._queue.wait_for(lambda: not self._in_a_hurry, BUSY_TIMEOUT_S)
            self._in_a_hurry += in_a_hurry
        try:
            yield
        finally:
            with self._queue:
                self._in_a_hurry -= in_a_hurry
                self._queue.notify_all()

    @contextmanager
    def _errors_mapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            if str(exc).startswith(fence.FIRST_WORDS):
                raise MovedError(str(exc)) from None
            if getattr(exc, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise _busy(self._path) from exc
            raise StorageError(f"The SQLite database at {self._path} refused: {exc}.") from exc

    def _connection(self) -> sqlite_utils.Database:
        db: sqlite_utils.Database | None = getattr(self._local, "db", None)
        if db is None:
            db, self._local.busy = self._open()
            self._local.file = _file(self._path)
            self._local.db = db
        return db

    def _open(self) -> "tuple[sqlite_utils.Database, threading.RLock]":
        try:
            # The connection is used by one thread only; close() alone reaches over from another.
            connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False
            )
            db = sqlite_utils.Database(connection, execute_plugins=False)
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        except sqlite3.Error as exc:
            raise StorageError(
                f"Cannot open the SQLite database at {self._path}: {exc}. Check that its folder exists, that it "
                "may be written, and that the file is a SQLite database."
            ) from exc
        with self._opened_lock:
            self._opened.append((connection, busy := threading.RLock()))
        return db, busy

    def _apply_missing(self, db: sqlite_utils.Database) -> list[str]:
        applied = self._refuse_newer(db)
        _migrations().apply(db)
        return [name for name, _ in MIGRATIONS if name not in applied]

    def _refuse_newer(self, db: sqlite_utils.Database) -> set[str]:
        with self._errors_mapped():
            applied = {migration.name for migration in _migrations().applied(db)}
        unknown = sorted(applied - {name for name, _ in MIGRATIONS})
        if unknown:
            raise NewerSchemaError(
                f"The database at {self._path} was written by a newer version of Countersign (it has "
                f"{', '.join(unknown)}). Start that version, or restore a backup made before the upgrade."
            )
        return applied


def _wait_at_most(db: sqlite_utils.Database, ms: int) -> None:
    db.execute(f"PRAGMA busy_timeout = {ms}").fetchone()


def _busy(path: str) -> BusyError:
    return BusyError(f"The SQLite database at {path} is busy: another write takes too long.")


def _file(path: str) -> str:
    """Return what tells a file from another of the same name; '' for a database that is in no file."""
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    return f"{found.st_dev}/{found.st_ino}"


def _use_wal(db: sqlite_utils.Database) -> str:
    """Turn the write-ahead log on; SQLite does not wait for other starters that do the same, so we do."""
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            return str(db.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def dialect(sql: str) -> str:
    """Fill the placeholders: SQLite's one writer needs neither row locks nor SKIP LOCKED."""
    return sql.replace("{lock}", "").replace("{skip}", "")


def _migrations() -> Migrations:
    migrations = Migrations(SET_NAME)
    for name, statements in MIGRATIONS:
        migrations(name=name)(_step(statements))
    return migrations


def _step(statements: tuple[Statement, ...]) -> Callable[[sqlite_utils.Database], None]:
    def apply(db: sqlite_utils.Database) -> None:
        for statement in statements_for(ENGINE, statements):
            db.execute(
                statement.replace("{serial}", "INTEGER PRIMARY KEY")
                .replace("{big}", "INTEGER")
                .replace("{strict}", "STRICT")
            )

    return apply
