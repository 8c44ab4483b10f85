"""What a set of rows is read for, as a digest: only the same reading goes on with it; and whose set is a plan's."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE row_sets ADD COLUMN asked TEXT",
    "CREATE INDEX plans_rows ON plans (rows_id) WHERE rows_id IS NOT NULL",
)
