"""Findings that the record does not lead to a head in the audit channel: while one is open nothing is deleted."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class LossRow:
    """One finding. ``found`` is canonical JSON of what was found, ``digest`` its SHA-256: what people vote on.

    ``seen_ts`` is Slack's name for the newest head that was seen then. Open until ``closed_ms``; ``accepted``: two
    people took the record for the true one, and did not leave that to a later finding.
    """

    id: int
    digest: str
    found: str
    found_ms: int
    seen_ts: str
    closed_ms: int | None
    accepted: int


def begin(tx: Tx, *, digest: str, found: str, seen_ts: str) -> int | None:
    """Note a finding; None when one is open already."""
    row = tx.one(
        """
        INSERT INTO anchor_losses (digest, found, found_ms, seen_ts)
        VALUES (:digest, :found, :now, :seen_ts)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        digest=digest,
        found=found,
        seen_ts=seen_ts,
        now=tx.now_ms(),
    )
    return int(row["id"]) if row else None


def current(tx: Tx, *, locked: bool = False) -> LossRow | None:
    """Return the open one; locked, nobody else can close it until this transaction ends."""
    sql = "SELECT * FROM anchor_losses WHERE closed_ms IS NULL"
    row = tx.one(f"{sql} {{lock}}" if locked else sql)
    return LossRow(**row) if row else None


def close(tx: Tx, loss_id: int, *, accepted: bool, now_ms: int | None = None) -> bool:
    """Close one; False when it was closed before. ``now_ms``: when (UTC ms), otherwise now."""
    return (
        tx.run(
            "UPDATE anchor_losses SET closed_ms = :now, accepted = :accepted WHERE id = :id AND closed_ms IS NULL",
            id=loss_id,
            now=tx.now_ms() if now_ms is None else now_ms,
            accepted=int(accepted),
        )
        == 1
    )


def accepted(tx: Tx) -> LossRow | None:
    """Return the newest one after which two people took the record for the true one."""
    row = tx.one("SELECT * FROM anchor_losses WHERE accepted = 1 ORDER BY id DESC LIMIT 1")
    return LossRow(**row) if row else None


def accepted_ts(tx: Tx) -> str:
    """Return Slack's name for the newest head that two people have looked at, or ''."""
    row = accepted(tx)
    return row.seen_ts if row else ""
