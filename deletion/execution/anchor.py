"""Whether a deletion may go on by what the channels show and take: asked at each start, and before each batch."""

from deletion.approval.holds import anchoring
from deletion.audit.messages import audience
from deletion.audit.notices import AuditChannelSilent, AuditChannelUnread
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

SILENT = "the audit channel takes no messages"

SILENT_LOOK_MS = (1_000, 5_000)
"""How soon work that waits for a channel looks again: during a hiccup, and later."""


def before_start(ctx: Context, number: ProposalNumber, attempts: int) -> Step | None:
    """Look now, whatever was seen before: None lets a deletion start, a step says how it waits instead."""
    return _wait(ctx, anchoring.look(ctx), number, attempts)


def before_batch(ctx: Context, work: BatchInput) -> Step | None:
    """Look unless this instance did a moment ago: None lets a batch be sent."""
    return _wait(ctx, anchoring.ensure(ctx), work.number, work.job.attempts)


def _wait(ctx: Context, found: Verdict, number: ProposalNumber, attempts: int) -> Step | None:
    match found:
        case Verdict.HOLDS:
            return _listen(ctx, number)
        case Verdict.LOST:
            return Again(ctx.database.now_ms() + FROZEN_LOOK_MS)
        case Verdict.UNKNOWN:
            if attempts >= TELL_AFTER:
                notice = AuditChannelUnread(number=number, code=ctx.trust.unread or "")
                ctx.database.write(lambda tx: _tell(tx, number, notice))
            pause_ms = ctx.timings.pause(ctx.timings.retry, max(0, attempts - 1))
            return Again(ctx.database.now_ms() + pause_ms, progress=False)


def _listen(ctx: Context, number: ProposalNumber) -> Step | None:
    """Wait while a channel takes no messages; people are told where they can be, and each hiccup is short."""
    silent = anchoring.listen(ctx)
    if not silent:
        return None
    now_ms, first = ctx.database.now_ms(), silent[0]
    if not first.is_long(now_ms):
        return Again(now_ms + SILENT_LOOK_MS[0])
    if not first.hides:
        notice = AuditChannelSilent(number=number, code=first.code)
        ctx.database.write(lambda tx: _tell(tx, number, notice))
    return Again(now_ms + SILENT_LOOK_MS[1])


def _tell(tx: Tx, number: ProposalNumber, notice: AuditChannelUnread | AuditChannelSilent) -> None:
    """Say in the thread, once per outage and a quarter of an hour, that a deletion waits for the audit channel."""
    what = UNREAD if isinstance(notice, AuditChannelUnread) else SILENT
    if notice_throttle.should_notify(tx, number, what, every_ms=audience.TROUBLE_EVERY_MS):
        audience.thread(tx, notice)
