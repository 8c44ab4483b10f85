"""Whether a deletion may go on by what the audit channel shows: asked at each start, and now and then under way."""

from deletion.approval import anchoring
from deletion.audit import audience
from deletion.audit.notices import AuditChannelUnread
from deletion.execution.steps import BatchInput
from deletion.jobs.context import Again, Context, Step
from deletion.jobs.trust import Verdict
from deletion.terms.ids import ProposalNumber
from storage import Tx
from storage.tables import notice_throttle

FROZEN_LOOK_MS = 5_000
"""How soon work that waits for people looks again by itself; what they decide wakes it."""

TELL_AFTER = 3
"""Attempts in vain after which people are told that the audit channel cannot be read."""

UNREAD = "the audit channel cannot be read"


def before_start(ctx: Context, number: ProposalNumber, attempts: int) -> Step | None:
    """Look now, whatever was seen before: None lets a deletion start, a step says how it waits instead."""
    return _wait(ctx, anchoring.look(ctx), number, attempts)


def before_batch(ctx: Context, work: BatchInput) -> Step | None:
    """Look unless this instance did a moment ago: None lets a batch be sent."""
    return _wait(ctx, anchoring.ensure(ctx), work.number, work.job.attempts)


def _wait(ctx: Context, found: Verdict, number: ProposalNumber, attempts: int) -> Step | None:
    match found:
        case Verdict.HOLDS:
            return None
        case Verdict.LOST:
            return Again(ctx.database.now_ms() + FROZEN_LOOK_MS)
        case Verdict.UNKNOWN:
            if attempts >= TELL_AFTER:
                notice = AuditChannelUnread(number=number, code=ctx.trust.unread or "")
                ctx.database.write(lambda tx: _tell(tx, number, notice))
            pause_ms = ctx.timings.pause(ctx.timings.retry, max(0, attempts - 1))
            return Again(ctx.database.now_ms() + pause_ms, progress=False)


def _tell(tx: Tx, number: ProposalNumber, notice: AuditChannelUnread) -> None:
    """Say in the thread, once per outage and a quarter of an hour, that a deletion waits for the audit channel."""
    if notice_throttle.should_notify(tx, number, UNREAD, every_ms=audience.TROUBLE_EVERY_MS):
        audience.thread(tx, notice)
