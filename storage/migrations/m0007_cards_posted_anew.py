"""Where the card was in whose place the present one is."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    "ALTER TABLE proposals ADD COLUMN earlier_channel TEXT",
    "ALTER TABLE proposals ADD COLUMN earlier_ts TEXT",
)
