"""Moving a record from SQLite to PostgreSQL, so that at no moment two of them can be worked on.

Three commits, in this order: the copy on PostgreSQL, whole and verified, with a fence around it; the fence around
the old record; the end of the fence around the new one. While the first two are made, the old record is locked
against writing. A crash between them leaves the old record in use and a copy that nobody can start on, which the
next move throws away; a crash after the second leaves both fenced, and the next move takes up at the third.
"""

import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from storage.engine import fence, introspection, postgres
from storage.engine.address import Address, Engine
from storage.engine.database import MovedError, Record, StorageError, Tx, UnknownCommitError
from storage.engine.fence import Fence
from storage.engine.postgres import PostgresDatabase
from storage.engine.sqlite import SqliteDatabase
from storage.tables import audit_log
from storage.tables.audit_log import Head

T = TypeVar("T")

PAGE = 5_000
"""Rows copied at a time."""

SQLITE, POSTGRES = Engine.SQLITE, Engine.POSTGRES

FaultOf = Callable[[Record], str | None]
"""What is wrong with a record; None when it holds."""


@dataclass(frozen=True)
class Moved:
    """What is on PostgreSQL now: rows by table, and the head of the audit log."""

    rows: Mapping[str, int]
    head: Head


def move(old: Address, new: Address, *, fault_of: FaultOf) -> Moved:
    """Move the record; StorageError, or MovedError when it was moved before, says why it was not.

    ``fault_of`` is asked about the copy before it is committed.
    """
    if (old.engine, new.engine) != (Engine.SQLITE, Engine.POSTGRES):
        raise StorageError("A record is moved from sqlite:///path to postgresql://…, in no other direction.")
    old.check_there()
    with closing(SqliteDatabase(old.target)) as source, closing(PostgresDatabase(new.target)) as target:
        return _move(source, target, fault_of)


def _move(source: SqliteDatabase, target: PostgresDatabase, fault_of: FaultOf) -> Moved:
    source.check_schema()
    target.reach()
    standing = source.read(lambda tx: fence.standing(tx, SQLITE))
    if standing is None:
        # Not the last word on the fence: that is said under the lock.
        standing = source.write(lambda tx: _hand_over(tx, source, target, fault_of))
    return _open(target, standing)


def _hand_over(src: Tx, source: SqliteDatabase, target: PostgresDatabase, fault_of: FaultOf) -> Fence:
    """Commit the copy, fenced; then fence the old record, which the caller commits."""
    fence.refuse_if_moved(src, SQLITE)
    when = datetime.fromtimestamp(src.now_ms() / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M")
    begun = Fence(uuid.uuid4().hex, f"{fence.FIRST_WORDS}not in use yet: {_unfinished(source)}")
    moved = Fence(
        begun.move,
        f"{fence.FIRST_WORDS}kept elsewhere: on {when} UTC it was moved to the {target.place}. Set DATABASE_URL to "
        f"that and start the bot there; what is left at the {source.place} is a backup.",
    )
    try:
        target.write(lambda dst: _copy(src, dst, begun, fault_of))
    except UnknownCommitError as exc:
        raise StorageError(f"{exc} The old record is still the one in use. Run the same command again.") from exc
    fence.put_up(src, SQLITE, moved)
    return moved


def _unfinished(source: SqliteDatabase) -> str:
    return f"its move from the {source.place} was not finished. Run move-store again, from there to here."


def _open(target: PostgresDatabase, standing: Fence) -> Moved:
    """Take the fence around the copy down, if it belongs to this move; otherwise the record is somewhere else."""

    def work(dst: Tx) -> Moved:
        there = fence.standing(dst, POSTGRES)
        if there is None or there.move != standing.move:
            raise MovedError(standing.words)
        fence.take_down(dst)
        return _what_is(dst, POSTGRES)

    try:
        return target.write(work)
    except MovedError:
        raise
    except StorageError as exc:
        raise StorageError(
            f"The record is at the {target.place}, but the last step failed: {exc} "
            "Neither can be used now. Run the same command again."
        ) from exc


def _copy(src: Tx, dst: Tx, begun: Fence, fault_of: FaultOf) -> None:
    """Make the target hold what the source holds, in one transaction; StorageError when it does not."""
    postgres.lock_schema(dst)
    if fence.standing(dst, POSTGRES) is None:
        postgres.migrate(dst)
        _refuse_a_record(dst)
    else:
        _refuse_another_record(src, dst)
        fence.take_down(dst)
        postgres.migrate(dst)
    names = introspection.parents_first(src)
    _refuse_other_columns(src, dst, names)
    _empty(dst, names)
    for name in names:
        _copy_rows(src, dst, name)
    _close(dst, names)
    if _what_is(src, SQLITE) != _what_is(dst, POSTGRES):
        raise StorageError(
            "The copy does not hold as many rows as the record, or has another head. Nothing was moved."
        )
    if fault := fault_of(_OpenTransaction(dst)):
        raise StorageError(f"Nothing was moved. {fault}")
    fence.put_up(dst, POSTGRES, begun)


def _refuse_a_record(dst: Tx) -> None:
    """Refuse a target in which somebody has begun a record: one that differs from a new one."""
    with closing(SqliteDatabase(":memory:")) as new:
        new.migrate()
        at_first = new.read(lambda tx: _what_is(tx, SQLITE))
    here = _what_is(dst, POSTGRES)
    if here != at_first:
        raise StorageError(
            f"The target holds a record already ({here.head.seq} audit events, {sum(here.rows.values())} rows). "
            "Nothing was moved. Name an empty database."
        )


def _refuse_another_record(src: Tx, dst: Tx) -> None:
    """Refuse a target with an unfinished move of another record: that one may be fenced and waiting for its end."""
    head = audit_log.head(dst)
    ours = [event.hash for event in audit_log.between(src, head.seq, head.seq)]
    if head.seq and ours != [head.hash]:
        raise StorageError(
            "The target holds an unfinished move of another record. Nothing was moved. Finish that one, or name an "
            "empty database."
        )


def _refuse_other_columns(src: Tx, dst: Tx, names: list[str]) -> None:
    there = introspection.tables(dst, POSTGRES)
    differing = sorted(set(names) ^ set(there))
    differing += [
        name
        for name in sorted({*names} & {*there})
        if introspection.columns(src, SQLITE, name) != introspection.columns(dst, POSTGRES, name)
    ]
    if differing:
        raise StorageError(
            f"The two databases differ in tables or columns ({', '.join(differing)}). Nothing was moved."
        )


def _empty(dst: Tx, names: list[str]) -> None:
    """Remove what migrations, or a move that was not finished, have left; triggers are for use, not for this."""
    for name in names:
        dst.run(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
    dst.run(f"TRUNCATE {_listed(names)}")


def _copy_rows(src: Tx, dst: Tx, name: str) -> None:
    named = sorted(introspection.columns(src, SQLITE, name))
    insert = (
        f'INSERT INTO "{name}" ({_listed(named)}) '  # noqa: S608 - names from the catalog
        f"VALUES ({', '.join(f':{column}' for column in named)})"
    )
    select = (
        f'SELECT rowid AS countersign_rowid, {_listed(named)} FROM "{name}" '  # noqa: S608 - as above
        "WHERE rowid > :after ORDER BY rowid LIMIT :page"
    )
    after = -(2**63)
    while page := src.rows(select, after=after, page=PAGE):
        after = page[-1]["countersign_rowid"]
        dst.run_many(insert, [{column: row[column] for column in named} for row in page])


def _close(dst: Tx, names: list[str]) -> None:
    """Let new rows get new numbers, and switch on what was switched off for the copy."""
    for name in names:
        for column in introspection.numbered(dst, name):
            dst.run(
                f"SELECT setval(pg_get_serial_sequence(:name, :column), "  # noqa: S608 - names from the catalog
                f'(SELECT COALESCE(max("{column}"), 0) + 1 FROM "{name}"), false)',
                name=f'"{name}"',
                column=column,
            )
        dst.run(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        # Without it the first queries after so many new rows are planned badly (measured: 1.7 times slower).
        dst.run(f'ANALYZE "{name}"')


def _what_is(tx: Tx, engine: str) -> Moved:
    return Moved(
        {name: introspection.count(tx, name) for name in introspection.tables(tx, engine)}, audit_log.head(tx)
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


class _OpenTransaction:
    """A transaction that is not committed yet, as a record, so that what is in it can be verified."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def write(self, work: Callable[[Tx], T], /) -> T:
        return work(self._tx)

    def read(self, work: Callable[[Tx], T], /) -> T:
        return work(self._tx)

    def now_ms(self) -> int:
        return self._tx.now_ms()
