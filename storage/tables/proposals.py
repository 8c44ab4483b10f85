"""Proposals: what was asked for, by whom, and how each stands."""

from dataclasses import dataclass, fields

from storage.engine.database import Row, Tx
from storage.tables import outbox


@dataclass(frozen=True)
class ProposalRow:
    """One proposal but for its request. ``state_note`` and ``halted`` hold canonical JSON; times are UTC ms.

    The request names every id that was asked for. It is read apart (``request_of``): a row that is looked at before
    every call would carry half a megabyte along.

    ``hold_no`` counts its holds, of ``hold_s`` seconds each; while ``hold_until_ms`` is None the newest one has not
    begun. It is 0 where an earlier version approved it: that hold began with the quorum.

    ``again_of`` is the number of the proposal whose rest this one is about, None where it is about no rest.
    ``asked`` is how many items it asked for; None where an earlier version did not count them. ``parts_of`` is the
    video of which it is about streams or pictures, None where it names things one by one.

    ``ramp`` are the stages with which it begins, as JSON; while ``ramp_below`` is a number it is in stage
    ``ramp_stage`` of these (from 0), and only so many items, the first of the plan, may be sent.
    """

    id: int
    team: str
    proposer: str
    kind: str
    reason: str
    state: str
    state_note: str
    needed: int
    revision: int
    digest: str | None
    created_ms: int
    collect_by_ms: int
    expires_ms: int
    decided_ms: int | None
    execute_by_ms: int | None
    finished_ms: int | None
    card_channel: str | None
    card_ts: str | None
    audit_channel: str | None
    audit_ts: str | None
    hold_until_ms: int | None
    started_ms: int | None
    halted: str | None
    lanes: int
    canary: int
    earlier_channel: str | None = None
    earlier_ts: str | None = None
    hold_no: int = 0
    hold_s: int | None = None
    again_of: int | None = None
    ramp: str | None = None
    ramp_stage: int = 0
    ramp_below: int | None = None
    ramp_since_ms: int | None = None
    ramp_until_ms: int | None = None
    asked: int | None = None
    parts_of: str | None = None


_ROW = ", ".join(column.name for column in fields(ProposalRow))


@dataclass(frozen=True)
class NewProposal:
    """What the listener knows about a proposal when it is made."""

    team: str
    proposer: str
    kind: str
    request: str
    reason: str
    state: str
    needed: int
    created_ms: int
    collect_by_ms: int
    expires_ms: int
    asked: int | None = None
    parts_of: str | None = None


def add(tx: Tx, new: NewProposal) -> int:
    """Store a proposal; return the number people will call it by."""
    row = tx.one(
        """
        INSERT INTO proposals (team, proposer, kind, request, reason, state, needed,
                               created_ms, collect_by_ms, expires_ms, asked, parts_of)
        VALUES (:team, :proposer, :kind, :request, :reason, :state, :needed,
                :created_ms, :collect_by_ms, :expires_ms, :asked, :parts_of)
        RETURNING id
        """,
        **new.__dict__,
    )
    return int(row["id"]) if row else 0


def get(tx: Tx, proposal_id: int) -> ProposalRow | None:
    """Return a proposal by its number."""
    row = tx.one(f"SELECT {_ROW} FROM proposals WHERE id = :id", id=proposal_id)  # noqa: S608 - names of ours
    return ProposalRow(**row) if row else None


@dataclass(frozen=True)
class Standing:
    """What decides whether anything of a proposal may be sent now; ``frozen``: everything is.

    ``silent``: a channel does not take what it is owed.
    """

    state: str
    halted: str | None
    execute_by_ms: int | None
    digest: str | None
    hold_no: int
    hold_until_ms: int | None
    frozen: bool
    silent: bool


def standing(tx: Tx, proposal_id: int, *, locked: bool = False) -> Standing | None:
    """Return how a proposal stands; locked, nobody else can change it until this transaction ends.

    A freeze that was committed while the lock was waited for may be missed: hold the wire first (pace.lock_wire).
    """
    sql = f"""
        SELECT state, halted, execute_by_ms, digest, hold_no, hold_until_ms,
               (EXISTS (SELECT 1 FROM freezes WHERE thawed_ms IS NULL)
                OR EXISTS (SELECT 1 FROM anchor_losses WHERE closed_ms IS NULL)) AS frozen,
               {outbox.IS_SILENT} AS silent
        FROM proposals WHERE id = :id
    """  # noqa: S608 - names of ours
    row = tx.one(sql + (" {lock}" if locked else ""), id=proposal_id)
    if row is None:
        return None
    return Standing(**{**row, "frozen": bool(row["frozen"]), "silent": bool(row["silent"])})


def request_of(tx: Tx, proposal_id: int) -> str:
    """Return what a proposal asked for, as canonical JSON; LookupError when there is no such proposal."""
    row = tx.one("SELECT request FROM proposals WHERE id = :id", id=proposal_id)
    if row is None:
        raise LookupError(f"there is no proposal {proposal_id}")
    return str(row["request"])


def ends_of_request(tx: Tx, proposal_id: int) -> tuple[str, str]:
    """Return the first 200 characters of what a proposal asked for, and the last three."""
    row = tx.one(
        """
        SELECT substr(request, 1, 200) AS first, substr(request, length(request) - 2) AS last
        FROM proposals WHERE id = :id
        """,
        id=proposal_id,
    )
    return (str(row["first"]), str(row["last"])) if row else ("", "")


def lock(tx: Tx, proposal_id: int) -> ProposalRow | None:
    """Return a proposal and keep others from changing it until this transaction ends."""
    row = tx.one(f"SELECT {_ROW} FROM proposals WHERE id = :id {{lock}}", id=proposal_id)  # noqa: S608 - as above
    return ProposalRow(**row) if row else None


def move(tx: Tx, proposal_id: int, *, old: str, new: str, note: str) -> bool:
    """Change the state, but only from ``old``; False means that somebody else was first."""
    changed = tx.run(
        "UPDATE proposals SET state = :new, state_note = :note WHERE id = :id AND state = :old",
        id=proposal_id,
        old=old,
        new=new,
        note=note,
    )
    return changed == 1


@dataclass(frozen=True)
class Stamp:
    """Times of a proposal to be written, UTC milliseconds; those that are None stay as they are."""

    decided_ms: int | None = None
    hold_until_ms: int | None = None
    execute_by_ms: int | None = None
    started_ms: int | None = None
    finished_ms: int | None = None


def stamp(tx: Tx, proposal_id: int, times: Stamp) -> None:
    """Write the times given."""
    tx.run(
        """
        UPDATE proposals SET decided_ms = COALESCE(:decided_ms, decided_ms),
                             hold_until_ms = COALESCE(:hold_until_ms, hold_until_ms),
                             execute_by_ms = COALESCE(:execute_by_ms, execute_by_ms),
                             started_ms = COALESCE(:started_ms, started_ms),
                             finished_ms = COALESCE(:finished_ms, finished_ms)
        WHERE id = :id
        """,
        id=proposal_id,
        **times.__dict__,
    )


def await_hold(tx: Tx, proposal_id: int, *, hold_s: int) -> None:
    """Let a hold begin anew once people can see it; ``hold_s`` is its length where it had none so far."""
    tx.run(
        """
        UPDATE proposals SET hold_no = hold_no + 1, hold_until_ms = NULL, hold_s = COALESCE(hold_s, :hold_s)
        WHERE id = :id
        """,
        id=proposal_id,
        hold_s=hold_s,
    )


def begin_hold(tx: Tx, proposal_id: int, *, hold_no: int, until_ms: int) -> bool:
    """Begin a hold that was waited for; False when it began before, or another one is waited for by now."""
    changed = tx.run(
        """
        UPDATE proposals SET hold_until_ms = :until
        WHERE id = :id AND hold_no = :hold_no AND hold_until_ms IS NULL
        """,
        id=proposal_id,
        hold_no=hold_no,
        until=until_ms,
    )
    return changed == 1


def is_any_seen(tx: Tx) -> bool:
    """Say whether anything is approved or under way, not stopped, and its hold has begun."""
    sql = """
        SELECT 1 AS yes FROM proposals
        WHERE state IN ('approved', 'executing') AND halted IS NULL AND (hold_no = 0 OR hold_until_ms IS NOT NULL)
        LIMIT 1
    """
    return tx.one(sql) is not None


def under_way(tx: Tx, *states: str, locked: bool = False) -> list[ProposalRow]:
    """Return those in these states that were not stopped, oldest first; locked, others cannot change them."""
    names = {f"s{n}": state for n, state in enumerate(states)}
    among = ", ".join(f":{name}" for name in names)
    sql = f"SELECT {_ROW} FROM proposals WHERE state IN ({among}) AND halted IS NULL ORDER BY id"  # noqa: S608 - names of ours
    return [ProposalRow(**row) for row in tx.rows(sql + (" {lock}" if locked else ""), **names)]


def raise_need(tx: Tx, proposal_id: int, needed: int) -> None:
    """Say that it takes more approvals; never fewer."""
    tx.run("UPDATE proposals SET needed = :n WHERE id = :id AND needed < :n", id=proposal_id, n=needed)


def reopen(tx: Tx, proposal_id: int) -> None:
    """Forget the times of an approval that fell."""
    tx.run(
        """
        UPDATE proposals SET decided_ms = NULL, hold_until_ms = NULL, execute_by_ms = NULL, hold_s = NULL
        WHERE id = :id
        """,
        id=proposal_id,
    )


def deal(tx: Tx, proposal_id: int, *, lanes: int, canary: bool) -> None:
    """Say how many lanes the items are dealt out to, and whether one is tried alone first."""
    tx.run(
        "UPDATE proposals SET lanes = :lanes, canary = :canary WHERE id = :id",
        id=proposal_id,
        lanes=lanes,
        canary=int(canary),
    )


@dataclass(frozen=True)
class RampStand:
    """Where the beginning of a deletion stands: see ProposalRow. ``until_ms``: the stage is not over before."""

    stage: int
    below: int | None
    since_ms: int
    until_ms: int | None


def begin_ramp(tx: Tx, proposal_id: int, *, ramp: str, stands: RampStand) -> None:
    """Keep with which stages a deletion begins, and where in them it stands."""
    tx.run("UPDATE proposals SET ramp = :ramp WHERE id = :id", id=proposal_id, ramp=ramp)
    raise_ramp(tx, proposal_id, old=0, new=stands)


def raise_ramp(tx: Tx, proposal_id: int, *, old: int, new: RampStand) -> bool:
    """Go on to another stage, but only from stage ``old``; False when somebody else was first."""
    sql = """
        UPDATE proposals SET ramp_stage = :stage, ramp_below = :below, ramp_since_ms = :since_ms,
                             ramp_until_ms = :until_ms
        WHERE id = :id AND ramp_stage = :old
    """
    return tx.run(sql, id=proposal_id, old=old, **new.__dict__) == 1


def end_canary(tx: Tx, proposal_id: int) -> bool:
    """Note that the first item, tried alone, is done with; False when that was noted before."""
    return tx.run("UPDATE proposals SET canary = 0 WHERE id = :id AND canary = 1", id=proposal_id) == 1


def halt(tx: Tx, proposal_id: int, *, note: str) -> bool:
    """Note why a deletion was stopped; False when it was stopped before."""
    sql = "UPDATE proposals SET halted = :note WHERE id = :id AND halted IS NULL"
    return tx.run(sql, id=proposal_id, note=note) == 1


def put_card(tx: Tx, proposal_id: int, *, channel: str, ts: str) -> None:
    """Remember where the proposal's card was posted, and where the one before it was."""
    tx.run(
        """
        UPDATE proposals SET earlier_channel = card_channel, earlier_ts = card_ts,
            card_channel = :channel, card_ts = :ts
        WHERE id = :id
        """,
        id=proposal_id,
        channel=channel,
        ts=ts,
    )


def open_with_card_outside(tx: Tx, channel: str) -> list[int]:
    """Return the numbers of those that are not over and whose card is in another channel, oldest first."""
    rows = tx.rows(
        """
        SELECT id FROM proposals
        WHERE state IN ('pending', 'approved', 'executing') AND card_channel <> :channel ORDER BY id
        """,
        channel=channel,
    )
    return [int(row["id"]) for row in rows]


def put_audit_card(tx: Tx, proposal_id: int, *, channel: str, ts: str) -> None:
    """Remember where the audit channel shows the proposal."""
    tx.run(
        "UPDATE proposals SET audit_channel = :channel, audit_ts = :ts WHERE id = :id",
        id=proposal_id,
        channel=channel,
        ts=ts,
    )


def in_states(tx: Tx, *states: str, limit: int) -> list[ProposalRow]:
    """Return the newest proposals that are in one of these states."""
    names = {f"s{n}": state for n, state in enumerate(states)}
    among = ", ".join(f":{name}" for name in names)
    found: list[Row] = tx.rows(
        f"SELECT {_ROW} FROM proposals WHERE state IN ({among}) ORDER BY id DESC LIMIT :limit",  # noqa: S608 - names of ours
        **names,
        limit=limit,
    )
    return [ProposalRow(**row) for row in found]


def put_again_of(tx: Tx, proposal_id: int, first: int) -> None:
    """Remember whose rest a new proposal is about."""
    tx.run("UPDATE proposals SET again_of = :first WHERE id = :id", id=proposal_id, first=first)


def newest_again(tx: Tx, proposal_id: int, *states: str) -> ProposalRow | None:
    """Return the newest proposal of a proposal's rest that is in one of these states."""
    names = {f"s{n}": state for n, state in enumerate(states)}
    among = ", ".join(f":{name}" for name in names)
    row = tx.one(
        f"SELECT {_ROW} FROM proposals WHERE again_of = :id AND state IN ({among}) ORDER BY id DESC LIMIT 1",  # noqa: S608 - names of ours
        id=proposal_id,
        **names,
    )
    return ProposalRow(**row) if row else None
