from storage import Database
from storage.tables import readings
from storage.tables.readings import ReadingRow
from tests.storage.engines import Engine
from tests.storage.samples import proposal


def row(number: int, done: int) -> ReadingRow:
    return ReadingRow(number, "read", 1, 2, done, None, 3, 4, 5, 6)


def test_a_reading_is_noted_again_and_again_and_keeps_the_place_of_its_message(
    engine: Engine, database: Database
) -> None:
    number = proposal(database)
    assert database.read(lambda tx: readings.get(tx, number)) is None
    database.write(lambda tx: readings.put_message(tx, number, channel="D1", ts="1.2"))
    assert database.read(lambda tx: readings.get(tx, number)) is None

    database.write(lambda tx: readings.put(tx, row(number, 20)))
    assert database.read(lambda tx: readings.get(tx, number)) == row(number, 20)

    database.write(lambda tx: readings.put_message(tx, number, channel="D1", ts="1.2"))
    later = ReadingRow(number, "search", 1, 12, 40, 100, 13, 14, 15, 16, told_ms=17)
    database.write(lambda tx: readings.put(tx, later))
    found = engine.open().read(lambda tx: readings.get(tx, number))
    assert found == ReadingRow(number, "search", 1, 12, 40, 100, 13, 14, 15, 16, told_ms=17, channel="D1", ts="1.2")
