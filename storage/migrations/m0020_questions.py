"""Questions about a proposal and the answers to them; and what a voter says with an approval."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    """
    CREATE TABLE questions (
        id {serial},
        proposal_id {big} NOT NULL REFERENCES proposals (id),
        digest TEXT NOT NULL,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        text TEXT NOT NULL,
        asked_ms {big} NOT NULL,
        answer TEXT,
        answered_ms {big}
    ) {strict}
    """,
    "CREATE INDEX questions_of_proposal ON questions (proposal_id, id)",
    "ALTER TABLE votes ADD COLUMN comment TEXT",
)
