"""The worker's side of everything: take the job that is due, do its next step, put it back or finish it."""

import secrets
from typing import assert_never

import structlog

from deletion.approval import recount, refusing, voting
from deletion.approval.deletions import Deletions
from deletion.approval.holds.anchoring import Anchorings
from deletion.approval.holds.freezing import Thaws
from deletion.approval.people import reminding
from deletion.approval.requests import collecting, lists, proposing
from deletion.approval.voting import Subjects
from deletion.collection import rows
from deletion.collection.stage import hold
from deletion.execution import lanes, progress
from deletion.jobs.config import JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import LeaseLostError
from deletion.plan.library.quota import StopRequestedError
from deletion.terms.ids import ProposalNumber
from storage import Tx
from storage.tables import jobs
from storage.tables.jobs import JobRow

log = structlog.get_logger()

SUBJECTS: Subjects = {each.kind: each for each in (Deletions(), Thaws(), Anchorings())}
"""What people approve, by the kind that votes name."""


def run_one(ctx: Context) -> bool:
    """Do one step of one job; False when none is due. Before the first one, what is open is counted again."""
    ctx.roll.begin(ctx.owner, lambda: _first(ctx))
    # The claim has a name of its own: two threads of one instance must not finish each other's work.
    claim = f"{ctx.owner}/{ctx.new_id()}"
    job = ctx.database.write(lambda tx: jobs.claim(tx, owner=claim, lease_ms=tx.now_ms() + ctx.lease_ms))
    if job is None:
        return False
    try:
        following = step(ctx, job)
    except (StopRequestedError, LeaseLostError):
        # Put back if it is still ours; a job that another instance took over is left to it.
        following = Again(0, progress=False)
    except Exception:
        # The outermost edge of the worker: a job that breaks is tried again, never lost, and never stops others.
        fault = secrets.token_hex(4)
        log.exception("job.failed", job=job.kind, ref=job.ref, attempts=job.attempts, fault=fault)
        following = _after_fault(ctx, job, fault)
    ctx.database.write(lambda tx: _put_away(tx, job, following))
    return True


def _first(ctx: Context) -> None:
    """Do what comes before any job."""
    recount.everything(ctx.database, ctx.config)
    ctx.database.write(lambda tx: reminding.begin(tx, ctx.config))


def _after_fault(ctx: Context, job: JobRow, fault: str) -> Step:
    if job.kind == JobKind.COLLECT and collecting.give_up(ctx, job.ref, fault=fault):
        # Once more, and what was read of it is deleted.
        return Again(0)
    if job.kind == JobKind.LIST and lists.give_up(ctx, job.ref, fault=fault):
        return Done()
    pause = ctx.timings.pause(ctx.timings.retry, job.attempts - 1)
    return Again(ctx.database.now_ms() + pause, progress=False)


def step(ctx: Context, job: JobRow) -> Step:
    """Do the next step of a claimed job."""
    match job.kind:
        case JobKind.COLLECT:
            return _cleared(ctx, job, collecting.step(ctx, job))
        case JobKind.COUNT:
            return _cleared(ctx, job, voting.step(ctx, job, SUBJECTS))
        case JobKind.EXECUTE:
            return lanes.step(ctx, job)
        case JobKind.EXPIRE:
            ctx.database.write(lambda tx: proposing.expire(tx, job.ref))
            return Done()
        case JobKind.LIST:
            return lists.step(ctx, job)
        case JobKind.PROGRESS:
            return ctx.database.write(lambda tx: progress.catch_up(tx, ProposalNumber(job.ref)))
        case JobKind.REFUSALS:
            again_ms = ctx.database.write(lambda tx: refusing.tell(tx, job.ref))
            return Done() if again_ms is None else Again(again_ms, progress=False)
        case JobKind.REMIND:
            return reminding.step(ctx, job)
        case _:
            raise ValueError(f"no such kind of job: {job.kind}")


def _cleared(ctx: Context, job: JobRow, following: Step) -> Step:
    """Delete what a reading that is over has left and no plan needs."""
    if isinstance(following, Done):
        rows.drop_unneeded(ctx, job, hold=lambda tx: hold(tx, job, ctx.lease_ms))
    return following


def _put_away(tx: Tx, job: JobRow, following: Step) -> None:
    """Finish a job or queue it again; one that another instance took over meanwhile is left to it."""
    match following:
        case Done():
            jobs.finish(tx, job)
        case Again(due_ms=due_ms, progress=progress):
            jobs.reschedule(tx, job, due_ms=max(due_ms, tx.now_ms()), progress=progress)
        case _:
            assert_never(following)
