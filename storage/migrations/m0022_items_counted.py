"""Counting what became of the items of a long list, without reading the items."""

from storage.migrations.statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    # SQLite reads each item for its state, even where the index says it, unless that is in it.
    "CREATE INDEX items_settled ON items (proposal_id, outcome, settled_ms, state) WHERE state = 'settled'",
)
