"""What the rest of the program may ask of a database engine, whichever engine it is."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Row = dict[str, Any]
"""One row: column name to str, int or None."""

LOWEST, HIGHEST = -(2**63), 2**63 - 1
"""The integers between which every stored one is."""


class StorageError(Exception):
    """The database could not be used; the text says why and what to do, and holds no secrets."""


class NewerSchemaError(StorageError):
    """The database was written by a newer version of this program, which an older one must not touch."""


class MovedError(StorageError):
    """The record is kept elsewhere now, or not here yet; the text says where."""


class BusyError(StorageError):
    """Others kept what was wanted for as long as the caller could wait. Nothing was changed; it can be repeated."""


class UnknownCommitError(StorageError):
    """The connection was lost while a transaction committed: nobody knows whether its change was stored.

    Nothing is repeated by itself, because running ``work`` again could do it twice. A listener's person is told
    that it failed; a replay of their click finds its key stored, or not. A worker's loop comes back by itself:
    every claim is a lease that ends, every call was journalled before it was made, every message has a name to be
    found by. So a change that was stored is continued from, and one that was not is made again.
    """


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

    def server(self) -> str:
        """Return a name of what serves this transaction, which another server, or another file, does not have."""
        ...

    def publish(self, fact: object, /) -> None:
        """Let those who subscribed to the database hear of something once this transaction is committed."""
        ...


class Readable(Protocol):
    """What can be read, and nothing more."""

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one consistent snapshot; a write in it is refused with StorageError."""
        ...


class Reader(Readable, Protocol):
    """A record that is opened for reading only: nothing is written to it, nor beside it."""

    @property
    def place(self) -> str:
        """Where the record is, for people: engine, path or host and name, never a password."""
        ...

    def check_schema(self) -> None:
        """Raise StorageError unless this is a record of this version, made of tables and nothing else."""
        ...

    def schema(self) -> str:
        """Return the name of the newest migration."""
        ...

    def was_changed(self) -> bool:
        """Say whether what was read may be torn, because somebody wrote meanwhile."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class Record(Protocol):
    """What is kept, read and written in transactions as functions, so that an engine may run a whole one again."""

    def write(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` in one write transaction: all of it is committed, or none of it.

        An engine may run ``work`` several times, when it lost a race or its connection before the commit, so it
        must do nothing but read and write the record. Raises StorageError when the engine refuses a statement,
        UnknownCommitError when nobody knows whether the commit arrived, MovedError when the record was moved;
        what ``work`` itself raises comes out as it is.
        """
        ...

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one consistent snapshot; a write in it is refused with StorageError."""
        ...

    def now_ms(self) -> int:
        """Return the database's clock, milliseconds since 1970 UTC."""
        ...


class Database(Record, Protocol):
    """A record with the engine that keeps it: its place, its schema, its connections."""

    @property
    def place(self) -> str:
        """Where the record is, for people: engine, path or host and name, never a password."""
        ...

    def migrate(self) -> list[str]:
        """Bring the schema up to this version; return the names of the migrations applied.

        Every start does this first. Raises NewerSchemaError when the database knows migrations that this program
        does not, and MovedError when the record is kept elsewhere.
        """
        ...

    def check_schema(self) -> None:
        """Raise StorageError unless the schema is exactly the one this program was written for."""
        ...

    def check_not_moved(self) -> None:
        """Raise MovedError when the record is kept elsewhere now; the schema has to be there."""
        ...

    def subscribe(self, hear: Callable[[object], None], /) -> None:
        """Call ``hear`` with everything that is published, after its commit, in the thread that committed it.

        It must not raise. Nothing is heard of a commit that nobody knows the end of (UnknownCommitError).
        """
        ...

    def analyze(self, table: str, /) -> None:
        """Let the engine see what a table has become when much was put in: it plans its queries by that."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
