from pathlib import Path

import pytest

from storage import Database, NewerSchemaError, StorageError, Tx
from storage.engine import introspection
from storage.migrations import schema
from storage.tables import items, jobs, listings, votes
from storage.tables.items import Lane
from storage.tables.votes import Subject
from tests.storage import samples
from tests.storage.engines import START_MS, Engine
from tests.storage.test_races import at_once

TABLES = {
    "anchor_losses",
    "anchors",
    "audit",
    "audit_head",
    "calls",
    "deliveries",
    "freezes",
    "items",
    "jobs",
    "lanes",
    "lists",
    "outbox",
    "plan_rows",
    "plans",
    "proposals",
    "questions",
    "quotas",
    "readings",
    "record_time",
    "refusals",
    "row_sets",
    "told",
    "troubles",
    "votes",
}


def names() -> list[str]:
    return [name for name, _ in schema.MIGRATIONS]


def add_migration(monkeypatch: pytest.MonkeyPatch, name: str, *statements: str) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, (name, statements)))
    monkeypatch.setattr("storage.engine.sqlite.MIGRATIONS", schema.MIGRATIONS)
    monkeypatch.setattr("storage.engine.postgres.MIGRATIONS", schema.MIGRATIONS)


def test_an_empty_database_gets_every_migration_and_every_table(engine: Engine) -> None:
    database = engine.open()

    assert database.migrate() == names()

    database.check_schema()
    assert set(database.read(lambda tx: introspection.tables(tx, engine.name))) == TABLES
    assert {table: database.read(lambda tx, table=table: samples.count(tx, table)) for table in TABLES} == {  # type: ignore[misc]
        **dict.fromkeys(TABLES, 0),
        "audit_head": 1,
        "lanes": 2,
        "quotas": 1,
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


AS_AT_FIRST = {name: value for name, value in vars(samples.NEW).items() if name not in {"asked", "parts_of"}}
"""A proposal as the first version stored it."""

ROWS: dict[str, list[dict[str, str | int | None]]] = {
    "proposals": [
        {
            **AS_AT_FIRST,
            "origin_channel": "C1",
            "id": 4,
            "state": "executing",
            "revision": 1,
            "digest": "digest 1",
            "execute_by_ms": START_MS + 9,
            "card_ts": "1.000001",
        }
    ],
    "plans": [
        {
            "proposal_id": 4,
            "revision": 1,
            "digest": "digest 1",
            "plan": "{}",
            "drift": "[]",
            "created_ms": START_MS,
        }
    ],
    "calls": [
        {
            "id": "call-1",
            "proposal_id": 4,
            "action": "DeleteVideo",
            "targets": '["a"]',
            "state": "done",
            "owner": "one",
            "lease_ms": START_MS + 1,
            "answer": "{}",
            "intent_ms": START_MS,
            "done_ms": START_MS + 1,
        }
    ],
    "items": [
        {
            "id": number,
            "proposal_id": 4,
            "ord": number - 1,
            "target": target,
            "state": state,
            "outcome": outcome,
            "call_id": call,
            "attempts": attempts,
        }
        for number, target, state, outcome, call, attempts in (
            (1, "a", "sent", "accepted", "call-1", 1),
            (2, "b", "pending", None, None, 0),
        )
    ],
    "jobs": [
        {
            "kind": kind,
            "ref": ref,
            "state": state,
            "due_ms": START_MS,
            "attempts": 1,
            "owner": owner,
            "lease_ms": START_MS,
        }
        for kind, ref, state, owner in (
            ("collect", 4, "done", None),
            ("execute", 4, "queued", "one"),
            ("count", 4, "done", None),
        )
    ],
    "pace": [{"name": "DeleteVideo", "next_ms": START_MS}],
}
"""What a database of the first version may hold, by table."""

DROPPED = {"origin_channel"}
"""Columns that nothing ever read."""


def store(tx: Tx, table: str, row: dict[str, str | int | None]) -> None:
    marks = ", ".join(f":{name}" for name in row)
    tx.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", **row)  # noqa: S608 - the rows above name both


@pytest.fixture
def of_the_first_version(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database as the first version left it, with a deletion under way."""
    database = engine.open()
    with monkeypatch.context() as older:
        for place in ("storage.migrations.schema", "storage.engine.sqlite", "storage.engine.postgres"):
            older.setattr(f"{place}.MIGRATIONS", schema.MIGRATIONS[:1])
        assert database.migrate() == ["0001_first"]
        for table, rows in ROWS.items():
            for row in rows:
                database.write(lambda tx, table=table, row=row: store(tx, table, row))  # type: ignore[misc] # mypy cannot infer a lambda's default
    return database


def test_a_database_of_the_first_version_is_brought_up_to_date_with_everything_kept(
    of_the_first_version: Database,
) -> None:
    assert of_the_first_version.migrate() == names()[1:]

    of_the_first_version.check_schema()
    for table in set(ROWS) - {"pace"}:
        query = f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608 - the tables are named above
        kept = of_the_first_version.read(lambda tx, query=query: tx.rows(query))  # type: ignore[misc] # mypy cannot infer a lambda's default
        assert len(kept) == len(ROWS[table])
        for before, after in zip(ROWS[table], kept, strict=True):
            still_there = {name: value for name, value in before.items() if name not in DROPPED}
            assert still_there.items() <= after.items()


def test_a_deletion_of_the_first_version_goes_on_as_one_lane_without_hold_trial_or_stop(
    of_the_first_version: Database,
) -> None:
    of_the_first_version.migrate()

    row = samples.row_of(of_the_first_version, 4)
    assert (row.hold_until_ms, row.started_ms, row.halted, row.lanes, row.canary) == (None, None, None, 1, 0)
    assert {item.batch for item in samples.items_of(of_the_first_version, 4)} == {0}
    waiting = of_the_first_version.read(lambda tx: items.next_pending(tx, Lane(4), 20))
    assert [item.target for item in waiting] == ["b"]
    job = of_the_first_version.write(lambda tx: jobs.claim(tx, owner="two", lease_ms=START_MS + 5))
    assert job is not None
    assert (job.kind, job.ref, job.lane) == ("execute", 4, 0)


def test_after_the_move_to_lanes_jobs_have_new_numbers_and_one_of_each_lane(of_the_first_version: Database) -> None:
    of_the_first_version.migrate()
    for lane in (0, 1, 1):
        of_the_first_version.write(lambda tx, lane=lane: jobs.add(tx, "execute", 4, lane=lane))  # type: ignore[misc] # mypy cannot infer a lambda's default

    found = of_the_first_version.read(lambda tx: tx.rows("SELECT lane, id FROM jobs WHERE kind = 'execute'"))
    assert sorted(row["lane"] for row in found) == [0, 1]
    assert max(row["id"] for row in found) > 3


def test_what_was_cast_to_end_a_freeze_becomes_a_vote_and_its_job_finds_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = engine.open()
    with monkeypatch.context() as older:
        for place in ("storage.migrations.schema", "storage.engine.sqlite", "storage.engine.postgres"):
            older.setattr(f"{place}.MIGRATIONS", schema.MIGRATIONS[:3])
        database.migrate()
    proposal = {**AS_AT_FIRST, "id": 4, "origin_channel": "C1"}
    vote = {"id": 7, "proposal_id": 4, "digest": "d", "voter_team": "T1", "voter": "UBO", "channel": "C1"}
    freeze = {"id": 2, "team": "T1", "person": "UCY", "channel": "C1", "reason": "", "frozen_ms": START_MS}
    thaw = {"id": 3, "freeze_id": 2, "team": "T1", "person": "UANA", "channel": "C2"}
    job = {"kind": "thaw", "ref": 3, "state": "queued", "due_ms": START_MS}
    live = {"state": "cast", "cast_ms": START_MS}
    for table, row in (
        ("proposals", proposal),
        ("votes", {**vote, **live}),
        ("freezes", freeze),
        ("thaws", {**thaw, **live}),
        ("jobs", job),
    ):
        database.write(lambda tx, table=table, row=row: store(tx, table, row))  # type: ignore[misc] # a lambda's default

    database.migrate()

    counting = database.read(lambda tx: tx.rows("SELECT ref FROM jobs WHERE kind = 'count'"))
    (found,) = (database.read(lambda tx, ref=each["ref"]: votes.get(tx, ref)) for each in counting)  # type: ignore[misc]
    assert found is not None
    assert (found.subject_kind, found.subject_id, found.voter, found.channel) == ("freeze", 2, "UANA", "C2")
    (frozen,) = database.read(lambda tx: tx.rows("SELECT digest FROM freezes"))
    assert found.digest == frozen["digest"]
    next_id = database.write(
        lambda tx: votes.cast(tx, Subject("freeze", 2), digest="d", voter=("T1", "UNEW"), channel="C1")
    )
    assert next_id is not None
    assert next_id > found.id


PARTS = (
    ("stream", '{"by":"streams","video_id":"v1","wanted":["HD","v2"]}', "v1"),
    ("image", '{"by":"images_of","video_id":"v1","which":["cover"]}', "v1"),
    ("image", '{"by":"images","ids":["v1"]}', None),
    ("video", '{"by":"videos","ids":["v1"]}', None),
    ("stream", "not what any version wrote", None),
)
"""Kind and request of proposals, and the video that they are about parts of."""


def test_the_video_of_which_parts_were_proposed_before_is_found(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = engine.open()
    with monkeypatch.context() as older:
        for place in ("storage.migrations.schema", "storage.engine.sqlite", "storage.engine.postgres"):
            older.setattr(f"{place}.MIGRATIONS", schema.MIGRATIONS[:24])
        database.migrate()
    rest: dict[str, str | int | None] = {"state": "finished", "revision": 1, "digest": "d"}
    for number, (kind, request, _) in enumerate(PARTS, 1):
        row = AS_AT_FIRST | rest | {"id": number, "kind": kind, "request": request}
        database.write(lambda tx, row=row: store(tx, "proposals", row))  # type: ignore[misc] # a lambda's default
    one_text: dict[str, str | int | None] = {
        "proposal_id": 4,
        "revision": 1,
        "digest": "d",
        "plan": "{}",
        "drift": "[]",
        "created_ms": START_MS,
    }
    database.write(lambda tx: store(tx, "plans", one_text))

    database.migrate()

    found = [samples.row_of(database, number).parts_of for number in range(1, len(PARTS) + 1)]
    assert found == [video for _, _, video in PARTS]
    assert database.read(lambda tx: listings.naming(tx, "v1", most=9)) == [4, 2, 1], (
        "what has rows is found in them"
    )
