"""How far instances saw the record's time pass while something was on hold."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "CREATE TABLE record_time (id {big} PRIMARY KEY, seen_ms {big} NOT NULL) {strict}",
)
