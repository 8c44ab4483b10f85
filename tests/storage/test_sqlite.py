import contextlib
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from storage import BusyError, SqliteDatabase, StorageError, Tx
from storage.engine import deadline
from storage.engine import sqlite as module
from storage.engine.sqlite import dialect
from storage.tables import deliveries


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def database(path: Path) -> SqliteDatabase:
    opened = SqliteDatabase(path)
    opened.migrate()
    return opened


def pragma(tx: Tx, name: str) -> object:
    row = tx.one(f"PRAGMA {name}")
    return row[name] if row else None


def test_every_connection_is_durable_and_checks_its_references(database: SqliteDatabase) -> None:
    wanted = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "recursive_triggers": 1}

    def settings() -> dict[str, object]:
        return database.write(lambda tx: {name: pragma(tx, name) for name in wanted})

    found = [settings()]
    thread = threading.Thread(target=lambda: found.append(settings()))
    thread.start()
    thread.join()

    assert found == [wanted, wanted]


def test_replacing_an_event_does_not_get_around_the_append_only_log(database: SqliteDatabase) -> None:
    columns = "(seq, prev, hash, event_hash, at_ms, actor, action, ref, payload)"

    def insert(tx: Tx, verb: str) -> None:
        tx.run(f"{verb} INTO audit {columns} VALUES (1, '', 'h', 'e', 1, 'a', 'b', 'c', '{{}}')")

    database.write(lambda tx: insert(tx, "INSERT"))
    with pytest.raises(StorageError, match="append-only"):
        database.write(lambda tx: insert(tx, "INSERT OR REPLACE"))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO deliveries (key, seen_ms) VALUES ('a', 'yesterday')",
        "INSERT INTO deliveries (key, seen_ms) VALUES ('a', NULL)",
        "INSERT INTO audit_head (id, seq, hash) VALUES (2, 1.5, '')",
    ],
)
def test_columns_hold_only_what_they_are_declared_to_hold(database: SqliteDatabase, statement: str) -> None:
    with pytest.raises(StorageError):
        database.write(lambda tx: tx.run(statement))


def test_a_write_waits_its_turn_instead_of_failing_later(database: SqliteDatabase, path: Path) -> None:
    """A deferred BEGIN would let both read, and then fail one of them at once, whatever the time-out."""
    inside, tried = threading.Event(), threading.Event()
    order: list[str] = []

    def other() -> None:
        second = SqliteDatabase(path)
        inside.wait(30)
        tried.set()
        second.write(lambda tx: deliveries.first_time(tx, "b"))
        order.append("second")
        second.close()

    def first(tx: Tx) -> None:
        inside.set()
        tried.wait(30)
        deliveries.first_time(tx, "a")
        order.append("first")

    thread = threading.Thread(target=other)
    thread.start()
    database.write(first)
    thread.join(30)

    assert order == ["first", "second"]


def test_a_database_that_stays_locked_is_a_storage_error_not_a_hang(
    database: SqliteDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0)
    hog = sqlite3.connect(path, isolation_level=None)
    hog.execute("BEGIN IMMEDIATE")
    late = SqliteDatabase(path)

    with pytest.raises(BusyError, match="busy"):
        late.write(lambda tx: deliveries.first_time(tx, "a"))
    hog.execute("COMMIT")
    hog.close()

    assert database.write(lambda tx: deliveries.first_time(tx, "b"))
    assert late.write(lambda tx: deliveries.first_time(tx, "a"))
    late.close()


def test_a_read_does_not_wait_for_a_writer(
    database: SqliteDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0)
    reader = SqliteDatabase(path)

    def work(tx: Tx) -> int:
        deliveries.first_time(tx, "a")
        return reader.read(lambda other: len(other.rows("SELECT key FROM deliveries")))

    assert database.write(work) == 0
    reader.close()


def test_a_folder_that_is_missing_is_said_so(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "missing" / "record.db")

    for use in (database.migrate, database.check_schema, lambda: database.read(lambda tx: tx.rows("SELECT 1"))):
        with pytest.raises(StorageError, match="folder"):
            use()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Cannot open"):
        SqliteDatabase(tmp_path).migrate()


def test_a_disk_without_a_write_ahead_log_is_refused(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as probe:
        if ("USE_URI",) not in probe.execute("PRAGMA compile_options").fetchall():
            pytest.skip("this SQLite takes no URIs, and only a URI can name a file system without shared memory")
    with pytest.raises(StorageError, match="local disk"):
        SqliteDatabase(f"file:{path}?vfs=unix-none").migrate()


def test_a_reader_in_the_same_thread_as_a_writer_is_refused_without_harm(database: SqliteDatabase) -> None:
    def work(tx: Tx) -> None:
        deliveries.first_time(tx, "a")
        database.read(lambda inner: inner.rows("SELECT key FROM deliveries"))

    with pytest.raises(StorageError):
        database.write(work)

    assert database.read(lambda tx: tx.rows("SELECT key FROM deliveries")) == []


def test_the_placeholders_of_other_engines_disappear() -> None:
    assert dialect("SELECT 1 {lock}") == "SELECT 1 "
    assert dialect("LIMIT 1 {skip}) ") == "LIMIT 1 ) "


def test_closing_ends_the_connections_of_every_thread(database: SqliteDatabase, path: Path) -> None:
    thread = threading.Thread(target=lambda: database.write(lambda tx: deliveries.first_time(tx, "a")))
    thread.start()
    thread.join()
    database.close()

    assert not path.with_name("record.db-wal").exists()


def test_whoever_has_a_deadline_writes_before_those_that_have_none(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "record.db")
    database.migrate()
    wrote: list[str] = []
    holding, held = threading.Event(), threading.Event()

    def hold(_: Tx) -> None:
        holding.set()
        held.wait(10)

    def hurry() -> None:
        with deadline.within(10):
            database.write(lambda _: wrote.append("person"))

    def work() -> None:
        database.write(lambda _: wrote.append("worker"))

    holder = threading.Thread(target=database.write, args=(hold,))
    holder.start()
    holding.wait(10)
    person = threading.Thread(target=hurry)
    person.start()
    assert until(lambda: database._in_a_hurry == 1)
    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    held.set()
    for thread in [holder, person, *workers]:
        thread.join(10)

    assert wrote == ["person", *["worker"] * 4]


def until(holds: Callable[[], bool]) -> bool:
    """Wait for a moment until something holds."""
    nobody = threading.Event()
    return any(holds() or nobody.wait(0.01) for _ in range(1_000))


@pytest.mark.parametrize("limit", [deadline.within(0.3), contextlib.nullcontext()], ids=["deadline", "none"])
def test_a_writer_looks_often_whether_it_is_its_turn(
    path: Path, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch, limit: AbstractContextManager[None]
) -> None:
    """SQLite by itself polls down to ten times a second: a worker that writes all the time is always first then."""
    waiting, statements = SqliteDatabase(path), list[str]()
    waiting.read(lambda _: waiting._local.db.conn.set_trace_callback(statements.append))

    def hold(_: Tx) -> None:
        with pytest.raises(BusyError), limit:
            waiting.write(lambda tx: tx.now_ms())

    with monkeypatch.context() as patch:
        patch.setattr(module, "BUSY_TIMEOUT_S", 0.3)
        database.write(hold)
    assert statements.count("BEGIN IMMEDIATE") > 5
    with deadline.within(5):
        row = waiting.write(lambda tx: tx.one("PRAGMA busy_timeout"))
    assert row is not None
    assert row["timeout"] > module.POLL_MS
