"""The journal of delete calls: written before a call is made, completed after, fenced by owner."""

from dataclasses import dataclass
from enum import StrEnum

from storage.engine.database import Row, Tx


class CallState(StrEnum):
    """Where a call stands: written down, answered, or ended without an answer that can be relied on."""

    INTENT = "intent"
    DONE = "done"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CallRow:
    """One delete call. ``targets`` and ``answer`` are canonical JSON."""

    id: str
    proposal_id: int
    action: str
    targets: str
    state: CallState
    owner: str
    lease_ms: int
    answer: str
    intent_ms: int
    done_ms: int | None


@dataclass(frozen=True)
class Intent:
    """A call about to be made; ``lease_ms`` is when others may take it over (UTC milliseconds)."""

    id: str
    proposal_id: int
    action: str
    targets: str
    owner: str
    lease_ms: int


def intend(tx: Tx, intent: Intent) -> None:
    """Write down a call before it is made."""
    tx.run(
        """
        INSERT INTO calls (id, proposal_id, action, targets, state, owner, lease_ms, intent_ms)
        VALUES (:id, :proposal_id, :action, :targets, 'intent', :owner, :lease_ms, :now)
        """,
        **intent.__dict__,
        now=tx.now_ms(),
    )


def complete(tx: Tx, call_id: str, *, owner: str, state: CallState, answer: str) -> bool:
    """Write down what came of a call; False when another instance has taken it over (this one is fenced)."""
    changed = tx.run(
        """
        UPDATE calls SET state = :state, answer = :answer, done_ms = :now
        WHERE id = :id AND owner = :owner AND state = 'intent'
        """,
        id=call_id,
        owner=owner,
        state=state,
        answer=answer,
        now=tx.now_ms(),
    )
    return changed == 1


def take_over(tx: Tx, proposal_id: int, *, owner: str, lease_ms: int) -> CallRow | None:
    """Make one expired call of a proposal this owner's, which fences whoever held it."""
    row = tx.one(
        """
        UPDATE calls SET owner = :owner, lease_ms = :lease
        WHERE id = (SELECT id FROM calls
                    WHERE proposal_id = :proposal AND state = 'intent' AND lease_ms <= :now
                    ORDER BY intent_ms LIMIT 1 {skip})
        RETURNING *
        """,
        proposal=proposal_id,
        owner=owner,
        lease=lease_ms,
        now=tx.now_ms(),
    )
    return _row(row) if row else None


def is_any_expired(tx: Tx, proposal_id: int) -> bool:
    """Say whether a call of a proposal may be taken over."""
    row = tx.one(
        """
        SELECT 1 AS yes FROM calls WHERE proposal_id = :id AND state = 'intent' AND lease_ms <= :now LIMIT 1
        """,
        id=proposal_id,
        now=tx.now_ms(),
    )
    return row is not None


def is_open(tx: Tx, call_id: str, *, owner: str) -> bool:
    """Say whether a call is still this owner's to make."""
    row = tx.one(
        """
        SELECT 1 AS yes FROM calls
        WHERE id = :id AND owner = :owner AND state = 'intent' AND lease_ms > :now
        """,
        id=call_id,
        owner=owner,
        now=tx.now_ms(),
    )
    return row is not None


def get(tx: Tx, call_id: str) -> CallRow | None:
    """Return a call."""
    row = tx.one("SELECT * FROM calls WHERE id = :id", id=call_id)
    return _row(row) if row else None


def count_open(tx: Tx) -> tuple[int, int]:
    """Count the calls without an answer: those that are in time, and those that another instance may take over.

    Answered calls are not read: there is an index of the open ones.
    """
    row = tx.one(
        """
        SELECT count(*) AS n, COALESCE(sum(CASE WHEN lease_ms <= :now THEN 1 ELSE 0 END), 0) AS late
        FROM calls WHERE state = 'intent'
        """,
        now=tx.now_ms(),
    )
    late = int(row["late"]) if row else 0
    return (int(row["n"]) - late if row else 0), late


def every(tx: Tx) -> list[CallRow]:
    """Return the whole journal, oldest first."""
    return [_row(row) for row in tx.rows("SELECT * FROM calls ORDER BY intent_ms, id")]


def count(tx: Tx) -> int:
    """Return how many calls the journal has."""
    row = tx.one("SELECT count(*) AS n FROM calls")
    return int(row["n"]) if row else 0


def _row(row: Row) -> CallRow:
    return CallRow(**{**row, "state": CallState(row["state"])})
