"""Every record has an id of its own; cards name it; a record that is behind the audit channel is held."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE audit_head ADD COLUMN record_id TEXT NOT NULL DEFAULT ''",
    {
        "sqlite": "UPDATE audit_head SET record_id = lower(hex(randomblob(16)))",
        "postgres": "UPDATE audit_head SET record_id = replace(CAST(gen_random_uuid() AS TEXT), '-', '')",
    },
    # Cards of before name no record: they are shown anew, so that their buttons do.
    """
    INSERT INTO outbox (lane, kind, proposal_id, message, nonce, state, created_ms)
    SELECT 'approvals', 'card', p.id, '{}', 'renewed-' || p.id, 'queued',
           (SELECT COALESCE(max(at_ms), 0) FROM audit)
    FROM proposals p
    WHERE p.digest IS NOT NULL AND p.state IN ('pending', 'approved', 'executing')
      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'card' AND o.state = 'queued' AND o.proposal_id = p.id)
    ORDER BY p.id
    """,
    # What was found when the record did not lead to the newest head in the audit channel; open until closed_ms.
    """
    CREATE TABLE anchor_losses (
        id {serial},
        digest TEXT NOT NULL,
        found TEXT NOT NULL,
        found_ms {big} NOT NULL,
        seen_ts TEXT NOT NULL,
        closed_ms {big},
        accepted {big} NOT NULL DEFAULT 0
    ) {strict}
    """,
    # Safety net under the rule: there is one at a time.
    """
    CREATE UNIQUE INDEX anchor_losses_one_at_a_time ON anchor_losses ((closed_ms IS NULL)) WHERE closed_ms IS NULL
    """,
)
