"""How far instances saw the record's time pass: what one has seen is no leap to another, nor after a start."""

from storage.engine.database import Tx


def seen_ms(tx: Tx) -> int:
    """Return the newest time that an instance noted (UTC ms); 0 for none."""
    row = tx.one("SELECT seen_ms FROM record_time WHERE id = 1")
    return int(row["seen_ms"]) if row else 0


def note(tx: Tx, at_ms: int) -> None:
    """Note that the record's time came so far (UTC ms); one that is earlier than what is noted changes nothing."""
    tx.run(
        """
        INSERT INTO record_time (id, seen_ms) VALUES (1, :at)
        ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms WHERE record_time.seen_ms < excluded.seen_ms
        """,
        at=at_ms,
    )
