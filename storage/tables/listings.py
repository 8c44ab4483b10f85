"""Lists of proposals: what waits for somebody, what is open, what has ended. Each goes by an index."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from storage.engine.database import Row, Tx
from storage.tables.proposals import ProposalRow

_ROW = ", ".join(f"p.{column.name} AS {column.name}" for column in fields(ProposalRow))

_WAITS = """
    FROM proposals p
    WHERE p.state = 'pending' AND p.proposer <> :voter AND p.expires_ms > :now
      AND NOT EXISTS (
          SELECT 1 FROM votes v
          WHERE v.subject_kind = 'proposal' AND v.subject_id = p.id AND v.digest = p.digest AND v.voter = :voter
            AND v.state IN ('cast', 'counted')
      )
"""


@dataclass(frozen=True)
class Wanted:
    """Which proposals a list is of: of one person (a Slack user id) or of all, since a time (UTC ms) or ever."""

    proposer: str | None = None
    since_ms: int | None = None


def waiting_for(tx: Tx, voter: str, *, limit: int) -> list[ProposalRow]:
    """Return what somebody may still vote on, as far as their own proposals and votes decide it; oldest first."""
    sql = f"SELECT {_ROW} {_WAITS} ORDER BY p.id LIMIT :limit"
    return [ProposalRow(**row) for row in tx.rows(sql, voter=voter, now=tx.now_ms(), limit=limit)]


def count_waiting_for(tx: Tx, voter: str, *, most: int) -> int:
    """Count what somebody may still vote on, no further than ``most``."""
    sql = f"SELECT count(*) AS n FROM (SELECT 1 AS one {_WAITS} LIMIT :most) AS waiting"  # noqa: S608 - names of ours
    return _number(tx.one(sql, voter=voter, now=tx.now_ms(), most=most))


def in_states(tx: Tx, states: Sequence[str], wanted: Wanted, *, limit: int) -> list[ProposalRow]:
    """Return the newest proposals in one of these states; ``since_ms`` is about when they were made."""
    where, values = _open_where(states, wanted)
    sql = f"SELECT {_ROW} FROM proposals p WHERE {where} ORDER BY p.id DESC LIMIT :limit"  # noqa: S608 - names of ours
    return [ProposalRow(**row) for row in tx.rows(sql, **values, limit=limit)]


def count_in_states(tx: Tx, states: Sequence[str], wanted: Wanted) -> int:
    """Count the proposals in one of these states."""
    where, values = _open_where(states, wanted)
    return _number(tx.one(f"SELECT count(*) AS n FROM proposals p WHERE {where}", **values))  # noqa: S608 - as above


def ended(tx: Tx, wanted: Wanted, *, limit: int) -> list[ProposalRow]:
    """Return what has ended, the latest first; ``since_ms`` is about when it did."""
    where, values = _ended_where(wanted)
    order = "ORDER BY p.finished_ms DESC, p.id DESC LIMIT :limit"
    sql = f"SELECT {_ROW} FROM proposals p WHERE {where} {order}"  # noqa: S608 - names of ours
    return [ProposalRow(**row) for row in tx.rows(sql, **values, limit=limit)]


def count_ended(tx: Tx, wanted: Wanted) -> int:
    """Count what has ended."""
    where, values = _ended_where(wanted)
    return _number(tx.one(f"SELECT count(*) AS n FROM proposals p WHERE {where}", **values))  # noqa: S608 - as above


def _open_where(states: Sequence[str], wanted: Wanted) -> tuple[str, dict[str, str | int]]:
    values: dict[str, str | int] = {f"s{n}": state for n, state in enumerate(states)}
    parts = [f"p.state IN ({', '.join(f':{name}' for name in values)})"]
    if wanted.proposer is not None:
        parts.append("p.proposer = :proposer")
        values["proposer"] = wanted.proposer
    if wanted.since_ms is not None:
        parts.append("p.created_ms >= :since")
        values["since"] = wanted.since_ms
    return " AND ".join(parts), values


def _ended_where(wanted: Wanted) -> tuple[str, dict[str, str | int]]:
    parts, values = ["p.finished_ms IS NOT NULL"], dict[str, str | int]()
    if wanted.proposer is not None:
        parts.append("p.proposer = :proposer")
        values["proposer"] = wanted.proposer
    if wanted.since_ms is not None:
        parts.append("p.finished_ms >= :since")
        values["since"] = wanted.since_ms
    return " AND ".join(parts), values


def _number(row: Row | None) -> int:
    return int(row["n"]) if row else 0


LONGEST_LOOKED_INTO = 20_000
"""Characters of a request that is looked into for a name: what longer ones name is in the rows of their plans."""


def naming(tx: Tx, name: str, *, most: int) -> list[int]:
    """Return the numbers of the newest proposals that may name this without rows of a plan that do.

    Those about parts of it, and of what was never read, or is in a plan of one text, whose request may name it;
    long requests are passed over.
    """
    plain = name.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    found = tx.rows(
        """
        SELECT id FROM proposals WHERE parts_of = :name
        UNION
        SELECT id FROM proposals
        WHERE revision = 0 AND length(request) <= :longest AND request LIKE :pattern ESCAPE '!'
        UNION
        SELECT p.id FROM plans q JOIN proposals p ON p.id = q.proposal_id
        WHERE q.rows_id IS NULL AND length(p.request) <= :longest AND p.request LIKE :pattern ESCAPE '!'
        ORDER BY id DESC LIMIT :most
        """,
        name=name,
        longest=LONGEST_LOOKED_INTO,
        pattern=f'%"{plain}"%',
        most=most,
    )
    return [int(row["id"]) for row in found]
