"""Freezes: while one is open nothing is deleted anywhere."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class FreezeRow:
    """One freeze: who (a Slack team and person), where, why, since when; open until ``thawed_ms``.

    ``digest`` is what those who end it vote on.
    """

    id: int
    team: str
    person: str
    channel: str
    reason: str
    frozen_ms: int
    thawed_ms: int | None
    digest: str


def begin(tx: Tx, *, by: tuple[str, str], channel: str, reason: str, digest: str) -> int | None:
    """Open a freeze by (team, person); None when one is open already."""
    row = tx.one(
        """
        INSERT INTO freezes (team, person, channel, reason, frozen_ms, digest)
        VALUES (:team, :person, :channel, :reason, :now, :digest)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        team=by[0],
        person=by[1],
        channel=channel,
        reason=reason,
        digest=digest,
        now=tx.now_ms(),
    )
    return int(row["id"]) if row else None


def current(tx: Tx) -> FreezeRow | None:
    """Return the open freeze."""
    row = tx.one("SELECT * FROM freezes WHERE thawed_ms IS NULL")
    return FreezeRow(**row) if row else None


def is_frozen(tx: Tx) -> bool:
    """Say whether nothing may be deleted: somebody froze it, or the record does not lead to the audit channel."""
    row = tx.one(
        """
        SELECT EXISTS (SELECT 1 FROM freezes WHERE thawed_ms IS NULL)
            OR EXISTS (SELECT 1 FROM anchor_losses WHERE closed_ms IS NULL) AS frozen
        """
    )
    return row is not None and bool(row["frozen"])


def lock_current(tx: Tx) -> FreezeRow | None:
    """Return the open freeze, and keep others from ending it until this transaction ends."""
    row = tx.one("SELECT * FROM freezes WHERE thawed_ms IS NULL {lock}")
    return FreezeRow(**row) if row else None


def count(tx: Tx) -> int:
    """Return how many freezes there were, the open one included."""
    row = tx.one("SELECT count(*) AS n FROM freezes")
    return int(row["n"]) if row else 0


def end(tx: Tx, freeze_id: int, *, now_ms: int | None = None) -> bool:
    """End a freeze; False when it was ended before. ``now_ms``: when (UTC ms), otherwise now."""
    return (
        tx.run(
            "UPDATE freezes SET thawed_ms = :now WHERE id = :id AND thawed_ms IS NULL",
            id=freeze_id,
            now=tx.now_ms() if now_ms is None else now_ms,
        )
        == 1
    )
