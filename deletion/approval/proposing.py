"""Making a proposal, taking it back, turning it down: what a person's command or click does at once.

Every function here runs inside the caller's transaction, writes its audit event in it, and touches nothing
remote. A refusal is an answer, not an exception.
"""

from dataclasses import dataclass

from deletion.approval.proposal import (
    SlackAction,
    close,
    no_such_proposal,
    proposer_of,
    ref,
    refuse,
    refuse_unless_in,
    replayed,
)
from deletion.audit import chain, notices
from deletion.audit.notices import News
from deletion.jobs.config import Config, JobKind
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import Event, State
from deletion.terms.targets import Request, kind_of, to_json
from storage import Tx
from storage.tables import jobs, proposals
from storage.tables.proposals import NewProposal, ProposalRow

COLLECT_WITHIN_MS = 15 * 60 * 1000
"""How long VOD may take to say what a proposal is about before it is given up."""


@dataclass(frozen=True)
class ProposalDraft:
    """What a proposer typed, understood."""

    request: Request
    reason: str
    channel: str


def propose(tx: Tx, config: Config, deed: SlackAction, wish: ProposalDraft) -> int | tuple[Refusal, ...]:
    """Store a proposal and queue the reading of its assets; return its number, or every reason why not."""
    rules = config.policy
    request = to_json(wish.request)
    first = replayed(tx, deed) or decisions.may_propose(rules, deed.actor)
    refusals = (first,) if first else decisions.unacceptable(rules, wish.request)
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
    jobs.add(tx, JobKind.COLLECT, number)
    data = {"request": request, "reason": new.reason, "needed": new.needed, "expires_ms": new.expires_ms}
    chain.record(tx, actor=str(deed.actor), action="proposal.made", ref=ref(number), data=data)
    return number


def withdraw(tx: Tx, config: Config, deed: SlackAction, number: int) -> ProposalRow | Refusal:
    """Take a proposal back before anything is deleted; only its proposer may."""
    row = proposals.lock(tx, number)
    refusal = replayed(tx, deed) or refuse_unless_in(row, number, State.COLLECTING, State.PENDING, State.APPROVED)
    if refusal is None and row is not None and deed.actor != proposer_of(row):
        refusal = Refusal(Rule.NOT_THE_PROPOSER, {"number": number})
    if refusal or row is None:
        return refuse(tx, deed, "withdrawal.refused", ref(number), refusal or no_such_proposal(number))
    if row.digest is not None:
        notices.thread(tx, config.channels, number, News.WITHDRAWN, {"actor": deed.actor.user})
    close(tx, config, row, Event.WITHDRAWN, str(deed.actor), {})
    return row


def reject(tx: Tx, config: Config, deed: SlackAction, number: int, *, why: str) -> ProposalRow | Refusal:
    """Turn a proposal down for good; whoever may approve it may do so, and one is enough."""
    row = proposals.lock(tx, number)
    refusal = replayed(tx, deed) or _rejectable(config, deed.actor, row, number)
    if refusal or row is None:
        return refuse(tx, deed, "rejection.refused", ref(number), refusal or no_such_proposal(number))
    reason = canonical.clean(why)
    facts: dict[str, Json] = {"actor": deed.actor.user, "why": reason, "number": number}
    notices.thread(tx, config.channels, number, News.REJECTED, facts)
    notices.direct(tx, row.proposer, number, News.REJECTED, facts)
    close(tx, config, row, Event.REJECTED, str(deed.actor), {"why": reason, "actor": deed.actor.user})
    return row


def may_open_rejection(tx: Tx, config: Config, action: SlackAction, number: int) -> Refusal | None:
    """Say why this person may not reject this proposal now, and log it; None when they may. Nothing is changed."""
    refusal = replayed(tx, action) or _rejectable(config, action.actor, proposals.get(tx, number), number)
    return refuse(tx, action, "rejection.refused", ref(number), refusal) if refusal else None


def _rejectable(config: Config, actor: Actor, row: ProposalRow | None, number: int) -> Refusal | None:
    refusal = refuse_unless_in(row, number, State.PENDING)
    if refusal or row is None:
        return refusal or no_such_proposal(number)
    return decisions.may_reject(config.policy, actor, proposer=proposer_of(row))


def expire(tx: Tx, config: Config, number: int) -> bool:
    """Close a proposal whose time is up; False when it was decided before."""
    row = proposals.lock(tx, number)
    if row is None or row.state != State.PENDING or tx.now_ms() < row.expires_ms:
        return False
    facts: dict[str, Json] = {"number": number}
    notices.thread(tx, config.channels, number, News.EXPIRED, facts)
    notices.direct(tx, row.proposer, number, News.EXPIRED, facts)
    close(tx, config, row, Event.EXPIRED, chain.SYSTEM, {})
    return True
