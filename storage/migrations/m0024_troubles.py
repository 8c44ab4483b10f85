"""What operators were told of, so that they are told once, and once more when it is over."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    """
    CREATE TABLE troubles (
        name TEXT PRIMARY KEY,
        told TEXT NOT NULL,
        since_ms {big} NOT NULL,
        ended_ms {big}
    ) {strict}
    """,
)
