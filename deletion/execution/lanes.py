"""Carrying out an approved proposal, a batch at a time: a stop, a freeze, a crash or an expiry falls in between.

Its items are dealt out to lanes, each a job of its own, so that several calls can be under way at once.
"""

from dataclasses import dataclass

from deletion.approval.proposal import ref, transition
from deletion.audit import chain, notices
from deletion.audit.notices import News
from deletion.execution import batches, canary, starting, stopping, verification
from deletion.execution.batches import Round
from deletion.execution.starting import FROZEN_LOOK_MS
from deletion.jobs.config import Config
from deletion.jobs.context import Again, Context, Done, Step
from deletion.plan.plan import Plan
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.states import Event, State
from deletion.terms.targets import BATCH
from storage import Tx
from storage.tables import calls, freezes, items, proposals
from storage.tables.items import ItemRow, Lane
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow, Stamp

AT_ONCE = Again(0)


@dataclass(frozen=True)
class _Sight:
    """What a step sees before it acts, in one snapshot."""

    row: ProposalRow
    shown: Plan | None
    lane: Lane
    due: list[ItemRow]
    waiting: list[ItemRow]
    orphaned: bool
    out_of_time: bool
    frozen: bool


def step(ctx: Context, job: JobRow) -> Step:
    """Work at one lane of an approved proposal, and go on for a while as long as there is something to do."""
    until = ctx.monotonic_ms() + ctx.time_slice_ms
    following = _next(ctx, job, check=True)
    while following == AT_ONCE and ctx.monotonic_ms() < until:
        following = _next(ctx, job, check=False)
    return following


def _next(ctx: Context, job: JobRow, *, check: bool) -> Step:
    """Do the next thing: start, settle an orphaned call, read back, send, or finish."""
    sight = ctx.database.read(lambda tx: _look(tx, ctx, job, check=check))
    if isinstance(sight, ProposalRow):
        return starting.step(ctx, sight)
    if sight is None:
        return Done()
    row, shown = sight.row, sight.shown
    if sight.orphaned and verification.adopt_orphans(ctx, row):
        return AT_ONCE
    if sight.out_of_time:
        ctx.database.write(lambda tx: _halt(tx, ctx.config, row.id, "the approval's time to execute was over"))
        return AT_ONCE
    why = starting.why_not(ctx.config, shown)
    if shown is None or why:
        ctx.database.write(lambda tx: _break_off(tx, ctx.config, row.id, why))
        return Done()
    if sight.due:
        return verification.look(ctx, row.id, shown, sight.due)
    if canary.is_alone(row) and ctx.database.write(lambda tx: _judge_canary(tx, ctx.config, row.id)):
        return AT_ONCE
    if row.halted is not None or not sight.waiting:
        return ctx.database.write(lambda tx: _wait_or_finish(tx, ctx.config, sight.lane))
    if sight.frozen:
        return Again(ctx.database.now_ms() + FROZEN_LOOK_MS)
    return batches.send(ctx, Round(job, row, shown, sight.waiting))


def _look(tx: Tx, ctx: Context, job: JobRow, *, check: bool) -> _Sight | ProposalRow | None:
    """Look at a deletion that is under way; at an approved one only its row; None when there is nothing to do."""
    row = proposals.get(tx, job.ref)
    if row is None or row.state == State.APPROVED:
        return row
    if row.state != State.EXECUTING:
        return None
    late = row.execute_by_ms is None or tx.now_ms() >= row.execute_by_ms
    lane = canary.lane_of(row, job)
    return _Sight(
        row,
        ctx.shelf.countersigned(tx, row, check=check),
        lane,
        due=items.sent(tx, lane, BATCH),
        waiting=items.next_pending(tx, lane, BATCH),
        orphaned=check and calls.is_any_expired(tx, row.id),
        out_of_time=late and items.is_any_pending(tx, row.id),
        frozen=freezes.current(tx) is not None,
    )


def _halt(tx: Tx, config: Config, number: int, because: str) -> None:
    row = proposals.lock(tx, number)
    if row is not None and row.state == State.EXECUTING:
        stopping.halt(tx, config, row, because=because)
        # A halt happens once; what was put back since then is stopped too.
        stopping.sweep(tx, number, because)


def _judge_canary(tx: Tx, config: Config, number: int) -> bool:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.EXECUTING:
        return False
    # Judged by another meanwhile: what was seen of the lanes is no longer so.
    return row.canary != 1 or canary.judge(tx, config, row)


def _break_off(tx: Tx, config: Config, number: int, because: str) -> None:
    """This plan must not be carried out: delete nothing more and say so."""
    if starting.break_off(tx, config, number, because):
        return
    row = proposals.lock(tx, number)
    if row is None or row.state != State.EXECUTING:
        return
    note = canonical.dumps({"because": because})
    stopping.halt(tx, config, row, because=because)
    items.abandon(tx, number, note=note)
    # What another lane put back while that was waited for, or after an earlier halt, is stopped as well.
    stopping.sweep(tx, number, because)
    _finish(tx, config, row)


def _wait_or_finish(tx: Tx, config: Config, lane: Lane) -> Step:
    row = proposals.lock(tx, lane.proposal_id)
    if row is None or row.state != State.EXECUTING:
        return Done()
    because = stopping.why_halted(row)
    if because is not None and stopping.sweep(tx, row.id, because):
        return AT_ONCE
    due = items.earliest_due(tx, lane)
    if due is not None:
        return Again(max(due, tx.now_ms()))
    if canary.is_alone(row):
        return AT_ONCE
    # The last lane to end finishes the whole; the lock lets each see what the others have settled.
    if items.earliest_due(tx, Lane(row.id)) is None:
        _finish(tx, config, row)
    return Done()


def _finish(tx: Tx, config: Config, row: ProposalRow) -> None:
    transition(tx, row, Event.EXECUTION_ENDED, note={})
    proposals.stamp(tx, row.id, Stamp(finished_ms=tx.now_ms()))
    tally = items.tally(tx, row.id)
    notices.card(tx, config.channels, row.id)
    facts: dict[str, Json] = {"number": row.id, "tally": tally}
    notices.thread(tx, config.channels, row.id, News.FINISHED, facts)
    notices.direct(tx, row.proposer, row.id, News.FINISHED, facts)
    data: dict[str, Json] = {
        "digest": row.digest,
        "tally": tally,
        "outcomes": [[target, word] for target, word in items.outcomes(tx, row.id)],
    }
    chain.record(tx, actor=chain.SYSTEM, action="execution.finished", ref=ref(row.id), data=data)
