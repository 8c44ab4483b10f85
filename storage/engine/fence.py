"""A fence around a record that is not, or not yet, the one in use: no start on it, and no write to it.

A bot that went on working on the old record after a move would do everything twice. Words alone do not stop one
that is running already, so every table gets triggers that fail each write with them. Like the triggers of the audit
log they are against accidents: whoever owns the database can drop them.
"""

from dataclasses import dataclass

from storage.engine import introspection
from storage.engine.database import MovedError, Tx

FIRST_WORDS = "This record is "
"""What every fence's words begin with: by them a write that failed at the fence is known."""


@dataclass(frozen=True)
class Fence:
    """Which move put it up, and what whoever comes upon it is told."""

    move: str
    words: str


def standing(tx: Tx, engine: str) -> Fence | None:
    """Return the fence around this record, if there is one."""
    if not introspection.exists(tx, engine, introspection.FENCE):
        return None
    row = tx.one(f"SELECT move, words FROM {introspection.FENCE}")  # noqa: S608 - a name of ours
    return Fence(str(row["move"]), str(row["words"])) if row else None


def refuse_if_moved(tx: Tx, engine: str) -> None:
    """Raise MovedError when there is a fence."""
    found = standing(tx, engine)
    if found is not None:
        raise MovedError(found.words)


def put_up(tx: Tx, engine: str, fence: Fence) -> None:
    """Make every later write to this record, by anybody, fail with the fence's words."""
    tx.run(f"CREATE TABLE {introspection.FENCE} (move TEXT NOT NULL, words TEXT NOT NULL)")
    tx.run(
        f"INSERT INTO {introspection.FENCE} (move, words) VALUES (:move, :words)",  # noqa: S608 - a name of ours
        move=fence.move,
        words=fence.words,
    )
    if engine == "postgres":
        tx.run(
            f"""
            CREATE FUNCTION {introspection.FENCE}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '%', (SELECT words FROM {introspection.FENCE}); END $$
            """  # noqa: S608 - a name of ours
        )
    for table in introspection.tables(tx, engine):
        for statement in _triggers(engine, table, fence.words):
            tx.run(statement)


def take_down(tx: Tx) -> None:
    """Remove the fence around a record on PostgreSQL: the move into it is complete."""
    tx.run(f"DROP FUNCTION {introspection.FENCE} CASCADE")
    tx.run(f"DROP TABLE {introspection.FENCE}")


_VERBS = ("insert", "update", "delete")


def _triggers(engine: str, table: str, words: str) -> list[str]:
    if engine == "postgres":
        return [
            f"""
            CREATE TRIGGER {introspection.FENCE} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"
            EXECUTE FUNCTION {introspection.FENCE}()
            """
        ]
    # SQLite takes nothing but a literal here.
    literal = words.replace("'", "''")
    return [
        f"""
        CREATE TRIGGER "{introspection.FENCE}_{table}_{verb}" BEFORE {verb} ON "{table}"
        BEGIN SELECT RAISE(ABORT, '{literal}'); END
        """
        for verb in _VERBS
    ]
