"""How often somebody was refused the same lately: a flood of refusals is written as a number."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    """
    CREATE TABLE refusals (
        id {serial},
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        ref TEXT NOT NULL,
        rule TEXT NOT NULL,
        since_ms {big} NOT NULL,
        last_ms {big} NOT NULL,
        told {big} NOT NULL DEFAULT 1,
        more {big} NOT NULL DEFAULT 0,
        UNIQUE (actor, action, ref, rule)
    ) {strict}
    """,
)
