import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage import Database, MovedError, Record, SqliteDatabase, StorageError, Tx, parse
from storage.engine import fence, introspection
from storage.engine import sqlite as sqlite_module
from storage.engine.postgres import PostgresDatabase
from storage.tables import deliveries
from storage.transfer import moving
from storage.transfer.moving import FaultOf, Moved
from tests.storage import samples
from tests.storage.postgres import Server
from tests.storage.racers import exit_codes
from tests.storage.test_migrations import add_migration
from tests.storage.test_postgres import cut_off

spawn = multiprocessing.get_context("spawn")

Content = dict[str, list[dict[str, Any]]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def source(path: Path) -> Iterator[SqliteDatabase]:
    """A record with something in every table, whatever tables there are."""
    opened = SqliteDatabase(path)
    opened.migrate()
    opened.write(fill)
    with closing(opened):
        yield opened


@pytest.fixture
def url(postgres: Server) -> str:
    """Return the address of an empty database, with a password that nobody may ever read."""
    return postgres.empty_database().replace("postgres:@", "postgres:hunter2@")


@pytest.fixture
def target(url: str) -> Iterator[PostgresDatabase]:
    with closing(PostgresDatabase(url)) as opened:
        yield opened


def fill(tx: Tx, word: str = "春") -> None:
    """Give every table that has none a row, with a text or a number in every column."""
    for table in introspection.parents_first(tx):
        if introspection.count(tx, table) == 0:
            columns = tx.rows("SELECT name, type FROM pragma_table_info(:table)", table=table)
            row = {c["name"]: 1 if c["type"] == "INTEGER" else f"{c['name']} {word} 'q' % :x" for c in columns}
            values = ", ".join(f":{name}" for name in row)
            tx.run(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({values})', **row)  # noqa: S608 - from the catalog
    tx.run("UPDATE audit_head SET seq = 1, hash = (SELECT hash FROM audit)")


def content(database: Database, engine: str) -> Content:
    def rows(tx: Tx, name: str) -> list[dict[str, Any]]:
        return tx.rows(f'SELECT * FROM "{name}" ORDER BY 1')  # noqa: S608 - from the catalog

    return database.read(lambda tx: {name: rows(tx, name) for name in introspection.tables(tx, engine)})


def move(path: Path, url: str, fault: str | None = None) -> Moved:
    return moving.move(parse(f"sqlite:///{path}"), parse(url), fault_of=lambda _: fault)


def tables_in(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return found[0] if found else -1


def in_use(database: Database, key: str) -> bool:
    """Say whether a bot could start there and work."""
    database.migrate()
    database.check_not_moved()
    return database.write(lambda tx: deliveries.first_time(tx, key))


def assert_fenced(database: Database, engine: str, words: str) -> None:
    """Neither a start, nor a write of a bot that runs already, in any table."""
    for use in (database.migrate, database.check_not_moved):
        with pytest.raises(MovedError, match=words) as caught:
            use()
        assert "hunter2" not in str(caught.value)
    before = content(database, engine)
    for table, rows in before.items():
        column = next(iter(rows[0]))
        for sql in (
            f'INSERT INTO "{table}" SELECT * FROM "{table}"',  # noqa: S608 - from the catalog
            f'UPDATE "{table}" SET "{column}" = "{column}"',  # noqa: S608 - the same
            f'DELETE FROM "{table}"',  # noqa: S608 - the same
        ):
            with pytest.raises(MovedError if table != "audit" else StorageError):
                database.write(lambda tx, sql=sql: tx.run(sql))  # type: ignore[misc] # a lambda's default
    assert content(database, engine) == before


def test_every_row_of_every_table_is_there_afterwards(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase
) -> None:
    before = content(source, "sqlite")
    moved = move(path, url)

    assert content(target, "postgres") == before
    assert set(before) >= {
        "proposals",
        "plans",
        "votes",
        "items",
        "calls",
        "outbox",
        "audit",
        "audit_head",
        "anchors",
    }
    assert all(before.values())
    assert moved.rows == {name: len(rows) for name, rows in before.items()}
    assert (moved.head.seq, moved.head.hash) == (1, before["audit"][0]["hash"])
    assert target.migrate() == []
    target.check_schema()


def test_a_table_that_a_later_version_brings_is_moved_too(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_migration(
        monkeypatch,
        "9998_later",
        "CREATE TABLE z_parent (id {serial}, seen_ms {big} NOT NULL) {strict}",
        "CREATE TABLE a_child (id {serial}, parent {big} NOT NULL REFERENCES z_parent (id), said TEXT) {strict}",
    )
    source.migrate()
    source.write(fill)
    move(path, url)

    assert content(target, "postgres") == content(source, "sqlite")
    assert target.read(lambda tx: samples.count(tx, "a_child")) == 1


def test_more_rows_than_a_page_are_moved_and_the_next_ones_get_new_numbers(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PAGE", 2)
    number = [samples.proposal(source) for _ in range(7)][-1]
    source.write(lambda tx: tx.run("DELETE FROM jobs"))
    move(path, url)

    assert content(target, "postgres")["proposals"] == content(source, "sqlite")["proposals"]
    assert samples.proposal(target) == number + 1
    assert target.write(
        lambda tx: tx.rows("INSERT INTO jobs (kind, ref, state, due_ms) VALUES ('a', 1, 'queued', 1) RETURNING id")
    ) == [{"id": 1}]


@pytest.mark.usefixtures("source")
def test_the_log_is_append_only_there_and_the_target_is_in_use(
    path: Path, url: str, target: PostgresDatabase
) -> None:
    move(path, url)

    with pytest.raises(StorageError, match="append-only"):
        target.write(lambda tx: tx.run("DELETE FROM audit"))
    assert in_use(target, "new")


def test_the_old_record_is_fenced_against_bots_that_start_and_bots_that_run(
    path: Path, source: SqliteDatabase, url: str
) -> None:
    source.write(lambda tx: deliveries.first_time(tx, "the running bot's connection is open"))
    move(path, url)

    with closing(SqliteDatabase(path)) as starting:
        for database in (source, starting):
            assert_fenced(database, "sqlite", "moved to the PostgreSQL database postgres at")
    with pytest.raises(MovedError, match="Set DATABASE_URL"):
        move(path, url)


def test_a_target_that_is_migrated_already_is_as_good_as_an_empty_one(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase
) -> None:
    target.migrate()
    move(path, url)

    assert content(target, "postgres") == content(source, "sqlite")


def test_a_target_that_holds_a_record_is_refused_and_neither_is_touched(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase
) -> None:
    target.migrate()
    samples.proposal(target)
    before = content(target, "postgres"), content(source, "sqlite")

    with pytest.raises(StorageError, match="holds a record already"):
        move(path, url)

    assert (content(target, "postgres"), content(source, "sqlite")) == before
    assert in_use(source, "a")
    assert in_use(target, "a")


def test_a_copy_that_does_not_hold_is_not_kept(path: Path, source: SqliteDatabase, url: str) -> None:
    with pytest.raises(StorageError, match=r"Nothing was moved\. The log does not hold"):
        move(path, url, fault="The log does not hold.")

    assert tables_in(url) == 0
    assert in_use(source, "a")


def test_a_copy_that_lacks_a_row_is_not_kept(
    path: Path, source: SqliteDatabase, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = moving._copy_rows
    monkeypatch.setattr(moving, "_copy_rows", lambda src, dst, name: name == "lanes" or real(src, dst, name))

    with pytest.raises(StorageError, match="as many rows"):
        move(path, url)

    assert tables_in(url) == 0
    assert in_use(source, "a")


def test_a_text_that_postgres_cannot_hold_is_told_and_nothing_is_moved(
    path: Path, source: SqliteDatabase, url: str
) -> None:
    source.write(lambda tx: deliveries.first_time(tx, "a\0b"))

    with pytest.raises(StorageError, match="refused"):
        move(path, url)

    assert tables_in(url) == 0
    assert in_use(source, "a")


def test_a_column_that_only_one_of_them_has_is_not_left_behind_in_silence(
    path: Path, source: SqliteDatabase, url: str
) -> None:
    source.write(lambda tx: tx.run("ALTER TABLE lanes ADD COLUMN mood TEXT"))

    with pytest.raises(StorageError, match=r"differ in tables or columns \(lanes\)"):
        move(path, url)

    assert tables_in(url) == 0


def test_a_table_that_only_one_of_them_has_is_not_left_behind_in_silence(
    path: Path, source: SqliteDatabase, url: str
) -> None:
    source.write(lambda tx: tx.run("CREATE TABLE notes (id INTEGER)"))

    with pytest.raises(StorageError, match=r"\(notes\)"):
        move(path, url)


@pytest.mark.usefixtures("source")
def test_nobody_writes_the_old_record_while_it_is_copied(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meddle(_: Record) -> None:
        with closing(SqliteDatabase(path)) as other, pytest.raises(StorageError, match="busy"):
            other.write(lambda tx: deliveries.first_time(tx, "meanwhile"))

    monkeypatch.setattr(sqlite_module, "BUSY_TIMEOUT_S", 0)
    moving.move(parse(f"sqlite:///{path}"), parse(url), fault_of=meddle)


def test_a_connection_that_is_cut_in_the_middle_makes_the_copy_begin_again(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, cuts = moving._copy_rows, iter([True])

    def cutting(src: Tx, dst: Tx, name: str) -> None:
        if name == "items" and next(cuts, False):
            cut_off(dst, url)
        real(src, dst, name)

    monkeypatch.setattr(moving, "_copy_rows", cutting)
    move(path, url)

    assert content(target, "postgres") == content(source, "sqlite")


def test_a_commit_nobody_knows_about_leaves_the_old_record_in_use_and_the_next_move_succeeds(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fence.put_up

    def cutting(tx: Tx, engine: str, wanted: fence.Fence) -> None:
        real(tx, engine, wanted)
        cut_off(tx, url)

    with monkeypatch.context() as cut:
        cut.setattr(fence, "put_up", cutting)
        with pytest.raises(StorageError, match="Run the same command again"):
            move(path, url)

    assert in_use(source, "a")
    move(path, url)
    assert content(target, "postgres") == content(source, "sqlite")


def die_at(step: str, path: Path, url: str) -> None:
    """Move, and be killed at a step; for another process."""

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    real = fence.put_up

    def put_up_but_one(tx: Tx, engine: str, fence: fence.Fence) -> None:
        (real if engine == "postgres" else die)(tx, engine, fence)

    if step == "the copy is committed":
        fence.put_up = put_up_but_one
    if step == "the old record is fenced":
        moving._open = die  # type: ignore[assignment] # it never returns
    fault_of: FaultOf = die if step == "verifying" else lambda _: None
    moving.move(parse(f"sqlite:///{path}"), parse(url), fault_of=fault_of)


def kill_at(step: str, path: Path, url: str) -> None:
    process = spawn.Process(target=die_at, args=(step, path, url))
    assert exit_codes(process) == [-signal.SIGKILL]


def test_a_move_killed_before_its_first_commit_has_changed_nothing(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase
) -> None:
    kill_at("verifying", path, url)

    assert in_use(source, "a")
    move(path, url)
    assert content(target, "postgres") == content(source, "sqlite")


def test_a_move_killed_before_the_old_record_is_fenced_leaves_that_in_use_and_the_copy_not(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase
) -> None:
    kill_at("the copy is committed", path, url)

    assert_fenced(target, "postgres", "not in use yet")
    assert in_use(source, "worked on since")
    source.write(lambda tx: tx.run("DELETE FROM lanes"))
    move(path, url)
    assert content(target, "postgres") == content(source, "sqlite")
    assert in_use(target, "a")
    with pytest.raises(MovedError):
        source.migrate()


def test_a_move_killed_after_the_old_record_is_fenced_is_finished_by_the_next(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase
) -> None:
    kill_at("the old record is fenced", path, url)

    assert_fenced(target, "postgres", "not in use yet")
    assert_fenced(source, "sqlite", "kept elsewhere")
    moved = move(path, url)
    assert moved.rows["proposals"] == 1
    assert content(target, "postgres") == content(source, "sqlite")
    assert in_use(target, "a")


def test_an_unfinished_move_of_another_record_is_not_overwritten(
    path: Path, source: SqliteDatabase, url: str, target: PostgresDatabase, tmp_path: Path
) -> None:
    kill_at("the old record is fenced", path, url)
    with closing(SqliteDatabase(tmp_path / "other.db")) as other:
        other.migrate()
        other.write(lambda tx: fill(tx, "other"))

        with pytest.raises(StorageError, match="another record"):
            move(tmp_path / "other.db", url)
        assert in_use(other, "a")

    move(path, url)
    assert content(target, "postgres") == content(source, "sqlite")


@pytest.mark.usefixtures("source")
def test_a_record_that_was_moved_is_not_moved_again_to_another_place(
    path: Path, url: str, postgres: Server
) -> None:
    move(path, url)
    empty = postgres.empty_database()

    with pytest.raises(MovedError, match="kept elsewhere"):
        move(path, empty)
    assert tables_in(empty) == 0


@pytest.mark.usefixtures("source")
def test_a_last_step_that_fails_is_told_and_done_by_the_next_move(
    path: Path, url: str, target: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Tx) -> None:
        raise StorageError("The server went away.")

    with monkeypatch.context() as broken:
        broken.setattr(fence, "take_down", fail)
        with pytest.raises(StorageError, match=r"went away.*Run the same command again"):
            move(path, url)
    move(path, url)

    assert in_use(target, "a")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sqlite:///{path}", "sqlite:///{path}2"),
        ("{url}", "sqlite:///{path}"),
        ("{url}", "{url}"),
    ],
)
def test_a_record_moves_in_one_direction_only(
    path: Path, source: SqliteDatabase, url: str, old: str, new: str
) -> None:
    with pytest.raises(StorageError, match="in no other direction"):
        moving.move(
            parse(old.format(path=path, url=url)), parse(new.format(path=path, url=url)), fault_of=lambda _: None
        )

    assert in_use(source, "a")


def test_a_record_that_is_not_there_is_told_and_not_made(tmp_path: Path, url: str) -> None:
    with pytest.raises(StorageError, match="There is no SQLite database"):
        move(tmp_path / "nowhere.db", url)

    assert list(tmp_path.iterdir()) == []
    assert tables_in(url) == 0


@pytest.mark.usefixtures("source")
def test_a_record_of_an_older_version_is_refused_until_it_is_migrated(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_migration(monkeypatch, "9999_newer", "CREATE TABLE tomorrow (id INTEGER)")

    with pytest.raises(StorageError, match="Run: python -m bot migrate"):
        move(path, url)

    assert tables_in(url) == 0


@pytest.mark.usefixtures("source")
def test_a_record_of_a_newer_version_is_refused(path: Path, url: str) -> None:
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('countersign', '9', '')"
        )

    with pytest.raises(StorageError, match="newer version"):
        move(path, url)

    assert tables_in(url) == 0


def test_a_server_that_is_not_there_is_told_before_the_record_is_locked(path: Path, source: SqliteDatabase) -> None:
    with pytest.raises(StorageError, match="Cannot connect") as caught:
        move(path, "postgresql://user:hunter2@127.0.0.1:1/nowhere")

    assert "hunter2" not in str(caught.value)
    assert in_use(source, "a")
