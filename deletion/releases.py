"""What the end of a freeze, or of a hold on the whole record, lets go on: read in one snapshot when it is told."""

from collections.abc import Iterable
from dataclasses import dataclass

from deletion.approval.requests import asked
from deletion.audit import events
from deletion.audit.events import Event
from deletion.plan.totals import Totals
from deletion.terms import ids
from deletion.terms.ids import Ref, SubjectKind
from deletion.terms.requests.targets import Request
from deletion.terms.states import State
from deletion.views import CardPlace, Planned, card_of, planned
from storage import Tx
from storage.tables import anchor_losses, freezes, items, proposals
from storage.tables.proposals import ProposalRow

SHOWN = 10
"""Deletions that are shown one by one, those with most left first."""


@dataclass(frozen=True)
class Released:
    """A deletion that goes on: ``left`` of its ``count`` items have no final word yet.

    ``bytes_known`` is what is known of the size of all of them, a minimum with ``at_least``; ``proposer`` is a
    Slack user id.
    """

    number: int
    request: Request
    count: int
    left: int
    bytes_known: int
    state: State
    proposer: str
    card: CardPlace | None
    at_least: bool = False


@dataclass(frozen=True)
class Release:
    """The deletions with most left, how many there are in all, and what they amount to.

    ``held_by`` is what holds them all the same: a freeze, or a record that does not lead to the audit channel.
    """

    largest: tuple[Released, ...]
    deletions: int
    items_left: int
    bytes_known: int
    held_by: SubjectKind | None = None
    at_least: bool = False


def of(tx: Tx, told: Event) -> Release | None:
    """Return what a vote, a question or an end that is told of is about to release, or has released.

    None where it releases nothing by itself: an end is not near any more, or an earlier version wrote no numbers.
    """
    match told:
        case events.VoteCounted(about=Ref(kind=ids.FREEZE)):
            frozen = freezes.current(tx)
            return _release(tx, _waiting(tx), told) if frozen and frozen.id == told.about.number else None
        case events.VoteCounted(about=Ref(kind=ids.ANCHOR)) | events.AnchorLost():
            lost = anchor_losses.current(tx)
            return _release(tx, _waiting(tx), told) if lost and lost.id == told.about.number else None
        case events.FreezeEnded(released=tuple()) | events.AnchorRestored():
            rows = (proposals.get(tx, number) for number in told.released or ())
            return _release(tx, (row for row in rows if row is not None), told)
        case _:
            return None


def _waiting(tx: Tx) -> list[ProposalRow]:
    return proposals.under_way(tx, State.APPROVED, State.EXECUTING)


def _release(tx: Tx, rows: Iterable[ProposalRow], told: Event) -> Release:
    unsettled = items.unsettled_in_state(tx, State.EXECUTING)
    found = [_released(tx, row, unsettled) for row in rows]
    # One whose every item has its final word is about to be finished: there is nothing to release.
    found = [each for each in found if each.left or each.state not in {State.APPROVED, State.EXECUTING}]
    return Release(
        largest=tuple(sorted(found, key=lambda each: (-each.left, each.number))[:SHOWN]),
        deletions=len(found),
        items_left=sum(each.left for each in found),
        bytes_known=sum(each.bytes_known for each in found),
        held_by=_held_by(tx, told),
        at_least=any(each.at_least for each in found),
    )


def _held_by(tx: Tx, told: Event) -> SubjectKind | None:
    """Return what else holds everything, besides what is told of."""
    if told.about.kind == ids.FREEZE:
        return ids.ANCHOR if anchor_losses.current(tx) else None
    return ids.FREEZE if freezes.current(tx) else None


def _released(tx: Tx, row: ProposalRow, unsettled: dict[int, int]) -> Released:
    wanted = asked.of(tx, row)
    plan = planned(tx, row) or Planned(wanted.count, Totals(), "")
    state = State(row.state)
    return Released(
        number=row.id,
        request=wanted.request,
        count=plan.count,
        left=_left(row, state, plan.count, unsettled),
        bytes_known=plan.totals.bytes,
        state=state,
        proposer=row.proposer,
        card=card_of(row),
        at_least=plan.totals.sizes_untold > 0,
    )


def _left(row: ProposalRow, state: State, count: int, unsettled: dict[int, int]) -> int:
    match state:
        case State.APPROVED:
            return count
        case State.EXECUTING if row.halted is None:
            return unsettled.get(row.id, 0)
        case _:
            return 0
