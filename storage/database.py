"""What the rest of the program may ask of a database engine, whichever engine it is."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Row = dict[str, Any]
"""One row: column name to str, int or None."""


class StorageError(Exception):
    """The database could not be used; the text says why and what to do, and holds no secrets."""


class NewerSchemaError(StorageError):
    """The database was written by a newer version of this program, which an older one must not touch."""


class Tx(Protocol):
    """One open transaction. SQL uses ``:name`` parameters and the placeholders ``{lock}`` and ``{skip}``."""

    def rows(self, sql: str, /, **params: str | int | None) -> list[Row]:
        """Run a statement and return all of its rows."""
        ...

    def one(self, sql: str, /, **params: str | int | None) -> Row | None:
        """Run a statement and return its first row, or None."""
        ...

    def run(self, sql: str, /, **params: str | int | None) -> int:
        """Run a statement and return how many rows it changed."""
        ...

    def run_many(self, sql: str, rows: Iterable[Mapping[str, str | int | None]], /) -> int:
        """Run one statement once per row of parameters; return how many rows all of them changed together."""
        ...

    def now_ms(self) -> int:
        """Return the database's clock, milliseconds since 1970 UTC: the one clock that decides anything."""
        ...


class Database(Protocol):
    """A database engine: transactions as functions, so that an engine may run a whole one again."""

    def write(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` in one write transaction: all of it is committed, or none of it.

        Raises StorageError when the engine refuses a statement; what ``work`` itself raises comes out as it is.
        """
        ...

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one consistent snapshot; a write in it is refused with StorageError."""
        ...

    def migrate(self) -> list[str]:
        """Bring the schema up to this version; return the names of the migrations applied.

        Raises NewerSchemaError when the database knows migrations that this program does not.
        """
        ...

    def check_schema(self) -> None:
        """Raise StorageError unless the schema is exactly the one this program was written for."""
        ...

    def now_ms(self) -> int:
        """Return the database's clock, milliseconds since 1970 UTC."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
