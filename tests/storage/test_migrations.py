from pathlib import Path

import pytest

from storage import Database, NewerSchemaError, StorageError, catalog, schema
from tests.storage import samples
from tests.storage.engines import Engine
from tests.storage.test_races import at_once

TABLES = {
    "anchors",
    "audit",
    "audit_head",
    "calls",
    "deliveries",
    "freezes",
    "items",
    "jobs",
    "lanes",
    "outbox",
    "plans",
    "proposals",
    "quotas",
    "thaws",
    "told",
    "votes",
}


def names() -> list[str]:
    return [name for name, _ in schema.MIGRATIONS]


def add_migration(monkeypatch: pytest.MonkeyPatch, name: str, *statements: str) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, (name, statements)))
    monkeypatch.setattr("storage.sqlite.MIGRATIONS", schema.MIGRATIONS)
    monkeypatch.setattr("storage.postgres.MIGRATIONS", schema.MIGRATIONS)


def test_an_empty_database_gets_every_migration_and_every_table(engine: Engine) -> None:
    database = engine.open()

    assert database.migrate() == names()

    database.check_schema()
    assert set(database.read(lambda tx: catalog.tables(tx, engine.name))) == TABLES
    assert {table: database.read(lambda tx, table=table: samples.count(tx, table)) for table in TABLES} == {  # type: ignore[misc]
        **dict.fromkeys(TABLES, 0),
        "audit_head": 1,
    }


def test_migrating_again_does_nothing(engine: Engine, database: Database) -> None:
    number = samples.proposal(database)

    assert database.migrate() == []
    assert engine.open().migrate() == []
    assert samples.row_of(database, number).id == number


def test_a_database_that_was_never_migrated_is_not_used(engine: Engine) -> None:
    with pytest.raises(StorageError, match="migrate"):
        engine.open().check_schema()


def test_looking_at_the_schema_does_not_change_it(engine: Engine) -> None:
    database = engine.open()
    with pytest.raises(StorageError):
        database.check_schema()

    assert database.migrate() == names()


def test_instances_that_start_at_once_apply_each_migration_once(engine: Engine) -> None:
    handles = [engine.open() for _ in range(6)]

    results = at_once(*[handle.migrate for handle in handles])

    assert sorted(results) == [[]] * 5 + [names()]


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    engine: Engine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = samples.proposal(database)
    with monkeypatch.context() as newer:
        add_migration(newer, "0002_newer", "CREATE TABLE tomorrow (id INTEGER)")
        assert database.migrate() == ["0002_newer"]
    database.close()
    older = engine.open()

    for use in (older.migrate, older.check_schema):
        with pytest.raises(NewerSchemaError, match="0002_newer"):
            use()

    assert samples.row_of(older, number).id == number


def test_an_older_database_gets_only_what_it_lacks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    number = samples.proposal(database)
    add_migration(monkeypatch, "0002_newer", "ALTER TABLE proposals ADD COLUMN mood TEXT")

    with pytest.raises(StorageError, match="1 migration"):
        database.check_schema()
    assert database.migrate() == ["0002_newer"]

    database.check_schema()
    assert database.read(lambda tx: tx.one("SELECT id, mood FROM proposals")) == {"id": number, "mood": None}


def test_a_migration_that_fails_changes_nothing_and_may_be_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        add_migration(broken, "0002_broken", "CREATE TABLE half (id INTEGER)", "CREATE TABLE audit (id INTEGER)")
        with pytest.raises(StorageError, match="already exists"):
            database.migrate()

    database.check_schema()
    samples.proposal(database)
    add_migration(monkeypatch, "0002_whole", "CREATE TABLE half (id INTEGER)")
    assert database.migrate() == ["0002_whole"]


def test_a_file_of_somebody_elses_is_not_taken_for_a_database(tmp_path: Path) -> None:
    engine = Engine("sqlite", str(tmp_path / "record.db"))
    Path(engine.address).write_bytes(b"Dear diary, " * 1000)

    for use in ("migrate", "check_schema"):
        with pytest.raises(StorageError, match=r"record\.db"):
            getattr(engine.open(), use)()

    assert Path(engine.address).read_bytes().startswith(b"Dear diary")
