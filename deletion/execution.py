"""Carrying out an approved proposal, one batch a step, so that a stop, a crash or an expiry falls between steps."""

from deletion import audit, batches, canonical, notices, plan, readback
from deletion.canonical import Json
from deletion.context import Again, Context, Done, Step
from deletion.notices import News
from deletion.outcomes import Outcome
from deletion.proposing import Config, close, ref, transition
from deletion.states import Event, State
from storage import Tx, calls, items, proposals
from storage.jobs import JobRow
from storage.proposals import ProposalRow


def step(ctx: Context, job: JobRow) -> Step:
    """Do the next thing an approved proposal needs: start, settle an orphaned call, read back, send, or finish."""
    row = ctx.database.read(lambda tx: proposals.get(tx, job.ref))
    if row is None or row.state not in {State.APPROVED, State.EXECUTING}:
        return Done()
    if row.state == State.APPROVED:
        ctx.database.write(lambda tx: _start(tx, ctx.config, row.id))
        return Again(0)
    if readback.adopt_orphan(ctx, row):
        return Again(0)
    if ctx.database.write(lambda tx: _out_of_time(tx, row.id)):
        return Again(0)
    shown = ctx.database.read(lambda tx: _countersigned(tx, row))
    why = _why_not(ctx.config, shown)
    if shown is None or why:
        ctx.database.write(lambda tx: _break_off(tx, ctx.config, row.id, why))
        return Done()
    return (
        readback.look(ctx, row, shown)
        or batches.send(ctx, job, row, shown)
        or ctx.database.write(lambda tx: _wait_or_finish(tx, ctx.config, row.id))
    )


def _countersigned(tx: Tx, row: ProposalRow) -> plan.Plan | None:
    """Return the plan that was countersigned, or None when what is stored is not that plan."""
    stored = proposals.plan_of(tx, row.id, row.revision)
    if stored is None or row.digest != canonical.sha256(stored.plan):
        return None
    return plan.parse(stored.plan)


def _why_not(config: Config, shown: plan.Plan | None) -> str:
    """Say why a plan must not be carried out here; '' when it may."""
    if shown is None:
        return "the stored plan is not the one that was countersigned"
    if shown.region != config.region:
        return f"it was countersigned for region {shown.region}, and this program works in {config.region} now"
    return ""


def _break_off(tx: Tx, config: Config, number: int, because: str) -> None:
    """This plan must not be carried out: delete nothing more and say so."""
    row = proposals.lock(tx, number)
    if row is None or row.state not in {State.APPROVED, State.EXECUTING}:
        return
    why: dict[str, Json] = {"because": because}
    if row.state == State.APPROVED:
        notices.direct(tx, row.proposer, number, News.STALE, {"number": number, "drift": [], **why})
        close(tx, config, row, Event.PLAN_BROKEN, audit.SYSTEM, why)
        return
    items.settle_pending(tx, number, outcome=Outcome.STOPPED, note=canonical.dumps(why))
    items.abandon(tx, number, note=canonical.dumps(why))
    _finish(tx, config, row)


def _start(tx: Tx, config: Config, number: int) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.APPROVED:
        return
    if row.execute_by_ms is None or tx.now_ms() >= row.execute_by_ms:
        notices.thread(tx, config.channels, number, News.EXPIRED, {"number": number})
        notices.direct(tx, row.proposer, number, News.EXPIRED, {"number": number})
        close(tx, config, row, Event.EXPIRED, audit.SYSTEM, {})
        return
    shown = _countersigned(tx, row)
    why = _why_not(config, shown)
    if shown is None or why:
        _break_off(tx, config, number, why)
        return
    transition(tx, row, Event.EXECUTION_STARTED, note={})
    targets = [target.id for target in shown.targets]
    items.add_all(tx, number, targets)
    notices.card(tx, config.channels, number)
    facts: dict[str, Json] = {"number": number, "count": len(targets)}
    notices.thread(tx, config.channels, number, News.STARTED, facts)
    data: dict[str, Json] = {"digest": row.digest, "count": len(targets)}
    audit.record(tx, actor=audit.SYSTEM, action="execution.started", ref=ref(number), data=data)


def _out_of_time(tx: Tx, number: int) -> bool:
    """Stop what was not sent when the approval's time is over; True when anything was stopped."""
    row = proposals.lock(tx, number)
    if row is None or (row.execute_by_ms is not None and tx.now_ms() < row.execute_by_ms):
        return False
    why = "the approval's time to execute was over"
    stopped = items.settle_pending(tx, number, outcome=Outcome.STOPPED, note=canonical.dumps({"because": why}))
    if stopped:
        data: dict[str, Json] = {"count": stopped, "because": why}
        audit.record(tx, actor=audit.SYSTEM, action="execution.stopped", ref=ref(number), data=data)
    return stopped > 0


def _wait_or_finish(tx: Tx, config: Config, number: int) -> Step:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.EXECUTING:
        return Done()
    due = items.earliest_due(tx, number)
    held = calls.open_until(tx, number)
    if held is not None:
        return Again(held)
    if due is not None:
        return Again(max(due, tx.now_ms()), progress=False)
    _finish(tx, config, row)
    return Done()


def _finish(tx: Tx, config: Config, row: ProposalRow) -> None:
    transition(tx, row, Event.EXECUTION_ENDED, note={})
    proposals.stamp(tx, row.id, finished_ms=tx.now_ms())
    tally = items.tally(tx, row.id)
    notices.card(tx, config.channels, row.id)
    facts: dict[str, Json] = {"number": row.id, "tally": tally}
    notices.thread(tx, config.channels, row.id, News.FINISHED, facts)
    notices.direct(tx, row.proposer, row.id, News.FINISHED, facts)
    data: dict[str, Json] = {
        "digest": row.digest,
        "tally": tally,
        "outcomes": [[item.target, item.outcome] for item in items.of(tx, row.id)],
    }
    audit.record(tx, actor=audit.SYSTEM, action="execution.finished", ref=ref(row.id), data=data)
