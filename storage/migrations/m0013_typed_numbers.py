"""The number of items that a voter has typed, where approving asks for it."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = ("ALTER TABLE votes ADD COLUMN typed {big}",)
