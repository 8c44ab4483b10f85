"""Proposing from a file: what somebody asked for is kept at once, and read and proposed by the worker."""

from dataclasses import replace

from pydantic import TypeAdapter

from deletion.approval.proposal import SlackAction, replayed
from deletion.approval.refusing import refuse
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.notices import ListProblems, ListProposed, ListRefused, ListUnread, Notice
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import Keeper
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.ids import proposal_ref
from deletion.terms.people import Actor, LookupFailedError, unfit
from deletion.terms.refusals import Refusal
from deletion.terms.requests.list_files import (
    BadList,
    FoundList,
    ListForm,
    ListUnreachedError,
    ListWaitsError,
    WrongList,
)
from deletion.terms.requests.targets import kind_of, size_of
from storage import Tx
from storage.tables import jobs, lists
from storage.tables.jobs import JobRow
from storage.tables.lists import ListRow

GIVE_UP_MS = 15 * 60 * 1000
"""How long Slack may take to hand out a file, and to say who asked for it."""

TURN_MS = 1_000
"""How long a file waits before it is looked whether its turn has come: the same for all, so their order stays."""

TOLD_AT_ONCE = 10
"""Problems that an answer names; of more than these there is a file."""

_FORM: TypeAdapter[ListForm] = TypeAdapter(ListForm)


def ask(tx: Tx, config: Config, action: SlackAction, form: ListForm, *, channel: str) -> Refusal | None:
    """Keep what somebody asks for, and queue the reading; return why not, which is in the log then."""
    by = action.actor
    refusal = replayed(tx, action) or decisions.may_propose(config.policy, by)
    refusal = refusal or proposing.too_many(tx, config.policy, by)
    if refusal:
        return refuse(tx, events.ProposalRefused(about=proposal_ref(None), by=by, refusal=refusal))
    stored = canonical.dumps(_FORM.dump_python(form, mode="json"))
    jobs.add(tx, JobKind.LIST, lists.add(tx, team=by.team, person=by.user, channel=channel, form=stored))
    return None


def step(ctx: Context, job: JobRow) -> Step:
    """Read one file and propose what is in it; come back later when Slack cannot answer."""
    row = ctx.database.read(lambda tx: lists.get(tx, job.ref))
    if row is None or row.done_ms is not None:
        return Done()
    if ctx.lists.is_busy:
        return _wait(ctx, job, row)
    form = _FORM.validate_json(row.form)
    try:
        # First: what a stranger or a guest gives is not even looked at.
        refusal = unfit(ctx.directory.read(_actor(row)), home_team=ctx.config.policy.home_team)
        found = None if refusal else ctx.lists.read(form, Keeper(ctx, job))
    except ListWaitsError:
        return _wait(ctx, job, row)
    except (ListUnreachedError, LookupFailedError) as exc:
        return _later(ctx, job, row, form, exc)
    ctx.database.write(lambda tx: _answer(tx, ctx.config, row, form, found or refusal))
    return Done()


def give_up(ctx: Context, list_id: int, *, fault: str) -> bool:
    """Give a list up whose reading keeps breaking, once its time is up; who asked is told the fault's id."""
    row = ctx.database.read(lambda tx: lists.get(tx, list_id))
    if row is None or row.done_ms is not None or ctx.database.now_ms() < row.created_ms + GIVE_UP_MS:
        return False
    bad = BadList(WrongList.INTERNAL, (fault,))
    ctx.database.write(lambda tx: _answer(tx, ctx.config, row, _FORM.validate_json(row.form), bad))
    return True


def _actor(row: ListRow) -> Actor:
    return Actor(row.team, row.person)


def _wait(ctx: Context, job: JobRow, row: ListRow) -> Step:
    """Wait for another file to be read, which is no fault of Slack's."""
    now_ms = ctx.database.now_ms()
    since_ms = max(row.created_ms, job.due_ms - TURN_MS)
    ctx.database.write(lambda tx: lists.put_off(tx, row.id, by_ms=max(0, now_ms - since_ms)))
    # It was not asked for: nothing has failed yet.
    return Again(now_ms + TURN_MS, progress=True)


def _later(ctx: Context, job: JobRow, row: ListRow, form: ListForm, exc: Exception) -> Step:
    now_ms = ctx.database.now_ms()
    if job.attempts == 1:
        # It may have waited for long before anybody asked for it.
        ctx.database.write(lambda tx: lists.put_off(tx, row.id, by_ms=max(0, now_ms - row.created_ms)))
    elif now_ms >= row.created_ms + GIVE_UP_MS:
        bad = BadList(WrongList.UNREACHED)
        ctx.database.write(lambda tx: _answer(tx, ctx.config, row, form, bad))
        return Done()
    asked_ms = exc.retry_after_ms if isinstance(exc, ListUnreachedError | LookupFailedError) else 0
    pause_ms = max(asked_ms, ctx.timings.pause(ctx.timings.retry, job.attempts - 1))
    return Again(now_ms + pause_ms, progress=False)


def _answer(
    tx: Tx, config: Config, row: ListRow, form: ListForm, found: FoundList | BadList | Refusal | None
) -> None:
    """Propose what was found, or say why not; once, whoever else has read the same."""
    if not lists.finish(tx, row.id):
        return
    match found:
        case FoundList():
            notice = _propose(tx, config, row, form, found)
        case BadList():
            notice = ListUnread(name=form.name, bad=replace(found, problems=found.problems[:TOLD_AT_ONCE]))
            if found.total > TOLD_AT_ONCE:
                whole = ListProblems(name=form.name, problems=found.problems, total=found.total)
                audience.problems(tx, row.person, whole)
        case Refusal():
            refuse(tx, events.ProposalRefused(about=proposal_ref(None), by=_actor(row), refusal=found))
            notice = ListRefused(name=form.name, count=0, refusals=(found,))
        case None:
            raise ValueError("a list was neither read nor refused")
    audience.answer(tx, ReplyTo(row.channel, row.person), notice)


def _propose(tx: Tx, config: Config, row: ListRow, form: ListForm, found: FoundList) -> Notice:
    count, by = size_of(found.request), _actor(row)
    # Without what was asked for: the log does not take in whole files that were refused.
    too_many = decisions.count_within(config.policy, found.request)
    if too_many:
        refuse(tx, events.ProposalRefused(about=proposal_ref(None), by=by, refusal=too_many))
        return ListRefused(name=form.name, count=count, refusals=(too_many,))
    action = SlackAction(by, f"list:{row.id}")
    made = proposing.propose(tx, config, action, ProposalDraft(found.request, form.reason))
    if isinstance(made, tuple):
        return ListRefused(name=form.name, count=count, refusals=made)
    return ListProposed(number=made, name=form.name, of=kind_of(found.request), count=count, facts=found.facts)
