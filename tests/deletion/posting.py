"""Everything owed is in Slack, as if it had been sent there: cards, and their lists in the cards' threads."""

from storage import Tx

NEVER_MS = 2**62


def nobody_sends(tx: Tx) -> None:
    """Let the channels be ones that are never due: where nothing is sent at all, that is no silence."""
    for lane in ("approvals", "audit"):
        tx.run(
            """
            INSERT INTO lanes (lane, next_allowed_ms) VALUES (:lane, :never)
            ON CONFLICT (lane) DO UPDATE SET next_allowed_ms = excluded.next_allowed_ms
            """,
            lane=lane,
            never=NEVER_MS,
        )


def somebody_sends(tx: Tx) -> None:
    """Let the channels be due again."""
    tx.run("UPDATE lanes SET next_allowed_ms = 0 WHERE next_allowed_ms = :never", never=NEVER_MS)


def post_everything(tx: Tx) -> None:
    """Settle every message; what has no card yet has one now, with its list under it."""
    tx.run("UPDATE proposals SET card_channel = 'C1', card_ts = id || '.000001' WHERE card_ts IS NULL")
    tx.run("UPDATE outbox SET state = 'sent'")
    tx.run(
        """
        UPDATE outbox SET file_id = 'F1', channel = 'C1', thread_ts = proposal_id || '.000001'
        WHERE kind = 'manifest'
        """
    )
