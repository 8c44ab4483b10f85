"""Requests that leave evenly, and never while everything is frozen."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    # When the newest requests of an operation were sent, as a JSON list.
    "ALTER TABLE quotas ADD COLUMN sent TEXT NOT NULL DEFAULT '[]'",
    # Whoever sends holds this row meanwhile, and so does whoever freezes: the two never happen at once.
    "INSERT INTO quotas (name, next_us) VALUES ('the wire', 0)",
    # What is to be read back now is found without passing all that waits to be sent, which is due as well.
    "CREATE INDEX items_to_read_back ON items (proposal_id, due_ms, ord) WHERE state = 'sent'",
)
