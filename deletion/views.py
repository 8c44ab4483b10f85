"""What there is to show of a proposal, read in one snapshot, so that no message tells two stories."""

from dataclasses import dataclass

from deletion import canonical, plan
from deletion.canonical import Json
from deletion.people import Actor
from deletion.plan import Plan
from deletion.proposing import proposer_of
from deletion.states import OPEN, State
from deletion.targets import Request, from_json
from storage import Tx, items, proposals, trail, votes
from storage.items import ItemRow
from storage.proposals import ProposalRow
from storage.trail import AuditRow
from storage.votes import VoteRow


@dataclass(frozen=True)
class ProposalView:
    """A proposal with everything a card says. ``plan`` is None before it was collected."""

    row: ProposalRow
    request: Request
    plan: Plan | None
    drift: tuple[tuple[str, str, str, str], ...]
    votes: tuple[VoteRow, ...]
    items: tuple[ItemRow, ...]
    now_ms: int

    @property
    def state(self) -> State:
        """Return where it stands."""
        return State(self.row.state)

    @property
    def note(self) -> dict[str, Json]:
        """Return the facts of its last transition."""
        return dict(canonical.loads(self.row.state_note))

    @property
    def proposer(self) -> Actor:
        """Return who made it."""
        return proposer_of(self.row)

    @property
    def tally(self) -> dict[str, int]:
        """Count the items by outcome, ``waiting`` for those without one."""
        counts: dict[str, int] = {}
        for item in self.items:
            word = item.outcome if item.outcome and item.state == "settled" else "waiting"
            counts[word] = counts.get(word, 0) + 1
        return counts


def proposal(tx: Tx, number: int) -> ProposalView | None:
    """Return a proposal as it stands."""
    row = proposals.get(tx, number)
    if row is None:
        return None
    stored = proposals.plan_of(tx, number, row.revision) if row.revision else None
    standing = tuple(vote for vote in votes.of(tx, number, "cast", "counted") if vote.digest == row.digest)
    return ProposalView(
        row=row,
        request=from_json(canonical.loads(row.request)),
        plan=plan.parse(stored.plan) if stored else None,
        drift=tuple((t, f, b, a) for t, f, b, a in canonical.loads(stored.drift)) if stored else (),
        votes=standing,
        items=tuple(items.of(tx, number)),
        now_ms=tx.now_ms(),
    )


def revision(tx: Tx, number: int, wanted: int) -> Plan | None:
    """Return one revision of a proposal's plan."""
    stored = proposals.plan_of(tx, number, wanted)
    return plan.parse(stored.plan) if stored else None


def open_proposals(tx: Tx, *, limit: int) -> list[ProposalRow]:
    """Return the newest proposals that are not finished."""
    return proposals.in_states(tx, *sorted(OPEN), limit=limit)


def events(tx: Tx, first: int, last: int) -> list[AuditRow]:
    """Return a stretch of the audit log."""
    return trail.between(tx, first, last)
