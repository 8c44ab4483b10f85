import threading
from typing import Any

import pytest

from storage import Database, StorageError, Tx
from storage.tables import deliveries, jobs
from tests.storage import samples
from tests.storage.engines import Clock, Engine


class Surprise(Exception):  # noqa: N818 - what a test throws, to see it again
    pass


def keys(database: Database) -> list[str]:
    found = database.read(lambda tx: tx.rows("SELECT key FROM deliveries ORDER BY key"))
    return [row["key"] for row in found]


def add(tx: Tx, key: str) -> None:
    tx.run("INSERT INTO deliveries (key, seen_ms) VALUES (:key, 1)", key=key)


def test_what_a_write_did_is_there_for_every_other_instance_when_it_returns(
    engine: Engine, database: Database
) -> None:
    def work(tx: Tx) -> str:
        add(tx, "a")
        return "the answer"

    assert database.write(work) == "the answer"

    assert keys(engine.open()) == ["a"]


@pytest.mark.parametrize("surprise", [Surprise(), KeyboardInterrupt(), SystemExit()])
def test_a_write_that_raises_has_changed_nothing_and_does_not_stand_in_the_way_of_the_next(
    engine: Engine, database: Database, surprise: BaseException
) -> None:
    def half(tx: Tx) -> None:
        add(tx, "a")
        raise surprise

    with pytest.raises(type(surprise)):
        database.write(half)

    assert keys(database) == []
    engine.open().write(lambda tx: add(tx, "b"))
    database.write(lambda tx: add(tx, "c"))
    assert keys(database) == ["b", "c"]


def test_a_statement_the_engine_refuses_is_a_storage_error_and_undoes_the_whole_write(database: Database) -> None:
    def twice(tx: Tx) -> None:
        add(tx, "a")
        add(tx, "a")

    with pytest.raises(StorageError):
        database.write(twice)

    assert keys(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO deliveries (key, seen_ms) VALUES ('a', 1)",
        "UPDATE audit_head SET seq = 7",
        "DELETE FROM audit_head",
        "INSERT INTO pace (name, next_ms) VALUES ('a', 1) ON CONFLICT DO NOTHING RETURNING name",
        "CREATE TABLE sneaky (id INTEGER)",
        "DROP TABLE audit",
    ],
)
def test_a_read_cannot_write(database: Database, statement: str) -> None:
    with pytest.raises(StorageError):
        database.read(lambda tx: tx.rows(statement))

    assert keys(database) == []
    database.write(lambda tx: add(tx, "afterwards"))
    assert keys(database) == ["afterwards"]


def test_a_read_sees_one_moment_while_others_write(engine: Engine, database: Database) -> None:
    database.write(lambda tx: add(tx, "a"))
    other = engine.open()

    def look_twice(tx: Tx) -> tuple[int, int]:
        before = samples.count(tx, "deliveries")
        thread = threading.Thread(target=other.write, args=(lambda their: add(their, "b"),))
        thread.start()
        thread.join()
        return before, samples.count(tx, "deliveries")

    assert database.read(look_twice) == (1, 1)
    assert keys(database) == ["a", "b"]


def test_a_read_that_raises_leaves_nothing_open(engine: Engine, database: Database) -> None:
    def look(tx: Tx) -> None:
        samples.count(tx, "deliveries")
        raise Surprise

    with pytest.raises(Surprise):
        database.read(look)

    engine.open().write(lambda tx: add(tx, "a"))
    assert keys(database) == ["a"]
    database.write(lambda tx: add(tx, "b"))


def test_rows_one_and_run_give_all_rows_the_first_and_the_number_changed(database: Database) -> None:
    def work(tx: Tx) -> dict[str, Any]:
        tx.run_many(
            "INSERT INTO deliveries (key, seen_ms) VALUES (:key, :seen)",
            ({"key": key, "seen": seen} for seen, key in enumerate("abc")),
        )
        return {
            "rows": tx.rows("SELECT key, seen_ms FROM deliveries WHERE seen_ms >= :least ORDER BY key", least=1),
            "one": tx.one("SELECT key FROM deliveries ORDER BY key DESC"),
            "none": tx.one("SELECT key FROM deliveries WHERE key = 'z'"),
            "returning": tx.rows("UPDATE deliveries SET seen_ms = 9 WHERE key = 'a' RETURNING key, seen_ms"),
            "changed": tx.run("UPDATE deliveries SET seen_ms = 7"),
            "unchanged": tx.run("UPDATE deliveries SET seen_ms = 7 WHERE key = 'z'"),
        }

    assert database.write(work) == {
        "rows": [{"key": "b", "seen_ms": 1}, {"key": "c", "seen_ms": 2}],
        "one": {"key": "c"},
        "none": None,
        "returning": [{"key": "a", "seen_ms": 9}],
        "changed": 3,
        "unchanged": 0,
    }


def test_run_many_gives_the_number_of_rows_that_all_of_them_changed(database: Database) -> None:
    def work(tx: Tx) -> list[int]:
        add_some = "INSERT INTO deliveries (key, seen_ms) VALUES (:key, 1) ON CONFLICT DO NOTHING"
        update = "UPDATE deliveries SET seen_ms = :seen WHERE key >= :key"
        return [
            tx.run_many(add_some, []),
            tx.run_many(add_some, ({"key": key} for key in "abcab")),
            tx.run_many(add_some, [{"key": "a"}]),
            tx.run_many(update, [{"key": "a", "seen": 2}, {"key": "c", "seen": 3}, {"key": "z", "seen": 4}]),
        ]

    assert database.write(work) == [0, 3, 0, 4]


@pytest.mark.parametrize(
    "text", ["", "'; DROP TABLE audit; --", "{lock} {skip}", ":name", "春季", "a\nb", "\u202eevil", "𝄞", "%_"]
)
def test_texts_come_back_as_they_were(database: Database, text: str) -> None:
    number = samples.proposal(database, reason=text)

    assert samples.row_of(database, number).reason == text


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**53, 2**63 - 1])
def test_numbers_of_64_bits_come_back_as_they_were(database: Database, number: int) -> None:
    assert samples.row_of(database, samples.proposal(database, expires_ms=number)).expires_ms == number


def test_the_clock_of_a_transaction_is_the_databases_own(database: Database, clock: Clock) -> None:
    clock.advance(1234)

    assert database.now_ms() == clock.ms
    assert database.read(lambda tx: tx.now_ms()) == clock.ms
    assert database.write(lambda tx: tx.now_ms()) == clock.ms


def test_a_database_that_was_closed_keeps_what_was_written_and_opens_again(
    engine: Engine, database: Database
) -> None:
    database.write(lambda tx: add(tx, "a"))
    database.close()
    database.close()

    assert keys(engine.open()) == ["a"]
    assert keys(database) == ["a"]


def test_a_plan_cannot_belong_to_a_proposal_that_is_not_there(database: Database) -> None:
    with pytest.raises(StorageError):
        samples.intend(database, 99, "call")


def test_a_change_and_the_job_it_asks_for_are_stored_together_or_not_at_all(database: Database) -> None:
    def work(tx: Tx) -> None:
        deliveries.first_time(tx, "click")
        jobs.add(tx, "count", 1)
        raise Surprise

    with pytest.raises(Surprise):
        database.write(work)

    assert database.read(jobs.waiting) == 0
    assert database.write(lambda tx: deliveries.first_time(tx, "click"))
