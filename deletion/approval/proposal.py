"""What is done to any proposal: moved along the table of states, closed, its votes voided, a request refused."""

from dataclasses import dataclass, replace

from deletion.approval.ending import NO_ENDING, Ending
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.notices import VoteNotCounted
from deletion.audit.record import record
from deletion.jobs.config import JobKind
from deletion.terms import canonical, ids, states
from deletion.terms.ids import ProposalNumber, VoteId
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import deliveries, items, jobs, proposals, votes
from storage.tables.proposals import ProposalRow, Stamp
from storage.tables.votes import Subject, VoteState


@dataclass(frozen=True)
class SlackAction:
    """Who does something, and Slack's id for this one request: a second one of the same id is a replay.

    ``form`` names what was submitted, where a form may be submitted once more although the first time was heard.
    """

    actor: Actor
    request_id: str
    form: str | None = None


def close(tx: Tx, row: ProposalRow, event: Event, *, ending: Ending, told: events.Closed) -> None:
    """Move a proposal to where nothing more will be deleted, void its votes and stop its clocks and its items."""
    transition(tx, row, event, ending=ending)
    now = tx.now_ms()
    proposals.stamp(tx, row.id, Stamp(decided_ms=now, finished_ms=now))
    # They may be just being dealt out, by an instance that does not live to see this.
    note = ItemNote(because=Cause(why=Why.CLOSED)).text()
    items.settle_pending(tx, row.id, outcome=Outcome.STOPPED, note=note)
    after = states.after(State(row.state), event)
    voided = void_votes(tx, row, Refusal(Rule.NOT_OPEN, Seen(number=row.id, state=after)), now_ms=now)
    jobs.cancel(tx, JobKind.EXPIRE, row.id)
    jobs.cancel(tx, JobKind.EXECUTE, row.id)
    record(tx, replace(told, votes_voided=voided, closed_ms=now))


def void_votes(
    tx: Tx, row: ProposalRow, refusal: Refusal, *, now_ms: int, besides: VoteId | None = None
) -> tuple[str, ...]:
    """Void every live vote; tell those whose vote did not count yet (``besides`` one); return whose they were."""
    live = votes.void_all(tx, subject_of(row.id), note=canonical.dumps(refusal.to_json()), now_ms=now_ms)
    for vote in live:
        if vote.state is VoteState.CAST and vote.id != besides:
            notice = VoteNotCounted(number=ProposalNumber(row.id), refusal=refusal)
            audience.answer(tx, ReplyTo(vote.channel, vote.voter), notice)
    return tuple(str(Actor(vote.voter_team, vote.voter)) for vote in live)


def transition(tx: Tx, row: ProposalRow, event: Event, *, ending: Ending = NO_ENDING) -> State:
    """Apply an event to a locked proposal; raises when the table has no such step."""
    old = State(row.state)
    new = states.after(old, event)
    if not proposals.move(tx, row.id, old=old, new=new, note=ending.text()):
        raise states.IllegalEventError(f"proposal {row.id} is no longer {old}")
    return new


def replayed(tx: Tx, action: SlackAction) -> Refusal | None:
    """Refuse a request of Slack's that was already acted on."""
    keys = (action.request_id, action.form) if action.form else (action.request_id,)
    return None if all(deliveries.first_time(tx, key) for key in keys) else Refusal(Rule.REPLAYED)


def leave_open(tx: Tx, action: SlackAction, refusal: Refusal) -> None:
    """Let a form that was refused be submitted as it is once more; not one that was acted on before."""
    if action.form and refusal.rule is not Rule.REPLAYED:
        deliveries.forget(tx, action.form)


def refuse_unless_in(row: ProposalRow | None, number: int, *allowed: State) -> Refusal | None:
    """Refuse to act on a proposal that is not there or not in one of these states."""
    if row is None:
        return no_such_proposal(number)
    if State(row.state) not in allowed:
        return Refusal(Rule.NOT_OPEN, Seen(number=number, state=State(row.state)))
    return None


def proposer_of(row: ProposalRow) -> Actor:
    """Return who made a proposal."""
    return Actor(row.team, row.proposer)


def subject_of(number: int) -> Subject:
    """Return a proposal as a subject of votes."""
    return Subject(ids.PROPOSAL, number)


def no_such_proposal(number: int) -> Refusal:
    """Say that there is no such proposal."""
    return Refusal.about(Rule.NO_SUCH_PROPOSAL, number)
