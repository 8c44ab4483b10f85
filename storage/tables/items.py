"""The single things a proposal would delete, and what became of each.

What is written of an item is written over the row that the writer has read, and over nothing newer: whoever stood
still may wake up when the item was sent again meanwhile. ``call_id`` names one sending, so it tells two of them
apart where ``attempts`` does not: an attempt that is taken back is counted again by the next claim. ``attempts``
tells apart what waits before and after a sending, when there is no ``call_id``. ``note`` is what writers go by.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from storage.engine.database import Row, Tx


class ItemState(StrEnum):
    """Where an item stands: waiting to be sent, in a call, answered and to be read back, or with its final word."""

    PENDING = "pending"
    INFLIGHT = "inflight"
    SENT = "sent"
    SETTLED = "settled"


@dataclass(frozen=True)
class ItemRow:
    """One item. ``outcome`` is set once it is settled or sent."""

    id: int
    proposal_id: int
    ord: int
    target: str
    state: ItemState
    outcome: str | None
    note: str
    call_id: str | None
    attempts: int
    due_ms: int
    settled_ms: int | None
    batch: int


EVERY = 2**62
"""A place in the plan behind every item."""

_Values = tuple[str | int | None, ...]

_BECOMES = ("state", "attempts", "call_id", "note", "outcome", "due_ms", "settled_ms")

Change = tuple[ItemRow, ItemRow]
"""An item as it was seen, and as it is to be."""


@dataclass(frozen=True)
class Lane:
    """A share of a proposal's items: the batches that are dealt to lane ``number`` of ``lanes``.

    ``below``: of these only items whose place in the plan is below it; None for all.
    """

    proposal_id: int
    number: int = 0
    lanes: int = 1
    below: int | None = None

    @property
    def end(self) -> int:
        """Return the place in the plan behind the last of its items."""
        return EVERY if self.below is None else self.below


def add_all(tx: Tx, proposal_id: int, targets: Sequence[tuple[int, str, int]]) -> int:
    """Store items of an approved plan, each (its place, target, batch), once; return how many were new."""
    return tx.run_many(
        """
        INSERT INTO items (proposal_id, ord, target, state, batch)
        VALUES (:proposal_id, :ord, :target, 'pending', :batch)
        ON CONFLICT DO NOTHING
        """,
        (
            {"proposal_id": proposal_id, "ord": place, "target": target, "batch": batch}
            for place, target, batch in targets
        ),
    )


def take_back(tx: Tx, proposal_id: int) -> int:
    """Remove the items of what was never started; return how many there were."""
    sql = "DELETE FROM items WHERE proposal_id = :id AND state = 'pending' AND attempts = 0"
    return tx.run(sql, id=proposal_id)


def count(tx: Tx, proposal_id: int) -> int:
    """Return how many items a proposal has."""
    row = tx.one("SELECT count(*) AS n FROM items WHERE proposal_id = :id", id=proposal_id)
    return int(row["n"]) if row else 0


def batches(tx: Tx, proposal_id: int) -> int:
    """Return how many batches a proposal's items are in."""
    row = tx.one("SELECT count(DISTINCT batch) AS n FROM items WHERE proposal_id = :id", id=proposal_id)
    return int(row["n"]) if row else 0


def next_pending(tx: Tx, lane: Lane, limit: int) -> list[ItemRow]:
    """Return the first items of a lane that were not sent yet, all of one batch."""
    found = tx.rows(
        """
        SELECT * FROM items WHERE proposal_id = :id AND state = 'pending' AND due_ms <= :now
                              AND batch % :lanes = :lane AND ord < :end
        ORDER BY ord LIMIT :limit
        """,
        id=lane.proposal_id,
        end=lane.end,
        now=tx.now_ms(),
        lanes=lane.lanes,
        lane=lane.number,
        limit=limit,
    )
    return [_row(row) for row in found if row["batch"] == found[0]["batch"]]


def is_any_pending(tx: Tx, proposal_id: int, *, below: int = EVERY) -> bool:
    """Say whether anything was not sent yet, of the items whose place in the plan is below that."""
    sql = "SELECT 1 AS yes FROM items WHERE proposal_id = :id AND state = 'pending' AND ord < :below LIMIT 1"
    return tx.one(sql, id=proposal_id, below=below) is not None


def claim(tx: Tx, seen: Sequence[ItemRow], call_id: str) -> list[ItemRow]:
    """Take pending items for a call; return those that were still pending and as they were seen, now claimed."""
    taken = [
        (item, replace(item, state=ItemState.INFLIGHT, call_id=call_id, attempts=item.attempts + 1))
        for item in seen
        if item.state is ItemState.PENDING
    ]
    written = write(tx, taken)
    return [claimed for _, claimed in taken if claimed.id in written]


def write(tx: Tx, changes: Iterable[Change]) -> frozenset[int]:
    """Write items anew, each over what was seen of it; return the numbers of those that still were as seen.

    Those that change alike, as most of a batch do, are written in one statement.
    """
    alike: defaultdict[tuple[_Values, _Values], list[int]] = defaultdict(list)
    for seen, new in changes:
        as_seen: _Values = (seen.state, seen.attempts, seen.call_id or "", seen.note)
        becomes: _Values = tuple(getattr(new, name) for name in _BECOMES)
        alike[as_seen, becomes].append(seen.id)
    written: set[int] = set()
    for (as_seen, becomes), numbers in alike.items():
        written |= _write_alike(tx, as_seen, becomes, numbers)
    return frozenset(written)


def _write_alike(tx: Tx, as_seen: _Values, becomes: _Values, numbers: Sequence[int]) -> set[int]:
    state, attempts, call_id, note = as_seen
    names = {f"n{place}": number for place, number in enumerate(numbers)}
    among = ", ".join(f":{name}" for name in names)
    # NULL would be equal to nothing.
    found = tx.rows(
        f"""
        UPDATE items SET state = :state, attempts = :attempts, call_id = :call_id, note = :note,
                         outcome = :outcome, due_ms = :due_ms, settled_ms = :settled_ms
        WHERE id IN ({among}) AND state = :seen_state AND attempts = :seen_attempts
                              AND COALESCE(call_id, '') = :seen_call AND note = :seen_note
        RETURNING id
        """,  # noqa: S608 - only parameter names are put in
        **dict(zip(_BECOMES, becomes, strict=True)),
        **names,
        seen_state=state,
        seen_attempts=attempts,
        seen_call=call_id,
        seen_note=note,
    )
    return {int(row["id"]) for row in found}


def settled(seen: ItemRow, *, outcome: str, note: str, now_ms: int) -> Change:
    """Give an item its final word."""
    return seen, replace(seen, state=ItemState.SETTLED, outcome=outcome, note=note, settled_ms=now_ms)


def answered(seen: ItemRow, *, outcome: str, note: str, due_ms: int) -> Change:
    """Note that the call for an item was answered; its absence is to be read back at ``due_ms``."""
    return seen, replace(seen, state=ItemState.SENT, outcome=outcome, note=note, due_ms=due_ms)


def recheck_later(seen: ItemRow, *, due_ms: int, note: str) -> Change:
    """Read a sent item back later."""
    return seen, replace(seen, due_ms=due_ms, note=note)


def requeued(seen: ItemRow, *, due_ms: int, note: str, was_sent: bool = True) -> Change:
    """Put an item that is still there back in the queue, to be sent no earlier than ``due_ms``.

    ``was_sent`` False takes the attempt back: the call certainly did nothing.
    """
    attempts = seen.attempts if was_sent else seen.attempts - 1
    return seen, replace(
        seen,
        state=ItemState.PENDING,
        outcome=None,
        call_id=None,
        due_ms=due_ms,
        note=note,
        attempts=attempts,
    )


def in_call(tx: Tx, call_id: str) -> list[ItemRow]:
    """Return the items of a call that was not answered yet."""
    # In the words of the index: those that are only sent are left out here.
    found = tx.rows(
        "SELECT * FROM items WHERE call_id = :call AND state IN ('inflight', 'sent') ORDER BY ord",
        call=call_id,
    )
    return [_row(row) for row in found if row["state"] == ItemState.INFLIGHT]


def sent(tx: Tx, lane: Lane, limit: int) -> list[ItemRow]:
    """Return a lane's items whose call was answered and whose absence is to be read now, most urgent first."""
    found = tx.rows(
        """
        SELECT * FROM items WHERE proposal_id = :id AND state = 'sent' AND due_ms <= :now
                              AND batch % :lanes = :lane
        ORDER BY due_ms, ord LIMIT :limit
        """,
        id=lane.proposal_id,
        now=tx.now_ms(),
        lanes=lane.lanes,
        lane=lane.number,
        limit=limit,
    )
    return [_row(row) for row in found]


def earliest_due(tx: Tx, lane: Lane) -> int | None:
    """Return when a lane's next unsettled item wants attention, or None when all are settled.

    One that is in a call wants it when that call may be taken over.
    """
    row = tx.one(
        """
        SELECT min(CASE WHEN i.state = 'inflight' THEN c.lease_ms ELSE i.due_ms END) AS due
        FROM items i LEFT JOIN calls c ON c.id = i.call_id
        WHERE i.proposal_id = :id AND i.state <> 'settled' AND i.batch % :lanes = :lane AND i.ord < :end
        """,
        id=lane.proposal_id,
        end=lane.end,
        lanes=lane.lanes,
        lane=lane.number,
    )
    return None if row is None or row["due"] is None else int(row["due"])


def of_batch(tx: Tx, proposal_id: int, batch: int) -> list[ItemRow]:
    """Return the items of one batch."""
    found = tx.rows(
        "SELECT * FROM items WHERE proposal_id = :id AND batch = :batch ORDER BY ord", id=proposal_id, batch=batch
    )
    return [_row(row) for row in found]


def move_first_pending(tx: Tx, proposal_id: int, *, batch: int) -> bool:
    """Put the first item that was not sent yet into another batch; False when there is none."""
    changed = tx.run(
        """
        UPDATE items SET batch = :batch
        WHERE id = (SELECT id FROM items WHERE proposal_id = :id AND state = 'pending' ORDER BY ord LIMIT 1)
        """,
        id=proposal_id,
        batch=batch,
    )
    return changed == 1


def settle_pending(tx: Tx, proposal_id: int, *, outcome: str, note: str, tried: str | None = None) -> int:
    """Give every item that waits to be sent its final word; return how many.

    ``tried`` is the word for those that were sent before and put back; without it they get the same as the others.
    """
    return tx.run(
        """
        UPDATE items SET state = 'settled', note = :note, settled_ms = :now,
                         outcome = CASE WHEN attempts > 0 THEN :tried ELSE :outcome END
        WHERE proposal_id = :id AND state = 'pending'
        """,
        id=proposal_id,
        outcome=outcome,
        tried=tried or outcome,
        note=note,
        now=tx.now_ms(),
    )


def abandon(tx: Tx, proposal_id: int, *, note: str) -> None:
    """Give every item whose call was made, and that nobody can read back, the word for not knowing."""
    tx.run(
        """
        UPDATE items SET state = 'settled', outcome = 'unknown', note = :note, settled_ms = :now
        WHERE proposal_id = :id AND state IN ('inflight', 'sent')
        """,
        id=proposal_id,
        note=note,
        now=tx.now_ms(),
    )


def of(tx: Tx, proposal_id: int) -> list[ItemRow]:
    """Return all items of a proposal in their order."""
    found: list[Row] = tx.rows("SELECT * FROM items WHERE proposal_id = :id ORDER BY ord", id=proposal_id)
    return [_row(row) for row in found]


def first(tx: Tx, proposal_id: int, limit: int) -> list[ItemRow]:
    """Return the first items of a proposal."""
    found = tx.rows("SELECT * FROM items WHERE proposal_id = :id ORDER BY ord LIMIT :n", id=proposal_id, n=limit)
    return [_row(row) for row in found]


def named(tx: Tx, proposal_id: int, targets: Sequence[str]) -> list[ItemRow]:
    """Return the items of a proposal for some targets, in their order: sooner found than the first of many."""
    names = {f"t{n}": target for n, target in enumerate(targets)}
    among = ", ".join(f":{name}" for name in names)
    found = tx.rows(
        f"SELECT * FROM items WHERE proposal_id = :id AND target IN ({among}) ORDER BY ord",  # noqa: S608 - only parameter names are put in
        id=proposal_id,
        **names,
    )
    return [_row(row) for row in found]


def troubled_first(tx: Tx, proposal_id: int, limit: int) -> list[ItemRow]:
    """Return some items of a proposal: those in trouble, then those that were stopped, then the deleted ones."""
    found = tx.rows(
        """
        SELECT * FROM items WHERE proposal_id = :id
        ORDER BY CASE outcome WHEN 'deleted' THEN 2 WHEN 'stopped' THEN 1 ELSE 0 END, ord LIMIT :n
        """,
        id=proposal_id,
        n=limit,
    )
    return [_row(row) for row in found]


def targets_with(tx: Tx, proposal_id: int, *outcomes: str) -> list[str]:
    """Return what of a proposal has one of these final words, in its order."""
    names = {f"o{n}": outcome for n, outcome in enumerate(outcomes)}
    among = ", ".join(f":{name}" for name in names)
    found = tx.rows(
        f"""
        SELECT target FROM items WHERE proposal_id = :id AND state = 'settled' AND outcome IN ({among}) ORDER BY ord
        """,  # noqa: S608 - only parameter names are put in
        id=proposal_id,
        **names,
    )
    return [str(row["target"]) for row in found]


@dataclass(frozen=True)
class EndedRow:
    """What became of an item. ``answer`` is that to its last call, canonical JSON; None where there was no call."""

    target: str
    state: ItemState
    outcome: str | None
    note: str
    call_id: str | None
    settled_ms: int | None
    answer: str | None


def ended(tx: Tx, proposal_id: int, targets: Sequence[str]) -> dict[str, EndedRow]:
    """Return what became of some items of a proposal, by target."""
    names = {f"t{n}": target for n, target in enumerate(targets)}
    among = ", ".join(f":{name}" for name in names)
    found = tx.rows(
        f"""
        SELECT i.target, i.state, i.outcome, i.note, i.call_id, i.settled_ms, c.answer
        FROM items i LEFT JOIN calls c ON c.id = i.call_id
        WHERE i.proposal_id = :id AND i.target IN ({among})
        """,  # noqa: S608 - only parameter names are put in
        id=proposal_id,
        **names,
    )
    return {str(row["target"]): EndedRow(**{**row, "state": ItemState(row["state"])}) for row in found}


def outcomes(tx: Tx, proposal_id: int) -> list[tuple[str, str | None]]:
    """Return (target, outcome) of every item, in their order."""
    found = tx.rows("SELECT target, outcome FROM items WHERE proposal_id = :id ORDER BY ord", id=proposal_id)
    return [(str(row["target"]), row["outcome"]) for row in found]


def tally(tx: Tx, proposal_id: int) -> dict[str, int]:
    """Count a proposal's items by outcome; those that have no final one yet are counted as ``waiting``."""
    found = tx.rows(
        """
        SELECT outcome AS word, count(*) AS n FROM items
        WHERE proposal_id = :id AND state = 'settled' GROUP BY outcome
        UNION ALL
        SELECT '' AS word, count(*) AS n FROM items WHERE proposal_id = :id
        """,
        id=proposal_id,
    )
    return _with_waiting(found)


def settled_since(tx: Tx, proposal_id: int, since_ms: int) -> int:
    """Count the items of a proposal that have had their final word since a time (UTC ms)."""
    row = tx.one(
        """
        SELECT count(*) AS n FROM items
        WHERE proposal_id = :id AND state = 'settled' AND settled_ms >= :since AND outcome <> 'stopped'
        """,
        id=proposal_id,
        since=since_ms,
    )
    return int(row["n"]) if row else 0


def _row(row: Row) -> ItemRow:
    return ItemRow(**{**row, "state": ItemState(row["state"])})


def tally_in_state(tx: Tx, state: str) -> dict[str, int]:
    """Count the items of every proposal in a state as ``tally`` does; of proposals in other states none is read."""
    found = tx.rows(
        """
        SELECT i.outcome AS word, count(*) AS n FROM proposals p JOIN items i ON i.proposal_id = p.id
        WHERE p.state = :state AND i.state = 'settled' GROUP BY i.outcome
        UNION ALL
        SELECT '' AS word, count(*) AS n FROM proposals p JOIN items i ON i.proposal_id = p.id
        WHERE p.state = :state
        """,
        state=state,
    )
    return _with_waiting(found)


def _with_waiting(found: Iterable[Row]) -> dict[str, int]:
    """Return counts by outcome; what is left of the count of all, which has no word, waits."""
    counts = {str(row["word"]): int(row["n"]) for row in found}
    waiting = counts.pop("") - sum(counts.values())
    return counts | ({"waiting": waiting} if waiting else {})


def unsettled_in_state(tx: Tx, state: str) -> dict[int, int]:
    """Count the items without a final word of every proposal in a state; one that has none left is not in it."""
    found = tx.rows(
        """
        SELECT p.id AS id, count(*) AS n FROM proposals p JOIN items i ON i.proposal_id = p.id
        WHERE p.state = :state AND i.state <> 'settled' GROUP BY p.id
        """,
        state=state,
    )
    return {int(row["id"]): int(row["n"]) for row in found}
