"""Reading what a proposal is about and freezing it as the plan that people approve."""

from collections.abc import Iterator, Sequence

import vod
from deletion.approval.ending import Ending
from deletion.approval.proposal import proposer_of, transition
from deletion.approval.requests import daily, overlaps
from deletion.approval.requests.overlaps import Overlap
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.notices import CollectionWaits
from deletion.audit.record import record
from deletion.collection import following
from deletion.collection.following import Phase
from deletion.collection.stage import WRITTEN_AFTER_MS, Stage, Staged, in_order
from deletion.jobs.config import JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import Keeper, NotWantedError
from deletion.plan.library.reading import reading_fault
from deletion.plan.library.searching import Page, TooMany, everything
from deletion.plan.plan import Header
from deletion.policy import decisions
from deletion.policy.decisions import Policy
from deletion.terms import canonical
from deletion.terms.ids import Digest, ProposalNumber, proposal_ref
from deletion.terms.people import LookupFailedError, unfit
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.requests.query import Query
from deletion.terms.requests.targets import Request, from_json, ids_of, is_unresolved, query_of
from deletion.terms.results.faults import VodFault
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import jobs, plan_rows, proposals, revisions
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow, Stamp
from storage.tables.revisions import PlanRow

INTERNAL_ERROR = "InternalError"
"""The code of a reading that broke inside the bot; its request id is that of the log entry."""

LOOKUP_FAILED = "SlackLookupFailed"
"""The code of a reading that waits because Slack cannot say who the proposer is."""


def step(ctx: Context, job: JobRow) -> Step:
    """Collect one proposal; come back later when VOD or Slack cannot answer.

    One that is withdrawn meanwhile is read no further.
    """
    row = ctx.database.read(lambda tx: proposals.get(tx, job.ref))
    if row is None or row.state != State.COLLECTING:
        return Done()
    try:
        found = _unfit_proposer(ctx, row) or _read(ctx, job, row, _request(ctx, row))
    except NotWantedError:
        return Done()
    except (vod.Denied, vod.Rejected) as exc:
        return _fail(ctx, row, Ending(vod=reading_fault(exc)))
    except (vod.VodError, LookupFailedError) as exc:
        return _later(ctx, job, row, exc)
    if isinstance(found, Refusal):
        return _fail(ctx, row, Ending(refused=found))
    return _freeze(ctx, row, found)


def _read(ctx: Context, job: JobRow, row: ProposalRow, request: Request) -> Staged | Refusal:
    def wanted(tx: Tx) -> bool:
        found = proposals.get(tx, row.id)
        return found is not None and found.state == State.COLLECTING

    def kept(tx: Tx, done: int, total: int) -> None:
        following.note(tx, row.id, row.proposer, Phase.READ, done, total)

    stage = Stage(ctx, job, request, ctx.where(), wanted=wanted, kept=kept)
    ids = _found(ctx, row, stage, request) if is_unresolved(request) else ids_of(request)
    if isinstance(ids, Refusal):
        return ids
    return stage.read_whole() if ids is None else stage.read_list(in_order(ids), len(ids))


def _found(ctx: Context, row: ProposalRow, stage: Stage, request: Request) -> Sequence[str] | Refusal:
    """Return what the query of a request finds, which is what people approve: later matches are not part of it.

    Whoever takes the reading over goes on with what was found the first time. How many there may be is asked before
    anything is read of them, and before all are found where VOD counts them.
    """
    query, policy = query_of(request), ctx.config.policy

    def refused(count: int) -> Refusal | None:
        return ctx.database.write(lambda tx: daily.too_many(tx, policy, row.proposer, asked=count, besides=row.id))

    if (before := stage.named_before()) is not None or query is None:
        return before or ()
    pages = _followed(stage, row, query, ctx.reader.matches(request, Keeper(ctx, stage.job, stage.wanted)))
    found = everything(pages, query, most=policy.max_items, refused=refused)
    if isinstance(found, Refusal):
        return found
    if isinstance(found, TooMany):
        return decisions.too_many_matches(policy, found.count)
    if not found:
        return Refusal(Rule.NOTHING_MATCHES)
    stage.name(found)
    return found


def _followed(stage: Stage, row: ProposalRow, query: Query, pages: Iterator[Page]) -> Iterator[Page]:
    """Yield the pages, and note now and then how much was found, of how much where VOD counts that."""
    ctx, found, noted_ms = stage.ctx, 0, 0
    total: int | None = None

    def note(tx: Tx) -> None:
        stage.hold(tx)
        following.note(tx, row.id, row.proposer, Phase.SEARCH, found, total)

    for number, page in enumerate(pages):
        if not number and query.is_counted_by_vod:
            total = page.left
        found += len(page.ids)
        if not number or ctx.monotonic_ms() - noted_ms >= WRITTEN_AFTER_MS:
            noted_ms = ctx.monotonic_ms()
            ctx.database.write(note)
        yield page


def _request(ctx: Context, row: ProposalRow) -> Request:
    return from_json(canonical.loads(ctx.database.read(lambda tx: proposals.request_of(tx, row.id))))


def give_up(ctx: Context, number: int, *, fault: str) -> bool:
    """Fail a proposal whose collection keeps breaking, once its time is up; its proposer is told the fault's id."""
    row = ctx.database.read(lambda tx: proposals.get(tx, number))
    if row is None or row.state != State.COLLECTING or ctx.database.now_ms() < row.collect_by_ms:
        return False
    _fail(ctx, row, Ending(vod=VodFault(code=INTERNAL_ERROR, request_id=fault)))
    return True


def store_plan(
    tx: Tx, row: ProposalRow, header: Header, rows_id: int, *, now_ms: int, drift: str = "[]"
) -> PlanRow:
    """Store a plan, whose rows are stored, as the proposal's next revision, and return that."""
    first = plan_rows.targets(tx, rows_id, start=0, limit=1)
    new = PlanRow(
        row.id,
        row.revision + 1,
        header.digest,
        header.text,
        drift,
        now_ms,
        targets=header.count,
        bytes=header.totals.bytes,
        first_title=first[0][1] if first else "",
        rows_id=rows_id,
    )
    revisions.add_plan(tx, new)
    return new


def _unfit_proposer(ctx: Context, row: ProposalRow) -> Refusal | None:
    person = ctx.directory.read(proposer_of(row))
    return unfit(person, home_team=ctx.config.policy.home_team)


def _freeze(ctx: Context, row: ProposalRow, staged: Staged) -> Step:
    if staged.problems:
        return _fail(ctx, row, Ending(problems=staged.problems))
    if not staged.header.count:
        return _fail(ctx, row, Ending(left_out=staged.left_out, left_out_count=staged.header.left_out_count))
    refusal = decisions.bytes_within(ctx.config.policy, staged.plan)
    if refusal:
        return _fail(ctx, row, Ending(refused=refusal))
    # Before the transaction: these may be long, and nobody is to wait for their being read.
    others = ctx.database.read(lambda tx: overlaps.of(tx, row.id, _media(tx, staged)))
    ctx.database.write(lambda tx: _frozen(tx, ctx.config.policy, row.id, staged, others))
    return Done()


def _media(tx: Tx, staged: Staged) -> frozenset[str]:
    """Return the videos and images that a plan is about, whole or in part."""
    return staged.media if staged.rows_id is None else frozenset(plan_rows.ids(tx, staged.rows_id))


def _frozen(tx: Tx, policy: Policy, number: int, staged: Staged, others: Sequence[Overlap]) -> None:
    row = proposals.lock(tx, number)
    if row is None or row.state != State.COLLECTING:
        return
    # Once more: how many it is about may be known only now.
    refusal = daily.too_many(tx, policy, row.proposer, asked=staged.header.count, besides=number)
    if refusal:
        _failed(tx, number, Ending(refused=refusal))
        return
    transition(tx, row, Event.PLAN_FROZEN)
    header, stored = staged.header, store_plan(tx, row, staged.header, staged.store(tx), now_ms=tx.now_ms())
    jobs.add(tx, JobKind.EXPIRE, number, due_ms=row.expires_ms)
    frozen = events.PlanFrozen(
        about=proposal_ref(number),
        digest=Digest(header.digest),
        revision=stored.revision,
        count=header.count,
        left_out=staged.left_out,
        left_out_count=header.left_out_count,
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
    ctx.database.write(lambda tx: following.pause(tx, row.id, row.proposer))
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
        left_out_count=ending.left_out_count,
        finished_ms=now,
    )
    record(tx, failed)
