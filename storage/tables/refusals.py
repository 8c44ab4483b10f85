"""How often somebody was refused the same lately, so that a flood of refusals is written as a number.

Whoever writes here has locked the head of the log, so that one at a time does.
"""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class Repeated:
    """What makes refusals alike: who was refused, the event's name, what it is about, and the rule."""

    actor: str
    action: str
    ref: str
    rule: str


@dataclass(frozen=True)
class RefusalsRow:
    """Refusals alike from ``since_ms`` to ``last_ms``: ``told`` have events, ``more`` are only counted."""

    id: int
    actor: str
    action: str
    ref: str
    rule: str
    since_ms: int
    last_ms: int
    told: int
    more: int


def find(tx: Tx, alike: Repeated) -> RefusalsRow | None:
    """Return the refusals like this one that are being counted."""
    row = tx.one(
        "SELECT * FROM refusals WHERE actor = :actor AND action = :action AND ref = :ref AND rule = :rule",
        **alike.__dict__,
    )
    return RefusalsRow(**row) if row else None


def get(tx: Tx, number: int) -> RefusalsRow | None:
    """Return a row."""
    row = tx.one("SELECT * FROM refusals WHERE id = :id", id=number)
    return RefusalsRow(**row) if row else None


def begin(tx: Tx, alike: Repeated) -> None:
    """Begin to count with a first one, which has an event."""
    tx.run(
        """
        INSERT INTO refusals (actor, action, ref, rule, since_ms, last_ms)
        VALUES (:actor, :action, :ref, :rule, :now, :now)
        """,
        **alike.__dict__,
        now=tx.now_ms(),
    )


def add(tx: Tx, number: int, *, told: bool) -> None:
    """Count one more; ``told``: it has an event."""
    tx.run(
        "UPDATE refusals SET told = told + :told, more = more + :more, last_ms = :now WHERE id = :id",
        id=number,
        told=int(told),
        more=int(not told),
        now=tx.now_ms(),
    )


def remove(tx: Tx, number: int) -> None:
    """Count no further."""
    tx.run("DELETE FROM refusals WHERE id = :id", id=number)


def forget(tx: Tx, *, before_ms: int) -> None:
    """Remove what began before a time and has an event for each."""
    tx.run("DELETE FROM refusals WHERE since_ms < :before AND more = 0", before=before_ms)
