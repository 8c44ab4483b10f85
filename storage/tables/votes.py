"""Votes: cast by a click, then counted or voided by the worker."""

from dataclasses import dataclass

from storage.engine.database import Tx


@dataclass(frozen=True)
class VoteRow:
    """One approving click. ``state`` is cast, counted or void; ``note`` is canonical JSON."""

    id: int
    proposal_id: int
    digest: str
    voter_team: str
    voter: str
    channel: str
    state: str
    note: str
    cast_ms: int
    settled_ms: int | None


def cast(tx: Tx, *, proposal_id: int, digest: str, voter: tuple[str, str], channel: str) -> int | None:
    """Store a vote of (team, user); None when this person already has a live vote on this digest."""
    row = tx.one(
        """
        INSERT INTO votes (proposal_id, digest, voter_team, voter, channel, state, cast_ms)
        VALUES (:proposal_id, :digest, :team, :user, :channel, 'cast', :now)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        proposal_id=proposal_id,
        digest=digest,
        team=voter[0],
        user=voter[1],
        channel=channel,
        now=tx.now_ms(),
    )
    return int(row["id"]) if row else None


def get(tx: Tx, vote_id: int) -> VoteRow | None:
    """Return a vote."""
    row = tx.one("SELECT * FROM votes WHERE id = :id", id=vote_id)
    return VoteRow(**row) if row else None


def settle(tx: Tx, vote_id: int, *, state: str, note: str) -> bool:
    """Count or void a vote that is still only cast; False when it was settled before."""
    changed = tx.run(
        "UPDATE votes SET state = :state, note = :note, settled_ms = :now WHERE id = :id AND state = 'cast'",
        id=vote_id,
        state=state,
        note=note,
        now=tx.now_ms(),
    )
    return changed == 1


def void_all(tx: Tx, proposal_id: int, *, note: str) -> list[VoteRow]:
    """Void every live vote of a proposal; return them as they were."""
    live = of(tx, proposal_id, "cast", "counted")
    tx.run(
        """
        UPDATE votes SET state = 'void', note = :note, settled_ms = :now
        WHERE proposal_id = :id AND state IN ('cast', 'counted')
        """,
        id=proposal_id,
        note=note,
        now=tx.now_ms(),
    )
    return live


def of(tx: Tx, proposal_id: int, *states: str) -> list[VoteRow]:
    """Return a proposal's votes in these states, oldest first."""
    found = tx.rows("SELECT * FROM votes WHERE proposal_id = :id ORDER BY id", id=proposal_id)
    return [VoteRow(**row) for row in found if row["state"] in states]
