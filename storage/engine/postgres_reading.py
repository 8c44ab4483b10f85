"""A PostgreSQL record for reading only: every transaction is read-only, so a role with no other right will do."""

from collections.abc import Callable
from typing import TypeVar

from storage.engine import introspection
from storage.engine.database import StorageError, Tx
from storage.engine.postgres import PostgresDatabase
from storage.engine.sqlite_reading import tables_wanted

T = TypeVar("T")


class PostgresReader:
    """One PostgreSQL database that is only read."""

    def __init__(self, url: str) -> None:
        self._database = PostgresDatabase(url)
        self.place = self._database.place

    def read(self, work: Callable[[Tx], T], /) -> T:
        """Run ``work`` on one snapshot."""
        return self._database.read(work)

    def check_schema(self) -> None:
        """Raise StorageError unless this is a record of this version, made of tables that show all their rows."""
        self._database.check_schema()
        odd = self.read(lambda tx: introspection.not_whole_tables(tx, tables_wanted()))
        if odd:
            raise StorageError(
                f"The {self.place} is no record: {', '.join(odd)} is not a table that shows all rows."
            )

    def schema(self) -> str:
        """Return the name of the newest migration."""
        ledger = introspection.LEDGER["postgres"]
        row = self.read(lambda tx: tx.one(f"SELECT max(name) AS name FROM {ledger}"))  # noqa: S608 - a name of ours
        return str(row["name"]) if row else "none"

    def was_changed(self) -> bool:
        """Return False: every snapshot is whole, whoever writes meanwhile."""
        return False

    def close(self) -> None:
        """Close every connection."""
        self._database.close()
