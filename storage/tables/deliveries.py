"""Requests from Slack that were already acted on, so that a replay changes nothing."""

from storage.engine.database import Tx

KEEP_MS = 24 * 3600 * 1000
"""How long a request is remembered; Slack's signatures are good for 5 minutes."""


def first_time(tx: Tx, key: str) -> bool:
    """Remember a request; False when it was seen before."""
    now = tx.now_ms()
    tx.run("DELETE FROM deliveries WHERE seen_ms < :old", old=now - KEEP_MS)
    return (
        tx.run(
            "INSERT INTO deliveries (key, seen_ms) VALUES (:key, :now) ON CONFLICT DO NOTHING",
            key=key,
            now=now,
        )
        == 1
    )


def forget(tx: Tx, key: str) -> None:
    """Let a request come again: nothing was done about it."""
    tx.run("DELETE FROM deliveries WHERE key = :key", key=key)
