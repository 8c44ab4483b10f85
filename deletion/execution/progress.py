"""How far a deletion is: how many of how many, how fast, and how long it will still take."""

from collections.abc import Mapping

from deletion.audit.messages import audience
from deletion.audit.notices import ProgressMade
from deletion.jobs.config import JobKind
from deletion.jobs.context import Again, Done, Step
from deletion.terms import progress
from deletion.terms.ids import ProposalNumber
from deletion.terms.progress import NO_STRETCH, STRETCH_MS, Progress, Stretch
from deletion.terms.states import State
from storage import Tx
from storage.tables import items, jobs, notice_throttle, proposals
from storage.tables.proposals import ProposalRow

TOLD_FROM = 100
"""From this many items on the thread is told of progress; fewer are done before anybody has read it."""

IN_THREAD = "progress in the thread"


def stretch_of(tx: Tx, row: ProposalRow) -> Stretch:
    """Measure the last stretch of a deletion under way, no longer than the stage that it is in."""
    if row.state != State.EXECUTING or row.started_ms is None:
        return NO_STRETCH
    now_ms = tx.now_ms()
    since_ms = max(row.started_ms, row.ramp_since_ms or 0, now_ms - STRETCH_MS)
    done = items.settled_since(tx, row.id, since_ms)
    return Stretch(done, now_ms - since_ms, is_slow=row.ramp_below is not None)


def of(tally: Mapping[str, int], lately: Stretch) -> Progress:
    """Work out the progress from a tally of outcomes, ``waiting`` among them, and what was done lately."""
    total = sum(tally.values())
    return progress.of(total - tally.get("waiting", 0), total, lately)


def on_card(tx: Tx, number: ProposalNumber) -> bool:
    """Queue a card that shows how far it is; one that would come too soon comes later, and is never left out."""
    if audience.progress_card(tx, number):
        return True
    jobs.add_again(tx, JobKind.PROGRESS, number, due_ms=tx.now_ms() + audience.PROGRESS_EVERY_MS)
    return False


def catch_up(tx: Tx, number: ProposalNumber) -> Step:
    """Show what came too soon after a card; what is over was shown by its last card."""
    row = proposals.get(tx, number)
    if row is None or row.state != State.EXECUTING or audience.progress_card(tx, number):
        return Done()
    return Again(tx.now_ms() + audience.PROGRESS_EVERY_MS, progress=True)


def tell(tx: Tx, number: ProposalNumber) -> None:
    """Queue the progress, on the card and now and then in its thread."""
    standing = proposals.standing(tx, number)
    if standing is not None and (standing.halted is not None or standing.frozen):
        # Nothing more is sent: there may be no later occasion to show this.
        audience.card(tx, number)
        return
    if not on_card(tx, number):
        return
    if not notice_throttle.should_notify(tx, number, IN_THREAD, every_ms=audience.TOLD_EVERY_MS):
        return
    row = proposals.get(tx, number)
    found = of(items.tally(tx, number), stretch_of(tx, row) if row else NO_STRETCH)
    if found.total >= TOLD_FROM and found.done < found.total:
        audience.thread(tx, ProgressMade(number=number, **found.__dict__))


def was_told(tx: Tx, number: ProposalNumber) -> None:
    """Note that the thread has just been told how far the deletion is."""
    notice_throttle.should_notify(tx, number, IN_THREAD, every_ms=0)
