"""How many proposals there are in which states, whose, and how many items they are about."""

from dataclasses import dataclass

from storage.engine.database import Tx


def count_ramping(tx: Tx) -> int:
    """Return how many deletions under way are still in a stage of their beginning."""
    sql = """
        SELECT count(*) AS n FROM proposals
        WHERE state = 'executing' AND halted IS NULL AND ramp_below IS NOT NULL
    """
    row = tx.one(sql)
    return int(row["n"]) if row else 0


def numbers_in_states(tx: Tx, *states: str, besides: int) -> list[int]:
    """Return the numbers of all other proposals in one of these states, oldest first."""
    names = {f"s{n}": state for n, state in enumerate(states)}
    among = ", ".join(f":{name}" for name in names)
    found = tx.rows(
        f"SELECT id FROM proposals WHERE state IN ({among}) AND id <> :besides ORDER BY id",  # noqa: S608 - names of ours
        **names,
        besides=besides,
    )
    return [int(row["id"]) for row in found]


def count_in_states(tx: Tx, *states: str) -> int:
    """Return how many proposals are in one of these states."""
    names = {f"s{n}": state for n, state in enumerate(states)}
    among = ", ".join(f":{name}" for name in names)
    row = tx.one(f"SELECT count(*) AS n FROM proposals WHERE state IN ({among})", **names)  # noqa: S608 - as above
    return int(row["n"]) if row else 0


def count_of(tx: Tx, proposer: str, *states: str) -> int:
    """Return how many proposals of a person (a Slack user id, whichever their workspace) are in these states."""
    names = {f"s{n}": state for n, state in enumerate(states)}
    among = ", ".join(f":{name}" for name in names)
    sql = f"SELECT count(*) AS n FROM proposals WHERE proposer = :proposer AND state IN ({among})"  # noqa: S608 - as above
    row = tx.one(sql, proposer=proposer, **names)
    return int(row["n"]) if row else 0


@dataclass(frozen=True)
class CountedRow:
    """A proposal that counts towards what may be deleted in a day: whose, and how many items it is about.

    ``items`` is None where an earlier version counted neither what was asked for nor the plan. ``finished_ms`` is
    None while it is open.
    """

    id: int
    proposer: str
    items: int | None
    finished_ms: int | None


def counted(tx: Tx, *states: str, since_ms: int, besides: int) -> list[CountedRow]:
    """Return all in these states, and those that were carried out and finished after a time; one is left out."""
    names = {f"s{n}": state for n, state in enumerate(states)}
    among = ", ".join(f":{name}" for name in names)
    found = tx.rows(
        f"""
        SELECT p.id AS id, p.proposer AS proposer, COALESCE(l.targets, p.asked) AS items,
               CASE WHEN p.state = 'finished' THEN p.finished_ms END AS finished_ms
        FROM proposals p LEFT JOIN plans l ON l.proposal_id = p.id AND l.revision = p.revision
        WHERE p.id <> :besides
          AND (p.state IN ({among}) OR (p.state = 'finished' AND p.finished_ms > :since))
        """,  # noqa: S608 - names of ours
        since=since_ms,
        besides=besides,
        **names,
    )
    return [CountedRow(**row) for row in found]


def count_since(tx: Tx, proposer: str, *, since_ms: int) -> int:
    """Return how many proposals a person made after a time (UTC ms)."""
    sql = "SELECT count(*) AS n FROM proposals WHERE proposer = :proposer AND created_ms > :since"
    row = tx.one(sql, proposer=proposer, since=since_ms)
    return int(row["n"]) if row else 0


def shortest_hold_left_ms(tx: Tx, *, at_ms: int) -> int | None:
    """Return for how long, from ``at_ms`` on, the hold lasts that is over first; None when none is running then.

    A stage of a deletion's beginning counts like a hold.
    """
    row = tx.one(
        """
        SELECT min(until) AS until FROM (
            SELECT hold_until_ms AS until FROM proposals
            WHERE state IN ('approved', 'executing') AND hold_until_ms > :at
            UNION ALL
            SELECT ramp_until_ms AS until FROM proposals
            WHERE state = 'executing' AND halted IS NULL AND ramp_until_ms > :at
        ) AS ends
        """,
        at=at_ms,
    )
    return int(row["until"]) - at_ms if row and row["until"] is not None else None


def count_by_state(tx: Tx) -> dict[str, int]:
    """Count the proposals in each state; an index answers it."""
    found = tx.rows("SELECT state, count(*) AS n FROM proposals GROUP BY state")
    return {str(row["state"]): int(row["n"]) for row in found}
