"""When people were last told of something: what is said again and again is said no more often than it should."""

from storage.engine.database import Tx


def should_notify(tx: Tx, proposal_id: int, what: str, *, every_ms: int) -> bool:
    """Say whether ``what`` was not told of a proposal in the last ``every_ms``; if so, note that it is told now."""
    now = tx.now_ms()
    # Looked at first: a write would keep everybody else who wants to tell waiting until this transaction ends.
    row = tx.one("SELECT at_ms FROM told WHERE proposal_id = :id AND what = :what", id=proposal_id, what=what)
    if row is not None and int(row["at_ms"]) > now - every_ms:
        return False
    changed = tx.run(
        """
        INSERT INTO told (proposal_id, what, at_ms) VALUES (:id, :what, :now)
        ON CONFLICT (proposal_id, what) DO UPDATE SET at_ms = excluded.at_ms WHERE told.at_ms <= :old
        """,
        id=proposal_id,
        what=what,
        now=now,
        old=now - every_ms,
    )
    return changed == 1


def was_told(tx: Tx, proposal_id: int, what: str) -> bool:
    """Say whether ``what`` was ever told of a proposal."""
    sql = "SELECT 1 AS yes FROM told WHERE proposal_id = :id AND what = :what"
    return tx.one(sql, id=proposal_id, what=what) is not None


def reset(tx: Tx, proposal_id: int, what: str) -> None:
    """Let the next occasion be told at once."""
    tx.run("DELETE FROM told WHERE proposal_id = :id AND what = :what", id=proposal_id, what=what)
