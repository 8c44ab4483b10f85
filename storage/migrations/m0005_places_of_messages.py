"""Where in Slack each message is, and which file goes with it."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE outbox ADD COLUMN channel TEXT",
    "ALTER TABLE outbox ADD COLUMN thread_ts TEXT",
    "ALTER TABLE outbox ADD COLUMN file_id TEXT",
    # Found by its name alone, a list may be somebody else's: while it can be approved, it is posted anew.
    """
    UPDATE outbox SET state = 'queued', ts = NULL
    WHERE kind = 'manifest' AND state = 'sent' AND ts <> ''
      AND proposal_id IN (SELECT id FROM proposals WHERE state = 'pending')
    """,
    # Those that were uploaded were confirmed by Slack; what it called them was not kept.
    """
    UPDATE outbox SET file_id = '',
        channel = (SELECT card_channel FROM proposals p WHERE p.id = outbox.proposal_id),
        thread_ts = (SELECT card_ts FROM proposals p WHERE p.id = outbox.proposal_id)
    WHERE kind = 'manifest' AND state = 'sent'
    """,
)
