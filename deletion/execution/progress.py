"""How far a deletion is: how many of how many, how fast, and how long it will still take."""

from collections.abc import Mapping
from dataclasses import dataclass

from deletion.audit import audience
from deletion.audit.notices import ProgressMade
from deletion.jobs.config import JobKind
from deletion.jobs.context import Again, Done, Step
from deletion.terms.ids import ProposalNumber
from deletion.terms.states import State
from storage import Tx
from storage.tables import items, jobs, notice_throttle, proposals

TOLD_FROM = 100
"""From this many items on the thread is told of progress; fewer are done before anybody has read it."""

IN_THREAD = "progress in the thread"


@dataclass(frozen=True)
class Progress:
    """Items done and in all; ``per_minute`` and ``left_s`` (seconds) are None while there is nothing to go by."""

    done: int
    total: int
    per_minute: int | None
    left_s: int | None


def of(tally: Mapping[str, int], *, started_ms: int | None, now_ms: int) -> Progress:
    """Work out the progress from a tally of outcomes, ``waiting`` among them."""
    total = sum(tally.values())
    done = total - tally.get("waiting", 0)
    spent_ms = now_ms - started_ms if started_ms is not None else 0
    if not done or spent_ms <= 0:
        return Progress(done, total, None, None)
    return Progress(done, total, done * 60_000 // spent_ms, -(-(total - done) * spent_ms // (done * 1000)))


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
    found = of(items.tally(tx, number), started_ms=row.started_ms if row else None, now_ms=tx.now_ms())
    if found.total >= TOLD_FROM and found.done < found.total:
        audience.thread(tx, ProgressMade(number=number, **found.__dict__))


def was_told(tx: Tx, number: ProposalNumber) -> None:
    """Note that the thread has just been told how far the deletion is."""
    notice_throttle.should_notify(tx, number, IN_THREAD, every_ms=0)
