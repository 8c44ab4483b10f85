"""Where a record is kept: the words of DATABASE_URL, and the database they open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from storage.engine.clock import SteadyClock
from storage.engine.database import Database, Reader, StorageError
from storage.engine.sqlite import SqliteDatabase
from storage.engine.sqlite_reading import SqliteReader

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")


class Engine(StrEnum):
    """What can keep a record."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


@dataclass(frozen=True)
class Address:
    """A place for a record. ``target`` may hold a password; ``place`` is for people and holds none."""

    engine: Engine
    target: str = field(repr=False)
    place: str

    def open(self, now_ms: Callable[[], int] | None = None, clock: SteadyClock | None = None) -> Database:
        """Open the database; ``now_ms`` replaces its clock: PostgreSQL's own, or this machine's for SQLite.

        Otherwise ``clock`` keeps it steady.
        """
        steady = clock or SteadyClock()
        if self.engine is Engine.SQLITE:
            return SqliteDatabase(self.target, now_ms=now_ms or steady)
        from storage.engine.postgres import PostgresDatabase  # noqa: PLC0415 - whoever uses SQLite need not load psycopg

        return PostgresDatabase(self.target, now_ms=now_ms, clock=steady)

    def open_for_reading(self) -> Reader:
        """Open a record that is there, to read it and no more; StorageError says why that cannot be done."""
        if self.engine is Engine.SQLITE:
            return SqliteReader(self.target)
        from storage.engine.postgres_reading import PostgresReader  # noqa: PLC0415 - whoever uses SQLite need not load psycopg

        return PostgresReader(self.target)

    def check_there(self) -> None:
        """Raise StorageError when there is no such file."""
        if self.engine is Engine.SQLITE and not Path(self.target).is_file():
            raise StorageError(f"There is no SQLite database at {self.target}. Check DATABASE_URL or the path.")


def parse(url: str) -> Address:
    """Read a DATABASE_URL; StorageError says what is wrong with it and never repeats it: it may hold a password."""
    scheme, _, rest = url.strip().partition("://")
    if f"{scheme}://" in POSTGRES:
        from storage.engine import postgres_connections as connections  # noqa: PLC0415 - as above

        # Heroku says postgres://, everybody else postgresql://.
        full = f"{POSTGRES[0]}{rest}"
        return Address(Engine.POSTGRES, full, connections.shown(connections.parameters(full)))
    path = url.strip().removeprefix(SQLITE)
    if path == url.strip():
        raise StorageError(
            "DATABASE_URL must be sqlite:///path/to/file.db or postgresql://user:password@host:5432/name."
        )
    if path in {"", ":memory:"}:
        raise StorageError("DATABASE_URL must name a file: a record kept in memory is lost when the program ends.")
    return Address(Engine.SQLITE, path, f"SQLite database at {path}")
