"""Holds that begin when people can see them, messages that go ahead of others, and how much one person proposes."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    # Which hold of a deletion it is: 0 in those that an earlier version approved, whose hold began with the quorum.
    # While ``hold_until_ms`` is NULL the card with this hold's Stop button is not in the channel yet.
    "ALTER TABLE proposals ADD COLUMN hold_no {big} NOT NULL DEFAULT 0",
    "ALTER TABLE proposals ADD COLUMN hold_s {big}",
    # What goes first in a lane: brakes before cards that begin a hold, those before decisions, and the rest.
    "ALTER TABLE outbox ADD COLUMN urgency {big} NOT NULL DEFAULT 3",
    "DROP INDEX outbox_waiting",
    "CREATE INDEX outbox_waiting ON outbox (lane, urgency, id) WHERE state IN ('queued', 'sending')",
    # What one person has proposed, and when.
    "CREATE INDEX proposals_by_proposer ON proposals (proposer, created_ms)",
)
