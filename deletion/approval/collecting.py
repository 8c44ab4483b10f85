"""Reading what a proposal is about and freezing it as the plan that people approve."""

from collections.abc import Sequence
from datetime import UTC, datetime

import vod
from deletion.approval import daily, overlaps
from deletion.approval.ending import Ending
from deletion.approval.overlaps import Overlap
from deletion.approval.proposal import proposer_of, transition
from deletion.audit import audience, events
from deletion.audit.notices import CollectionWaits
from deletion.audit.record import record
from deletion.jobs.config import JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import Keeper
from deletion.plan.plan import Plan, Written
from deletion.plan.reading import Reading, reading_fault, sendable
from deletion.plan.searching import TooMany, everything
from deletion.plan.warnings import warnings_for
from deletion.policy import decisions
from deletion.policy.decisions import Policy
from deletion.terms import canonical
from deletion.terms.faults import VodFault
from deletion.terms.ids import Digest, ProposalNumber, proposal_ref
from deletion.terms.people import LookupFailedError, unfit
from deletion.terms.place import Place
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import Event, State
from deletion.terms.targets import Request, from_json, is_unresolved, query_of, resolved
from storage import Tx
from storage.tables import jobs, proposals
from storage.tables.jobs import JobRow
from storage.tables.proposals import PlanRow, ProposalRow, Stamp

INTERNAL_ERROR = "InternalError"
"""The code of a reading that broke inside the bot; its request id is that of the log entry."""

LOOKUP_FAILED = "SlackLookupFailed"
"""The code of a reading that waits because Slack cannot say who the proposer is."""


def step(ctx: Context, job: JobRow) -> Step:
    """Collect one proposal; come back later when VOD or Slack cannot answer."""
    row = ctx.database.read(lambda tx: proposals.get(tx, job.ref))
    if row is None or row.state != State.COLLECTING:
        return Done()
    try:
        refusal = _unfit_proposer(ctx, row)
        here = ctx.where()
        request = _request(ctx, row)
        found = refusal or _resolved(ctx, job, request)
        reading = Reading(()) if isinstance(found, Refusal) else _read(ctx, job, found)
    except (vod.Denied, vod.Rejected) as exc:
        return _fail(ctx, row, Ending(vod=reading_fault(exc)))
    except (vod.VodError, LookupFailedError) as exc:
        return _later(ctx, job, row, exc)
    if isinstance(found, Refusal):
        return _fail(ctx, row, Ending(refused=found))
    return _freeze(ctx, row, found, reading, here)


def _resolved(ctx: Context, job: JobRow, request: Request) -> Request | Refusal:
    """Return a request with what its query finds now, which is what people approve: later matches are not part."""
    query = query_of(request)
    if query is None or not is_unresolved(request):
        return request
    policy = ctx.config.policy
    found = everything(ctx.reader.matches(request, Keeper(ctx, job)), query, most=policy.max_items)
    if isinstance(found, TooMany):
        return decisions.too_many_matches(policy, found.count)
    return resolved(request, found) if found else Refusal(Rule.NOTHING_MATCHES)


def _read(ctx: Context, job: JobRow, request: Request) -> Reading:
    return sendable(request, ctx.reader.read(request, Keeper(ctx, job)))


def _request(ctx: Context, row: ProposalRow) -> Request:
    return from_json(canonical.loads(ctx.database.read(lambda tx: proposals.request_of(tx, row.id))))


def give_up(ctx: Context, number: int, *, fault: str) -> bool:
    """Fail a proposal whose collection keeps breaking, once its time is up; its proposer is told the fault's id."""
    row = ctx.database.read(lambda tx: proposals.get(tx, number))
    if row is None or row.state != State.COLLECTING or ctx.database.now_ms() < row.collect_by_ms:
        return False
    _fail(ctx, row, Ending(vod=VodFault(code=INTERNAL_ERROR, request_id=fault)))
    return True


def plan_from(ctx: Context, request: Request, reading: Reading, here: Place) -> Plan:
    """Make the plan that a reading amounts to, where it was read."""
    now = datetime.fromtimestamp(ctx.database.now_ms() / 1000, tz=UTC)
    warnings = warnings_for(
        request, reading.targets, now=now, not_writable=reading.not_writable, siblings=reading.siblings
    )
    return Plan(here, request, reading.targets, reading.left_out, warnings)


def store_plan(tx: Tx, row: ProposalRow, written: Written, *, drift: str, now_ms: int) -> PlanRow:
    """Store a plan as the proposal's next revision, and return that."""
    revision, plan = row.revision + 1, written.plan
    new = PlanRow(
        row.id,
        revision,
        plan.digest,
        written.text,
        drift,
        now_ms,
        targets=len(plan.targets),
        bytes=plan.bytes_known,
        first_title=plan.targets[0].title if plan.targets else "",
    )
    proposals.add_plan(tx, new)
    return new


def _unfit_proposer(ctx: Context, row: ProposalRow) -> Refusal | None:
    person = ctx.directory.read(proposer_of(row))
    return unfit(person, home_team=ctx.config.policy.home_team)


def _freeze(ctx: Context, row: ProposalRow, request: Request, reading: Reading, here: Place) -> Step:
    if reading.problems:
        return _fail(ctx, row, Ending(problems=reading.problems))
    if not reading.targets:
        return _fail(ctx, row, Ending(left_out=reading.left_out))
    plan = plan_from(ctx, request, reading, here)
    refusal = decisions.bytes_within(ctx.config.policy, plan)
    if refusal:
        return _fail(ctx, row, Ending(refused=refusal))
    # Before the transaction: these may be long, and nobody is to wait for their being written and read.
    written = plan.written()
    others = ctx.database.read(lambda tx: overlaps.of(tx, row.id, plan.request))
    ctx.database.write(lambda tx: _frozen(tx, ctx.config.policy, row.id, written, others))
    return Done()


def _frozen(tx: Tx, policy: Policy, number: int, written: Written, others: Sequence[Overlap]) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.COLLECTING:
        return
    # Once more: how many it is about may be known only now.
    refusal = daily.too_many(tx, policy, row.proposer, asked=len(written.plan.targets), besides=number)
    if refusal:
        _failed(tx, number, Ending(refused=refusal))
        return
    transition(tx, row, Event.PLAN_FROZEN)
    plan, stored = written.plan, store_plan(tx, row, written, drift="[]", now_ms=tx.now_ms())
    jobs.add(tx, JobKind.EXPIRE, number, due_ms=row.expires_ms)
    frozen = events.PlanFrozen(
        about=proposal_ref(number),
        digest=Digest(plan.digest),
        revision=stored.revision,
        targets=tuple(target.id for target in plan.targets),
        left_out=plan.left_out,
        stored_ms=stored.created_ms,
    )
    record(tx, frozen)
    for other in others:
        found = proposals.get(tx, other.number)
        # One that is still being read has no card yet, and names this one when it has.
        if found is not None and found.state == State.PENDING:
            audience.card(tx, other.number)


def _later(ctx: Context, job: JobRow, row: ProposalRow, exc: Exception) -> Step:
    now = ctx.database.now_ms()
    fault = reading_fault(exc) if isinstance(exc, vod.VodError) else VodFault(code=LOOKUP_FAILED)
    if now >= row.collect_by_ms:
        return _fail(ctx, row, Ending(vod=fault))
    if isinstance(exc, vod.Throttled):
        ctx.quota.throttled(exc.action)
    if job.attempts == 1:
        notice = CollectionWaits(number=ProposalNumber(row.id), vod=fault, until_ms=row.collect_by_ms)
        ctx.database.write(lambda tx: audience.direct(tx, row.proposer, notice))
    return Again(now + ctx.timings.pause(ctx.timings.retry, job.attempts - 1), progress=False)


def _fail(ctx: Context, row: ProposalRow, ending: Ending) -> Step:
    ctx.database.write(lambda tx: _failed(tx, row.id, ending))
    return Done()


def _failed(tx: Tx, number: int, ending: Ending) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.COLLECTING:
        return
    transition(tx, row, Event.COLLECTION_FAILED, ending=ending)
    now = tx.now_ms()
    proposals.stamp(tx, number, Stamp(finished_ms=now))
    failed = events.CollectionFailed(
        about=proposal_ref(number),
        vod=ending.vod,
        refused=ending.refused,
        problems=ending.problems,
        left_out=ending.left_out,
        finished_ms=now,
    )
    record(tx, failed)
