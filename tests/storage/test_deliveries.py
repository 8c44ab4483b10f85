from storage import Database, Tx
from storage.tables import deliveries
from storage.tables.deliveries import KEEP_MS
from tests.storage.engines import Clock, Engine


def first_time(database: Database, key: str) -> bool:
    return database.write(lambda tx: deliveries.first_time(tx, key))


def test_a_request_is_new_once_and_a_replay_ever_after(engine: Engine, database: Database) -> None:
    assert first_time(database, "trigger.1")
    assert not first_time(database, "trigger.1")
    assert not first_time(engine.open(), "trigger.1")
    assert first_time(database, "trigger.2")


def test_a_request_is_remembered_far_longer_than_slack_may_repeat_it(database: Database, clock: Clock) -> None:
    assert KEEP_MS >= 3600 * 1000
    first_time(database, "trigger.1")

    clock.advance(KEEP_MS)
    assert not first_time(database, "trigger.1")


def test_old_requests_are_forgotten_so_that_the_table_does_not_grow_for_ever(
    database: Database, clock: Clock
) -> None:
    for number in range(5):
        first_time(database, f"trigger.{number}")

    clock.advance(KEEP_MS + 1)
    first_time(database, "new")

    left = database.read(lambda tx: tx.rows("SELECT key FROM deliveries"))
    assert left == [{"key": "new"}]


def test_a_request_whose_transaction_failed_may_come_again(database: Database) -> None:
    def work(tx: Tx) -> None:
        assert deliveries.first_time(tx, "trigger.1")
        raise RuntimeError

    for _ in range(2):
        try:
            database.write(work)
        except RuntimeError:
            continue
    assert first_time(database, "trigger.1")


def test_a_request_that_is_forgotten_may_come_again(database: Database) -> None:
    assert first_time(database, "form.1")
    database.write(lambda tx: deliveries.forget(tx, "form.1"))
    assert first_time(database, "form.1")
    assert not first_time(database, "form.1")
