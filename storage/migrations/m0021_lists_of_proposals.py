"""Lists of proposals: whose they are, and when they ended."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "CREATE INDEX proposals_of ON proposals (proposer, state, id)",
    "CREATE INDEX proposals_ended ON proposals (finished_ms, id) WHERE finished_ms IS NOT NULL",
    "CREATE INDEX proposals_ended_of ON proposals (proposer, finished_ms, id) WHERE finished_ms IS NOT NULL",
)
