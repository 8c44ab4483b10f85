"""Freezes: while one is open nothing is deleted anywhere; and the votes that end one."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class FreezeRow:
    """One freeze: who (a Slack team and person), where, why, since when; open until ``thawed_ms``."""

    id: int
    team: str
    person: str
    channel: str
    reason: str
    frozen_ms: int
    thawed_ms: int | None


@dataclass(frozen=True)
class ThawRow:
    """One person's wish to end a freeze. ``state`` is cast, counted or void."""

    id: int
    freeze_id: int
    team: str
    person: str
    channel: str
    state: str
    cast_ms: int
    settled_ms: int | None


def begin(tx: Tx, *, by: tuple[str, str], channel: str, reason: str) -> int | None:
    """Open a freeze by (team, person); None when one is open already."""
    row = tx.one(
        """
        INSERT INTO freezes (team, person, channel, reason, frozen_ms)
        VALUES (:team, :person, :channel, :reason, :now)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        team=by[0],
        person=by[1],
        channel=channel,
        reason=reason,
        now=tx.now_ms(),
    )
    return int(row["id"]) if row else None


def current(tx: Tx) -> FreezeRow | None:
    """Return the open freeze."""
    row = tx.one("SELECT * FROM freezes WHERE thawed_ms IS NULL")
    return FreezeRow(**row) if row else None


def lock_current(tx: Tx) -> FreezeRow | None:
    """Return the open freeze, and keep others from ending it until this transaction ends."""
    row = tx.one("SELECT * FROM freezes WHERE thawed_ms IS NULL {lock}")
    return FreezeRow(**row) if row else None


def end(tx: Tx, freeze_id: int) -> bool:
    """End a freeze; False when it was ended before."""
    return (
        tx.run(
            "UPDATE freezes SET thawed_ms = :now WHERE id = :id AND thawed_ms IS NULL",
            id=freeze_id,
            now=tx.now_ms(),
        )
        == 1
    )


def cast(tx: Tx, freeze_id: int, *, by: tuple[str, str], channel: str) -> int | None:
    """Store a wish to end a freeze; None when this person has a live one already."""
    row = tx.one(
        """
        INSERT INTO thaws (freeze_id, team, person, channel, state, cast_ms)
        VALUES (:freeze, :team, :person, :channel, 'cast', :now)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        freeze=freeze_id,
        team=by[0],
        person=by[1],
        channel=channel,
        now=tx.now_ms(),
    )
    return int(row["id"]) if row else None


def thaw(tx: Tx, thaw_id: int) -> ThawRow | None:
    """Return one wish."""
    row = tx.one("SELECT * FROM thaws WHERE id = :id", id=thaw_id)
    return ThawRow(**row) if row else None


def settle(tx: Tx, thaw_id: int, *, state: str) -> bool:
    """Count or void a wish that is still only cast."""
    changed = tx.run(
        "UPDATE thaws SET state = :state, settled_ms = :now WHERE id = :id AND state = 'cast'",
        id=thaw_id,
        state=state,
        now=tx.now_ms(),
    )
    return changed == 1


def counted(tx: Tx, freeze_id: int) -> list[ThawRow]:
    """Return the wishes that count for a freeze, oldest first."""
    found = tx.rows("SELECT * FROM thaws WHERE freeze_id = :id AND state = 'counted' ORDER BY id", id=freeze_id)
    return [ThawRow(**row) for row in found]
