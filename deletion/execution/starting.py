"""From approved to deleting: the hold is waited out, the items are dealt out to lanes, and the work is opened."""

from collections.abc import Sequence

from deletion.approval.proposal import close, ref, transition
from deletion.audit import chain, notices
from deletion.audit.notices import News
from deletion.execution import canary, progress
from deletion.jobs.config import Config
from deletion.jobs.context import Again, Context, Done, Step
from deletion.plan.plan import Plan
from deletion.policy.decisions import Policy
from deletion.terms.canonical import Json
from deletion.terms.states import Event, State
from deletion.terms.targets import BATCH
from storage import Tx
from storage.tables import freezes, items, notice_throttle, proposals
from storage.tables.proposals import ProposalRow, Stamp

DEALT_AT_ONCE = 5_000
"""Items stored in one transaction: about 20 ms of everybody else's waiting."""

MANY = 1_000
"""Items that are so many that the database should look at them before they are worked at."""

FROZEN_LOOK_MS = 5_000
"""How soon work that waits for a thaw looks again by itself; a thaw wakes it."""


def step(ctx: Context, row: ProposalRow) -> Step:
    """Do the next thing that an approved proposal needs before anything is deleted."""
    now = ctx.database.now_ms()
    if row.hold_until_ms is not None and now < row.hold_until_ms:
        return Again(row.hold_until_ms)
    if ctx.database.write(lambda tx: _too_late(tx, ctx.config, row.id)):
        return Done()
    if ctx.database.read(freezes.current) is not None:
        return Again(now + FROZEN_LOOK_MS)
    shown = ctx.database.read(lambda tx: ctx.shelf.countersigned(tx, row))
    why = why_not(ctx.config, shown)
    if shown is None or why:
        ctx.database.write(lambda tx: break_off(tx, ctx.config, row.id, why))
        return Done()
    _deal(ctx, row, shown)
    ctx.database.write(lambda tx: _start(tx, ctx, row.id, shown))
    return Again(0)


def why_not(config: Config, shown: Plan | None) -> str:
    """Say why a plan must not be carried out here; '' when it may."""
    if shown is None:
        return "the stored plan is not the one that was countersigned"
    if shown.region != config.region:
        return f"it was countersigned for region {shown.region}, and this program works in {config.region} now"
    return ""


def break_off(tx: Tx, config: Config, number: int, because: str) -> bool:
    """Close an approved proposal whose plan must not be carried out; False when it is not (or no longer) that."""
    row = proposals.lock(tx, number)
    if row is None or row.state != State.APPROVED:
        return False
    why: dict[str, Json] = {"because": because}
    notices.direct(tx, row.proposer, number, News.STALE, {"number": number, "drift": [], **why})
    close(tx, config, row, Event.PLAN_BROKEN, chain.SYSTEM, why)
    return True


def _too_late(tx: Tx, config: Config, number: int) -> bool:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.APPROVED:
        return True
    if row.execute_by_ms is not None and tx.now_ms() < row.execute_by_ms:
        return False
    notices.thread(tx, config.channels, number, News.EXPIRED, {"number": number})
    notices.direct(tx, row.proposer, number, News.EXPIRED, {"number": number})
    close(tx, config, row, Event.EXPIRED, chain.SYSTEM, {})
    return True


def _deal(ctx: Context, row: ProposalRow, shown: Plan) -> None:
    """Store the items, a few thousand at a time; whoever is killed in the middle is followed by one who goes on."""
    trial = _wants_canary(ctx.config.policy, shown)
    places = [
        (place, target.id, canary.batch_of(place, canary=trial, size=BATCH))
        for place, target in enumerate(shown.targets)
    ]
    dealt = ctx.database.read(lambda tx: items.count(tx, row.id))
    for start in range(dealt, len(places), DEALT_AT_ONCE):
        some = places[start : start + DEALT_AT_ONCE]
        ctx.database.write(lambda tx, some=some: _deal_some(tx, row.id, some))  # type: ignore[misc] # mypy cannot infer a lambda's default
    if dealt < len(places) and len(places) >= MANY:
        ctx.database.analyze("items")


def _deal_some(tx: Tx, number: int, places: Sequence[tuple[int, str, int]]) -> None:
    """Store some items; nothing is added to what was closed meanwhile, since nobody would settle it any more."""
    row = proposals.lock(tx, number)
    if row is not None and row.state == State.APPROVED:
        items.add_all(tx, number, places)


def _wants_canary(rules: Policy, shown: Plan) -> bool:
    return len(shown.targets) >= max(2, rules.canary_from)


def _start(tx: Tx, ctx: Context, number: int, shown: Plan) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.APPROVED:
        # While the items were dealt out it was closed, or another instance took it over and has begun.
        return
    count, channels = len(shown.targets), ctx.config.channels
    batches = items.batches(tx, number)
    trial = canary.was_dealt(tx, number, batches)
    transition(tx, row, Event.EXECUTION_STARTED, note={})
    proposals.stamp(tx, number, Stamp(started_ms=tx.now_ms()))
    proposals.deal(tx, number, lanes=min(ctx.lanes, batches), canary=trial)
    if not trial:
        dealt = proposals.get(tx, number)
        canary.open_lanes(tx, dealt or row)
    notices.card(tx, channels, number)
    facts: dict[str, Json] = {"number": number, "count": count, "canary": trial}
    notices.thread(tx, channels, number, News.STARTED, facts)
    # The start has just been told: progress is not told at once as well.
    notice_throttle.may_tell(tx, number, progress.IN_THREAD, every_ms=0)
    data: dict[str, Json] = {"digest": row.digest, "count": count}
    chain.record(tx, actor=chain.SYSTEM, action="execution.started", ref=ref(number), data=data)
