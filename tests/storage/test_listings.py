"""Lists of proposals, and what is looked up of one thing: the same on both engines."""

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import cast

from storage import Database, Tx
from storage.engine.database import Row
from storage.tables import listings, outbox, plan_rows, proposals, questions
from storage.tables.listings import Wanted
from storage.tables.proposals import Stamp
from tests.storage import migrated, samples
from tests.storage.engines import START_MS

LATER = START_MS + 10**9


def test_what_waits_for_somebody_is_listed_and_counted_alike(database: Database) -> None:
    first, second, *_ = (samples.proposal(database, expires_ms=LATER) for _ in range(4))
    samples.proposal(database, expires_ms=LATER, proposer="UBEN")
    samples.proposal(database, expires_ms=LATER, state="approved")

    listed = database.read(lambda tx: listings.waiting_for(tx, "UBEN", limit=2))

    assert [row.id for row in listed] == [first, second]
    assert database.read(lambda tx: listings.count_waiting_for(tx, "UBEN", most=3)) == 3
    assert database.read(lambda tx: listings.count_waiting_for(tx, "UBEN", most=99)) == 4


def test_what_is_open_and_what_has_ended_is_listed_and_counted_alike(database: Database) -> None:
    samples.proposal(database)
    samples.proposal(database, proposer="UBEN")
    gone = samples.proposal(database)
    ended = Stamp(finished_ms=START_MS + 5)
    database.write(lambda tx: proposals.move(tx, gone, old="pending", new="rejected", note="{}"))
    database.write(lambda tx: proposals.stamp(tx, gone, ended))

    for wanted, are_open, have_ended in (
        (Wanted(), 2, 1),
        (Wanted("UANA"), 1, 1),
        (Wanted("UANA", START_MS + 6), 0, 0),
        (Wanted(since_ms=START_MS), 2, 1),
    ):
        found = database.read(partial(_counts, states=("pending", "approved"), wanted=wanted))
        assert found == (are_open, are_open, have_ended, have_ended)


def _counts(tx: Tx, states: Sequence[str], wanted: Wanted) -> tuple[int, int, int, int]:
    return (
        len(listings.in_states(tx, states, wanted, limit=9)),
        listings.count_in_states(tx, states, wanted),
        len(listings.ended(tx, wanted, limit=9)),
        listings.count_ended(tx, wanted),
    )


def test_a_question_is_answered_once(database: Database) -> None:
    number = samples.proposal(database)
    by = ("T1", "UBEN")
    made = database.write(lambda tx: questions.ask(tx, number, digest="d", by=by, text="why?", now_ms=START_MS))

    assert database.write(lambda tx: questions.answer(tx, made, text="so", now_ms=START_MS + 1))
    assert not database.write(lambda tx: questions.answer(tx, made, text="no", now_ms=START_MS + 2))
    assert [each.answer for each in database.read(lambda tx: questions.of(tx, number))] == ["so"]


def test_a_name_is_looked_for_as_it_is_written(database: Database) -> None:
    number = samples.proposal(database)

    assert database.read(lambda tx: listings.naming(tx, "a", most=5)) == [number]
    assert database.read(lambda tx: listings.naming(tx, "_", most=5)) == []
    assert database.read(lambda tx: plan_rows.proposals_with(tx, "a", most=5)) == []
    assert database.read(lambda tx: outbox.newest_deeds(tx, "person", limit=5)) == []


def test_who_asks_about_one_thing_does_not_go_through_all_proposals(tmp_path: Path) -> None:
    steps: list[str] = []
    with closing(migrated.new_sqlite(tmp_path / "record.db")) as database:

        def explained(tx: Tx) -> None:
            class Explaining:
                def rows(self, sql: str, **params: str | int) -> list[Row]:
                    steps.extend(str(row["detail"]) for row in tx.rows(f"EXPLAIN QUERY PLAN {sql}", **params))
                    return []

            listings.naming(cast("Tx", Explaining()), "v1", most=5)
            plan_rows.proposals_with(cast("Tx", Explaining()), "v1", most=5)

        database.read(explained)

    looked_at = [each for each in steps if each.startswith(("SCAN", "SEARCH"))]
    assert len(looked_at) == 6, looked_at
    assert all("INDEX" in each or "PRIMARY KEY" in each for each in looked_at), looked_at
