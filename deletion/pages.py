"""The list of a proposal, a page at a time: the rows of a plan that was shown, and what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deletion.approval import proposal
from deletion.approval.shown import Shown
from deletion.plan import cache
from deletion.plan.plan import Plan
from deletion.terms.ids import ProposalNumber
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from deletion.views import ItemView
from storage import Tx
from storage.tables import audit_log, items, proposals, revisions
from storage.tables.items import EndedRow, ItemState
from storage.tables.proposals import ProposalRow

ROWS = 50
"""Rows of a page."""

BEGUN = frozenset({State.EXECUTING, State.FINISHED})
"""States in which there is something to say of what became of an item."""


@dataclass(frozen=True)
class ListPage:
    """Some rows of one revision of a plan, which ``plan`` has at hand, from place ``start`` (from 0) on.

    ``newest`` is the revision that the proposal stands at. ``items`` are what became of these rows, by target, once
    deleting them has begun.
    """

    shown: Shown
    state: State
    plan: Plan
    revision: int
    newest: int
    start: int
    items: Mapping[str, ItemView] = field(default_factory=dict)

    @property
    def number(self) -> ProposalNumber:
        """Return the number of the proposal."""
        return self.shown.number

    @property
    def is_current(self) -> bool:
        """Say whether this is the plan that people vote on now, or that was carried out."""
        return self.revision == self.newest

    @property
    def end(self) -> int:
        """Return the place behind the last row."""
        return min(self.start + ROWS, self.plan.count)


def page(tx: Tx, shown: Shown, start: int) -> ListPage | Refusal:
    """Return the page that a place is on of the plan that was shown, or why nothing is shown of it."""
    if shown.record and shown.record != audit_log.record_id(tx):
        return Refusal.about(Rule.OTHER_RECORD, shown.number)
    number = shown.subject.proposal
    row = proposals.get(tx, number) if number else None
    if row is None:
        return proposal.no_such_proposal(shown.number)
    revision = revisions.revision_with(tx, row.id, shown.digest)
    plan = cache.stored(tx, row.id, revision) if revision else None
    if revision is None or plan is None:
        return Refusal.about(Rule.DIGEST_UNKNOWN, row.id)
    start = max(0, min(start, plan.count - 1)) // ROWS * ROWS
    plan = plan.holding(cache.page(tx, row.id, revision, start=start, limit=ROWS))
    return ListPage(
        shown=shown,
        state=State(row.state),
        plan=plan,
        revision=revision,
        newest=row.revision,
        start=start,
        items=_items(tx, row, plan) if revision == row.revision else {},
    )


def _items(tx: Tx, row: ProposalRow, plan: Plan) -> dict[str, ItemView]:
    if State(row.state) not in BEGUN or not plan.entries:
        return {}
    found = items.ended(tx, row.id, [each.target.id for each in plan.entries])
    return {target: _item(target, each) for target, each in found.items()}


def _item(target: str, row: EndedRow) -> ItemView:
    final = Outcome(row.outcome) if row.state is ItemState.SETTLED and row.outcome else None
    return ItemView(target, final, ItemNote.parse(row.note))
