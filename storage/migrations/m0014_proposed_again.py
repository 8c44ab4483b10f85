"""Proposals of what another one had left: each names that one."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE proposals ADD COLUMN again_of {big}",
    "CREATE INDEX proposals_again_of ON proposals (again_of) WHERE again_of IS NOT NULL",
)
