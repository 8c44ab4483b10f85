"""What a job of a deletion does next, as a closed set of steps, decided from one snapshot of the record. Pure."""

from dataclasses import dataclass
from typing import TypeAlias

from deletion.plan.plan import Plan
from deletion.terms.ids import ProposalNumber
from deletion.terms.place import Place
from deletion.terms.results.causes import Cause, Why
from deletion.terms.states import State
from storage.tables.items import ItemRow
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a step sees before it acts: of an approved proposal only its row, of one under way all of it.

    ``shown`` is the plan that was approved, None when what is stored is another one; ``elsewhere`` says that the
    program works in another place than it was made for. ``due`` are items to be read back now, ``waiting`` those to
    be sent now. ``held_ms``: it is on hold, and looked at again then (UTC ms).
    """

    row: ProposalRow
    shown: Plan | None = None
    elsewhere: Cause | None = None
    due: tuple[ItemRow, ...] = ()
    waiting: tuple[ItemRow, ...] = ()
    is_orphaned: bool = False
    out_of_time: bool = False
    canary_settled: bool = False
    frozen: bool = False
    held_ms: int | None = None
    roll_is_due: bool = False


@dataclass(frozen=True)
class Nothing:
    """There is nothing to do for this proposal."""


@dataclass(frozen=True)
class Start:
    """It is approved: wait for the end of its hold, then start. ``attempts`` that came to nothing, this one too."""

    row: ProposalRow
    attempts: int = 1


@dataclass(frozen=True)
class CallRoll:
    """It goes on after a restart, a freeze or a long while: look everybody up before anything more is sent."""

    number: ProposalNumber
    attempts: int


@dataclass(frozen=True)
class Adopt:
    """Take over calls whose instance is gone."""

    number: ProposalNumber


@dataclass(frozen=True)
class StopLate:
    """Its time to execute is over, and items still wait to be sent."""

    number: ProposalNumber


@dataclass(frozen=True)
class BreakOff:
    """The plan must not be carried out: delete nothing more."""

    number: ProposalNumber
    because: Cause


@dataclass(frozen=True)
class StopElsewhere:
    """This is not the place that was approved: send nothing, and find nothing out."""

    number: ProposalNumber
    because: Cause


@dataclass(frozen=True)
class WaitElsewhere:
    """Items that were sent wait until the program is back in the place where they were sent."""

    number: ProposalNumber
    shown: Plan
    due: tuple[ItemRow, ...]


@dataclass(frozen=True)
class ReadBack:
    """See whether items that were sent are gone."""

    number: ProposalNumber
    shown: Plan
    due: tuple[ItemRow, ...]


@dataclass(frozen=True)
class JudgeCanary:
    """The first item, tried alone, has its final word."""

    number: ProposalNumber


@dataclass(frozen=True)
class WaitOrFinish:
    """Nothing can be sent or read back now: wait for what is under way, or finish.

    Which items are the job's is asked anew: meanwhile another may have let more of them be sent.
    """

    job: JobRow


@dataclass(frozen=True)
class WaitForThaw:
    """Everything is frozen."""


@dataclass(frozen=True)
class WaitForHold:
    """It is on hold anew: people have to see first that they can stop it."""

    number: ProposalNumber
    until_ms: int


@dataclass(frozen=True)
class BatchInput:
    """Send a batch: the job, its proposal, the plan that was shown, the items that wait to be sent."""

    job: JobRow
    row: ProposalRow
    shown: Plan
    waiting: tuple[ItemRow, ...]

    @property
    def number(self) -> ProposalNumber:
        """Return the number of the proposal."""
        return ProposalNumber(self.row.id)


NextStep: TypeAlias = (
    Nothing
    | Start
    | CallRoll
    | Adopt
    | StopLate
    | BreakOff
    | StopElsewhere
    | WaitElsewhere
    | ReadBack
    | JudgeCanary
    | WaitOrFinish
    | WaitForThaw
    | WaitForHold
    | BatchInput
)


def next_step(job: JobRow, seen: Snapshot) -> NextStep:
    """Decide what to do next. What was sent is followed up before anything else is sent."""
    number = ProposalNumber(seen.row.id)
    if seen.row.state != State.EXECUTING:
        return Start(seen.row, job.attempts) if seen.row.state == State.APPROVED else Nothing()
    if seen.is_orphaned:
        return Adopt(number)
    if seen.out_of_time:
        return StopLate(number)
    if seen.shown is None:
        return BreakOff(number, Cause(why=Why.NOT_THE_APPROVED_PLAN))
    if seen.elsewhere is not None and seen.row.halted is None:
        return StopElsewhere(number, seen.elsewhere)
    if seen.due:
        follow_up = ReadBack if seen.elsewhere is None else WaitElsewhere
        return follow_up(number, seen.shown, seen.due)
    if seen.canary_settled:
        return JudgeCanary(number)
    if seen.row.halted is not None or not seen.waiting:
        return WaitOrFinish(job)
    return _brake(seen, job.attempts) or BatchInput(job, seen.row, seen.shown, seen.waiting)


def _brake(seen: Snapshot, attempts: int) -> WaitForThaw | WaitForHold | CallRoll | None:
    """Say what keeps a batch from being sent now, or None."""
    if seen.frozen:
        return WaitForThaw()
    if seen.held_ms is not None:
        return WaitForHold(ProposalNumber(seen.row.id), seen.held_ms)
    if seen.roll_is_due:
        return CallRoll(ProposalNumber(seen.row.id), attempts)
    return None


def why_elsewhere(shown: Plan, here: Place) -> Cause | None:
    """Say why a plan must not be carried out in this place, or None when it may."""
    if shown.place.is_at(here):
        return None
    return Cause(why=Why.OTHER_PLACE, place=shown.place.text(), here=here.text())
