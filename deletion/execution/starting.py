"""From approved to deleting: the hold is waited out, the items are dealt out to lanes, and the work is opened."""

from collections.abc import Sequence

from deletion.approval.ending import NO_ENDING, Ending
from deletion.approval.holds import holding
from deletion.approval.proposal import close, transition
from deletion.audit import events
from deletion.audit.messages import silence
from deletion.audit.record import record
from deletion.execution import anchor, canary, progress, ramp, roll_call
from deletion.execution.anchor import FROZEN_LOOK_MS
from deletion.execution.steps import why_elsewhere
from deletion.jobs.context import Again, Context, Done, Step
from deletion.plan.plan import Plan
from deletion.policy.decisions import Policy
from deletion.terms.ids import Digest, ProposalNumber, proposal_ref
from deletion.terms.place import Place
from deletion.terms.ramp import dumps
from deletion.terms.requests.targets import BATCH
from deletion.terms.results.causes import Cause, Why
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import freezes, items, proposals
from storage.tables.proposals import ProposalRow, Stamp

DEALT_AT_ONCE = 5_000
"""Items stored in one transaction: about 20 ms of everybody else's waiting."""

MANY = 1_000
"""Items that are so many that the database should look at them before they are worked at."""


def step(ctx: Context, row: ProposalRow, here: Place, attempts: int) -> Step:
    """Do the next thing that an approved proposal needs before anything is deleted, in the place it is for.

    ``attempts`` are those of its job.
    """
    now, number = ctx.database.now_ms(), ProposalNumber(row.id)
    held_ms = holding.ends_ms(row, now)
    if held_ms is not None and not holding.is_awaited(row):
        return Again(held_ms)
    if ctx.database.write(lambda tx: _too_late(tx, number)):
        return Done()
    if held_ms is not None:
        ctx.database.write(lambda tx: holding.show(tx, number))
        return Again(held_ms)
    if ctx.database.read(freezes.is_frozen):
        return Again(now + FROZEN_LOOK_MS)
    if (waits := anchor.before_start(ctx, number, attempts)) is not None:
        return waits
    shown = ctx.database.read(lambda tx: ctx.plans.approved(tx, row))
    missing = Cause(why=Why.NOT_THE_APPROVED_PLAN)
    because = why_elsewhere(shown, here) if shown else missing
    if shown is None or because is not None:
        cause = because or missing
        ctx.database.write(lambda tx: break_off(tx, number, cause))
        return Done()
    instead = roll_call.take(ctx, number, attempts=attempts)
    if instead is not None:
        return instead
    _create_items(ctx, row, shown)
    ctx.database.write(lambda tx: _start(tx, ctx, row, shown))
    return Again(0)


def break_off(tx: Tx, number: ProposalNumber, because: Cause) -> bool:
    """Close an approved proposal whose plan must not be carried out; False when it is not (or no longer) that."""
    row = proposals.lock(tx, number)
    if row is None or row.state != State.APPROVED:
        return False
    told = events.PlanBroken(about=proposal_ref(number), because=because)
    close(tx, row, Event.PLAN_BROKEN, ending=Ending(because=because), told=told)
    return True


def _too_late(tx: Tx, number: ProposalNumber) -> bool:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.APPROVED:
        return True
    if row.execute_by_ms is not None and tx.now_ms() < row.execute_by_ms:
        return False
    told = events.ProposalExpired(about=proposal_ref(number))
    close(tx, row, Event.EXPIRED, ending=NO_ENDING, told=told)
    return True


def _create_items(ctx: Context, approved: ProposalRow, shown: Plan) -> None:
    """Store the items, a few thousand at a time; whoever is killed in the middle is followed by one who goes on."""
    trial = _wants_canary(ctx.config.policy, shown)
    dealt = ctx.database.read(lambda tx: items.count(tx, approved.id))
    for start in range(dealt, shown.count, DEALT_AT_ONCE):
        ids = ctx.database.read(
            lambda tx, start=start: ctx.plans.ids(tx, approved, shown, start=start, limit=DEALT_AT_ONCE)  # type: ignore[misc] # mypy cannot infer a lambda's default
        )
        places = [
            (place, target, canary.batch_of(place, canary=trial, size=BATCH))
            for place, target in enumerate(ids, start)
        ]
        ctx.database.write(lambda tx, some=places: _create_some(tx, approved, some))  # type: ignore[misc] # as above
    if dealt < shown.count and shown.count >= MANY:
        ctx.database.analyze("items")


def _create_some(tx: Tx, approved: ProposalRow, places: Sequence[tuple[int, str, int]]) -> None:
    """Store some items; nothing is added to what was closed meanwhile, since nobody would settle it any more."""
    if _as_approved(tx, approved) is not None:
        items.add_all(tx, approved.id, places)


def _as_approved(tx: Tx, seen: ProposalRow) -> ProposalRow | None:
    """Lock a proposal and return it; None when it is not approved any more, or approved anew since it was seen.

    It may have lost its quorum and been approved once more meanwhile, perhaps on another plan.
    """
    row = proposals.lock(tx, seen.id)
    stands = row is not None and row.state == State.APPROVED
    return row if stands and row is not None and (row.digest, row.hold_no) == (seen.digest, seen.hold_no) else None


def _wants_canary(rules: Policy, shown: Plan) -> bool:
    return shown.count >= max(2, rules.canary_from)


def _start(tx: Tx, ctx: Context, approved: ProposalRow, shown: Plan) -> None:
    row, number = _as_approved(tx, approved), ProposalNumber(approved.id)
    if row is None or not holding.is_over(row, tx.now_ms()) or silence.in_channels(tx):
        # While the items were dealt out it was closed, another instance took it over and has begun, a hold began
        # anew, or a channel fell silent.
        return
    batches = items.batches(tx, number)
    trial = canary.was_dealt(tx, number, batches)
    transition(tx, row, Event.EXECUTION_STARTED)
    now, lanes = tx.now_ms(), min(ctx.lanes, batches)
    proposals.stamp(tx, number, Stamp(started_ms=now))
    proposals.deal(tx, number, lanes=lanes, canary=trial)
    stages = ramp.planned(ctx.config.policy, shown.request, canary_goes=trial)
    ramp.begin(tx, number, stages)
    if not trial:
        dealt = proposals.get(tx, number)
        canary.open_lanes(tx, dealt or row)
    started = events.ExecutionStarted(
        about=proposal_ref(number),
        digest=Digest(row.digest or ""),
        count=shown.count,
        canary=trial,
        lanes=lanes,
        started_ms=now,
        where=shown.place.text(),
        ramp=dumps(stages) if stages else None,
    )
    record(tx, started)
    # The start has just been told: progress is not told at once as well.
    progress.was_told(tx, number)
