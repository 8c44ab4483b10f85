"""Reading back: what a call did is what VOD no longer shows, whatever its answer was, or whether it had one."""

from collections.abc import Iterable
from typing import assert_never

import vod
from deletion.approval.proposal import ref
from deletion.audit import chain, notices
from deletion.audit.notices import News
from deletion.execution import anomalies, canary, progress
from deletion.jobs.context import Again, Context, Step
from deletion.plan.plan import Plan
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.outcomes import Next, Outcome, Presence, Waiting, after_look
from deletion.terms.states import State
from storage import Tx
from storage.tables import calls, items, notice_throttle, proposals
from storage.tables.items import Change, ItemRow
from storage.tables.proposals import ProposalRow

TELL_AFTER_LOOKS = 4
"""Readings that did not show an item gone, after which people are told that it is late."""


def adopt_orphans(ctx: Context, row: ProposalRow) -> int:
    """Take over calls whose instance is gone: fence each, and let its items be read back, never re-sent blindly.

    Returns how many there were.
    """
    adopted = 0
    while ctx.database.write(lambda tx: _adopt(tx, ctx, row.id)):
        adopted += 1
    return adopted


def look(ctx: Context, number: int, shown: Plan, due: list[ItemRow], *, turn_taken: bool = False) -> Step:
    """Read back sent items whose time has come."""
    started_ms = ctx.monotonic_ms()
    presence = _presence(ctx, shown, [item.target for item in due], started_ms, turn_taken=turn_taken)
    if not ctx.is_fresh(started_ms):
        # Who knows what happened to these items since: nothing was learnt, and they are looked at again.
        presence = {}
    ctx.database.write(lambda tx: _note(tx, ctx, number, due, presence))
    return Again(0)


def _adopt(tx: Tx, ctx: Context, number: int) -> bool:
    proposals.lock(tx, number)
    orphan = calls.take_over(tx, number, owner=ctx.owner, lease_ms=tx.now_ms() + ctx.lease_ms)
    if orphan is None:
        return False
    note: dict[str, Json] = {"because": "the instance that made this call did not report back"}
    calls.complete(tx, orphan.id, owner=ctx.owner, state="unknown", answer=canonical.dumps(note))
    now = tx.now_ms()
    changes: list[Change] = []
    for item in items.in_call(tx, orphan.id):
        text = canonical.dumps({**canonical.loads(item.note), **note, "sent_ms": now})
        changes.append(items.answered(item, outcome=Outcome.UNKNOWN, note=text, due_ms=now))
    items.write(tx, changes)
    data: dict[str, Json] = {"call": orphan.id, "state": "unknown", "answer": note}
    chain.record(tx, actor=chain.SYSTEM, action="call.adopted", ref=ref(number), data=data)
    return True


def _presence(
    ctx: Context, shown: Plan, ids: list[str], started_ms: int, *, turn_taken: bool
) -> dict[str, Presence]:
    def is_enough() -> bool:
        # Well before the reading is too old to be noted: some that were read are worth more than all too late.
        return ctx.monotonic_ms() - started_ms >= ctx.lease_ms // 4

    try:
        return ctx.reader.presence(shown.request, ids, is_enough, turn_taken=turn_taken)
    except vod.Throttled as exc:
        ctx.quota.throttled(exc.action)
    except vod.VodError:
        # That VOD cannot be read now proves nothing either way; the items are looked at again.
        pass
    return dict.fromkeys(ids, Presence.UNKNOWN)


def _note(tx: Tx, ctx: Context, number: int, due: list[ItemRow], presence: dict[str, Presence]) -> None:
    now = tx.now_ms()
    changes = [_after_reading(ctx, item, presence.get(item.target, Presence.UNKNOWN), now) for item in due]
    may_stop = anomalies.are_in(ctx.config, _words(changes).values())
    row = proposals.lock(tx, number) if may_stop else None
    late = sum(_looks(item) >= TELL_AFTER_LOOKS for item in due)
    if late and notice_throttle.may_tell(tx, number, "late", every_ms=notices.TROUBLE_EVERY_MS):
        notices.thread(tx, ctx.config.channels, number, News.LATE, {"number": number, "count": late})
    written = items.write(tx, changes)
    words = _words(change for change in changes if change[0].id in written)
    if not words:
        return
    progress.tell(tx, ctx.config, number)
    settled: list[Json] = [[target, word] for target, word in words.items()]
    chain.record(tx, actor=chain.SYSTEM, action="items.settled", ref=ref(number), data={"items": settled})
    if row is not None and row.state == State.EXECUTING and not canary.is_alone(row):
        anomalies.stopped(tx, ctx.config, row, [*words.values()])


def _words(changes: Iterable[Change]) -> dict[str, Outcome]:
    """Return the final words among these changes, by target."""
    return {new.target: Outcome(new.outcome) for _, new in changes if new.state == "settled" and new.outcome}


def _looks(item: ItemRow) -> int:
    return int(canonical.loads(item.note).get("looks", 0))


def _after_reading(ctx: Context, item: ItemRow, presence: Presence, now: int) -> Change:
    """Settle, re-queue or postpone one item."""
    note = canonical.loads(item.note)
    waited = now - int(note.get("sent_ms", now))
    looks = _looks(item)
    verdict, word = after_look(
        Outcome(item.outcome or Outcome.UNKNOWN),
        presence,
        Waiting(
            waited_ms=waited,
            sends=item.attempts,
            resend_after_ms=ctx.patience.resend_after,
            give_up_ms=ctx.patience.give_up,
            give_up_unread_ms=ctx.patience.give_up_unread,
            called_gone=bool(note.get("called_gone", False)),
            never_done=int(note.get("undone", 0)) == item.attempts,
        ),
    )
    match verdict:
        case Next.SETTLE:
            text = canonical.dumps({**note, "waited_ms": waited})
            return items.settled(item, outcome=word, note=text, now_ms=now)
        case Next.SEND_AGAIN:
            return items.released(item, due_ms=now, note=item.note)
        case Next.LOOK_AGAIN:
            pause = ctx.patience.pause(ctx.patience.look_again, looks)
            text = canonical.dumps({**note, "looks": looks + 1})
            return items.looked_at(item, due_ms=now + pause, note=text)
        case _:
            assert_never(verdict)
