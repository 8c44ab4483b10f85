"""Making a proposal, taking it back, turning it down: what a person's command or click does at once.

Every function here runs inside the caller's transaction, writes its audit event in it, and touches nothing
remote. A refusal is an answer, not an exception.
"""

from dataclasses import dataclass
from enum import StrEnum

from deletion import audit, canonical, notices, policy, states
from deletion.canonical import Json
from deletion.notices import Channels, Ear, News
from deletion.outcomes import Outcome
from deletion.people import Actor
from deletion.policy import Policy
from deletion.refusals import Refusal, Rule
from deletion.states import Event, State
from deletion.targets import Request, kind_of, to_json
from storage import Tx, deliveries, items, jobs, proposals, votes
from storage.proposals import NewProposal, ProposalRow, Stamp

COLLECT_WITHIN_MS = 15 * 60 * 1000
"""How long VOD may take to say what a proposal is about before it is given up."""


class Job(StrEnum):
    """The kinds of work in the jobs table: about a proposal, COUNT about a vote, THAW about a wish to thaw."""

    COLLECT = "collect"
    COUNT = "count"
    EXECUTE = "execute"
    EXPIRE = "expire"
    THAW = "thaw"


@dataclass(frozen=True)
class Config:
    """The rules and the places that decisions need."""

    policy: Policy
    channels: Channels
    region: str


@dataclass(frozen=True)
class Deed:
    """Who does something, and Slack's id for this one request (a repeated one is a replay)."""

    actor: Actor
    delivery: str


@dataclass(frozen=True)
class Wish:
    """What a proposer typed, understood."""

    request: Request
    reason: str
    channel: str


def propose(tx: Tx, config: Config, deed: Deed, wish: Wish) -> int | tuple[Refusal, ...]:
    """Store a proposal and queue the reading of its assets; return its number, or every reason why not."""
    rules = config.policy
    request = to_json(wish.request)
    first = replayed(tx, deed) or policy.may_propose(rules, deed.actor)
    refusals = (first,) if first else policy.unacceptable(rules, wish.request)
    for refusal in refusals:
        refuse(tx, deed, "proposal.refused", "proposal/none", refusal, request=request)
    if refusals:
        return refusals
    now = tx.now_ms()
    new = NewProposal(
        team=deed.actor.team,
        proposer=deed.actor.user,
        origin_channel=wish.channel,
        kind=kind_of(wish.request),
        request=canonical.dumps(request),
        reason=canonical.clean(wish.reason),
        state=State.COLLECTING,
        needed=rules.approvals_needed,
        created_ms=now,
        collect_by_ms=now + COLLECT_WITHIN_MS,
        expires_ms=now + rules.expires_after_s * 1000,
    )
    number = proposals.add(tx, new)
    jobs.add(tx, Job.COLLECT, number)
    data = {"request": request, "reason": new.reason, "needed": new.needed, "expires_ms": new.expires_ms}
    audit.record(tx, actor=str(deed.actor), action="proposal.made", ref=ref(number), data=data)
    return number


def withdraw(tx: Tx, config: Config, deed: Deed, number: int) -> ProposalRow | Refusal:
    """Take a proposal back before anything is deleted; only its proposer may."""
    row = proposals.lock(tx, number)
    refusal = replayed(tx, deed) or unopened(row, number, State.COLLECTING, State.PENDING, State.APPROVED)
    if refusal is None and row is not None and deed.actor != proposer_of(row):
        refusal = Refusal(Rule.NOT_THE_PROPOSER, {"number": number})
    if refusal or row is None:
        return refuse(tx, deed, "withdrawal.refused", ref(number), refusal or nobody(number))
    if row.digest is not None:
        notices.thread(tx, config.channels, number, News.WITHDRAWN, {"actor": deed.actor.user})
    close(tx, config, row, Event.WITHDRAWN, str(deed.actor), {})
    return row


def reject(tx: Tx, config: Config, deed: Deed, number: int, *, why: str) -> ProposalRow | Refusal:
    """Turn a proposal down for good; whoever may approve it may do so, and one is enough."""
    row = proposals.lock(tx, number)
    refusal = replayed(tx, deed) or rejectable(config, deed.actor, row, number)
    if refusal or row is None:
        return refuse(tx, deed, "rejection.refused", ref(number), refusal or nobody(number))
    reason = canonical.clean(why)
    facts: dict[str, Json] = {"actor": deed.actor.user, "why": reason, "number": number}
    notices.thread(tx, config.channels, number, News.REJECTED, facts)
    notices.direct(tx, row.proposer, number, News.REJECTED, facts)
    close(tx, config, row, Event.REJECTED, str(deed.actor), {"why": reason, "actor": deed.actor.user})
    return row


def rejectable(config: Config, actor: Actor, row: ProposalRow | None, number: int) -> Refusal | None:
    """Say why this person may not reject this proposal now, or None."""
    refusal = unopened(row, number, State.PENDING)
    if refusal or row is None:
        return refusal or nobody(number)
    return policy.may_reject(config.policy, actor, proposer=proposer_of(row))


def expire(tx: Tx, config: Config, number: int) -> bool:
    """Close a proposal whose time is up; False when it was decided before."""
    row = proposals.lock(tx, number)
    if row is None or row.state != State.PENDING or tx.now_ms() < row.expires_ms:
        return False
    facts: dict[str, Json] = {"number": number}
    notices.thread(tx, config.channels, number, News.EXPIRED, facts)
    notices.direct(tx, row.proposer, number, News.EXPIRED, facts)
    close(tx, config, row, Event.EXPIRED, audit.SYSTEM, {})
    return True


def close(tx: Tx, config: Config, row: ProposalRow, event: Event, actor: str, note: dict[str, Json]) -> None:
    """Move a proposal to where nothing more will be deleted, void its votes and stop its clocks and its items."""
    transition(tx, row, event, note=note)
    proposals.stamp(tx, row.id, Stamp(decided_ms=tx.now_ms(), finished_ms=tx.now_ms()))
    # They may be just being dealt out, by an instance that does not live to see this.
    items.settle_pending(tx, row.id, outcome=Outcome.STOPPED, note=canonical.dumps({"because": "it was closed"}))
    voided = void_votes(
        tx, row, Refusal(Rule.NOT_OPEN, {"number": row.id, "state": states.after(State(row.state), event)})
    )
    jobs.cancel(tx, Job.EXPIRE, row.id)
    jobs.cancel(tx, Job.EXECUTE, row.id)
    if row.digest is not None:
        notices.card(tx, config.channels, row.id)
    data: dict[str, Json] = {**note, "votes_voided": voided}
    audit.record(tx, actor=actor, action=f"proposal.{event}".replace(" ", "_"), ref=ref(row.id), data=data)


def void_votes(tx: Tx, row: ProposalRow, refusal: Refusal, *, besides: int = 0) -> list[str]:
    """Void every live vote; tell those whose vote did not count yet (``besides`` one); return whose they were."""
    note = refusal.to_json()
    live = votes.void_all(tx, row.id, note=canonical.dumps(note))
    for vote in live:
        if vote.state == "cast" and vote.id != besides:
            facts: dict[str, Json] = {"number": row.id, "refusal": note}
            notices.private(tx, Ear(vote.channel, vote.voter), row.id, News.VOTE_VOID, facts)
    return [str(Actor(vote.voter_team, vote.voter)) for vote in live]


def transition(tx: Tx, row: ProposalRow, event: Event, *, note: dict[str, Json]) -> State:
    """Apply an event to a locked proposal; raises when the table has no such step."""
    old = State(row.state)
    new = states.after(old, event)
    if not proposals.move(tx, row.id, old=old, new=new, note=canonical.dumps(note)):
        raise states.IllegalEventError(f"proposal {row.id} is no longer {old}")
    return new


def replayed(tx: Tx, deed: Deed) -> Refusal | None:
    """Refuse a request of Slack's that was already acted on."""
    return None if deliveries.first_time(tx, deed.delivery) else Refusal(Rule.REPLAYED)


def unopened(row: ProposalRow | None, number: int, *allowed: State) -> Refusal | None:
    """Refuse to act on a proposal that is not there or not in one of these states."""
    if row is None:
        return nobody(number)
    if State(row.state) not in allowed:
        note = canonical.loads(row.state_note)
        return Refusal(Rule.NOT_OPEN, {"number": number, "state": row.state, "note": note})
    return None


def refuse(tx: Tx, deed: Deed, action: str, about: str, refusal: Refusal, **facts: Json) -> Refusal:
    """Write a refusal into the log and hand it back."""
    audit.record(tx, actor=str(deed.actor), action=action, ref=about, data={**refusal.to_json(), **facts})
    return refusal


def proposer_of(row: ProposalRow) -> Actor:
    """Return who made a proposal."""
    return Actor(row.team, row.proposer)


def ref(number: int) -> str:
    """Return how the log names a proposal."""
    return f"proposal/{number}"


def nobody(number: int) -> Refusal:
    """Say that there is no such proposal."""
    return Refusal(Rule.NO_SUCH_PROPOSAL, {"number": number})
