from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storage import Database, Tx
from storage.engine import sqlite
from storage.tables import items
from storage.tables.items import Change, ItemRow, ItemState, Lane
from tests.storage import samples
from tests.storage.engines import START_MS, Clock

STATES = tuple(ItemState)


def item(database: Database, item_id: int) -> ItemRow:
    row = database.read(lambda tx: tx.one("SELECT * FROM items WHERE id = :id", id=item_id))
    assert row is not None
    return ItemRow(**{**row, "state": ItemState(row["state"])})


def put_in(database: Database, item_id: int, state: str) -> None:
    """Bring an item into a state by the road that leads there."""
    if state == "pending":
        return
    claim(database, [item_id])
    if state == "inflight":
        return
    mark_sent(database, item_id)
    if state == "settled":
        settle(database, item_id, "deleted")


def claim(database: Database, ids: list[int], call_id: str = "call") -> int:
    seen = [item(database, each) for each in ids]
    claimed = database.write(lambda tx: items.claim(tx, seen, call_id))
    assert [item.state for item in claimed] == ["inflight"] * len(claimed)
    return len(claimed)


def mark_sent(database: Database, item_id: int, due_ms: int = START_MS) -> None:
    seen = item(database, item_id)
    assert write(database, items.answered(seen, outcome="accepted", note='"sent"', due_ms=due_ms))


def settle(database: Database, item_id: int, word: str) -> None:
    seen = item(database, item_id)
    assert write(database, items.settled(seen, outcome=word, note='"gone"', now_ms=START_MS))


def write(database: Database, change: Change) -> bool:
    """Write one item anew; False when it is no longer what was seen of it."""
    return bool(database.write(lambda tx: items.write(tx, [change])))


def release(database: Database, item_id: int, *, due_ms: int = 0, was_sent: bool = True) -> None:
    """Put an item that is in a call back in the queue."""
    seen = item(database, item_id)
    assert write(database, items.requeued(seen, due_ms=due_ms, note="{}", was_sent=was_sent))


def test_items_are_stored_in_the_order_of_the_plan(database: Database) -> None:
    number, _ = samples.with_items(database, "c", "a", "b")

    assert [(row.ord, row.target, row.state) for row in samples.items_of(database, number)] == [
        (0, "c", "pending"),
        (1, "a", "pending"),
        (2, "b", "pending"),
    ]


def test_nothing_is_in_a_proposal_twice(database: Database) -> None:
    number, _ = samples.with_items(database, "a")

    again = database.write(lambda tx: items.add_all(tx, number, [(0, "a", 0), (1, "b", 0)]))

    assert again == 1
    assert [item.target for item in samples.items_of(database, number)] == ["a", "b"]
    assert database.read(lambda tx: items.count(tx, number)) == 2


def test_lanes_share_a_proposals_batches_among_them(database: Database) -> None:
    number, _ = samples.with_items(database, *(str(n) for n in range(65)))

    def share(lane: int, lanes: int) -> list[str]:
        found = database.read(lambda tx: items.next_pending(tx, Lane(number, lane, lanes), 20))
        return [row.target for row in found]

    assert share(0, 1) == share(0, 3) == [str(n) for n in range(20)]
    assert share(1, 3) == [str(n) for n in range(20, 40)]
    assert share(3, 4) == [str(n) for n in range(60, 65)]
    assert share(4, 5) == []


def test_what_is_pending_of_one_batch_is_never_mixed_with_another(database: Database) -> None:
    number, ids = samples.with_items(database, *(str(n) for n in range(25)))
    claim(database, ids[:18])

    found = database.read(lambda tx: items.next_pending(tx, Lane(number), 20))

    assert [row.target for row in found] == ["18", "19"]


def test_the_first_item_that_was_not_sent_can_be_put_in_another_batch(database: Database) -> None:
    number, ids = samples.with_items(database, *(str(n) for n in range(3)))
    claim(database, ids[:1])

    assert database.write(lambda tx: items.move_first_pending(tx, number, batch=7))
    assert [row.target for row in database.read(lambda tx: items.of_batch(tx, number, 7))] == ["1"]
    assert database.read(lambda tx: items.batches(tx, number)) == 2
    assert database.read(lambda tx: items.batches(tx, 99)) == 0
    database.write(lambda tx: items.settle_pending(tx, number, outcome="stopped", note="{}"))
    assert not database.write(lambda tx: items.move_first_pending(tx, number, batch=7))


def test_the_troubled_come_first_and_the_tally_counts_only_final_words(database: Database) -> None:
    number, ids = samples.with_items(database, "a", "stopped", "b", "c", "d")
    settle(database, ids.pop(1), "stopped")
    claim(database, ids)
    for each, word in zip(ids[:2], ("deleted", "refused"), strict=True):
        settle(database, each, word)
    mark_sent(database, ids[2])

    found = database.read(lambda tx: items.troubled_first(tx, number, 5))
    assert [row.target for row in found] == ["b", "c", "d", "stopped", "a"]
    counts = database.read(lambda tx: items.tally(tx, number))
    assert counts == {"deleted": 1, "refused": 1, "stopped": 1, "waiting": 2}
    assert database.read(lambda tx: items.outcomes(tx, number))[:2] == [("a", "deleted"), ("stopped", "stopped")]
    assert [row.target for row in database.read(lambda tx: items.first(tx, number, 2))] == ["a", "stopped"]


def test_the_first_pending_items_that_are_due_come_next(database: Database, clock: Clock) -> None:
    number, ids = samples.with_items(database, "a", "b", "c", "d")
    samples.with_items(database, "of another proposal")
    claim(database, ids[:2])
    release(database, ids[1], due_ms=clock.ms + 10)

    def waiting(limit: int) -> list[str]:
        return [row.target for row in database.read(lambda tx: items.next_pending(tx, Lane(number), limit))]

    assert waiting(1) == ["c"]
    assert waiting(9) == ["c", "d"]
    clock.advance(10)
    assert waiting(9) == ["b", "c", "d"]


def test_a_claim_takes_only_what_is_still_pending_and_says_how_much(database: Database) -> None:
    _, ids = samples.with_items(database, "a", "b", "c")

    assert claim(database, ids[:2], "one") == 2
    assert claim(database, ids, "two") == 1

    assert [item(database, each).call_id for each in ids] == ["one", "one", "two"]
    assert {item(database, each).attempts for each in ids} == {1}


CHANGES: dict[str, Callable[[ItemRow], Change]] = {
    "settled": lambda seen: items.settled(seen, outcome="refused", note='"no"', now_ms=START_MS),
    "answered": lambda seen: items.answered(seen, outcome="unknown", note='"?"', due_ms=5),
    "looked at": lambda seen: items.recheck_later(seen, due_ms=77, note='"later"'),
    "released": lambda seen: items.requeued(seen, due_ms=9, note='"again"'),
    "released unsent": lambda seen: items.requeued(seen, due_ms=9, note='"again"', was_sent=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_what_is_in_the_record_afterwards(database: Database, change: str) -> None:
    _, (one,) = samples.with_items(database, "a")
    put_in(database, one, "inflight")
    seen, new = CHANGES[change](item(database, one))

    assert write(database, (seen, new))

    assert item(database, one) == new != seen


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("believed", STATES)
def test_an_item_is_written_only_in_the_state_that_was_seen(
    database: Database, state: ItemState, believed: ItemState
) -> None:
    _, (one,) = samples.with_items(database, "a")
    put_in(database, one, state)
    before = item(database, one)
    seen = replace(before, state=believed)

    assert write(database, CHANGES["settled"](seen)) == (state == believed)
    assert (item(database, one) == before) == (state != believed)


def test_of_many_written_at_once_those_that_are_no_longer_as_seen_are_left(database: Database) -> None:
    _, ids = samples.with_items(database, "a", "b", "c", "d")
    claim(database, ids)
    seen = [item(database, each) for each in ids]
    release(database, ids[1])
    changes = [CHANGES["settled"](each) for each in seen[:3]] + [CHANGES["answered"](seen[3])]

    written = database.write(lambda tx: items.write(tx, changes))

    assert written == {ids[0], ids[2], ids[3]}
    assert [item(database, each).state for each in ids] == ["settled", "pending", "settled", "sent"]


def test_nothing_is_written_for_no_change(database: Database) -> None:
    assert database.write(lambda tx: items.write(tx, [])) == frozenset()


def test_an_item_released_unsent_does_not_count_as_sent(database: Database) -> None:
    _, (one,) = samples.with_items(database, "a")
    claim(database, [one])

    release(database, one, was_sent=False)

    assert item(database, one).attempts == 0


def write_stale(change: Callable[[ItemRow], Change], tx: Tx, seen: ItemRow) -> object:
    return items.write(tx, [change(seen)])


WRITES: dict[str, Callable[[Tx, ItemRow], object]] = {
    **{name: partial(write_stale, change) for name, change in CHANGES.items()},
    "claim": lambda tx, seen: items.claim(tx, [seen], "stale"),
}
STALE = [(way, state) for way in CHANGES for state in STATES[:3]] + [("claim", "pending")]


@pytest.mark.parametrize("was_sent", [True, False])
@pytest.mark.parametrize(("way", "state"), STALE)
def test_who_saw_an_item_before_it_was_sent_again_writes_nothing_of_it(
    database: Database, way: str, state: str, *, was_sent: bool
) -> None:
    _, (one,) = samples.with_items(database, "a")
    put_in(database, one, state)
    seen = item(database, one)
    # The same state once more, by the same number of attempts or more.
    if state == "sent":
        write(database, items.requeued(seen, due_ms=0, note="{}", was_sent=was_sent))
    elif state == "inflight":
        release(database, one, was_sent=was_sent)
    claim(database, [one], "another call")
    if state == "pending":
        release(database, one, was_sent=True)
    elif state == "sent":
        mark_sent(database, one)
    before = item(database, one)
    assert before.state == state

    database.write(lambda tx: WRITES[way](tx, seen))

    assert item(database, one) == before


def test_who_read_an_item_before_another_noted_something_writes_nothing_over_it(database: Database) -> None:
    _, (one,) = samples.with_items(database, "a")
    put_in(database, one, "sent")
    seen = item(database, one)
    write(database, items.recheck_later(seen, due_ms=7, note='"looked"'))
    before = item(database, one)

    assert not write(database, items.recheck_later(seen, due_ms=9, note='"stale"'))

    assert item(database, one) == before


def test_the_items_of_a_call_that_was_not_answered_are_found(database: Database) -> None:
    _, ids = samples.with_items(database, "a", "b", "c", "d")
    for each, state in zip(ids, ("inflight", "sent", "settled", "pending"), strict=True):
        put_in(database, each, state)

    found = database.read(lambda tx: items.in_call(tx, "call"))

    assert [row.target for row in found] == ["a"]
    assert database.read(lambda tx: items.in_call(tx, "no such call")) == []


def test_sent_items_come_by_urgency_up_to_a_limit(database: Database) -> None:
    number, ids = samples.with_items(database, "a", "b", "c", "d")
    for each, due in zip(ids, (30, 10, 20, None), strict=True):
        claim(database, [each])
        if due is not None:
            mark_sent(database, each, due)

    def sent(limit: int) -> list[str]:
        return [row.target for row in database.read(lambda tx: items.sent(tx, Lane(number), limit))]

    assert sent(9) == ["b", "c", "a"]
    assert sent(2) == ["b", "c"]


def test_the_next_moment_that_matters_is_the_earliest_of_what_is_unsettled(database: Database) -> None:
    number, (one, two) = samples.with_items(database, "a", "b")
    put_in(database, one, "settled")
    put_in(database, two, "sent")
    seen = item(database, two)
    write(database, items.recheck_later(seen, due_ms=START_MS + 5, note="{}"))

    assert database.read(lambda tx: items.earliest_due(tx, Lane(number))) == START_MS + 5

    settle(database, two, "deleted")
    assert database.read(lambda tx: items.earliest_due(tx, Lane(number))) is None


def test_everything_unsent_gets_one_word_and_nothing_else_does(database: Database) -> None:
    number, ids = samples.with_items(database, *"abcde")
    other, _ = samples.with_items(database, "of another proposal")
    for each, state in zip(ids, (*STATES, "pending"), strict=True):
        put_in(database, each, state)

    assert database.write(lambda tx: items.settle_pending(tx, number, outcome="stopped", note='"late"')) == 2

    assert [(row.state, row.outcome) for row in samples.items_of(database, number)] == [
        ("settled", "stopped"),
        ("inflight", None),
        ("sent", "accepted"),
        ("settled", "deleted"),
        ("settled", "stopped"),
    ]
    assert samples.items_of(database, other)[0].state == "pending"


def test_what_was_sent_before_and_put_back_may_get_a_word_of_its_own(database: Database) -> None:
    number, ids = samples.with_items(database, *"abc")
    claim(database, ids[:2])
    for each, was_sent in zip(ids, (True, False), strict=False):
        release(database, each, was_sent=was_sent)

    count = database.write(
        lambda tx: items.settle_pending(tx, number, outcome="stopped", tried="failed", note='"late"')
    )

    assert count == 3
    assert [row.outcome for row in samples.items_of(database, number)] == ["failed", "stopped", "stopped"]


def test_everything_sent_that_nobody_can_read_back_is_unknown(database: Database) -> None:
    number, ids = samples.with_items(database, *"abcd")
    for each, state in zip(ids, STATES, strict=True):
        put_in(database, each, state)

    database.write(lambda tx: items.abandon(tx, number, note='"why"'))

    assert [(row.state, row.outcome) for row in samples.items_of(database, number)] == [
        ("pending", None),
        ("settled", "unknown"),
        ("settled", "unknown"),
        ("settled", "deleted"),
    ]


def test_items_are_counted_by_their_word(database: Database) -> None:
    number, ids = samples.with_items(database, *"abcd")
    for each, state in zip(ids, STATES, strict=True):
        put_in(database, each, state)

    assert database.read(lambda tx: items.tally(tx, number)) == {"waiting": 3, "deleted": 1}
    assert database.read(lambda tx: items.tally(tx, 99)) == {}


def test_what_became_of_a_long_list_is_counted_without_reading_its_items(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []
    real = sqlite.SqliteTx.rows

    def listening(self: sqlite.SqliteTx, sql: str, /, **params: Any) -> Any:
        asked.append(sql)
        return real(self, sql, **params)

    monkeypatch.setattr(sqlite.SqliteTx, "rows", listening)
    with closing(sqlite.SqliteDatabase(tmp_path / "record.db")) as database:
        database.migrate()
        number, _ = samples.with_items(database, "a", "b")
        for count in (items.tally, partial(items.settled_since, since_ms=1)):
            asked.clear()
            database.read(lambda tx, count=count: count(tx, number))  # type: ignore[misc] # mypy cannot infer a lambda's default
            counting = asked[-1]
            found = database.read(
                lambda tx, sql=counting: tx.rows(f"EXPLAIN QUERY PLAN {sql}", id=number, since=1)  # type: ignore[misc] # as above
            )
            plan = [str(each["detail"]) for each in found if "items" in str(each["detail"])]
            assert plan
            assert all("COVERING INDEX" in each for each in plan), plan
