from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deletion.audit import chain
from deletion.audit.chain import Violation
from deletion.terms import canonical
from deletion.terms.canonical import Json
from storage import SqliteDatabase, Tx
from storage.tables import audit_log
from storage.tables.audit_log import AuditRow, Head
from tests.storage.engines import Clock
from tests.storage.migrated import new_sqlite

EVENTS = 30
TEXTS = ("prev", "hash", "event_hash", "actor", "action", "ref", "payload")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[AuditRow]]:
    """A log as the program writes it; nobody changes it, only copies of it."""
    database = SqliteDatabase(tmp_path_factory.mktemp("audit") / "record.db")
    database.migrate()
    for number in range(EVENTS):
        write(database, number)
    yield list(audit_log.every(database))
    database.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    opened = new_sqlite(tmp_path / "record.db")
    yield opened
    opened.close()


def write(database: SqliteDatabase, number: int) -> Head:
    data: dict[str, Json] = {"digest": "d" * number, "targets": ["春季", "v"], "n": number}
    return database.write(
        lambda tx: chain.append(
            tx, actor="T1/UANA", action="proposal.made", ref=f"proposal/{number % 3}", data=data
        )
    )


def head_of(rows: list[AuditRow]) -> Head:
    return Head(rows[-1].seq, rows[-1].hash) if rows else Head(0, "")


def first_fault(rows: Iterable[AuditRow], head: Head, anchors: dict[int, str] | None = None) -> Violation | None:
    found = list(chain.violations(rows, head=head, anchors=anchors or {}))
    return found[0] if found else None


def every_anchor(rows: list[AuditRow]) -> dict[int, str]:
    return {row.seq: row.hash for row in rows}


def altered(row: AuditRow, column: str, text: str) -> AuditRow:
    fields: dict[str, Any] = {column: text}
    return replace(row, **fields)


def flipped(text: str, place: int) -> str:
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


def test_a_log_as_it_was_written_has_no_faults(log: list[AuditRow]) -> None:
    assert list(chain.violations(log, head=head_of(log), anchors=every_anchor(log))) == []
    for length in range(EVENTS + 1):
        assert first_fault(log[:length], head_of(log[:length]), every_anchor(log[:length])) is None


def test_an_event_says_who_did_what_to_which_and_when(database: SqliteDatabase) -> None:
    head = write(database, 4)

    (row,) = audit_log.every(database)
    assert (row.seq, row.prev, row.hash) == (1, "", head.hash)
    assert canonical.loads(row.payload) == {
        "action": row.action,
        "actor": row.actor,
        "at_ms": row.at_ms,
        "data": {"digest": "dddd", "n": 4, "targets": ["春季", "v"]},
        "record": database.read(audit_log.record_id),
        "ref": row.ref,
    }
    assert row.event_hash == canonical.sha256(row.payload)


def test_the_hash_of_a_known_event_never_changes() -> None:
    assert chain.link("", 1, "e" * 64) == "511709b6c0520b84f709460c8f4f0b351b469e9dec06b2bfb9d01c3cdbdaaecf"
    assert (
        len({chain.link("", 1, "e"), chain.link("", 2, "e"), chain.link("p", 1, "e"), chain.link("", 1, "f")}) == 4
    )


@pytest.mark.parametrize("column", TEXTS)
def test_any_character_changed_anywhere_is_found_at_its_event(log: list[AuditRow], column: str) -> None:
    head = head_of(log)
    for place, row in enumerate(log):
        before = getattr(row, column)
        for index in range(len(before)):
            rows = [*log[:place], altered(row, column, flipped(before, index)), *log[place + 1 :]]
            fault = first_fault(rows, head)
            assert fault is not None
            assert fault.seq == row.seq, (column, row.seq, index, fault)


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("text", ["", "x", "0" * 64, "{}", "[]", "null", "é"])
def test_any_text_replaced_anywhere_is_found_at_its_event(log: list[AuditRow], column: str, text: str) -> None:
    for place, row in enumerate(log):
        if getattr(row, column) == text:
            continue
        rows = [*log[:place], altered(row, column, text), *log[place + 1 :]]
        fault = first_fault(rows, head_of(log))
        assert fault is not None
        assert fault.seq == row.seq


def test_a_moment_changed_anywhere_is_found_at_its_event(log: list[AuditRow]) -> None:
    for place, row in enumerate(log):
        rows = [*log[:place], replace(row, at_ms=row.at_ms + 1), *log[place + 1 :]]
        assert first_fault(rows, head_of(log)) == Violation(row.seq, "its columns do not say what its content says")


def test_a_number_changed_anywhere_is_found_where_the_gap_is(log: list[AuditRow]) -> None:
    for place, row in enumerate(log):
        for number in (0, -1, row.seq + 1000):
            changed = [*log[:place], replace(row, seq=number), *log[place + 1 :]]
            fault = first_fault(sorted(changed, key=lambda each: each.seq), head_of(log))
            assert fault is not None
            if number < 1:
                assert fault.seq == number
            elif place < EVENTS - 1:
                assert fault == Violation(
                    row.seq + 1, f"event {row.seq} is missing: the next one in the log is {row.seq + 1}"
                )
            else:
                assert fault.seq == number


def test_an_event_deleted_anywhere_is_missed(log: list[AuditRow]) -> None:
    for place, row in enumerate(log):
        fault = first_fault(log[:place] + log[place + 1 :], head_of(log))
        assert fault is not None
        assert f"event {row.seq} is missing" in fault.problem or fault.seq == EVENTS


def test_two_events_that_changed_places_are_found_at_the_first(log: list[AuditRow]) -> None:
    for one in range(EVENTS):
        for other in range(one + 1, EVENTS):
            rows = list(log)
            rows[one], rows[other] = replace(log[other], seq=log[one].seq), replace(log[one], seq=log[other].seq)
            fault = first_fault(rows, head_of(log))
            assert fault is not None
            assert fault.seq == log[one].seq


def test_an_event_played_again_anywhere_is_found_there(log: list[AuditRow]) -> None:
    for source in log:
        for place in range(EVENTS):
            if place == source.seq - 1:
                continue
            rows = [*log[:place], replace(source, seq=place + 1), *log[place + 1 :]]
            fault = first_fault(rows, head_of(log))
            assert fault is not None
            assert fault.seq == place + 1


def test_a_log_cut_short_anywhere_does_not_reach_its_head(log: list[AuditRow]) -> None:
    for length in range(EVENTS):
        fault = first_fault(log[:length], head_of(log))
        assert fault is not None
        assert fault.seq == length + 1
        assert "events are missing" in fault.problem


def test_a_head_that_names_another_hash_is_a_fault(log: list[AuditRow]) -> None:
    for length in range(EVENTS + 1):
        rows = log[:length]
        assert first_fault(rows, Head(length, "0" * 64)) is not None


def test_a_log_longer_than_its_head_is_a_fault(log: list[AuditRow]) -> None:
    for length in range(EVENTS):
        assert first_fault(log, head_of(log[:length])) is not None


def test_a_log_and_its_head_cut_short_together_are_found_by_the_first_anchor_beyond(log: list[AuditRow]) -> None:
    anchors = {row.seq: row.hash for row in log if row.seq % 7 == 0}
    for length in range(EVENTS):
        shorter = log[:length]
        fault = first_fault(shorter, head_of(shorter), anchors)
        beyond = [seq for seq in anchors if seq > length]
        assert (fault.seq if fault else None) == (beyond[0] if beyond else None)


def test_a_log_rewritten_from_any_event_on_is_found_by_the_next_anchor(log: list[AuditRow]) -> None:
    anchors = {row.seq: row.hash for row in log if row.seq % 7 == 0}
    for place in range(EVENTS):
        forged = rewritten(log, place)
        assert first_fault(forged, head_of(forged)) is None
        fault = first_fault(forged, head_of(forged), anchors)
        next_anchor = [seq for seq in anchors if seq > place]
        assert (fault.seq if fault else None) == (next_anchor[0] if next_anchor else None)


def rewritten(log: list[AuditRow], place: int) -> list[AuditRow]:
    """Do what the owner of the file could: change an event and chain all that follow anew."""
    rows = log[:place]
    for row in log[place:]:
        event = {**canonical.loads(row.payload), "data": {"forged": True}}
        payload = canonical.dumps(event) if row.seq == place + 1 else row.payload
        event_hash = canonical.sha256(payload)
        prev = rows[-1].hash if rows else ""
        link = chain.link(prev, row.seq, event_hash)
        rows.append(replace(row, prev=prev, payload=payload, event_hash=event_hash, hash=link))
    return rows


@pytest.mark.parametrize("payload", ["", "gone", "[]", "null", "{}", '{"actor":"T1/UANA"}', "7"])
def test_an_event_chained_in_its_place_that_is_no_event_is_found(log: list[AuditRow], payload: str) -> None:
    last = log[-1]
    event_hash = canonical.sha256(payload)
    forged = replace(last, payload=payload, event_hash=event_hash, hash=chain.link(last.prev, last.seq, event_hash))
    rows = [*log[:-1], forged]

    assert first_fault(rows, head_of(rows)) == Violation(last.seq, "its columns do not say what its content says")


def test_a_forged_anchor_is_found_at_its_event(log: list[AuditRow]) -> None:
    for row in log:
        assert first_fault(log, head_of(log), {row.seq: "0" * 64}) == Violation(
            row.seq, "the head that was posted to the audit channel at this event was another one"
        )


def test_a_transaction_that_fails_leaves_no_event(database: SqliteDatabase) -> None:
    before = write(database, 1)

    def work(tx: Tx) -> None:
        chain.append(tx, actor="a", action="b", ref="c", data={})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(work)

    assert database.read(audit_log.head) == before
    write(database, 2)
    rows = list(audit_log.every(database))
    assert first_fault(rows, head_of(rows)) is None


def test_who_waited_for_the_head_has_the_time_at_which_it_was_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the log's times run backwards wherever somebody waited."""
    clock = Clock()
    database = SqliteDatabase(tmp_path / "record.db", now_ms=clock)
    database.migrate()
    head, asked_ms = audit_log.head, clock.ms

    def wait_for_head(tx: Tx, *, locked: bool = False) -> Head:
        clock.advance(700)
        return head(tx, locked=locked)

    monkeypatch.setattr(audit_log, "head", wait_for_head)
    write(database, 1)
    (row,) = audit_log.every(database)
    database.close()

    assert row.at_ms == asked_ms + 700
