"""The canary: one item of a big deletion goes alone and is verified, before the rest may follow."""

from deletion.audit import events
from deletion.audit.record import record
from deletion.execution import stopping
from deletion.jobs.config import JobKind
from deletion.terms import ramp
from deletion.terms.ids import ProposalNumber, proposal_ref
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.outcomes import Outcome
from storage import Tx
from storage.tables import items, jobs, proposals
from storage.tables.items import ItemRow, ItemState, Lane
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow

ALONE = 0
"""The batch of the item that is tried alone; the others begin behind it."""


ONLY_IT = 1_000_000_000
"""Among so many lanes the canary has one to itself."""


def batch_of(place: int, *, canary: bool, size: int) -> int:
    """Return the batch of an item by its place in the plan; with a canary, the first item is a batch of its own."""
    if not canary:
        return place // size
    return ALONE if place == 0 else 1 + (place - 1) // size


def was_dealt(tx: Tx, number: ProposalNumber, batches: int) -> bool:
    """Say whether the items, in so many batches, were dealt out with a canary.

    Whoever dealt them out may have had other rules than whoever starts: what is in the record counts.
    """
    return batches > 1 and len(items.of_batch(tx, number, ALONE)) == 1


def is_alone(row: ProposalRow) -> bool:
    """Say whether only the canary may be sent now."""
    return row.canary == 1


def lane_of(row: ProposalRow, job: JobRow) -> Lane:
    """Return the share of the items that a job works at: while the canary is out, nothing but it."""
    if is_alone(row):
        return Lane(row.id, ALONE, ONLY_IT)
    if is_single_file(row):
        return Lane(row.id, below=row.ramp_below)
    return Lane(row.id, job.lane, row.lanes, below=row.ramp_below)


def is_single_file(row: ProposalRow) -> bool:
    """Say whether only a few items may be sent now, one call after another."""
    found = ramp.loads(row.ramp)
    return row.ramp_below is not None and found[row.ramp_stage].percent is None


def is_settled(tx: Tx, row: ProposalRow) -> bool:
    """Say whether the canary is out no longer, and waits to be judged."""
    return is_alone(row) and all(item.state is ItemState.SETTLED for item in items.of_batch(tx, row.id, ALONE))


def judge(tx: Tx, row: ProposalRow) -> bool:
    """See what became of the canary; True when something was decided and work goes on, False while it is out.

    One that was never sent (changed, or gone before) proves nothing: the next item is tried in its place.
    """
    tried = items.of_batch(tx, row.id, ALONE)
    if any(item.state is not ItemState.SETTLED for item in tried):
        return False
    last = tried[-1] if tried else None
    if last is not None and _proves_nothing(last) and items.move_first_pending(tx, row.id, batch=ALONE):
        return True
    if not proposals.end_canary(tx, row.id):
        return False
    if row.halted is not None:
        # Stopped meanwhile: there is no rest that could follow, whatever became of this one.
        return True
    if last is None or _proves_nothing(last) or last.outcome == Outcome.DELETED:
        _release(tx, row, last)
    else:
        outcome = Outcome(last.outcome) if last.outcome else None
        stopping.halt_and_record(tx, row, Cause(why=Why.CANARY_FAILED, outcome=outcome))
    return True


def open_lanes(tx: Tx, row: ProposalRow) -> None:
    """Queue a job for every lane."""
    for lane in range(row.lanes):
        jobs.add(tx, JobKind.EXECUTE, row.id, lane=lane)


def _proves_nothing(item: ItemRow) -> bool:
    return item.attempts == 0


def _release(tx: Tx, row: ProposalRow, item: ItemRow | None) -> None:
    if not is_single_file(row):
        open_lanes(tx, row)
    record(
        tx,
        events.CanaryPassed(
            about=proposal_ref(row.id),
            target=item.target if item else None,
            outcome=Outcome(item.outcome) if item and item.outcome else None,
            rest=items.is_any_pending(tx, row.id),
        ),
    )
