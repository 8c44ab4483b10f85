"""How many items a proposal asked for: what a person and the team may delete in a day is counted."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE proposals ADD COLUMN asked {big}",
    "CREATE INDEX proposals_finished ON proposals (finished_ms) WHERE state = 'finished'",
)
