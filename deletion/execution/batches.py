"""Sending one batch: re-read, journal the intent, call, write down the answer.

The order is the safety. The turn at the quota is waited for first, the assets are read after it, the intent is
committed with exactly the ids that will be sent, and the call is made only while all of that is fresh.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import vod
from deletion.approval.proposal import proposer_of, ref
from deletion.audit import chain, notices
from deletion.audit.notices import News
from deletion.execution import anomalies, preflight, stopping, verification
from deletion.execution.preflight import LastLook
from deletion.jobs.context import Again, Context, Step
from deletion.plan import plan
from deletion.plan.plan import Plan, Target
from deletion.plan.reading import KINDS, Reading, reading_fault, turns_around
from deletion.policy import decisions
from deletion.policy.decisions import Policy
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.outcomes import Outcome
from deletion.terms.people import Actor
from deletion.terms.states import State
from deletion.terms.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
    action_of,
)
from storage import Tx
from storage.tables import audit_log, calls, items, notice_throttle, proposals, votes
from storage.tables.calls import Intent
from storage.tables.items import Change, ItemRow
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow

TELL_AFTER = 3
"""Attempts without success after which people are told that VOD lets the work wait."""

HIDDEN_TRIES = 4
"""How often an item that VOD does not show is read again before it is held back."""

WAITS = "VOD lets it wait"


@dataclass(frozen=True)
class Round:
    """What one batch is about: the job, its proposal, the plan that was shown, the items that wait to be sent."""

    job: JobRow
    row: ProposalRow
    shown: Plan
    waiting: Sequence[ItemRow]


@dataclass(frozen=True)
class Sending:
    """One journalled call of a proposal, and its items as they were claimed for it."""

    call_id: str
    number: int
    items: tuple[ItemRow, ...]


@dataclass(frozen=True)
class _Sorted:
    """A batch after re-reading: what may be sent, what is held with its word and reason, and what was not shown."""

    send: tuple[ItemRow, ...]
    held: tuple[tuple[ItemRow, Outcome, dict[str, Json]], ...]
    hidden: tuple[ItemRow, ...] = ()


@dataclass(frozen=True)
class _Verdict:
    """What a call's answer amounts to. ``sent`` False: it certainly did nothing."""

    state: str
    sent: bool
    said: Outcome
    answer: dict[str, Json]
    missing: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    final: Outcome | None = None
    stop_all: bool = False
    pause_ms: int = 0
    notes: dict[str, Json] = field(default_factory=dict)


def send(ctx: Context, work: Round) -> Step:
    """Send a batch: wait for a turn, read again, write down the intent, call, write down the answer, read back."""
    request = work.shown.request
    ctx.quota.turn(action_of(request), *turns_around(request))
    started_ms = ctx.monotonic_ms()
    targets = [target for item in work.waiting if (target := work.shown.target(item.target))]
    try:
        reading = ctx.reader.read_again(request, targets)
    except vod.VodError as exc:
        return _cannot_read(ctx, work, exc)
    if not ctx.is_fresh(started_ms):
        # Reading took so long that somebody else may have taken over: begin again, and not at once.
        return Again(ctx.database.now_ms() + ctx.patience.retry[0], progress=False)
    batch = _sort(work.waiting, work.shown, reading)
    call_id = ctx.new_id()
    try:
        claimed = ctx.database.write(lambda tx: _journal(tx, ctx, work, batch, call_id))
    except ClaimLostError:
        claimed = []
    if not claimed:
        return Again(0)
    verdict = _call_if_still_right(ctx, work, batch, call_id, started_ms)
    sending = Sending(call_id, work.row.id, tuple(claimed))
    due = ctx.database.write(lambda tx: complete(tx, ctx, sending, verdict))
    if due and ctx.is_fresh(started_ms):
        return verification.look(ctx, work.row.id, work.shown, due, turn_taken=True)
    if verdict.sent or verdict.final is not None:
        return Again(0)
    _tell_waiting(ctx, work, verdict.answer)
    return Again(ctx.database.now_ms() + verdict.pause_ms, progress=False)


def _call_if_still_right(ctx: Context, work: Round, batch: "_Sorted", call_id: str, started_ms: int) -> "_Verdict":
    """Call, unless the last look, right before the bytes leave, says that it must not be."""
    look = LastLook(ctx, work.row.id, action_of(work.shown.request), call_id, started_ms)
    try:
        with vod.gated(look.send):
            return _call(ctx, work, [item.target for item in batch.send])
    except vod.WithheldError as exc:
        return _Verdict("done", sent=False, said=Outcome.UNKNOWN, answer={"not sent": str(exc)})


def _sort(waiting: Sequence[ItemRow], shown: Plan, reading: Reading) -> _Sorted:
    """Compare each item with what was shown; only what is unchanged may be sent."""
    now = reading.now
    send_these: list[ItemRow] = []
    held: list[tuple[ItemRow, Outcome, dict[str, Json]]] = []
    hidden: list[ItemRow] = []
    for item in waiting:
        before, after = shown.target(item.target), now.get(item.target)
        if before is None:
            held.append((item, Outcome.STOPPED, {"because": "it is not in the plan that was approved"}))
        elif after is None and reading.is_gone(item.target):
            held.append((item, Outcome.DELETED if _may_be_ours(item) else Outcome.ALREADY_GONE, {}))
        elif after is None and _times_hidden(item) < HIDDEN_TRIES:
            hidden.append(item)
        elif after is None:
            word = Outcome.UNKNOWN if item.attempts else Outcome.STOPPED
            held.append((item, word, {"because": "it could not be read again before deleting"}))
        elif changes := _changes(before, after):
            # What a call of ours may have begun can change an item too; then nobody knows what will be left of it.
            word = Outcome.UNKNOWN if _may_be_ours(item) else Outcome.CHANGED
            held.append((item, word, {"drift": changes}))
        else:
            send_these.append(item)
    return _Sorted(tuple(send_these), tuple(held), tuple(hidden))


def _may_be_ours(item: ItemRow) -> bool:
    """Say whether a call of ours may have removed an item: one that VOD did not answer by saying it did nothing."""
    return item.attempts > _undone(item)


def _undone(item: ItemRow) -> int:
    return int(canonical.loads(item.note).get("undone", 0))


def _times_hidden(item: ItemRow) -> int:
    return int(canonical.loads(item.note).get("hidden", 0))


def _look_later(ctx: Context, item: ItemRow, now_ms: int) -> Change:
    """Leave an item in the queue that VOD neither showed nor called gone: one odd answer is not the last word."""
    times = _times_hidden(item)
    note = canonical.dumps({**canonical.loads(item.note), "hidden": times + 1})
    return items.released(item, due_ms=now_ms + ctx.patience.pause(ctx.patience.retry, times), note=note)


def _changes(before: Target, after: Target) -> list[Json]:
    return [[d.field, d.before, d.after] for d in plan.differences(before, after)]


def _journal(tx: Tx, ctx: Context, work: Round, batch: _Sorted, call_id: str) -> list[ItemRow]:
    """Settle what is held, claim the rest and write the intent; return the items that are to be sent."""
    number = work.row.id
    words = [word for _, word, _ in batch.held]
    # Lanes do this side by side; whoever may have to stop the whole has it alone.
    row = proposals.lock(tx, number) if anomalies.are_in(ctx.config, words) else proposals.get(tx, number)
    if row is None or not preflight.may_send(tx, row):
        return []
    if not _is_countersigned(tx, ctx.config.policy, row, work.shown):
        stopping.halt(tx, ctx.config, row, because="the approvals that this needs are not in the record")
        return []
    _put_aside(tx, ctx, batch)
    targets = [item.target for item in batch.send]
    claimed = items.claim(tx, batch.send, call_id)
    if len(claimed) != len(targets):
        # Another instance has some of them: raising undoes the whole claim.
        taken = len(targets) - len(claimed)
        raise ClaimLostError(f"proposal {number}: {taken} item(s) were taken by another instance")
    held: list[Json] = [[item.target, word, note] for item, word, note in batch.held]
    if held:
        notices.progress(tx, ctx.config.channels, number)
        chain.record(tx, actor=chain.SYSTEM, action="items.held", ref=ref(number), data={"items": held})
        if anomalies.stopped(tx, ctx.config, row, words):
            # Even this batch is not sent: raising would undo the holding, so its claim is given back.
            _give_back(tx, claimed)
            return []
    if not targets:
        return []
    action = action_of(work.shown.request)
    lease = tx.now_ms() + ctx.lease_ms
    intent = Intent(call_id, number, action, canonical.dumps(targets), ctx.owner, lease)
    calls.intend(tx, intent)
    # Nobody can freeze or stop between this look and the intent's place in the log: they are written there too.
    head = audit_log.head(tx, locked=True)
    standing = proposals.standing(tx, number)
    if standing is None or standing.frozen or not preflight.may_send(tx, standing):
        raise ClaimLostError(f"proposal {number}: it was frozen, stopped, or out of time meanwhile")
    data: dict[str, Json] = {"call": call_id, "api": action, "targets": targets, "digest": standing.digest}
    chain.record(tx, actor=chain.SYSTEM, action="call.intent", ref=ref(number), data=data, locked=head)
    return claimed


def _put_aside(tx: Tx, ctx: Context, batch: _Sorted) -> None:
    now = tx.now_ms()
    changes = [
        items.settled(item, outcome=outcome, note=canonical.dumps(note), now_ms=now)
        for item, outcome, note in batch.held
    ]
    changes += [_look_later(ctx, item, now) for item in batch.hidden]
    lost = len(changes) - len(items.write(tx, changes))
    if lost:
        raise ClaimLostError(f"{lost} item(s), which were to be held, were taken by another instance")


def _give_back(tx: Tx, claimed: Sequence[ItemRow]) -> None:
    note = canonical.dumps({"because": "another item of its batch stopped the deletion"})
    now = tx.now_ms()
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


class ClaimLostError(Exception):
    """Two instances wanted the same items; this one gave up and changed nothing."""


def _is_countersigned(tx: Tx, rules: Policy, row: ProposalRow, shown: Plan) -> bool:
    """Count the approvals again, in the same transaction: the same plan, enough people, never the proposer.

    By today's rules as well as those of the day it was proposed: who is no approver any more does not count.
    """
    counted = [vote for vote in votes.of(tx, row.id, "counted") if vote.digest == shown.digest]
    voters = frozenset(Actor(vote.voter_team, vote.voter) for vote in counted if vote.voter in rules.approvers)
    needed = max(row.needed, rules.approvals_needed)
    reached = decisions.quorum_reached(voters, proposer=proposer_of(row), needed=needed)
    return row.needed >= 1 and reached and row.digest == shown.digest


def _call(ctx: Context, work: Round, targets: list[str]) -> _Verdict:
    """Make the one call that deletes, and say what its answer amounts to."""
    try:
        answer = _delete(ctx.client, work.shown.request, targets)()
    except vod.VodError as exc:
        return _failed(ctx, exc, targets, work.job)
    said: dict[str, Json] = {
        "request_id": answer.request_id,
        "missing": sorted(answer.missing),
        "refused": sorted(answer.refused),
    }
    return _Verdict("done", True, Outcome.ACCEPTED, said, answer.missing, answer.refused)


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
            kinds = [KINDS[VideoImages(name)] for name in targets]
            return lambda: client.delete_video_images(video_id, kinds)
        case _:
            assert_never(request)


def _failed(ctx: Context, exc: vod.VodError, targets: list[str], job: JobRow) -> _Verdict:
    said: dict[str, Json] = {"code": exc.code, "request_id": exc.request_id, "advice": exc.advice}
    pause = ctx.patience.pause(ctx.patience.retry, max(0, job.attempts - 1))
    if isinstance(exc, vod.NotFound):
        return _Verdict("done", True, Outcome.ALREADY_GONE, said, frozenset(targets))
    if isinstance(exc, vod.Throttled):
        ctx.quota.throttled(exc.action)
        return _Verdict("done", False, Outcome.UNKNOWN, said, pause_ms=pause)
    if isinstance(exc, vod.NotSent):
        return _Verdict("done", False, Outcome.UNKNOWN, said, pause_ms=pause)
    if isinstance(exc, vod.Denied):
        return _Verdict("done", False, Outcome.REFUSED, said, final=Outcome.REFUSED, stop_all=True, notes=said)
    if isinstance(exc, vod.Rejected):
        # Documented as 'nothing was done'; what is there is read back before anything is said of it.
        return _Verdict("done", True, Outcome.ALREADY_GONE, said, notes=said)
    return _Verdict("unknown", True, Outcome.UNKNOWN, said, notes=said)


def complete(tx: Tx, ctx: Context, sending: Sending, verdict: _Verdict) -> list[ItemRow]:
    """Write down what came of a call, unless another instance has taken it over meanwhile.

    Returns the items that are to be read back now.
    """
    now, number, call_id = tx.now_ms(), sending.number, sending.call_id
    changes = [_after_call(ctx, item, verdict, now) for item in sending.items]
    words = [Outcome(new.outcome) for _, new in changes if new.state == "settled" and new.outcome]
    may_stop = verdict.stop_all or anomalies.are_in(ctx.config, words)
    row = proposals.lock(tx, number) if may_stop else None
    answer = canonical.dumps(verdict.answer)
    if not calls.complete(tx, call_id, owner=ctx.owner, state=verdict.state, answer=answer):
        chain.record(
            tx, actor=chain.SYSTEM, action="call.fenced", ref=ref(number), data={"call": call_id, **verdict.answer}
        )
        return []
    written = items.write(tx, changes)
    if words:
        notices.progress(tx, ctx.config.channels, number)
    if verdict.sent:
        notice_throttle.forget(tx, number, WAITS)
    data: dict[str, Json] = {"call": call_id, "state": verdict.state, "answer": verdict.answer}
    chain.record(tx, actor=chain.SYSTEM, action="call.answered", ref=ref(number), data=data)
    if row is not None and row.state == State.EXECUTING:
        if verdict.stop_all:
            stopping.halt(tx, ctx.config, row, because=f"VOD refused this account: {verdict.answer['code']}")
        else:
            anomalies.stopped(tx, ctx.config, row, words)
    return [new for _, new in changes if new.id in written and new.state == "sent" and new.due_ms <= now]


def _settled(item: ItemRow, said: Outcome, note: str, now_ms: int) -> Change:
    """Give an item the word of this call, unless an earlier call, never answered, may have removed it."""
    word = Outcome.UNKNOWN if item.attempts - 1 > _undone(item) else said
    return items.settled(item, outcome=word, note=note, now_ms=now_ms)


def _after_call(ctx: Context, item: ItemRow, verdict: _Verdict, now: int) -> Change:
    """Say what a call did to one item: it has its final word, is to be read back, or waits again."""
    called_gone = item.target in verdict.missing
    did_nothing = called_gone or verdict.said is Outcome.ALREADY_GONE
    undone = _undone(item) + did_nothing
    kept: dict[str, Json] = {"undone": undone} if undone else {}
    if called_gone or canonical.loads(item.note).get("called_gone", False):
        kept["called_gone"] = True
    note = canonical.dumps({**verdict.notes, "sent_ms": now, **kept})
    if verdict.final is not None:
        return _settled(item, verdict.final, note, now)
    if not verdict.sent:
        return items.released(item, due_ms=now + verdict.pause_ms, note=note, was_sent=False)
    if item.target in verdict.refused:
        return _settled(item, Outcome.REFUSED, note, now)
    # What an earlier call of ours may have removed is not said to have been gone before it.
    gone = Outcome.ALREADY_GONE if undone == item.attempts else Outcome.UNKNOWN
    word = gone if did_nothing else verdict.said
    return items.answered(item, outcome=word, note=note, due_ms=now + ctx.patience.first_look)


def _cannot_read(ctx: Context, work: Round, exc: vod.VodError) -> Step:
    """Nothing was claimed and nothing is sent while the assets cannot be read again."""
    if isinstance(exc, vod.Throttled):
        ctx.quota.throttled(exc.action)
    _tell_waiting(ctx, work, reading_fault(exc))
    pause = ctx.patience.pause(ctx.patience.retry, max(0, work.job.attempts - 1))
    return Again(ctx.database.now_ms() + pause, progress=False)


def _tell_waiting(ctx: Context, work: Round, fault: dict[str, Json]) -> None:
    """Say in the thread that VOD lets the work wait: once per outage, and not for a hiccup."""
    if work.job.attempts < TELL_AFTER or "code" not in fault:
        return
    facts: dict[str, Json] = {"number": work.row.id, "vod": fault}
    ctx.database.write(lambda tx: _told_waiting(tx, ctx, work.row.id, facts))


def _told_waiting(tx: Tx, ctx: Context, number: int, facts: dict[str, Json]) -> None:
    if notice_throttle.may_tell(tx, number, WAITS, every_ms=notices.TROUBLE_EVERY_MS):
        notices.thread(tx, ctx.config.channels, number, News.WAITING, facts)
