"""Proposing again what a finished deletion had left: a new proposal, which needs its own approvals.

Nothing is carried over but what is named, its options and the reason: VOD is read anew, and people decide anew.
"""

from deletion.approval.proposal import SlackAction, no_such_proposal, replayed
from deletion.approval.refusing import refuse
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.audit import events
from deletion.audit.record import record
from deletion.jobs.config import Config
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.targets import Request, from_json, only, size_of
from deletion.terms.results.outcomes import LEFT
from deletion.terms.states import OPEN, State
from storage import Tx
from storage.tables import items, proposals
from storage.tables.proposals import ProposalRow

STANDING = OPEN | {State.FINISHED}
"""States of a proposal of the rest in which there is no other: it is being decided on, or was carried out."""


def standing(tx: Tx, number: int) -> ProposalRow | None:
    """Return the proposal that a proposal's rest is in the hands of, None where it is in nobody's."""
    return proposals.newest_again(tx, number, *sorted(STANDING))


def rest_of(tx: Tx, config: Config, number: int) -> Request | None:
    """Return a request for what a finished deletion had left; None for one with nothing, or with too much.

    Whatever is over does not change any more: so this is read before the transaction that proposes it, which others
    wait for.
    """
    row = proposals.get(tx, number)
    if row is None or row.state != State.FINISHED:
        return None
    if not 0 < _left(tx, number) <= config.policy.max_items:
        return None
    asked = from_json(canonical.loads(proposals.request_of(tx, number)))
    return only(asked, items.targets_with(tx, number, *sorted(LEFT)))


def propose(
    tx: Tx, config: Config, action: SlackAction, number: ProposalNumber, rest: Request | None
) -> ProposalNumber | Refusal:
    """Propose what a deletion had left, as the person who clicked, by the rules of any proposal; or say why not.

    The first proposal is locked, so that of two people one is first.
    """
    row = proposals.lock(tx, number)
    refusal = replayed(tx, action) or _refusal(tx, config, action, row, number, rest)
    if refusal or row is None or rest is None:
        no = refusal or no_such_proposal(number)
        return refuse(tx, events.ProposalRefused(about=proposal_ref(number), by=action.actor, refusal=no))
    # Whether the click was acted on before was asked already: the proposal is a request of its own.
    asked = SlackAction(action.actor, f"again:{action.request_id}")
    made = proposing.propose(tx, config, asked, ProposalDraft(rest, row.reason, again=number))
    if isinstance(made, tuple):
        return made[0]
    about = proposal_ref(number)
    record(tx, events.RestProposed(about=about, by=action.actor, proposal=made, count=size_of(rest)))
    return made


def _refusal(
    tx: Tx, config: Config, action: SlackAction, row: ProposalRow | None, number: int, rest: Request | None
) -> Refusal | None:
    if refusal := decisions.may_propose(config.policy, action.actor):
        return refusal
    if row is None:
        return no_such_proposal(number)
    if row.state != State.FINISHED:
        return Refusal(Rule.NOTHING_ENDED, Seen(number=number, state=State(row.state)))
    other = standing(tx, number)
    if other is not None:
        return Refusal(Rule.PROPOSED_AGAIN, Seen(number=number, again=other.id))
    if rest is not None:
        return None
    left = _left(tx, number)
    if not left:
        return Refusal.about(Rule.NOTHING_LEFT, number)
    return Refusal(Rule.TOO_MANY, Seen(asked=left, most=config.policy.max_items))


def _left(tx: Tx, number: int) -> int:
    return sum(count for word, count in items.tally(tx, number).items() if word in LEFT)
