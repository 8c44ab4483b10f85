"""Carrying out an approved proposal, a batch at a time: a stop, a freeze, a crash or an expiry falls in between.

Its items are dealt out to lanes, each a job of its own, so that several calls can be under way at once.
"""

from dataclasses import dataclass
from typing import assert_never

import vod
from deletion.approval.holds import holding
from deletion.approval.proposal import transition
from deletion.audit import events
from deletion.audit.record import record
from deletion.execution import anchor, canary, ramp, roll_call, starting, stopping
from deletion.execution.anchor import FROZEN_LOOK_MS
from deletion.execution.calls import batches, results, verification
from deletion.execution.steps import (
    Adopt,
    BatchInput,
    BreakOff,
    CallRoll,
    JudgeCanary,
    NextStep,
    Nothing,
    ReadBack,
    Snapshot,
    Start,
    StopElsewhere,
    StopLate,
    WaitElsewhere,
    WaitForHold,
    WaitForThaw,
    WaitOrFinish,
    next_step,
    why_elsewhere,
)
from deletion.jobs.context import Again, Context, Done, Step
from deletion.plan.library.reading import reading_fault
from deletion.terms.ids import Digest, ProposalNumber, proposal_ref
from deletion.terms.place import Place
from deletion.terms.requests.targets import BATCH
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import calls, freezes, items, proposals, rate_limits
from storage.tables.items import Lane
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow, Stamp

AT_ONCE = Again(0)


def step(ctx: Context, job: JobRow) -> Step:
    """Work at one lane of an approved proposal, and go on for a while as long as there is something to do."""
    until = ctx.monotonic_ms() + ctx.time_slice_ms
    following = _next(ctx, job, check=True)
    while following == AT_ONCE and ctx.monotonic_ms() < until:
        following = _next(ctx, job, check=False)
    return following


def _next(ctx: Context, job: JobRow, *, check: bool) -> Step:
    """Look, decide, and do the next thing; nothing while nobody can say whose account this is."""
    try:
        here = ctx.where()
    except vod.VodError as exc:
        batches.tell_waiting(ctx, job, reading_fault(exc))
        return Again(ctx.database.now_ms() + ctx.timings.pause(ctx.timings.retry, job.attempts - 1), progress=False)
    seen = ctx.database.read(lambda tx: _look(tx, ctx, job, here, check=check))
    return _do(ctx, next_step(job, seen) if seen else Nothing(), here)


def _look(tx: Tx, ctx: Context, job: JobRow, here: Place, *, check: bool) -> Snapshot | None:
    """Look at a deletion: at an approved one only at its row, at one under way at all that a step needs."""
    row = proposals.get(tx, job.ref)
    if row is None:
        return None
    if row.state != State.EXECUTING:
        return Snapshot(row=row)
    lane = canary.lane_of(row, job)
    late = row.execute_by_ms is None or tx.now_ms() >= row.execute_by_ms
    waiting = tuple(items.next_pending(tx, lane, BATCH))
    shown = ctx.plans.approved(tx, row, check=check)
    if shown is not None:
        shown = ctx.plans.holding(tx, row, shown, [item.ord for item in waiting])
    return Snapshot(
        row=row,
        shown=shown,
        elsewhere=why_elsewhere(shown, here) if shown else None,
        due=tuple(items.sent(tx, lane, BATCH)),
        waiting=waiting,
        is_orphaned=check and calls.is_any_expired(tx, row.id),
        out_of_time=late and items.is_any_pending(tx, row.id),
        canary_settled=canary.is_settled(tx, row),
        frozen=freezes.is_frozen(tx),
        held_ms=holding.ends_ms(row, tx.now_ms()),
        roll_is_due=not ctx.roll.is_called(ctx.owner, row.id, freezes=freezes.count(tx), now_ms=ctx.monotonic_ms()),
    )


def _do(ctx: Context, following: NextStep, here: Place) -> Step:  # noqa: C901, PLR0911, PLR0912 - one case per step
    write = ctx.database.write
    match following:
        case Nothing():
            return Done()
        case Start(row, attempts):
            return starting.step(ctx, row, here, attempts)
        case CallRoll(number, attempts):
            return roll_call.take(ctx, number, attempts=attempts) or AT_ONCE
        case Adopt(number):
            verification.adopt_orphans(ctx, number)
            return AT_ONCE
        case StopLate(number):
            write(lambda tx: _stop_late(tx, number))
            return AT_ONCE
        case BreakOff(number, because):
            write(lambda tx: _break_off(tx, number, because))
            return Done()
        case StopElsewhere() | WaitElsewhere():
            _be_elsewhere(ctx, following)
            return AT_ONCE
        case ReadBack(number, shown, due):
            return verification.look(ctx, number, shown, due)
        case JudgeCanary(number):
            write(lambda tx: _judge_canary(tx, number))
            return AT_ONCE
        case WaitOrFinish(job):
            whole = ctx.database.read(lambda tx: _whole_if_ended(tx, job))
            return write(lambda tx: _wait_or_finish(tx, job, whole))
        case WaitForThaw():
            return Again(ctx.database.now_ms() + FROZEN_LOOK_MS)
        case WaitForHold(number, until_ms):
            write(lambda tx: holding.show(tx, number))
            return Again(until_ms)
        case BatchInput():
            return anchor.before_batch(ctx, following) or batches.send(ctx, following)
        case _:
            assert_never(following)


def _stop_late(tx: Tx, number: ProposalNumber) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.EXECUTING:
        return
    because = Cause(why=Why.TIME_TO_EXECUTE_OVER)
    stopped = stopping.halt(tx, row, because)
    # A halt happens once; what was put back since then is stopped too.
    stopping.stop_pending(tx, number, because)
    if stopped is not None:
        record(tx, stopped)


def _be_elsewhere(ctx: Context, following: StopElsewhere | WaitElsewhere) -> None:
    """Send nothing, and conclude nothing from what is found here."""
    match following:
        case StopElsewhere(number, because):
            ctx.database.write(lambda tx: _stop_elsewhere(tx, number, because))
        case WaitElsewhere(number, shown, due):
            verification.wait_elsewhere(ctx, number, shown, due)


def _stop_elsewhere(tx: Tx, number: ProposalNumber, because: Cause) -> None:
    """Send nothing in a place that was not approved; what was sent in the other one is neither read nor settled."""
    row = proposals.lock(tx, number)
    if row is not None and row.state == State.EXECUTING:
        stopping.halt_and_record(tx, row, because)


def _judge_canary(tx: Tx, number: ProposalNumber) -> None:
    row = proposals.lock(tx, number)
    # Judged by another meanwhile: what was seen of the lanes is no longer so.
    if row is not None and row.state == State.EXECUTING and canary.is_alone(row):
        canary.judge(tx, row)


def _break_off(tx: Tx, number: ProposalNumber, because: Cause) -> None:
    """This plan must not be carried out: delete nothing more and say so."""
    if starting.break_off(tx, number, because):
        return
    row = proposals.lock(tx, number)
    if row is None or row.state != State.EXECUTING:
        return
    stopped = stopping.halt(tx, row, because)
    items.abandon(tx, number, note=ItemNote(because=because).text())
    # What another lane put back while that was waited for, or after an earlier halt, is stopped as well.
    stopping.stop_pending(tx, number, because)
    if stopped is not None:
        record(tx, stopped)
    _finish(tx, row, _whole(tx, row))


@dataclass(frozen=True)
class _Whole:
    """What came of all items of a deletion: final, for none of them is written again."""

    tally: dict[str, int]
    root: str


def _whole(tx: Tx, row: ProposalRow) -> _Whole:
    return _Whole(items.tally(tx, row.id), results.root_of(items.outcomes(tx, row.id)))


def _whole_if_ended(tx: Tx, job: JobRow) -> _Whole | None:
    """Return what came of all items, once each has its final word.

    Of 100,000 items that takes more than a second, so it is not done while nobody else can write.
    """
    row = proposals.get(tx, job.ref)
    if row is None or row.state != State.EXECUTING or items.earliest_due(tx, Lane(row.id)) is not None:
        return None
    return _whole(tx, row)


def _wait_or_finish(tx: Tx, job: JobRow, whole: _Whole | None) -> Step:
    row = proposals.lock(tx, job.ref)
    if row is None or row.state != State.EXECUTING:
        return Done()
    because = stopping.why_halted(row)
    if because is not None and stopping.stop_pending(tx, ProposalNumber(row.id), because):
        return AT_ONCE
    due = items.earliest_due(tx, canary.lane_of(row, job))
    if due is not None:
        return Again(max(due, tx.now_ms()))
    if canary.is_alone(row):
        return AT_ONCE
    waits = ramp.wait_or_go_on(tx, row) if because is None else None
    if waits is not None:
        return waits
    # The last lane to end finishes the whole; the lock lets each see what the others have settled.
    if items.earliest_due(tx, Lane(row.id)) is None:
        if whole is None or whole.tally != items.tally(tx, row.id):
            return AT_ONCE
        _finish(tx, row, whole)
    return Done()


def _finish(tx: Tx, row: ProposalRow, whole: _Whole) -> None:
    transition(tx, row, Event.EXECUTION_ENDED)
    rate_limits.forget(tx, ramp.turns_of(row.id))
    now = tx.now_ms()
    proposals.stamp(tx, row.id, Stamp(finished_ms=now))
    record(
        tx,
        events.ExecutionFinished(
            about=proposal_ref(row.id),
            digest=Digest(row.digest or ""),
            tally={Outcome(word): count for word, count in whole.tally.items()},
            root=whole.root,
            finished_ms=now,
        ),
    )
