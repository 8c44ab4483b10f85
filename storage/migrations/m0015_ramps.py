"""How a big deletion begins, and where in that it stands."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    # The stages it was started with, as JSON; NULL where it has none.
    "ALTER TABLE proposals ADD COLUMN ramp TEXT",
    "ALTER TABLE proposals ADD COLUMN ramp_stage {big} NOT NULL DEFAULT 0",
    # The first items of the plan, which may be sent now; NULL: all of them.
    "ALTER TABLE proposals ADD COLUMN ramp_below {big}",
    "ALTER TABLE proposals ADD COLUMN ramp_since_ms {big}",
    "ALTER TABLE proposals ADD COLUMN ramp_until_ms {big}",
)
