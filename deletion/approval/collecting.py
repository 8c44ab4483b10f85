"""Reading what a proposal is about and freezing it as the plan that people will countersign."""

from datetime import UTC, datetime

import vod
from deletion.approval.proposal import proposer_of, ref, transition
from deletion.audit import chain, notices
from deletion.audit.notices import News
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import Keeper
from deletion.plan.plan import Plan
from deletion.plan.reading import Reading, reading_fault
from deletion.plan.warnings import warnings_for
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.people import LookupFailedError, unfit
from deletion.terms.refusals import Refusal
from deletion.terms.states import Event, State
from deletion.terms.targets import Request, from_json
from storage import Tx
from storage.tables import jobs, proposals
from storage.tables.jobs import JobRow
from storage.tables.proposals import PlanRow, ProposalRow, Stamp

MANIFEST_FROM = 20
"""From this many targets on the full list is attached as a file: a card cannot hold more."""


def step(ctx: Context, job: JobRow) -> Step:
    """Collect one proposal; come back later when VOD or Slack cannot answer."""
    row = ctx.database.read(lambda tx: proposals.get(tx, job.ref))
    if row is None or row.state != State.COLLECTING:
        return Done()
    try:
        refusal = _unfit_proposer(ctx, row)
        reading = Reading(()) if refusal else _read(ctx, job, row)
    except (vod.Denied, vod.Rejected) as exc:
        return _fail(ctx, row, {"vod": reading_fault(exc)})
    except (vod.VodError, LookupFailedError) as exc:
        return _later(ctx, job, row, exc)
    if refusal:
        return _fail(ctx, row, {"refusal": refusal.to_json()})
    return _freeze(ctx, row, reading)


def _read(ctx: Context, job: JobRow, row: ProposalRow) -> Reading:
    return ctx.reader.read(_request(ctx, row), Keeper(ctx, job))


def _request(ctx: Context, row: ProposalRow) -> Request:
    return from_json(canonical.loads(ctx.database.read(lambda tx: proposals.request_of(tx, row.id))))


def give_up(ctx: Context, number: int, *, fault: str) -> bool:
    """Fail a proposal whose collection keeps breaking, once its time is up; its proposer is told the fault's id."""
    row = ctx.database.read(lambda tx: proposals.get(tx, number))
    if row is None or row.state != State.COLLECTING or ctx.database.now_ms() < row.collect_by_ms:
        return False
    advice = f"Something went wrong inside the bot. Tell whoever runs it this id: {fault}"
    _fail(ctx, row, {"vod": {"code": "Fault", "advice": advice}})
    return True


def plan_from(ctx: Context, request: Request, reading: Reading) -> Plan:
    """Make the plan that a reading amounts to."""
    now = datetime.fromtimestamp(ctx.database.now_ms() / 1000, tz=UTC)
    warnings = warnings_for(
        request, reading.targets, now=now, not_writable=reading.not_writable, siblings=reading.siblings
    )
    return Plan(ctx.config.region, request, reading.targets, reading.left_out, warnings)


def store_plan(tx: Tx, config: Config, row: ProposalRow, plan: Plan, *, drift: str) -> int:
    """Store a plan as the proposal's next revision, owe its card and, when it is long, its file."""
    revision = row.revision + 1
    text = plan.text()
    new = PlanRow(
        row.id,
        revision,
        canonical.sha256(text),
        text,
        drift,
        tx.now_ms(),
        targets=len(plan.targets),
        bytes=plan.bytes_known,
        first_title=plan.targets[0].title if plan.targets else "",
    )
    proposals.add_plan(tx, new)
    notices.card(tx, config.channels, row.id)
    if len(plan.targets) >= MANIFEST_FROM:
        notices.manifest(tx, config.channels, row.id, revision=revision)
    return revision


def _unfit_proposer(ctx: Context, row: ProposalRow) -> Refusal | None:
    person = ctx.directory.read(proposer_of(row))
    return unfit(person, home_team=ctx.config.policy.home_team)


def _freeze(ctx: Context, row: ProposalRow, reading: Reading) -> Step:
    problems: list[Json] = [[problem, what] for problem, what in reading.problems]
    if problems:
        return _fail(ctx, row, {"problems": problems})
    if not reading.targets:
        return _fail(ctx, row, {"left_out": [[what, why] for what, why in reading.left_out]})
    plan = plan_from(ctx, _request(ctx, row), reading)
    refusal = decisions.bytes_within(ctx.config.policy, plan)
    if refusal:
        return _fail(ctx, row, {"refusal": refusal.to_json()})
    ctx.database.write(lambda tx: _frozen(tx, ctx.config, row.id, plan))
    return Done()


def _frozen(tx: Tx, config: Config, number: int, plan: Plan) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.COLLECTING:
        return
    transition(tx, row, Event.PLAN_FROZEN, note={})
    revision = store_plan(tx, config, row, plan, drift="[]")
    jobs.add(tx, JobKind.EXPIRE, number, due_ms=row.expires_ms)
    notices.direct(
        tx, row.proposer, number, News.PROPOSED, {"number": number, "channel": config.channels.approvals}
    )
    data: dict[str, Json] = {
        "digest": plan.digest,
        "revision": revision,
        "targets": [target.id for target in plan.targets],
        "left_out": [[what, why] for what, why in plan.left_out],
    }
    chain.record(tx, actor=chain.SYSTEM, action="plan.frozen", ref=ref(number), data=data)


def _later(ctx: Context, job: JobRow, row: ProposalRow, exc: Exception) -> Step:
    now = ctx.database.now_ms()
    fault: Json = (
        reading_fault(exc) if isinstance(exc, vod.VodError) else {"code": "SlackLookupFailed", "advice": ""}
    )
    if now >= row.collect_by_ms:
        return _fail(ctx, row, {"vod": fault})
    if isinstance(exc, vod.Throttled):
        ctx.quota.throttled(exc.action)
    if job.attempts == 1:
        facts: dict[str, Json] = {"number": row.id, "vod": fault, "until_ms": row.collect_by_ms}
        ctx.database.write(lambda tx: notices.direct(tx, row.proposer, row.id, News.COLLECTION_WAITS, facts))
    return Again(now + ctx.patience.pause(ctx.patience.retry, job.attempts - 1), progress=False)


def _fail(ctx: Context, row: ProposalRow, note: dict[str, Json]) -> Step:
    ctx.database.write(lambda tx: _failed(tx, row.id, note))
    return Done()


def _failed(tx: Tx, number: int, note: dict[str, Json]) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.COLLECTING:
        return
    transition(tx, row, Event.COLLECTION_FAILED, note=note)
    proposals.stamp(tx, number, Stamp(finished_ms=tx.now_ms()))
    facts = {**note, "number": number}
    notices.direct(tx, row.proposer, number, News.COLLECTION_FAILED, facts)
    chain.record(tx, actor=chain.SYSTEM, action="proposal.not_collected", ref=ref(number), data=note)
