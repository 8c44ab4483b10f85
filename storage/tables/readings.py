"""How far the readings of proposals are: a row for each, written by who reads, and read by whoever tells of it."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class ReadingRow:
    """One reading. At ``at_ms`` so many things of ``total`` (None: not known yet) were ``done``, in this ``phase``.

    ``mark`` and ``earlier`` are two moments before that, and what was done then. ``told_ms`` is when the proposer
    was told last; ``channel`` and ``ts`` say where that message is in Slack. Times are UTC ms.
    """

    proposal_id: int
    phase: str
    began_ms: int
    at_ms: int
    done: int
    total: int | None
    mark_ms: int
    mark_done: int
    earlier_ms: int
    earlier_done: int
    told_ms: int | None = None
    channel: str | None = None
    ts: str | None = None


def get(tx: Tx, proposal_id: int) -> ReadingRow | None:
    """Return the reading of a proposal, if it was noted."""
    row = tx.one("SELECT * FROM readings WHERE proposal_id = :id", id=proposal_id)
    return ReadingRow(**row) if row else None


def put(tx: Tx, row: ReadingRow) -> None:
    """Note how far a reading is; where its message is stays as it was."""
    tx.run(
        """
        INSERT INTO readings (proposal_id, phase, began_ms, at_ms, done, total, mark_ms, mark_done,
                              earlier_ms, earlier_done, told_ms)
        VALUES (:proposal_id, :phase, :began_ms, :at_ms, :done, :total, :mark_ms, :mark_done,
                :earlier_ms, :earlier_done, :told_ms)
        ON CONFLICT (proposal_id) DO UPDATE SET
            phase = excluded.phase, at_ms = excluded.at_ms, done = excluded.done, total = excluded.total,
            mark_ms = excluded.mark_ms, mark_done = excluded.mark_done, earlier_ms = excluded.earlier_ms,
            earlier_done = excluded.earlier_done, told_ms = excluded.told_ms
        """,
        proposal_id=row.proposal_id,
        phase=row.phase,
        began_ms=row.began_ms,
        at_ms=row.at_ms,
        done=row.done,
        total=row.total,
        mark_ms=row.mark_ms,
        mark_done=row.mark_done,
        earlier_ms=row.earlier_ms,
        earlier_done=row.earlier_done,
        told_ms=row.told_ms,
    )


def put_message(tx: Tx, proposal_id: int, *, channel: str, ts: str) -> None:
    """Remember where in Slack the message is that tells of a reading."""
    tx.run(
        "UPDATE readings SET channel = :channel, ts = :ts WHERE proposal_id = :id",
        id=proposal_id,
        channel=channel,
        ts=ts,
    )
