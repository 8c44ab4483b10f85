"""What an operator was told of: since when it goes on, or when it was over. One row for each kind of trouble."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class TroubleRow:
    """One trouble by its ``name``; ``told`` is canonical JSON of what was said. Times are UTC ms."""

    name: str
    told: str
    since_ms: int
    ended_ms: int | None


def begin(tx: Tx, name: str, told: str, *, quiet_ms: int) -> bool:
    """Note that a trouble begins; False when it goes on already, or was over less than ``quiet_ms`` ago."""
    changed = tx.run(
        """
        INSERT INTO troubles (name, told, since_ms) VALUES (:name, :told, :now)
        ON CONFLICT (name) DO UPDATE SET told = excluded.told, since_ms = excluded.since_ms, ended_ms = NULL
        WHERE troubles.ended_ms <= :quiet
        """,
        name=name,
        told=told,
        now=tx.now_ms(),
        quiet=tx.now_ms() - quiet_ms,
    )
    return changed == 1


def end(tx: Tx, name: str) -> bool:
    """Note that a trouble is over; False when it was before."""
    sql = "UPDATE troubles SET ended_ms = :now WHERE name = :name AND ended_ms IS NULL"
    return tx.run(sql, name=name, now=tx.now_ms()) == 1


def going_on(tx: Tx) -> list[TroubleRow]:
    """Return what is not over."""
    return [TroubleRow(**row) for row in tx.rows("SELECT * FROM troubles WHERE ended_ms IS NULL ORDER BY name")]
