"""The single things a proposal would delete, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.database import Row, Tx


@dataclass(frozen=True)
class ItemRow:
    """One item. ``state``: pending, inflight, sent or settled; ``outcome`` is set once it is settled or sent."""

    id: int
    proposal_id: int
    ord: int
    target: str
    state: str
    outcome: str | None
    note: str
    call_id: str | None
    attempts: int
    due_ms: int
    settled_ms: int | None


def add_all(tx: Tx, proposal_id: int, targets: Sequence[str]) -> None:
    """Store the items of an approved plan, in its order."""
    tx.run_many(
        """
        INSERT INTO items (proposal_id, ord, target, state)
        VALUES (:proposal_id, :ord, :target, 'pending')
        """,
        ({"proposal_id": proposal_id, "ord": n, "target": target} for n, target in enumerate(targets)),
    )


def next_pending(tx: Tx, proposal_id: int, limit: int) -> list[ItemRow]:
    """Return the first items that were not sent yet."""
    found = tx.rows(
        """
        SELECT * FROM items WHERE proposal_id = :id AND state = 'pending' AND due_ms <= :now
        ORDER BY ord LIMIT :limit
        """,
        id=proposal_id,
        now=tx.now_ms(),
        limit=limit,
    )
    return [ItemRow(**row) for row in found]


def claim(tx: Tx, ids: Sequence[int], call_id: str) -> int:
    """Take pending items for a call; return how many were still pending."""
    return sum(
        tx.run(
            """
            UPDATE items SET state = 'inflight', call_id = :call, attempts = attempts + 1
            WHERE id = :id AND state = 'pending'
            """,
            id=item,
            call=call_id,
        )
        for item in ids
    )


def settle(tx: Tx, item_id: int, *, old: str, outcome: str, note: str) -> bool:
    """Give an item its final word, but only from state ``old``."""
    changed = tx.run(
        """
        UPDATE items SET state = 'settled', outcome = :outcome, note = :note, settled_ms = :now
        WHERE id = :id AND state = :old
        """,
        id=item_id,
        old=old,
        outcome=outcome,
        note=note,
        now=tx.now_ms(),
    )
    return changed == 1


def mark_sent(tx: Tx, item_id: int, *, outcome: str, note: str, due_ms: int) -> bool:
    """Note that the call for an inflight item was answered; its absence is to be read back at ``due_ms``."""
    changed = tx.run(
        """
        UPDATE items SET state = 'sent', outcome = :outcome, note = :note, due_ms = :due
        WHERE id = :id AND state = 'inflight'
        """,
        id=item_id,
        outcome=outcome,
        note=note,
        due=due_ms,
    )
    return changed == 1


def look_again(tx: Tx, item_id: int, *, due_ms: int, note: str) -> None:
    """Read a sent item back later."""
    tx.run(
        "UPDATE items SET due_ms = :due, note = :note WHERE id = :id AND state = 'sent'",
        id=item_id,
        due=due_ms,
        note=note,
    )


def release(tx: Tx, item_id: int, *, old: str, due_ms: int, note: str, was_sent: bool = True) -> bool:
    """Put an item that is still there back in the queue, to be sent no earlier than ``due_ms``.

    ``was_sent`` False takes the attempt back: the call certainly did nothing.
    """
    changed = tx.run(
        """
        UPDATE items SET state = 'pending', outcome = NULL, call_id = NULL, due_ms = :due, note = :note,
                         attempts = attempts - :unsent
        WHERE id = :id AND state = :old
        """,
        id=item_id,
        old=old,
        due=due_ms,
        note=note,
        unsent=int(not was_sent),
    )
    return changed == 1


def of_call(tx: Tx, call_id: str) -> list[ItemRow]:
    """Return the items of a call that are not settled yet."""
    found = tx.rows(
        "SELECT * FROM items WHERE call_id = :call AND state IN ('inflight', 'sent') ORDER BY ord",
        call=call_id,
    )
    return [ItemRow(**row) for row in found]


def sent(tx: Tx, proposal_id: int, limit: int) -> list[ItemRow]:
    """Return items whose call was answered and whose absence was not read yet, the most urgent first."""
    found = tx.rows(
        """
        SELECT * FROM items WHERE proposal_id = :id AND state = 'sent' ORDER BY due_ms, ord LIMIT :limit
        """,
        id=proposal_id,
        limit=limit,
    )
    return [ItemRow(**row) for row in found]


def earliest_due(tx: Tx, proposal_id: int) -> int | None:
    """Return when the next unsettled item wants attention, or None when all are settled."""
    row = tx.one(
        "SELECT min(due_ms) AS due FROM items WHERE proposal_id = :id AND state <> 'settled'", id=proposal_id
    )
    return None if row is None or row["due"] is None else int(row["due"])


def settle_pending(tx: Tx, proposal_id: int, *, outcome: str, note: str) -> int:
    """Give every item that was not sent the same final word; return how many."""
    return tx.run(
        """
        UPDATE items SET state = 'settled', outcome = :outcome, note = :note, settled_ms = :now
        WHERE proposal_id = :id AND state = 'pending'
        """,
        id=proposal_id,
        outcome=outcome,
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
    return [ItemRow(**row) for row in found]


def tally(tx: Tx, proposal_id: int) -> dict[str, int]:
    """Count a proposal's items by outcome; those without one yet are counted as ``waiting``."""
    found = tx.rows(
        """
        SELECT COALESCE(outcome, 'waiting') AS word, count(*) AS n FROM items
        WHERE proposal_id = :id GROUP BY COALESCE(outcome, 'waiting')
        """,
        id=proposal_id,
    )
    return {str(row["word"]): int(row["n"]) for row in found}
