"""Since when a place has taken no messages, and with what answer."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    # From the first attempt in vain on; NULL again once all that was tried in vain is settled.
    "ALTER TABLE lanes ADD COLUMN silent_ms {big}",
    "ALTER TABLE lanes ADD COLUMN silent_code TEXT",
)
