"""The rows of plans, in sets: one set for each plan, or for a reading that may become one.

A set is written by the job that reads (its kind and ref name it); whoever takes the job over goes on with it.
``part`` is TARGET or LEFT_OUT; in each part ``ord`` counts from 0 without gaps. ``fields`` is canonical JSON,
``leaf`` its hash in the Merkle tree of its part; ``target``, ``title`` and ``warned`` repeat what is in it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from storage.engine.database import Row, Tx

TARGET, LEFT_OUT = 0, 1

_NAMED, _NAMED_WHOLE = 2, 3
"""Parts of a set that is still read: what it is read for, where no request names it, and that this is all of it."""


@dataclass(frozen=True)
class PlanTargetRow:
    """One row of a set. ``warned`` is how many warnings there are about it."""

    part: int
    ord: int
    target: str
    title: str
    warned: int
    fields: str
    leaf: str


@dataclass(frozen=True)
class RowSet:
    """A set of rows, the place that they were read in, and since when they are read (UTC ms).

    ``asked`` is a digest of what is read; None before the first row was written.
    """

    id: int
    place: str
    created_ms: int
    asked: str | None = None


_ROW = "part, ord, target, title, warned, fields, leaf"


def open_set(tx: Tx, kind: str, ref: int, *, place: str) -> RowSet:
    """Return the set that a job writes, made now if there is none.

    Its number was no other's before: SQLite gives the number of the newest row away again once that is deleted.
    """
    tx.run(
        """
        INSERT INTO row_sets (id, kind, ref, place, created_ms) VALUES (:id, :kind, :ref, :place, :now)
        ON CONFLICT DO NOTHING
        """,
        id=secrets.randbelow(2**53),
        kind=kind,
        ref=ref,
        place=place,
        now=tx.now_ms(),
    )
    sql = "SELECT id, place, created_ms, asked FROM row_sets WHERE kind = :kind AND ref = :ref"
    row = tx.one(sql, kind=kind, ref=ref)
    if row is None:
        raise LookupError(f"there is no set of rows of {kind} {ref}")
    return RowSet(**row)


def set_of(tx: Tx, kind: str, ref: int) -> int | None:
    """Return the number of the set that a job has written, if any."""
    row = tx.one("SELECT id FROM row_sets WHERE kind = :kind AND ref = :ref", kind=kind, ref=ref)
    return int(row["id"]) if row else None


def is_set_of(tx: Tx, set_id: int, kind: str, ref: int) -> bool:
    """Say whether this is still the set that a job writes."""
    return set_of(tx, kind, ref) == set_id


def put_asked(tx: Tx, set_id: int, asked: str) -> None:
    """Note what a set is read for."""
    tx.run("UPDATE row_sets SET asked = :asked WHERE id = :id", asked=asked, id=set_id)


def add(tx: Tx, set_id: int, rows: Sequence[PlanTargetRow]) -> None:
    """Add rows to a set."""
    tx.run_many(
        f"""
        INSERT INTO plan_rows (set_id, {_ROW})
        VALUES (:set_id, :part, :ord, :target, :title, :warned, :fields, :leaf)
        """,  # noqa: S608 - names of ours
        ({"set_id": set_id, **vars(row)} for row in rows),
    )


def count(tx: Tx, set_id: int, part: int) -> int:
    """Return how many rows there are in a part: the next one's ``ord``."""
    row = tx.one("SELECT max(ord) AS last FROM plan_rows WHERE set_id = :id AND part = :part", id=set_id, part=part)
    return 0 if row is None or row["last"] is None else int(row["last"]) + 1


def count_distinct(tx: Tx, set_id: int) -> int:
    """Return how many different targets there are."""
    row = tx.one("SELECT count(DISTINCT target) AS n FROM plan_rows WHERE set_id = :id AND part = 0", id=set_id)
    return int(row["n"]) if row else 0


def page(tx: Tx, set_id: int, part: int, *, start: int, limit: int) -> list[PlanTargetRow]:
    """Return rows of a part from ``start`` on."""
    found = tx.rows(
        f"""
        SELECT {_ROW} FROM plan_rows WHERE set_id = :id AND part = :part AND ord >= :start AND ord < :stop
        ORDER BY ord
        """,  # noqa: S608 - names of ours
        id=set_id,
        part=part,
        start=start,
        stop=start + limit,
    )
    return [PlanTargetRow(**row) for row in found]


def targets(tx: Tx, set_id: int, *, start: int, limit: int) -> list[tuple[str, str]]:
    """Return (id, title) of targets from ``start`` on."""
    found = tx.rows(
        """
        SELECT target, title FROM plan_rows WHERE set_id = :id AND part = 0 AND ord >= :start AND ord < :stop
        ORDER BY ord
        """,
        id=set_id,
        start=start,
        stop=start + limit,
    )
    return [(str(row["target"]), str(row["title"])) for row in found]


def set_of_current(tx: Tx, proposal_id: int) -> int | None:
    """Return the set with the rows of the plan that a proposal stands at, if it has one in rows."""
    row = tx.one(
        """
        SELECT q.rows_id FROM proposals p JOIN plans q ON q.proposal_id = p.id AND q.revision = p.revision
        WHERE p.id = :id
        """,
        id=proposal_id,
    )
    return None if row is None or row["rows_id"] is None else int(row["rows_id"])


def in_common(tx: Tx, set_id: int, other: int) -> int:
    """Count the targets that two sets have in common."""
    row = tx.one(
        """
        SELECT count(*) AS n FROM plan_rows a JOIN plan_rows b ON b.target = a.target
        WHERE a.set_id = :one AND a.part = 0 AND b.set_id = :other AND b.part = 0
        """,
        one=set_id,
        other=other,
    )
    return int(row["n"]) if row else 0


def count_named(tx: Tx, set_id: int, ids: Sequence[str]) -> int:
    """Count the targets of a set that have one of these ids."""
    names = {f"t{n}": target for n, target in enumerate(ids)}
    row = tx.one(
        f"""
        SELECT count(*) AS n FROM plan_rows
        WHERE set_id = :id AND part = 0 AND target IN ({", ".join(f":{name}" for name in names)})
        """,  # noqa: S608 - only parameter names are put in
        id=set_id,
        **names,
    )
    return int(row["n"]) if row else 0


def proposals_with(tx: Tx, target: str, *, most: int) -> list[int]:
    """Return the numbers of the newest proposals of which any plan holds a target, or names it as left out."""
    found = tx.rows(
        """
        SELECT DISTINCT q.proposal_id AS id FROM plan_rows r JOIN plans q ON q.rows_id = r.set_id
        WHERE r.target = :target AND r.part < 2 ORDER BY q.proposal_id DESC LIMIT :most
        """,
        target=target,
        most=most,
    )
    return [int(row["id"]) for row in found]


def ids(tx: Tx, set_id: int) -> list[str]:
    """Return the ids of all targets of a set."""
    found = tx.rows("SELECT target FROM plan_rows WHERE set_id = :id AND part = 0", id=set_id)
    return [str(row["target"]) for row in found]


def at(tx: Tx, set_id: int, places: Sequence[int]) -> list[PlanTargetRow]:
    """Return the targets at these places."""
    names = {f"p{n}": place for n, place in enumerate(places)}
    return (
        _some(tx, "set_id", set_id, f"ord IN ({', '.join(f':{name}' for name in names)})", names) if names else []
    )


def named(tx: Tx, set_id: int, ids: Sequence[str]) -> list[PlanTargetRow]:
    """Return the targets with these ids."""
    names = {f"t{n}": target for n, target in enumerate(ids)}
    # Without the sign SQLite goes through the whole set instead of looking each id up.
    return (
        _some(tx, "+set_id", set_id, f"target IN ({', '.join(f':{name}' for name in names)})", names)
        if names
        else []
    )


def _some(
    tx: Tx, column: str, set_id: int, which: str, names: dict[str, int] | dict[str, str]
) -> list[PlanTargetRow]:
    found: list[Row] = tx.rows(
        f"SELECT {_ROW} FROM plan_rows WHERE {column} = :id AND part = 0 AND {which} ORDER BY ord",  # noqa: S608 - names of ours
        id=set_id,
        **names,
    )
    return [PlanTargetRow(**row) for row in found]


def warned_of(tx: Tx, set_id: int, warning: str, *, limit: int) -> list[PlanTargetRow]:
    """Return the first targets that there is a warning of this kind about, in their order.

    The warnings are the last thing in ``fields``, and no quote inside a text there stands without a backslash.
    """
    found = tx.rows(
        f"""
        SELECT {_ROW} FROM plan_rows
        WHERE set_id = :id AND part = 0 AND warned > 0 AND fields LIKE :ends
        ORDER BY ord LIMIT :limit
        """,  # noqa: S608 - names of ours
        id=set_id,
        ends=f'%,"warnings":[%"{warning}"%]}}',
        limit=limit,
    )
    return [PlanTargetRow(**row) for row in found]


def leaves(tx: Tx, set_id: int, part: int) -> list[str]:
    """Return the leaf hashes of a part, in order."""
    found = tx.rows(
        "SELECT leaf FROM plan_rows WHERE set_id = :id AND part = :part ORDER BY ord", id=set_id, part=part
    )
    return [str(row["leaf"]) for row in found]


def rewrite(tx: Tx, set_id: int, rows: Sequence[PlanTargetRow]) -> None:
    """Write rows anew that are there already."""
    tx.run_many(
        """
        UPDATE plan_rows SET warned = :warned, fields = :fields, leaf = :leaf
        WHERE set_id = :set_id AND part = :part AND ord = :ord
        """,
        (
            {
                "set_id": set_id,
                "part": row.part,
                "ord": row.ord,
                "warned": row.warned,
                "fields": row.fields,
                "leaf": row.leaf,
            }
            for row in rows
        ),
    )


def clear(tx: Tx, set_id: int) -> None:
    """Delete all rows of a short set."""
    tx.run("DELETE FROM plan_rows WHERE set_id = :id", id=set_id)


def name(tx: Tx, set_id: int, start: int, ids: Sequence[str]) -> None:
    """Keep what a set is read for, from place ``start`` on."""
    add(tx, set_id, [PlanTargetRow(_NAMED, place, each, "", 0, "", "") for place, each in enumerate(ids, start)])


def end_naming(tx: Tx, set_id: int, count: int) -> None:
    """Note that everything was named that a set is read for."""
    add(tx, set_id, [PlanTargetRow(_NAMED_WHOLE, 0, str(count), "", 0, "", "")])


def named_before(tx: Tx, kind: str, ref: int, *, place: str) -> list[str] | None:
    """Return what the set of a job is read for; None where that was not named here, or not all of it."""
    row = tx.one("SELECT id, place FROM row_sets WHERE kind = :kind AND ref = :ref", kind=kind, ref=ref)
    if row is None or row["place"] != place or not count(tx, int(row["id"]), _NAMED_WHOLE):
        return None
    set_id = int(row["id"])
    found = tx.rows(
        "SELECT target FROM plan_rows WHERE set_id = :id AND part = :part ORDER BY ord", id=set_id, part=_NAMED
    )
    return [str(row["target"]) for row in found]


def forget_names(tx: Tx, set_id: int, *, most: int) -> bool:
    """Delete what a set was read for, from the end; False while there is more."""
    return _shorten(tx, set_id, (_NAMED_WHOLE, _NAMED), most)


def drop(tx: Tx, set_id: int, *, most: int) -> bool:
    """Delete rows of a set from its end, and the set once it is empty; False while there are more."""
    if not _shorten(tx, set_id, (_NAMED_WHOLE, _NAMED, LEFT_OUT, TARGET), most):
        return False
    tx.run("DELETE FROM row_sets WHERE id = :id", id=set_id)
    return True


def _shorten(tx: Tx, set_id: int, parts: Sequence[int], most: int) -> bool:
    """Delete rows from the end of the first of these parts that has any; True when none had."""
    for part in parts:
        end = count(tx, set_id, part)
        if end:
            tx.run(
                "DELETE FROM plan_rows WHERE set_id = :id AND part = :part AND ord >= :start",
                id=set_id,
                part=part,
                start=end - most,
            )
            return False
    return True


def without_plan(tx: Tx, kind: str, ref: int) -> int | None:
    """Return the number of the set that a job has written, if there is one and it is no plan's."""
    row = tx.one(
        """
        SELECT s.id FROM row_sets s
        WHERE s.kind = :kind AND s.ref = :ref AND NOT EXISTS (SELECT 1 FROM plans p WHERE p.rows_id = s.id)
        """,
        kind=kind,
        ref=ref,
    )
    return int(row["id"]) if row else None


_UNUSED = """
    NOT EXISTS (SELECT 1 FROM plans p WHERE p.rows_id = s.id)
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.kind = s.kind AND j.ref = s.ref AND j.state <> 'done')
"""


def unused(tx: Tx, limit: int) -> list[int]:
    """Return sets that are no plan's and that nobody reads for any more."""
    found = tx.rows(f"SELECT s.id FROM row_sets s WHERE {_UNUSED} LIMIT :limit", limit=limit)  # noqa: S608 - ours
    return [int(row["id"]) for row in found]


def is_unused(tx: Tx, set_id: int) -> bool:
    """Say whether a set is there, no plan's, and read for by nobody."""
    return tx.one(f"SELECT s.id FROM row_sets s WHERE s.id = :id AND {_UNUSED}", id=set_id) is not None  # noqa: S608 - ours
