"""What people are told of their own deeds is found by whom it is for."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = ("CREATE INDEX outbox_deeds ON outbox (lane, id) WHERE kind = 'deeds'",)
