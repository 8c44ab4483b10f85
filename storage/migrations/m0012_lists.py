"""Lists of media in files that people asked to propose from, until they were read."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    """
    CREATE TABLE lists (
        id {serial},
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        channel TEXT NOT NULL,
        form TEXT NOT NULL,
        created_ms {big} NOT NULL,
        done_ms {big}
    ) {strict}
    """,
    "CREATE INDEX lists_unanswered ON lists (person) WHERE done_ms IS NULL",
)
