"""How far the reading of a proposal is, and where the message is that tells its proposer."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    """
    CREATE TABLE readings (
        proposal_id {big} PRIMARY KEY REFERENCES proposals (id),
        phase TEXT NOT NULL,
        began_ms {big} NOT NULL,
        at_ms {big} NOT NULL,
        done {big} NOT NULL,
        total {big},
        mark_ms {big} NOT NULL,
        mark_done {big} NOT NULL,
        earlier_ms {big} NOT NULL,
        earlier_done {big} NOT NULL,
        told_ms {big},
        channel TEXT,
        ts TEXT
    ) {strict}
    """,
)
