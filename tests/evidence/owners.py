"""A record that somebody who owns the database edits, past every guard of the program's, on both engines."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from deletion.evidence import record_check
from deletion.evidence.record_check import Report
from storage import Tx, parse
from storage.engine import introspection

Value = str | int | None
Row = dict[str, Any]


@dataclass(frozen=True)
class Owned:
    """A record at rest. ``url`` names it; ``numbers`` are its proposals by what became of them."""

    url: str
    numbers: dict[str, int]

    @property
    def engine(self) -> str:
        return "sqlite" if self.url.startswith("sqlite") else "postgres"

    def run(self, sql: str, **values: Value) -> list[Row]:
        """Run a statement as the database's owner; parameters are written ``:name``. Return its rows, if any."""
        with self._connection() as execute:
            return execute(sql, values)

    def verify(self) -> Report:
        with closing(parse(self.url).open_for_reading()) as database:
            return record_check.verify(database)

    @contextmanager
    def _connection(self) -> Iterator[Callable[[str, dict[str, Value]], list[Row]]]:
        if self.engine == "sqlite":
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as db, db:
                db.row_factory = sqlite3.Row
                for name in ("update", "delete"):
                    db.execute(f"DROP TRIGGER IF EXISTS audit_is_append_only_{name}")
                yield lambda sql, values: [dict(row) for row in db.execute(sql, values)]
            return
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            # No trigger and no foreign key stands in the owner's way.
            connection.execute("SET session_replication_role = replica")

            def execute(sql: str, values: dict[str, Value]) -> list[Row]:
                named = sql.replace("%", "%%")
                for name in values:
                    named = named.replace(f":{name}", f"%({name})s")
                cursor = connection.execute(named.encode(), values)
                return cursor.fetchall() if cursor.description else []

            yield execute

    def copy_to(self, folder: Path) -> "Owned":
        """Return a copy that can be edited, where that is a file; on PostgreSQL the record itself."""
        if self.engine == "postgres":
            return self
        path = shutil.copy(self.url.removeprefix("sqlite:///"), folder / "copy.db")
        return Owned(f"sqlite:///{path}", self.numbers)

    @contextmanager
    def put_back(self, *tables: str) -> Iterator[None]:
        """Let these tables be edited, and be as before afterwards."""
        for table in tables:
            self.run(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608 - names of the tests
        try:
            yield
        finally:
            for table in tables:
                self.run(f"DELETE FROM {table}")  # noqa: S608 - as above
                self.run(f"INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608 - as above
                self.run(f"DROP TABLE kept_{table}")

    def everything_in(self, tables: tuple[str, ...]) -> list[Row]:
        """Return all that is in these tables."""
        return [row for table in tables for row in self.run(f"SELECT * FROM {table}")]  # noqa: S608 - as above

    def columns(self) -> dict[str, set[str]]:
        """Return the columns of every table of the record."""

        def read(tx: Tx) -> dict[str, set[str]]:
            names = introspection.tables(tx, self.engine)
            return {name: introspection.columns(tx, self.engine, name) for name in names}

        with closing(parse(self.url).open_for_reading()) as database:
            return database.read(read)
