"""What the Home tab of a person who may read is made of, read in one snapshot."""

from dataclasses import dataclass

from deletion.approval.proposal import proposer_of
from deletion.approval.requests import daily
from deletion.approval.requests.daily import Left
from deletion.approval.requests.proposing import HOUR_MS
from deletion.listed import Listed, Listing, Reader
from deletion.policy import decisions
from deletion.policy.decisions import Policy
from deletion.terms.ids import FREEZE
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal
from deletion.terms.states import OPEN, State
from storage import Tx
from storage.tables import freezes, lists, proposal_counts, votes
from storage.tables.votes import Subject, VoteState

SHOWN = 10
"""Proposals of each kind that are shown; the others are counted."""

ENDED_SHOWN = 8

COUNTED_MOST = 1_000
"""Proposals that wait for somebody, which no index counts: beyond these it is only said that there are more."""

UNDECIDED = (State.COLLECTING, State.PENDING)
UNDER_WAY = (State.APPROVED, State.EXECUTING)


@dataclass(frozen=True)
class Home:
    """What there is for one person to see.

    ``waiting`` they may still approve, ``mine`` are their own that nobody has decided on, ``under_way`` are
    everybody's that were approved and have not ended, ``ended`` those that ended last. ``may_propose`` is why they
    may not, or None. ``open`` of their proposals have not ended, and they made ``lately`` in the last hour.
    ``has_voted`` to end the freeze that is open.
    """

    person: Actor
    waiting: Listing
    mine: Listing
    under_way: Listing
    ended: Listing
    may_propose: Refusal | None
    may_approve: bool
    left: Left
    open: int
    lately: int
    has_voted: bool

    def may_stop(self, policy: Policy, each: Listed) -> bool:
        """Say whether this person may stop a deletion that is under way; the press itself is decided anew."""
        if each.state not in UNDER_WAY or each.row.halted is not None:
            return False
        found = decisions.may_stop(policy, self.person, proposer=proposer_of(each.row), number=each.number)
        return found is None


def read(tx: Tx, policy: Policy, person: Actor) -> Home:
    """Read what there is for a person to see."""
    reader = Reader(tx)
    may_approve = person.team == policy.home_team and person.user in policy.approvers
    nothing = Listing((), 0, reader.now_ms, reader.frozen, reader.lost)
    return Home(
        person=person,
        waiting=reader.waiting_for(person.user, limit=SHOWN, counted=COUNTED_MOST) if may_approve else nothing,
        mine=reader.open(proposer=person.user, states=UNDECIDED, limit=SHOWN),
        under_way=reader.open(states=UNDER_WAY, limit=SHOWN),
        ended=reader.latest(limit=ENDED_SHOWN),
        may_propose=decisions.may_propose(policy, person),
        may_approve=may_approve,
        left=daily.left(tx, policy, person.user),
        open=proposal_counts.count_of(tx, person.user, *sorted(OPEN)) + lists.unanswered_of(tx, person.user),
        lately=proposal_counts.count_since(tx, person.user, since_ms=reader.now_ms - HOUR_MS),
        has_voted=_has_voted(tx, person),
    )


def _has_voted(tx: Tx, person: Actor) -> bool:
    """Say whether a person has voted to end the freeze that is open."""
    row = freezes.current(tx)
    if row is None:
        return False
    live = votes.of(tx, Subject(FREEZE, row.id), VoteState.CAST, VoteState.COUNTED)
    return any(vote.voter == person.user and vote.digest == row.digest for vote in live)
