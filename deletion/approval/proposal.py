"""What is done to any proposal: moved along the table of states, closed, its votes voided, a request refused."""

from dataclasses import dataclass

from deletion.audit import chain, notices
from deletion.audit.notices import Ear, News
from deletion.jobs.config import Config, JobKind
from deletion.terms import canonical, states
from deletion.terms.canonical import Json
from deletion.terms.outcomes import Outcome
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import deliveries, items, jobs, proposals, votes
from storage.tables.proposals import ProposalRow, Stamp


@dataclass(frozen=True)
class SlackAction:
    """Who does something, and Slack's id for this one request (a repeated one is a replay)."""

    actor: Actor
    delivery: str


def close(tx: Tx, config: Config, row: ProposalRow, event: Event, actor: str, note: dict[str, Json]) -> None:
    """Move a proposal to where nothing more will be deleted, void its votes and stop its clocks and its items."""
    transition(tx, row, event, note=note)
    proposals.stamp(tx, row.id, Stamp(decided_ms=tx.now_ms(), finished_ms=tx.now_ms()))
    # They may be just being dealt out, by an instance that does not live to see this.
    items.settle_pending(tx, row.id, outcome=Outcome.STOPPED, note=canonical.dumps({"because": "it was closed"}))
    voided = void_votes(
        tx, row, Refusal(Rule.NOT_OPEN, {"number": row.id, "state": states.after(State(row.state), event)})
    )
    jobs.cancel(tx, JobKind.EXPIRE, row.id)
    jobs.cancel(tx, JobKind.EXECUTE, row.id)
    if row.digest is not None:
        notices.card(tx, config.channels, row.id)
    data: dict[str, Json] = {**note, "votes_voided": voided}
    chain.record(tx, actor=actor, action=f"proposal.{event}".replace(" ", "_"), ref=ref(row.id), data=data)


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


def replayed(tx: Tx, deed: SlackAction) -> Refusal | None:
    """Refuse a request of Slack's that was already acted on."""
    return None if deliveries.first_time(tx, deed.delivery) else Refusal(Rule.REPLAYED)


def refuse_unless_in(row: ProposalRow | None, number: int, *allowed: State) -> Refusal | None:
    """Refuse to act on a proposal that is not there or not in one of these states."""
    if row is None:
        return no_such_proposal(number)
    if State(row.state) not in allowed:
        note = canonical.loads(row.state_note)
        return Refusal(Rule.NOT_OPEN, {"number": number, "state": row.state, "note": note})
    return None


def refuse(tx: Tx, deed: SlackAction, action: str, about: str, refusal: Refusal, **facts: Json) -> Refusal:
    """Write a refusal into the log and hand it back."""
    chain.record(tx, actor=str(deed.actor), action=action, ref=about, data={**refusal.to_json(), **facts})
    return refusal


def proposer_of(row: ProposalRow) -> Actor:
    """Return who made a proposal."""
    return Actor(row.team, row.proposer)


def ref(number: int) -> str:
    """Return how the log names a proposal."""
    return f"proposal/{number}"


def no_such_proposal(number: int) -> Refusal:
    """Say that there is no such proposal."""
    return Refusal(Rule.NO_SUCH_PROPOSAL, {"number": number})
