"""Sending one batch: re-read, journal the intent, call, write down the answer.

The order is the safety. The turn at the quota is waited for first, the assets are read after it, the intent is
committed with exactly the ids that will be sent, and the call is made only while all of that is fresh.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

import vod
from deletion.approval.proposal import proposer_of, subject_of
from deletion.audit import events
from deletion.audit.fields import HeldItem
from deletion.audit.messages import audience
from deletion.audit.notices import CallsWait
from deletion.audit.record import record
from deletion.execution import progress, ramp, stopping
from deletion.execution.calls import preflight, results, verification
from deletion.execution.calls.checking import Checked, check
from deletion.execution.calls.preflight import Preflight
from deletion.execution.calls.results import CallResult, NothingDone, RefusedAll
from deletion.execution.steps import BatchInput
from deletion.jobs.context import Again, Context, Step
from deletion.plan.calls import delete_call, image_kind
from deletion.plan.library.reading import reading_fault, turns_around
from deletion.plan.plan import Plan
from deletion.policy import decisions, quorum
from deletion.policy.decisions import Policy
from deletion.terms import canonical
from deletion.terms.ids import CallId, Digest, ProposalNumber, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    Videos,
    action_of,
)
from deletion.terms.results.causes import Cause, NotSent, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from storage import Tx
from storage.tables import audit_log, calls, items, notice_throttle, proposals, votes
from storage.tables.audit_log import Head
from storage.tables.calls import Intent
from storage.tables.items import Change, ItemRow, ItemState
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow
from storage.tables.votes import VoteState

TELL_AFTER = 3
"""Attempts without success after which people are told that VOD lets the work wait."""

WAITS = "VOD lets it wait"


@dataclass(frozen=True)
class Sending:
    """One journalled call of a proposal, and its items as they were claimed for it."""

    call_id: CallId
    number: ProposalNumber
    items: tuple[ItemRow, ...]


def send(ctx: Context, work: BatchInput) -> Step:
    """Send a batch: wait for a turn, read again, write down the intent, call, write down the answer, read back."""
    request = work.shown.request
    interval_us = ramp.interval_us(work.row)
    if interval_us and not ctx.quota.turn_within(ramp.turns_of(work.number), interval_us):
        return Again(ctx.database.now_ms() + ramp.LOOK_MS)
    ctx.quota.turn(action_of(request), *turns_around(request))
    started_ms = ctx.monotonic_ms()
    targets = [target for item in work.waiting if (target := work.shown.target(item.target))]
    try:
        reading = ctx.reader.read_again(request, targets)
    except vod.VodError as exc:
        return _cannot_read(ctx, work, exc)
    if not ctx.is_fresh(started_ms):
        # Reading took so long that somebody else may have taken over: begin again, and not at once.
        return Again(ctx.database.now_ms() + ctx.timings.retry[0], progress=False)
    batch = check(work.waiting, work.shown, reading)
    if batch.send:
        # What cannot be sent raises here, before anything of it is written down.
        delete_call(request, [item.target for item in batch.send])
    call_id = CallId(ctx.new_id())
    try:
        claimed = ctx.database.write(lambda tx: _journal(tx, ctx, work, batch, call_id))
    except ClaimLostError:
        claimed = []
    if not claimed:
        return Again(0)
    result = _call_if_still_right(ctx, work, batch, call_id, started_ms)
    sending = Sending(call_id, work.number, tuple(claimed))
    due = ctx.database.write(lambda tx: complete(tx, ctx, sending, result))
    if due and ctx.is_fresh(started_ms):
        return verification.look(ctx, work.number, work.shown, due, turn_taken=True)
    if not isinstance(result, NothingDone):
        return Again(0)
    tell_waiting(ctx, work.job, result.fault)
    return Again(ctx.database.now_ms() + result.pause_ms, progress=False)


class ClaimLostError(Exception):
    """Two instances wanted the same items; this one gave up and changed nothing."""


def _journal(tx: Tx, ctx: Context, work: BatchInput, batch: Checked, call_id: CallId) -> list[ItemRow]:
    """Settle what is held, claim the rest and write the intent; return the items that are to be sent."""
    number, rules = work.number, ctx.config.policy
    words = [held.outcome for held in batch.held]
    # Lanes do this side by side; whoever may have to stop the whole has it alone.
    may_stop = stopping.are_named(rules, words)
    row = proposals.lock(tx, number) if may_stop else proposals.get(tx, number)
    if row is None or not preflight.may_send(tx, row):
        return []
    if not _has_quorum(tx, rules, row, work.shown):
        stopping.halt_and_record(tx, row, Cause(why=Why.APPROVALS_MISSING))
        return []
    held = _hold_back(tx, ctx, work, batch)
    claimed = items.claim(tx, batch.send, call_id)
    if len(claimed) != len(batch.send):
        # Another instance has some of them: raising undoes the whole claim.
        taken = len(batch.send) - len(claimed)
        raise ClaimLostError(f"proposal {number}: {taken} item(s) were taken by another instance")
    if may_stop:
        _stop_instead(tx, ctx, row, batch, claimed, held)
        return []
    if not claimed:
        _record_held(tx, held)
        return []
    targets = tuple(item.target for item in claimed)
    api, lease_ms = action_of(work.shown.request), tx.now_ms() + ctx.lease_ms
    calls.intend(tx, Intent(call_id, number, api, canonical.dumps(targets), ctx.owner, lease_ms))
    # Nobody can freeze or stop between this look and the intent's place in the log: they are written there too. Nor
    # can a hold begin anew.
    head = audit_log.head(tx, locked=True)
    standing = proposals.standing(tx, number)
    if standing is None or standing.frozen or standing.silent or not preflight.may_send(tx, standing):
        raise ClaimLostError(f"proposal {number}: it was frozen, stopped, held, or out of time meanwhile")
    head = _record_held(tx, held, locked=head) or head
    digest = Digest(standing.digest or "")
    intended = events.CallIntended(
        about=proposal_ref(number),
        call=call_id,
        api=api,
        targets=targets,
        digest=digest,
        where=work.shown.place.text(),
    )
    record(tx, intended, locked=head)
    return claimed


def _hold_back(tx: Tx, ctx: Context, work: BatchInput, batch: Checked) -> events.ItemsHeld | None:
    """Give what is held its final word; return the event, which the caller writes; None where nothing is."""
    now = tx.now_ms()
    changes = [
        items.settled(
            held.item,
            outcome=held.outcome,
            note=ItemNote(because=held.reason.because, drift=held.reason.drift).text(),
            now_ms=now,
        )
        for held in batch.held
    ]
    changes += [_look_later(ctx, item, now) for item in batch.hidden]
    lost = len(changes) - len(items.write(tx, changes))
    if lost:
        raise ClaimLostError(f"{lost} item(s), which were to be held, were taken by another instance")
    if not batch.held:
        return None
    rows = tuple(HeldItem(each.item.target, each.outcome, each.reason) for each in batch.held)
    about, where = proposal_ref(work.number), work.shown.place.text()
    return events.ItemsHeld(about=about, items=rows, where=where, settled_ms=now)


def _look_later(ctx: Context, item: ItemRow, now_ms: int) -> Change:
    """Leave an item in the queue that VOD neither showed nor called gone: one odd answer is not the last word."""
    note = ItemNote.parse(item.note)
    due_ms = now_ms + ctx.timings.pause(ctx.timings.retry, note.hidden)
    return items.requeued(item, due_ms=due_ms, note=replace(note, hidden=note.hidden + 1).text())


def _record_held(tx: Tx, held: events.ItemsHeld | None, *, locked: Head | None = None) -> Head | None:
    """Write down what is held back; return the head of the log, or None when nothing was written."""
    if held is None:
        return None
    head = record(tx, held, locked=locked)
    progress.on_card(tx, ProposalNumber(held.about.number or 0))
    return head


def _stop_instead(
    tx: Tx,
    ctx: Context,
    row: ProposalRow,
    batch: Checked,
    claimed: Sequence[ItemRow],
    held: events.ItemsHeld | None,
) -> None:
    """Stop the whole for what is held of a batch; its claim is given back: raising would undo the holding."""
    stopped = stopping.halt_if_named(tx, ctx.config.policy, row, [each.outcome for each in batch.held])
    _give_back(tx, claimed)
    head = _record_held(tx, held)
    if stopped is not None:
        record(tx, stopped, locked=head)


def _give_back(tx: Tx, claimed: Sequence[ItemRow]) -> None:
    note, now = ItemNote(because=Cause(why=Why.BATCH_STOPPED)).text(), tx.now_ms()
    # The claim counts as an attempt. What was sent before was not stopped, and one reading proves nothing.
    items.write(
        tx,
        [
            items.settled(
                item, outcome=Outcome.STOPPED if item.attempts == 1 else Outcome.UNKNOWN, note=note, now_ms=now
            )
            for item in claimed
        ],
    )


def _has_quorum(tx: Tx, rules: Policy, row: ProposalRow, shown: Plan) -> bool:
    """Count the approvals again, in the same transaction: the same plan, enough people, never the proposer.

    By today's rules as well as those of the day it was proposed: who is no approver any more does not count.
    """
    counted = [vote for vote in votes.of(tx, subject_of(row.id), VoteState.COUNTED) if vote.digest == shown.digest]
    voters = frozenset(Actor(vote.voter_team, vote.voter) for vote in counted if vote.voter in rules.approvers)
    needed = max(row.needed, rules.approvals_needed)
    needs = decisions.deletion_quorum(rules, proposer=proposer_of(row), needed=needed)
    return row.needed >= 1 and quorum.standing(needs, voters).is_met and row.digest == shown.digest


def _call_if_still_right(
    ctx: Context, work: BatchInput, batch: Checked, call_id: CallId, started_ms: int
) -> CallResult:
    """Call, unless the last look, right before the bytes leave, says that it must not be."""
    last = Preflight(ctx, work.number, action_of(work.shown.request), call_id, started_ms)
    try:
        with vod.gated(last.send):
            return _call(ctx, work, [item.target for item in batch.send])
    except vod.WithheldError as exc:
        return NothingDone(not_sent=NotSent(str(exc)))


def _call(ctx: Context, work: BatchInput, targets: list[str]) -> CallResult:
    """Make the one call that deletes, and say what came of it."""
    try:
        answer = _delete(ctx.client, work.shown.request, targets)()
    except vod.VodError as exc:
        if isinstance(exc, vod.Throttled):
            ctx.quota.throttled(exc.action)
        return results.of_error(exc, frozenset(targets), pause_ms=_pause_ms(ctx, work.job))
    return results.of_answer(answer)


def _delete(client: vod.VodClient, request: Request, targets: list[str]) -> Callable[[], vod.DeleteAnswer]:
    match request:
        case Videos():
            return lambda: client.delete_videos(targets)
        case Streams(video_id=video_id):
            return lambda: client.delete_streams(video_id, targets)
        case Mezzanines(force=force):
            return lambda: client.delete_mezzanines(targets, force=force)
        case Images():
            return lambda: client.delete_images(targets)
        case ImageUrls():
            return lambda: client.delete_image_urls(targets)
        case ImagesOf(video_id=video_id):
            kinds = [image_kind(name) for name in targets]
            return lambda: client.delete_video_images(video_id, kinds)
        case _:
            assert_never(request)


def _pause_ms(ctx: Context, job: JobRow) -> int:
    return ctx.timings.pause(ctx.timings.retry, max(0, job.attempts - 1))


def complete(tx: Tx, ctx: Context, sending: Sending, result: CallResult) -> list[ItemRow]:
    """Write down what came of a call, unless another instance has taken it over meanwhile.

    Returns the items that are to be read back now.
    """
    now, number, rules = tx.now_ms(), sending.number, ctx.config.policy
    changes = [
        results.after_call(item, result, now_ms=now, first_look_ms=ctx.timings.first_look) for item in sending.items
    ]
    words = [Outcome(new.outcome) for _, new in changes if new.state is ItemState.SETTLED and new.outcome]
    may_stop = isinstance(result, RefusedAll) or stopping.are_named(rules, words)
    row = proposals.lock(tx, number) if may_stop else None
    about, call, answer = proposal_ref(number), sending.call_id, results.answer_of(result)
    state = results.state_of(result)
    if not calls.complete(tx, call, owner=ctx.owner, state=state, answer=results.text(answer)):
        record(tx, events.CallFenced(about=about, call=call, answer=answer))
        return []
    written = items.write(tx, changes)
    if not isinstance(result, NothingDone | RefusedAll):
        notice_throttle.reset(tx, number, WAITS)
    stopped = _stopped_by(tx, rules, row, result, words)
    meaning = results.meaning_of(result)
    answered = events.CallAnswered(
        about=about, call=call, state=state, answer=answer, meaning=meaning, settled_ms=now if words else None
    )
    head = record(tx, answered)
    if stopped is not None:
        record(tx, stopped, locked=head)
    if words:
        progress.on_card(tx, number)
    return [new for _, new in changes if new.id in written and new.state is ItemState.SENT and new.due_ms <= now]


def _stopped_by(
    tx: Tx, rules: Policy, row: ProposalRow | None, result: CallResult, words: Sequence[Outcome]
) -> events.ExecutionStopped | None:
    """Stop a locked proposal if what came of a call is a reason to."""
    if row is None or row.state != State.EXECUTING:
        return None
    if isinstance(result, RefusedAll):
        is_of_media = result.fault.advice == vod.Advice.PERMIT_MEDIA
        why = Why.MEDIA_REFUSED if is_of_media else Why.ACCOUNT_REFUSED
        return stopping.halt(tx, row, Cause(why=why, vod_code=result.fault.code))
    return stopping.halt_if_named(tx, rules, row, words)


def _cannot_read(ctx: Context, work: BatchInput, exc: vod.VodError) -> Step:
    """Nothing was claimed and nothing is sent while the assets cannot be read again."""
    if isinstance(exc, vod.Throttled):
        ctx.quota.throttled(exc.action)
    tell_waiting(ctx, work.job, reading_fault(exc))
    return Again(ctx.database.now_ms() + _pause_ms(ctx, work.job), progress=False)


def tell_waiting(ctx: Context, job: JobRow, fault: VodFault | None) -> None:
    """Say in the thread that VOD lets the work wait: once per outage, and not for a hiccup."""
    if job.attempts >= TELL_AFTER and fault is not None:
        number = ProposalNumber(job.ref)
        notice = CallsWait(number=number, vod=fault)
        ctx.database.write(lambda tx: _told_waiting(tx, number, notice))


def _told_waiting(tx: Tx, number: ProposalNumber, notice: CallsWait) -> None:
    if notice_throttle.should_notify(tx, number, WAITS, every_ms=audience.TROUBLE_EVERY_MS):
        audience.thread(tx, notice)
