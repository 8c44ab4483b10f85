"""A SQLite record for reading only: nothing is written beside it, and whatever file it is, it ends in words.

Where no write-ahead log lies beside the file it is opened as immutable: else SQLite would make files of its own
there, which it may not be allowed to. Where a log lies there and cannot be used in place, both are copied. The file
may be anybody's: its tables have to be tables, and a statement may take so long and bring so much.
"""

import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from storage.engine import introspection
from storage.engine.database import NewerSchemaError, Row, StorageError, Tx
from storage.engine.sqlite import ENGINE, SqliteDatabase, dialect
from storage.migrations.schema import MIGRATIONS, SET_NAME

T = TypeVar("T")

MAGIC = b"SQLite format 3\0"

LONGEST = 256 * 2**20
"""Bytes of the longest text that a record may hold: a plan of 100,000 targets has a fifth of it."""

MOST_AT_ONCE = 768 * 2**20
"""Bytes that one statement may bring."""

NO_WRITES = "A record that is only read takes no writes."

STEPS = 20_000
"""Steps of SQLite's machine between two looks at the clock."""

LEAST_S = 30
BYTES_A_SECOND = 250_000
"""How much work it may be: so many seconds, and one more for so many bytes. A record takes a tenth of it."""


@dataclass(frozen=True)
class _Look:
    """How the file was when it was opened: whoever writes to it changes one of these."""

    modified_ns: int
    size: int
    log: int


class SqliteReader:
    """One SQLite file that is only read. ``now`` counts seconds of work: on a busy machine they take longer."""

    def __init__(self, path: Path | str, *, now: Callable[[], float] = time.process_time) -> None:
        self._path = Path(path)
        self.place = f"SQLite database at {path}"
        self._now = now
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._refuse_other_files()
        self._seen = self._look()
        self._is_immutable = False
        self._ends = now() + LEAST_S + self._seen.size / BYTES_A_SECOND
        self._db = self._open()

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one snapshot."""
        with self._errors_mapped():
            self._db.execute("BEGIN")
            try:
                return work(_ReadingTx(self._db, self._check_time))
            finally:
                self._db.rollback()

    def check_schema(self) -> None:
        """Raise StorageError unless this is a record of this version, made of tables and nothing else."""
        applied = self.read(self._applied)
        names = [name for name, _ in MIGRATIONS]
        if unknown := sorted(applied - set(names)):
            raise NewerSchemaError(
                f"The {self.place} was written by a newer version of Countersign (it has "
                f"{', '.join(unknown)[:200]}). Use that version."
            )
        if missing := [name for name in names if name not in applied]:
            raise StorageError(
                f"The {self.place} lacks {len(missing)} migration(s). Copy it, and on the copy run: "
                "python -m bot migrate"
            )
        wanted, found = _shape_wanted(), self.read(_shape)
        if odd := sorted(name for name, shape in wanted.items() if found.get(name) != shape):
            raise StorageError(
                f"The {self.place} is no record: {', '.join(odd)} is not the table that it should be."
            )

    def schema(self) -> str:
        """Return the name of the newest migration."""
        return max(self.read(self._applied), default="none")

    def was_changed(self) -> bool:
        """Say whether somebody wrote to the file since it was opened: what was read may be torn then."""
        return self._is_immutable and self._look() != self._seen

    def close(self) -> None:
        """Close the file, and remove the copy if there is one."""
        self._db.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _refuse_other_files(self) -> None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise StorageError(
                f"There is no SQLite database at {self._path}. Check DATABASE_URL or the path."
            ) from None
        except OSError as exc:
            raise StorageError(f"The {self.place} cannot be read: {exc.strerror}.") from None
        if not stat.S_ISREG(found.st_mode):
            raise StorageError(f"What is at {self._path} is not a file, and so no SQLite database.")
        try:
            with self._path.open("rb") as file:
                first = file.read(len(MAGIC))
        except OSError as exc:
            raise StorageError(f"The {self.place} cannot be read: {exc.strerror}.") from None
        if first != MAGIC:
            raise StorageError(
                f"The file at {self._path} is empty: there is no record in it."
                if not first
                else f"The file at {self._path} is not a database that SQLite can read, or it is encrypted."
            )

    def _look(self) -> _Look:
        found = self._path.stat()
        return _Look(found.st_mtime_ns, found.st_size, _size(self._beside("-wal")))

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)

    def _open(self) -> sqlite3.Connection:
        with self._errors_mapped():
            if self._beside("-wal").exists() and self._beside("-shm").exists():
                try:
                    return self._connect(self._path, "mode=ro")
                except sqlite3.OperationalError:
                    # Not even to be read beside a writer, as where neither may be written.
                    return self._connect(self._copied(), "mode=rw")
            if self._seen.log or _size(self._beside("-journal")):
                return self._connect(self._copied(), "mode=rw")
            self._is_immutable = True
            return self._connect(self._path, "mode=ro&immutable=1")

    def _connect(self, path: Path, how: str) -> sqlite3.Connection:
        address = f"file:{quote(str(path.absolute()))}?{how}"
        db = sqlite3.connect(address, uri=True, isolation_level=None, timeout=10, check_same_thread=False)
        try:
            self._confine(db)
            # Nothing is opened before it is read from.
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            db.close()
            raise
        return db

    def _confine(self, db: sqlite3.Connection) -> None:
        """Let a file made by somebody else call no function, write nothing, and take no more than its share."""
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        db.set_progress_handler(self._is_over, STEPS)
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
            db.execute(f"PRAGMA {pragma}")

    def _copied(self) -> Path:
        """Copy the file with its log to where both can be used."""
        self._folder = tempfile.TemporaryDirectory(prefix="countersign-verify-")
        target = Path(self._folder.name) / "record.db"
        try:
            shutil.copyfile(self._path, target)
            for suffix in ("-wal", "-journal"):
                if self._beside(suffix).exists():
                    shutil.copyfile(self._beside(suffix), target.with_name(target.name + suffix))
        except OSError as exc:
            raise StorageError(
                f"The {self.place} has a log beside it that cannot be used there, and copying both to "
                f"{self._folder.name} failed: {exc.strerror}."
            ) from None
        return target

    def _is_over(self) -> int:
        return int(self._now() > self._ends)

    def _check_time(self) -> None:
        if self._is_over():
            raise StorageError(
                f"The {self.place} takes longer to read than a record of its size does. It was given up."
            )

    @staticmethod
    def _applied(tx: Tx) -> set[str]:
        ledger = introspection.LEDGER[ENGINE]
        if introspection.kinds(tx).get(ledger) != "table":
            raise StorageError("It is a SQLite database, but no record of Countersign: it names no migrations.")
        sql = f"SELECT name FROM {ledger} WHERE migration_set = :set LIMIT 1000"  # noqa: S608 - a name of ours
        return {str(row["name"]) for row in tx.rows(sql, set=SET_NAME)}

    @contextmanager
    def _errors_mapped(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            self._check_time()
            raise StorageError(f"The {self.place} cannot be read: {exc}.") from None
        except (OverflowError, MemoryError):
            raise StorageError(f"The {self.place} holds more in one place than a record does.") from None


class _ReadingTx:
    """One open transaction in which nothing can be written."""

    def __init__(self, db: sqlite3.Connection, check_time: Callable[[], None]) -> None:
        self._db = db
        self._check_time = check_time

    def rows(self, sql: str, /, **params: str | int | None) -> list[Row]:
        """Run a statement and return all of its rows; StorageError when they are more than a record has."""
        self._check_time()
        cursor = self._db.execute(dialect(sql), params)
        names = [column[0] for column in cursor.description or ()]
        found: list[Row] = []
        size = 0
        for row in cursor:
            size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
            if size > MOST_AT_ONCE:
                raise StorageError("It holds more in one place than a record does. It was given up.")
            found.append(dict(zip(names, row, strict=True)))
        return found

    def one(self, sql: str, /, **params: str | int | None) -> Row | None:
        """Run a statement and return its first row, or None."""
        found = self.rows(sql, **params)
        return found[0] if found else None

    def run(self, _sql: str, /, **_params: str | int | None) -> int:
        """Refuse: nothing is written here."""
        raise StorageError(NO_WRITES)

    def run_many(self, _sql: str, _rows: Iterable[Mapping[str, str | int | None]], /) -> int:
        """Refuse as well."""
        raise StorageError(NO_WRITES)

    def now_ms(self) -> int:
        """Return this machine's clock."""
        return time.time_ns() // 1_000_000

    def server(self) -> str:
        """Return '': it is one file for as long as it is open."""
        return ""

    def publish(self, fact: object, /) -> None:
        """Tell nobody: nothing happens here."""


_Shape = tuple[object, ...]


def _shape(tx: Tx) -> dict[str, _Shape]:
    """Return what each table is made of: its kind, whether its types are checked, its columns."""
    found: dict[str, _Shape] = {}
    for table in tx.rows("SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main' LIMIT 1000"):
        columns = tx.rows("SELECT name, type, hidden FROM pragma_table_xinfo(:name)", name=table["name"])
        made = tuple((column["name"], column["type"], column["hidden"]) for column in columns)
        found[table["name"]] = (table["type"], table["strict"], frozenset(made))
    return found


def tables_wanted() -> frozenset[str]:
    """Return the names of the tables that a record of this version has."""
    return frozenset(_shape_wanted())


@cache
def _shape_wanted() -> dict[str, _Shape]:
    with closing(SqliteDatabase(":memory:")) as new:
        new.migrate()
        names = new.read(lambda tx: introspection.tables(tx, ENGINE))
        return {name: shape for name, shape in new.read(_shape).items() if name in names}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
