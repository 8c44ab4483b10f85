"""Everything owed is in Slack, as if it had been sent there: cards, and their lists in the cards' threads."""

from storage import Tx


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
