"""What tables a record has, asked of the database itself, so that no list has to be kept beside the schema."""

from graphlib import TopologicalSorter

from storage.engine.database import Tx

FENCE = "countersign_moved"
"""Where a record that was moved says where to."""

LEDGER = {"sqlite": "_sqlite_migrations", "postgres": "countersign_migrations"}
"""The engine's own list of the migrations that were applied."""

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}

_COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info(:name)",
    "postgres": """
        SELECT column_name AS name FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = :name
    """,
}

_EXISTS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name = :name",
    "postgres": "SELECT to_regclass(:name) AS name WHERE to_regclass(:name) IS NOT NULL",
}


def exists(tx: Tx, engine: str, name: str) -> bool:
    """Say whether there is such a table."""
    return tx.one(_EXISTS[engine], name=name) is not None


def tables(tx: Tx, engine: str) -> list[str]:
    """Return the names of the tables that hold the record, in the order of the alphabet."""
    found = {str(row["name"]) for row in tx.rows(_TABLES[engine])}
    return sorted(found - {FENCE, LEDGER[engine]})


def columns(tx: Tx, engine: str, name: str) -> set[str]:
    """Return the names of a table's columns."""
    return {str(row["name"]) for row in tx.rows(_COLUMNS[engine], name=name)}


def parents_first(tx: Tx) -> list[str]:
    """Return the tables of an SQLite record, each after those that it refers to."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for name in tables(tx, "sqlite"):
        referred = {
            str(row["parent"])
            for row in tx.rows('SELECT "table" AS parent FROM pragma_foreign_key_list(:name)', name=name)
        }
        order.add(name, *(referred - {name}))
    return list(order.static_order())


def count(tx: Tx, name: str) -> int:
    """Return how many rows a table has."""
    row = tx.one(f'SELECT count(*) AS n FROM "{name}"')  # noqa: S608 - a name from the catalog
    return int(row["n"]) if row else 0


def numbered(tx: Tx, name: str) -> list[str]:
    """Return the columns of a PostgreSQL table to which the database itself gives numbers."""
    found = tx.rows(
        """
        SELECT column_name AS name FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = :name AND is_identity = 'YES'
        """,
        name=name,
    )
    return [str(row["name"]) for row in found]


def kinds(tx: Tx) -> dict[str, str]:
    """Return what each name of an SQLite database stands for: a table, a view, a virtual table."""
    found = tx.rows("SELECT name, type FROM pragma_table_list WHERE schema = 'main' LIMIT 1000")
    return {str(row["name"]): str(row["type"]) for row in found}


def not_whole_tables(tx: Tx, names: frozenset[str]) -> list[str]:
    """Return which of these names stand for anything but a table that shows all of its rows, on PostgreSQL."""
    found = tx.rows(
        """
        SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
        """
    )
    return sorted(names - {str(row["name"]) for row in found})
