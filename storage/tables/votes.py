"""Votes on whatever people approve: cast by a click or a command, then counted or voided by the worker."""

from dataclasses import dataclass
from enum import StrEnum

from storage.engine.database import Row, Tx


class VoteState(StrEnum):
    """Where a vote stands; the first two are live."""

    CAST = "cast"
    COUNTED = "counted"
    VOID = "void"


@dataclass(frozen=True)
class Subject:
    """What a vote is about: a kind of thing, and its number."""

    kind: str
    id: int


@dataclass(frozen=True)
class VoteRow:
    """One vote of a Slack person. ``note`` is canonical JSON: of a counted one the evidence, of a void one why.

    ``typed`` is the number of items that the voter has typed; None where nobody asked for it. ``comment`` is what
    they say with their approval, if anything.
    """

    id: int
    subject_kind: str
    subject_id: int
    digest: str
    voter_team: str
    voter: str
    channel: str
    state: VoteState
    note: str
    cast_ms: int
    settled_ms: int | None
    typed: int | None = None
    comment: str | None = None


def cast(  # noqa: PLR0913 - all that a vote says
    tx: Tx,
    subject: Subject,
    *,
    digest: str,
    voter: tuple[str, str],
    channel: str,
    now_ms: int | None = None,
    typed: int | None = None,
    comment: str | None = None,
) -> int | None:
    """Store a vote of (team, user); None when this person already has a live vote on this digest.

    ``now_ms``: when it was cast (UTC ms), otherwise now. ``typed``: the number that the voter has typed.
    ``comment``: what they say with it.
    """
    row = tx.one(
        """
        INSERT INTO votes (subject_kind, subject_id, digest, voter_team, voter, channel, state, cast_ms, typed,
                           comment)
        VALUES (:kind, :id, :digest, :team, :user, :channel, 'cast', :now, :typed, :comment)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        kind=subject.kind,
        id=subject.id,
        digest=digest,
        team=voter[0],
        user=voter[1],
        channel=channel,
        now=tx.now_ms() if now_ms is None else now_ms,
        typed=typed,
        comment=comment,
    )
    return int(row["id"]) if row else None


def get(tx: Tx, vote_id: int) -> VoteRow | None:
    """Return a vote."""
    row = tx.one("SELECT * FROM votes WHERE id = :id", id=vote_id)
    return _row(row) if row else None


def settle(
    tx: Tx,
    vote_id: int,
    *,
    state: VoteState,
    note: str,
    old: VoteState = VoteState.CAST,
    now_ms: int | None = None,
) -> bool:
    """Count or void a vote, but only from ``old``; False when that is no longer where it stands.

    ``now_ms``: when (UTC ms), otherwise now.
    """
    changed = tx.run(
        "UPDATE votes SET state = :state, note = :note, settled_ms = :now WHERE id = :id AND state = :old",
        id=vote_id,
        old=old,
        state=state,
        note=note,
        now=tx.now_ms() if now_ms is None else now_ms,
    )
    return changed == 1


def void_all(tx: Tx, subject: Subject, *, note: str, now_ms: int | None = None) -> list[VoteRow]:
    """Void every live vote on a subject; return them as they were. ``now_ms``: when, otherwise now."""
    live = of(tx, subject, VoteState.CAST, VoteState.COUNTED)
    tx.run(
        """
        UPDATE votes SET state = 'void', note = :note, settled_ms = :now
        WHERE subject_kind = :kind AND subject_id = :id AND state IN ('cast', 'counted')
        """,
        kind=subject.kind,
        id=subject.id,
        note=note,
        now=tx.now_ms() if now_ms is None else now_ms,
    )
    return live


def of(tx: Tx, subject: Subject, *states: VoteState) -> list[VoteRow]:
    """Return the votes on a subject that are in these states, oldest first."""
    found = tx.rows(
        "SELECT * FROM votes WHERE subject_kind = :kind AND subject_id = :id ORDER BY id",
        kind=subject.kind,
        id=subject.id,
    )
    return [_row(row) for row in found if row["state"] in states]


def _row(row: Row) -> VoteRow:
    return VoteRow(**{**row, "state": VoteState(row["state"])})
