"""Making a proposal, taking it back, turning it down: what a person's command or click does at once.

Every function here runs inside the caller's transaction, writes its audit event in it, and touches nothing
remote. A refusal is an answer, not an exception.
"""

from dataclasses import dataclass

from deletion.approval.ending import NO_ENDING, Ending
from deletion.approval.proposal import (
    SlackAction,
    close,
    no_such_proposal,
    proposer_of,
    refuse_unless_in,
    replayed,
)
from deletion.approval.refusing import refuse
from deletion.approval.requests import daily
from deletion.audit import events
from deletion.audit.messages import places
from deletion.audit.record import record
from deletion.jobs.config import Config, JobKind
from deletion.policy import decisions
from deletion.policy.decisions import Policy
from deletion.terms import canonical, states
from deletion.terms.blank import is_blank
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.requests.targets import Request, in_log, kind_of, parts_of, size_of, to_json
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import jobs, lists, outbox, proposal_counts, proposals
from storage.tables.proposals import NewProposal, ProposalRow

COLLECT_WITHIN_MS = 15 * 60 * 1000
"""How long VOD may take to say what a proposal is about before it is given up."""


HOUR_MS = 3_600_000


@dataclass(frozen=True)
class ProposalDraft:
    """What a proposer typed, understood; ``again`` is the number of the proposal whose rest it is about."""

    request: Request
    reason: str
    again: ProposalNumber | None = None


def propose(
    tx: Tx, config: Config, action: SlackAction, draft: ProposalDraft
) -> ProposalNumber | tuple[Refusal, ...]:
    """Store a proposal and queue the reading of its assets; return its number, or every reason why not."""
    policy, by, nothing = config.policy, action.actor, proposal_ref(None)
    first = replayed(tx, action) or decisions.may_propose(policy, by)
    refusals = (first,) if first else decisions.unacceptable(policy, draft.request)
    asked = size_of(draft.request)
    # Before anything is locked: of a long list these take long, and nobody is to wait for them.
    named, digest = in_log(draft.request)
    request = canonical.dumps(to_json(draft.request))
    if not refusals:
        refusal = too_many(tx, policy, by) or daily.too_many(tx, policy, by.user, asked=asked)
        refusals = (refusal,) if refusal else ()
    for refusal in refusals:
        no = events.ProposalRefused(
            about=nothing, by=by, refusal=refusal, request=named, request_digest=digest, asked=asked
        )
        refuse(tx, no)
    if refusals:
        return refusals
    now = tx.now_ms()
    new = NewProposal(
        team=by.team,
        proposer=by.user,
        kind=kind_of(draft.request),
        request=request,
        reason=canonical.clean(draft.reason),
        state=State.COLLECTING,
        needed=policy.approvals_needed,
        created_ms=now,
        collect_by_ms=now + COLLECT_WITHIN_MS,
        expires_ms=now + policy.expires_after_s * 1000,
        asked=asked,
        parts_of=parts_of(draft.request),
    )
    number = ProposalNumber(proposals.add(tx, new))
    if draft.again is not None:
        proposals.put_again_of(tx, number, draft.again)
    jobs.add(tx, JobKind.COLLECT, number)
    record(
        tx,
        events.ProposalMade(
            about=proposal_ref(number),
            by=by,
            request=named,
            request_digest=digest,
            reason=new.reason,
            needed=new.needed,
            expires_ms=new.expires_ms,
            created_ms=new.created_ms,
            collect_by_ms=new.collect_by_ms,
            again=draft.again,
            asked=asked,
        ),
    )
    return number


def turn_away(tx: Tx, config: Config, action: SlackAction) -> Refusal | None:
    """Refuse somebody who may not propose, whatever it is, and log it; None when they may."""
    refusal = decisions.may_propose(config.policy, action.actor)
    if refusal is None:
        return None
    no = replayed(tx, action) or refusal
    return refuse(tx, events.ProposalRefused(about=proposal_ref(None), by=action.actor, refusal=no))


def too_many(tx: Tx, policy: Policy, by: Actor) -> Refusal | None:
    """Refuse a flood. One person is counted one at a time, or two proposals at once would slip through.

    A file that waits to be read is as good as a proposal.
    """
    outbox.lock_lane(tx, places.person(by.user))
    unfinished = proposal_counts.count_of(tx, by.user, *states.OPEN) + lists.unanswered_of(tx, by.user)
    lately = proposal_counts.count_since(tx, by.user, since_ms=tx.now_ms() - HOUR_MS)
    return decisions.few_enough(policy, unfinished=unfinished, lately=lately)


def withdraw(tx: Tx, action: SlackAction, number: int) -> ProposalRow | Refusal:
    """Take a proposal back before anything is deleted; only its proposer may."""
    row, about, by = proposals.lock(tx, number), proposal_ref(number), action.actor
    refusal = replayed(tx, action) or refuse_unless_in(row, number, State.COLLECTING, State.PENDING, State.APPROVED)
    if refusal is None and row is not None and by != proposer_of(row):
        refusal = Refusal.about(Rule.NOT_THE_PROPOSER, number)
    if refusal or row is None:
        no = refusal or no_such_proposal(number)
        return refuse(tx, events.WithdrawalRefused(about=about, by=by, refusal=no))
    if row.state == State.COLLECTING:
        # Whoever reads it notices by itself; one that waits to be read again is to leave nothing behind.
        jobs.run_now(tx, JobKind.COLLECT, number)
    close(tx, row, Event.WITHDRAWN, ending=NO_ENDING, told=events.ProposalWithdrawn(about=about, by=by))
    return row


def reject(tx: Tx, config: Config, action: SlackAction, number: int, *, why: str) -> ProposalRow | Refusal:
    """Turn a proposal down for good; whoever may approve it may do so, and one is enough."""
    row, about, by = proposals.lock(tx, number), proposal_ref(number), action.actor
    refusal = replayed(tx, action) or rejectable(config, by, row, number) or _blank(why)
    if refusal or row is None:
        no = refusal or no_such_proposal(number)
        return refuse(tx, events.RejectionRefused(about=about, by=by, refusal=no))
    reason = canonical.clean(why)
    told = events.ProposalRejected(about=about, by=by, why=reason)
    close(tx, row, Event.REJECTED, ending=Ending(actor=by.user, why=reason), told=told)
    return row


def _blank(reason: str) -> Refusal | None:
    return Refusal(Rule.BLANK_REASON) if is_blank(reason) else None


def may_open_rejection(tx: Tx, config: Config, action: SlackAction, number: int) -> Refusal | None:
    """Say why this person may not reject this proposal now, and log it; None when they may. Nothing is changed."""
    refusal = replayed(tx, action) or rejectable(config, action.actor, proposals.get(tx, number), number)
    if refusal:
        about = proposal_ref(number)
        refuse(tx, events.RejectionRefused(about=about, by=action.actor, refusal=refusal))
    return refusal


def rejectable(config: Config, actor: Actor, row: ProposalRow | None, number: int) -> Refusal | None:
    """Say why this person may not reject this proposal now, or None."""
    refusal = refuse_unless_in(row, number, State.PENDING)
    if refusal or row is None:
        return refusal or no_such_proposal(number)
    found = decisions.may_reject(config.policy, actor, proposer=proposer_of(row))
    return found if isinstance(found, Refusal) else None


def expire(tx: Tx, number: int) -> bool:
    """Close a proposal whose time is up; False when it was decided before."""
    row = proposals.lock(tx, number)
    if row is None or row.state != State.PENDING or tx.now_ms() < row.expires_ms:
        return False
    told = events.ProposalExpired(about=proposal_ref(number))
    close(tx, row, Event.EXPIRED, ending=NO_ENDING, told=told)
    return True
