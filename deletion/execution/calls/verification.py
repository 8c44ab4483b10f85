"""Reading back: what a call did is what VOD no longer shows, whatever its answer was, or whether it had one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

import vod
from deletion.audit import events
from deletion.audit.fields import CallAnswer, ItemOutcome
from deletion.audit.messages import audience
from deletion.audit.notices import DeletionsLate
from deletion.audit.record import record
from deletion.execution import canary, progress, stopping
from deletion.execution.calls import results
from deletion.jobs.context import Again, Context, Step, Timings
from deletion.plan.plan import Plan
from deletion.terms.ids import CallId, ProposalNumber, proposal_ref
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Next, Outcome, Presence, Waiting, after_look
from deletion.terms.states import State
from storage import Tx
from storage.tables import calls, items, notice_throttle, proposals
from storage.tables.calls import CallState
from storage.tables.items import Change, ItemRow, ItemState

TELL_AFTER_LOOKS = 4
"""Readings that did not show an item gone, after which people are told that it is late."""


def adopt_orphans(ctx: Context, number: ProposalNumber) -> int:
    """Take over calls whose instance is gone: fence each, and let its items be read back, never re-sent blindly.

    Returns how many there were.
    """
    adopted = 0
    while ctx.database.write(lambda tx: _adopt(tx, ctx, number)):
        adopted += 1
    return adopted


def look(
    ctx: Context, number: ProposalNumber, shown: Plan, due: Sequence[ItemRow], *, turn_taken: bool = False
) -> Step:
    """Read back sent items whose time has come."""
    started_ms = ctx.monotonic_ms()
    presence = _presence(ctx, shown, [item.target for item in due], started_ms, turn_taken=turn_taken)
    if not ctx.is_fresh(started_ms):
        # Who knows what happened to these items since: nothing was learnt, and they are looked at again.
        presence = {}
    ctx.database.write(lambda tx: _note_and_tell(tx, ctx, number, shown, due, presence))
    return Again(0)


def wait_elsewhere(ctx: Context, number: ProposalNumber, shown: Plan, due: Sequence[ItemRow]) -> None:
    """Let sent items wait for the place in which they were sent: what is found here says nothing of them."""
    ctx.database.write(lambda tx: _note(tx, ctx, number, shown, due, {}))


def _adopt(tx: Tx, ctx: Context, number: ProposalNumber) -> bool:
    proposals.lock(tx, number)
    orphan = calls.take_over(tx, number, owner=ctx.owner, lease_ms=tx.now_ms() + ctx.lease_ms)
    if orphan is None:
        return False
    because = Cause(why=Why.NO_REPORT)
    answer = CallAnswer(because=because)
    state = CallState.UNKNOWN
    calls.complete(tx, orphan.id, owner=ctx.owner, state=state, answer=results.text(answer))
    now = tx.now_ms()
    changes: list[Change] = []
    for item in items.in_call(tx, orphan.id):
        note = replace(ItemNote.parse(item.note), because=because, sent_ms=now)
        changes.append(items.answered(item, outcome=Outcome.UNKNOWN, note=note.text(), due_ms=now))
    items.write(tx, changes)
    call = CallId(orphan.id)
    record(tx, events.CallAdopted(about=proposal_ref(number), call=call, state=state, answer=answer))
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


def _note_and_tell(
    tx: Tx,
    ctx: Context,
    number: ProposalNumber,
    shown: Plan,
    due: Sequence[ItemRow],
    presence: Mapping[str, Presence],
) -> None:
    _note(tx, ctx, number, shown, due, presence)
    _tell_late(tx, number, due)


def _note(
    tx: Tx,
    ctx: Context,
    number: ProposalNumber,
    shown: Plan,
    due: Sequence[ItemRow],
    presence: Mapping[str, Presence],
) -> None:
    now, rules = tx.now_ms(), ctx.config.policy
    changes = [_after_reading(ctx.timings, item, presence.get(item.target, Presence.UNKNOWN), now) for item in due]
    may_stop = stopping.are_named(rules, _words(changes).values())
    row = proposals.lock(tx, number) if may_stop else None
    written = items.write(tx, changes)
    words = _words(change for change in changes if change[0].id in written)
    if words:
        stopped = None
        if row is not None and row.state == State.EXECUTING and not canary.is_alone(row):
            stopped = stopping.halt_if_named(tx, rules, row, words.values())
        settled = tuple(ItemOutcome(target, word) for target, word in words.items())
        about, where = proposal_ref(number), shown.place.text()
        head = record(tx, events.ItemsSettled(about=about, items=settled, where=where, settled_ms=now))
        if stopped is not None:
            record(tx, stopped, locked=head)
        progress.tell(tx, number)


def _tell_late(tx: Tx, number: ProposalNumber, due: Sequence[ItemRow]) -> None:
    late = sum(ItemNote.parse(item.note).looks >= TELL_AFTER_LOOKS for item in due)
    if late and notice_throttle.should_notify(tx, number, "late", every_ms=audience.TROUBLE_EVERY_MS):
        audience.thread(tx, DeletionsLate(number=number, count=late))


def _words(changes: Iterable[Change]) -> dict[str, Outcome]:
    """Return the final words among these changes, by target."""
    return {
        new.target: Outcome(new.outcome)
        for _, new in changes
        if new.state is ItemState.SETTLED and new.outcome is not None
    }


def _after_reading(timings: Timings, item: ItemRow, presence: Presence, now_ms: int) -> Change:
    """Settle, re-queue or postpone one item."""
    note = ItemNote.parse(item.note)
    waited = now_ms - (note.sent_ms if note.sent_ms is not None else now_ms)
    following, word = after_look(
        Outcome(item.outcome or Outcome.UNKNOWN),
        presence,
        Waiting(
            waited_ms=waited,
            sends=item.attempts,
            resend_after_ms=timings.resend_after,
            give_up_ms=timings.give_up,
            give_up_unread_ms=timings.give_up_unread,
            called_gone=note.called_gone,
            never_done=note.undone == item.attempts,
        ),
    )
    match following:
        case Next.SETTLE:
            text = replace(note, waited_ms=waited).text()
            return items.settled(item, outcome=word, note=text, now_ms=now_ms)
        case Next.SEND_AGAIN:
            return items.requeued(item, due_ms=now_ms, note=item.note)
        case Next.LOOK_AGAIN:
            pause = timings.pause(timings.look_again, note.looks)
            text = replace(note, looks=note.looks + 1).text()
            return items.recheck_later(item, due_ms=now_ms + pause, note=text)
        case _:
            assert_never(following)
