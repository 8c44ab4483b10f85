import pytest

from storage import Database, StorageError, Tx
from storage.tables import audit_log
from storage.tables.audit_log import Anchor, AuditRow, Entry, Head, Posting
from tests.storage import samples


def append(database: Database, times: int) -> list[AuditRow]:
    def work(tx: Tx) -> AuditRow:
        row = samples.event(audit_log.head(tx, locked=True))
        audit_log.append(tx, row)
        return row

    return [database.write(work) for _ in range(times)]


def test_an_empty_log_has_an_empty_head(database: Database) -> None:
    assert database.read(audit_log.head) == Head(0, "")
    assert database.read(audit_log.last_anchored) == 0
    assert list(audit_log.every(database)) == []


def test_an_event_moves_the_head(database: Database) -> None:
    rows = append(database, 3)

    assert database.read(audit_log.head) == Head(3, rows[-1].hash)
    assert database.write(lambda tx: audit_log.head(tx, locked=True)) == Head(3, rows[-1].hash)


def test_a_number_is_given_once(database: Database) -> None:
    (first,) = append(database, 1)

    with pytest.raises(StorageError):
        database.write(lambda tx: audit_log.append(tx, first))

    assert database.read(audit_log.head) == Head(1, first.hash)


def test_a_stretch_of_the_log_is_read_in_order_with_both_ends(database: Database) -> None:
    rows = append(database, 5)

    def between(first: int, last: int) -> list[AuditRow]:
        return database.read(lambda tx: audit_log.between(tx, first, last))

    assert between(2, 4) == rows[1:4]
    assert between(4, 99) == rows[3:]
    assert between(9, 2) == []


def test_the_whole_log_is_read_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = append(database, 7)

    for page in (1, 3, 7, 100):
        monkeypatch.setattr(audit_log, "PAGE", page)
        assert list(audit_log.every(database)) == rows


def test_the_log_is_read_up_to_an_event_whatever_was_written_since(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "PAGE", 2)
    rows = append(database, 5)

    for until in (0, 1, 2, 3, 5, 9):
        assert list(audit_log.every(database, until=until)) == rows[:until]


def test_the_highest_number_in_the_log_is_known_whatever_the_head_says(database: Database) -> None:
    assert database.read(audit_log.newest) == 0
    append(database, 3)
    database.write(lambda tx: tx.run("UPDATE audit_head SET seq = 1"))

    assert database.read(audit_log.newest) == 3


def test_the_log_can_be_written_while_it_is_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PAGE", 2)
    append(database, 4)

    walk = audit_log.every(database)
    read = [next(walk)]
    append(database, 1)
    read += walk

    assert [row.seq for row in read] == [1, 2, 3, 4, 5]


def test_events_with_numbers_nobody_gave_are_read_too(database: Database) -> None:
    append(database, 1)
    database.write(
        lambda tx: tx.run(
            "INSERT INTO audit (seq, prev, hash, event_hash, at_ms, actor, action, ref, payload)"
            " VALUES (-3, '', '', '', 0, '', '', '', '{}')"
        )
    )

    assert [row.seq for row in audit_log.every(database)] == [-3, 1]


def test_anchors_are_kept_once_per_event_and_the_newest_is_known(database: Database) -> None:
    anchors = [Anchor(3, "h3", 30), Anchor(1, "h1", 10)]
    for anchor in (*anchors, Anchor(3, "forged", 31)):
        database.write(lambda tx, anchor=anchor: audit_log.add_anchor(tx, anchor))  # type: ignore[misc]

    assert database.read(audit_log.anchors) == [anchors[1], anchors[0]]
    assert database.read(audit_log.last_anchored) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET payload = 'nothing happened' WHERE seq = 2",
        "UPDATE audit SET seq = 9 WHERE seq = 2",
        "UPDATE audit SET payload = payload",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
    ],
)
def test_the_log_refuses_to_be_rewritten(database: Database, statement: str) -> None:
    rows = append(database, 3)

    with pytest.raises(StorageError, match="append-only"):
        database.write(lambda tx: tx.run(statement))

    assert list(audit_log.every(database)) == rows


def test_events_are_read_by_their_numbers_in_the_order_of_the_log(database: Database) -> None:
    rows = append(database, 5)

    def numbered(*numbers: int) -> list[AuditRow]:
        return database.read(lambda tx: audit_log.numbered(tx, numbers))

    assert numbered(4, 2) == [rows[1], rows[3]]
    assert numbered(9) == []


def test_entries_are_events_without_what_they_say(database: Database) -> None:
    rows = append(database, 3)

    found = database.read(lambda tx: audit_log.entries(tx, 2, 9))

    assert found == [Entry(row.seq, row.hash, row.action, row.ref) for row in rows[1:]]


def test_how_far_the_log_was_posted_is_kept_and_an_event_leaves_it_alone(database: Database) -> None:
    assert database.read(audit_log.posting) == Posting(0, 0)
    database.write(lambda tx: audit_log.put_posting(tx, Posting(7, 1_000)))

    append(database, 1)

    assert database.read(audit_log.posting) == Posting(7, 1_000)
