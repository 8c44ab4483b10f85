"""The ramp: a big deletion begins with few items, then goes slowly, and only then at VOD's whole quota.

Where it stands is in the record, so all instances go by it and none skips a stage. A stage is over when so many
items were sent, and after its time; what counts is items, so neither a restart nor a set clock ends it early.
"""

from deletion.approval.holds import holding
from deletion.audit import events
from deletion.audit.record import record
from deletion.execution import canary
from deletion.execution.anchor import FROZEN_LOOK_MS
from deletion.jobs.config import JobKind
from deletion.jobs.context import Again, Step
from deletion.plan.library.quota import PER_SECOND
from deletion.policy.decisions import Policy
from deletion.terms import ramp
from deletion.terms.ids import proposal_ref
from deletion.terms.ramp import Stage
from deletion.terms.requests.targets import Request, action_of
from storage import Tx
from storage.tables import freezes, items, jobs, proposals, rate_limits
from storage.tables.items import Lane
from storage.tables.proposals import ProposalRow, RampStand

LOOK_MS = 1_000
"""How soon a lane that has nothing more to send in this stage looks again; the next stage wakes it."""


def planned(policy: Policy, request: Request, *, canary_goes: bool) -> tuple[Stage, ...]:
    """Return the stages of a deletion that is about to start; one without a canary has none."""
    return ramp.stages(policy.ramp, per_second=PER_SECOND[action_of(request)]) if canary_goes else ()


def begin(tx: Tx, number: int, found: tuple[Stage, ...]) -> None:
    """Keep the stages, and begin with the first."""
    if found:
        now = tx.now_ms()
        stands = RampStand(0, ramp.below(found, 0), now, now + found[0].seconds * 1000)
        proposals.begin_ramp(tx, number, ramp=ramp.dumps(found), stands=stands)


def stage_of(row: ProposalRow) -> Stage | None:
    """Return the stage that a deletion is in; None when all of VOD's quota may be used."""
    return ramp.loads(row.ramp)[row.ramp_stage] if row.ramp_below is not None else None


def interval_us(row: ProposalRow) -> int:
    """Return how far apart calls are in this stage; 0 where VOD's quota alone counts."""
    stage = stage_of(row)
    return stage.interval_us if stage else 0


def wait_or_go_on(tx: Tx, row: ProposalRow) -> Step | None:
    """Go on to the next stage when all of this one was sent and its time is over; None when there is no other.

    Called of a locked deletion by a lane that has nothing more to do in this stage.
    """
    if row.ramp_below is None or items.earliest_due(tx, Lane(row.id)) is None:
        return None
    now = tx.now_ms()
    if freezes.is_frozen(tx) or not holding.is_over(row, now):
        return Again(now + FROZEN_LOOK_MS)
    if items.is_any_pending(tx, row.id, below=row.ramp_below):
        return Again(now + LOOK_MS)
    if row.ramp_until_ms is not None and now < row.ramp_until_ms:
        return Again(row.ramp_until_ms)
    _go_on(tx, row, now)
    return Again(0)


def _go_on(tx: Tx, row: ProposalRow, now: int) -> None:
    found, number = ramp.loads(row.ramp), row.ramp_stage + 1
    stage = found[number] if number < len(found) else None
    until = now + stage.seconds * 1000 if stage else None
    stands = RampStand(number, ramp.below(found, number), now, until)
    if not proposals.raise_ramp(tx, row.id, old=row.ramp_stage, new=stands):
        return
    if stage is None:
        rate_limits.forget(tx, turns_of(row.id))
    if canary.is_single_file(row) and (stage is None or stage.percent is not None):
        canary.open_lanes(tx, row)
    jobs.run_now(tx, JobKind.EXECUTE, row.id)
    record(
        tx,
        events.RampRaised(
            about=proposal_ref(row.id),
            stage=number,
            items=stage.items if stage else None,
            percent=stage.percent if stage else None,
            seconds=stage.seconds if stage else None,
            below=stands.below,
            begun_ms=now,
            until_ms=until,
        ),
    )


def turns_of(number: int) -> str:
    """Return the name of the turns at a share of VOD's quota."""
    return f"{rate_limits.RAMP}{number}"
