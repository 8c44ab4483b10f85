"""Plans in rows: one for each target and for each thing left out; the plan itself is the header over them."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    """
    CREATE TABLE row_sets (
        id {serial},
        kind TEXT NOT NULL,
        ref {big} NOT NULL,
        place TEXT NOT NULL,
        created_ms {big} NOT NULL,
        UNIQUE (kind, ref)
    ) {strict}
    """,
    """
    CREATE TABLE plan_rows (
        set_id {big} NOT NULL REFERENCES row_sets (id),
        part {big} NOT NULL,
        ord {big} NOT NULL,
        target TEXT NOT NULL,
        title TEXT NOT NULL,
        warned {big} NOT NULL,
        fields TEXT NOT NULL,
        leaf TEXT NOT NULL,
        PRIMARY KEY (set_id, part, ord)
    ) {strict}
    """,
    "CREATE INDEX plan_rows_target ON plan_rows (target)",
    "CREATE INDEX plan_rows_warned ON plan_rows (set_id, warned, ord) WHERE warned > 0",
    "ALTER TABLE plans ADD COLUMN rows_id {big}",
)
