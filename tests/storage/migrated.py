"""New records without the migrations, which take longer than most tests: a copy of one that was migrated once."""

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage import SqliteDatabase
from storage.engine.sqlite import wall_clock_ms


def lay(path: Path) -> None:
    """Put a new record there: this version's schema, and an id of its own as every record has."""
    path.write_bytes(_template())
    with closing(sqlite3.connect(path)) as record, record:
        # Nothing here has to outlive a power cut.
        record.execute("PRAGMA synchronous = OFF")
        record.execute("UPDATE audit_head SET record_id = ?", (uuid.uuid4().hex,))


def new_sqlite(path: Path, *, now_ms: Callable[[], int] = wall_clock_ms) -> SqliteDatabase:
    """Return a new record in a file, opened."""
    lay(path)
    return SqliteDatabase(path, now_ms=now_ms)


@cache
def _template() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "record.db"
        with closing(SqliteDatabase(path)) as database:
            database.migrate()
        assert [each.name for each in Path(folder).iterdir()] == [path.name], "it is not whole"
        return path.read_bytes()
