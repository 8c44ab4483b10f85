"""Approving: a click casts a vote on a digest at once; the worker re-reads the assets, then counts or voids it."""

from dataclasses import dataclass

import vod
from deletion.approval import collecting
from deletion.approval.proposal import (
    SlackAction,
    close,
    proposer_of,
    ref,
    refuse,
    refuse_unless_in,
    replayed,
    transition,
    void_votes,
)
from deletion.audit import chain, notices
from deletion.audit.notices import Ear, News
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import Keeper
from deletion.plan import plan
from deletion.plan.plan import Plan, Warn
from deletion.plan.reading import reading_fault
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.people import Actor, LookupFailedError, unfit
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import Event, State
from storage import Tx
from storage.tables import jobs, proposals, votes
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow, Stamp
from storage.tables.votes import VoteRow


@dataclass(frozen=True)
class Ballot:
    """What a click on Approve says: which proposal, and the digest of the plan the card showed."""

    number: int
    digest: str
    channel: str


def cast(tx: Tx, config: Config, deed: SlackAction, ballot: Ballot) -> int | Refusal:
    """Record an approving click in the caller's transaction; return the vote's number."""
    row = proposals.lock(tx, ballot.number)
    refusal = replayed(tx, deed) or _castable(tx, config, deed.actor, row, ballot)
    voter = (deed.actor.team, deed.actor.user)
    vote_id = None
    if refusal is None:
        vote_id = votes.cast(
            tx, proposal_id=ballot.number, digest=ballot.digest, voter=voter, channel=ballot.channel
        )
    if refusal or vote_id is None:
        refusal = refusal or Refusal(Rule.ALREADY_APPROVED, {"number": ballot.number})
        return refuse(tx, deed, "vote.refused", ref(ballot.number), refusal, digest=ballot.digest)
    jobs.add(tx, JobKind.COUNT, vote_id)
    notices.card(tx, config.channels, ballot.number)
    data: dict[str, Json] = {"vote": vote_id, "digest": ballot.digest}
    chain.record(tx, actor=str(deed.actor), action="vote.cast", ref=ref(ballot.number), data=data)
    return vote_id


def step(ctx: Context, job: JobRow) -> Step:
    """Count or void one vote; come back later when VOD cannot be read."""
    case = ctx.database.read(lambda tx: _case(tx, job.ref))
    if case is None:
        return Done()
    try:
        refusal = _unfit_voter(ctx, case)
        fresh = None if refusal else _fresh_plan(ctx, job, case)
    except (vod.VodError, _HiddenError) as exc:
        return _later(ctx, job, case, exc)
    ctx.database.write(lambda tx: _settle(tx, ctx.config, case, refusal, fresh))
    return Done()


class _HiddenError(Exception):
    """VOD does not show something that was shown before, and does not say either that it is gone."""

    code = "NotShown"
    advice = vod.Advice.NOT_SHOWN


@dataclass(frozen=True)
class _Case:
    """A vote with what it was cast on."""

    vote: VoteRow
    row: ProposalRow
    shown: Plan

    @property
    def voter(self) -> Actor:
        return Actor(self.vote.voter_team, self.vote.voter)

    @property
    def ear(self) -> Ear:
        return Ear(self.vote.channel, self.vote.voter)


def _castable(tx: Tx, config: Config, actor: Actor, row: ProposalRow | None, ballot: Ballot) -> Refusal | None:
    refusal = refuse_unless_in(row, ballot.number, State.PENDING)
    if refusal or row is None:
        return refusal or Refusal(Rule.NO_SUCH_PROPOSAL, {"number": ballot.number})
    return (
        decisions.may_approve(config.policy, actor, proposer=proposer_of(row))
        or _stands(tx, row, ballot.digest)
        or _in_time(tx, row)
        or _shown_whole(tx, row)
    )


def _shown_whole(tx: Tx, row: ProposalRow) -> Refusal | None:
    """Refuse while the rest of a long plan, which the card does not hold, was not posted."""
    stored = proposals.plan_of(tx, row.id, row.revision)
    if stored is None or len(plan.parse(stored.plan).targets) < collecting.MANIFEST_FROM:
        return None
    posted = notices.manifest_was_posted(tx, row.id, revision=row.revision)
    return None if posted else Refusal(Rule.LIST_NOT_SHOWN, {"number": row.id})


def _stands(tx: Tx, row: ProposalRow, digest: str) -> Refusal | None:
    if digest == row.digest:
        return None
    known = digest in proposals.digests(tx, row.id)
    return Refusal(Rule.PLAN_CHANGED if known else Rule.DIGEST_UNKNOWN, {"number": row.id})


def _in_time(tx: Tx, row: ProposalRow) -> Refusal | None:
    return Refusal(Rule.TIME_IS_UP, {"number": row.id}) if tx.now_ms() >= row.expires_ms else None


def _case(tx: Tx, vote_id: int) -> _Case | None:
    vote = votes.get(tx, vote_id)
    row = proposals.get(tx, vote.proposal_id) if vote else None
    stored = proposals.plan_of(tx, row.id, row.revision) if row else None
    if vote is None or row is None or stored is None or vote.state != "cast":
        return None
    return _Case(vote, row, plan.parse(stored.plan))


def _unfit_voter(ctx: Context, case: _Case) -> Refusal | None:
    """Ask Slack who this is, now: a person who cannot be looked up may not approve."""
    try:
        person = ctx.directory.read(case.voter)
    except LookupFailedError:
        return Refusal(Rule.UNKNOWN_PERSON)
    return unfit(person, home_team=ctx.config.policy.home_team)


def _fresh_plan(ctx: Context, job: JobRow, case: _Case) -> Plan | None:
    """Read every asset again; return the new plan when anything is not as it was shown, else None."""
    reading = ctx.reader.read(case.shown.request, Keeper(ctx, job))
    if any(reading.hides(target.id) for target in case.shown.targets):
        raise _HiddenError
    fresh = collecting.plan_from(ctx, case.shown.request, reading)
    return fresh if _drift(case.shown, fresh) else None


def _drift(shown: Plan, fresh: Plan) -> list[Json]:
    """Tell what is not as it was shown, dangers included: a stream may have become the last one since."""
    changed = plan.drift(shown.targets, {target.id: target for target in fresh.targets})
    rows: list[Json] = [[d.target, d.field, d.before, d.after] for d in changed]
    known = frozenset(shown.warnings)
    news = [(warn, target) for warn, target in fresh.warnings if (warn, target) not in known]
    return rows + [[target, "warning", "none", warn] for warn, target in news if warn is not Warn.RECENT]


def _settle(tx: Tx, config: Config, case: _Case, refusal: Refusal | None, fresh: Plan | None) -> None:
    row = proposals.lock(tx, case.row.id)
    vote = votes.get(tx, case.vote.id)
    if row is None or vote is None or vote.state != "cast":
        return
    refusal = refusal or _countable(tx, config, case, row)
    if refusal is not None:
        _void(tx, config, case, refusal)
    elif fresh is not None and (too_much := decisions.bytes_within(config.policy, fresh)):
        _void(tx, config, case, too_much)
    elif fresh is not None:
        _replan(tx, config, case, row, fresh)
    else:
        _count(tx, config, case, row)


def _countable(tx: Tx, config: Config, case: _Case, row: ProposalRow) -> Refusal | None:
    if row.state != State.PENDING or row.digest != case.vote.digest:
        return Refusal(Rule.NOT_OPEN, {"number": row.id, "state": row.state, "note": {}})
    if case.shown.region != config.region:
        return Refusal(Rule.OTHER_REGION, {"number": row.id})
    return (
        decisions.may_approve(config.policy, case.voter, proposer=proposer_of(row))
        or _in_time(tx, row)
        or _shown_whole(tx, row)
    )


def _void(tx: Tx, config: Config, case: _Case, refusal: Refusal) -> None:
    note = refusal.to_json()
    votes.settle(tx, case.vote.id, state="void", note=canonical.dumps(note))
    notices.private(tx, case.ear, case.row.id, News.VOTE_VOID, {"number": case.row.id, "refusal": note})
    notices.card(tx, config.channels, case.row.id)
    data: dict[str, Json] = {"vote": case.vote.id, "digest": case.vote.digest, **note}
    chain.record(tx, actor=str(case.voter), action="vote.voided", ref=ref(case.row.id), data=data)


def _replan(tx: Tx, config: Config, case: _Case, row: ProposalRow, fresh: Plan) -> None:
    """The assets are not what was shown: void every vote and show the plan anew, or give up when none is left."""
    drift = _drift(case.shown, fresh)
    facts: dict[str, Json] = {"number": row.id, "drift": drift, "voter": case.vote.voter}
    if not fresh.targets:
        notices.thread(tx, config.channels, row.id, News.STALE, facts)
        notices.direct(tx, row.proposer, row.id, News.STALE, facts)
        close(tx, config, row, Event.ASSETS_GONE, chain.SYSTEM, {"drift": drift})
        return
    transition(tx, row, Event.PLAN_CHANGED, note={})
    changed = Refusal(Rule.PLAN_CHANGED, {"number": row.id})
    voided = void_votes(tx, row, changed, besides=case.vote.id)
    collecting.store_plan(tx, config, row, fresh, drift=canonical.dumps(drift))
    notices.thread(tx, config.channels, row.id, News.PLAN_CHANGED, facts)
    notices.private(tx, case.ear, row.id, News.PLAN_CHANGED, facts)
    data: dict[str, Json] = {"old": case.vote.digest, "digest": fresh.digest, "drift": drift}
    data["targets"] = [target.id for target in fresh.targets]
    data["votes_voided"] = voided
    chain.record(tx, actor=chain.SYSTEM, action="plan.changed", ref=ref(row.id), data=data)


def _count(tx: Tx, config: Config, case: _Case, row: ProposalRow) -> None:
    votes.settle(tx, case.vote.id, state="counted", note="{}")
    counted = [vote for vote in votes.of(tx, row.id, "counted") if vote.digest == row.digest]
    voters = frozenset(Actor(vote.voter_team, vote.voter) for vote in counted)
    reached = decisions.quorum_reached(voters, proposer=proposer_of(row), needed=row.needed)
    facts: dict[str, Json] = {
        "number": row.id,
        "actor": case.vote.voter,
        "counted": len(voters),
        "needed": row.needed,
    }
    notices.thread(tx, config.channels, row.id, News.VOTE_COUNTED, facts)
    notices.card(tx, config.channels, row.id)
    times = _open_execution(tx, config, row) if reached else {}
    data: dict[str, Json] = {"vote": case.vote.id, "digest": case.vote.digest, **facts}
    chain.record(tx, actor=str(case.voter), action="vote.counted", ref=ref(row.id), data=data)
    if reached:
        names: list[Json] = [str(voter) for voter in sorted(voters)]
        approval: dict[str, Json] = {"digest": row.digest, "approvals": names, **times}
        chain.record(tx, actor=chain.SYSTEM, action="proposal.approved", ref=ref(row.id), data=approval)


def _open_execution(tx: Tx, config: Config, row: ProposalRow) -> dict[str, Json]:
    """Approve a proposal; return from when and until when it may be carried out, for the log."""
    transition(tx, row, Event.QUORUM_REACHED, note={})
    now = tx.now_ms()
    hold_until = now + config.policy.hold_s * 1000
    execute_by = hold_until + config.policy.execute_within_s * 1000
    proposals.stamp(tx, row.id, Stamp(decided_ms=now, hold_until_ms=hold_until, execute_by_ms=execute_by))
    jobs.cancel(tx, JobKind.EXPIRE, row.id)
    jobs.add(tx, JobKind.EXECUTE, row.id, due_ms=hold_until)
    if config.policy.hold_s:
        facts: dict[str, Json] = {"number": row.id, "until_ms": hold_until}
        notices.thread(tx, config.channels, row.id, News.HOLDING, facts)
    return {"hold_until_ms": hold_until, "execute_by_ms": execute_by}


def _later(ctx: Context, job: JobRow, case: _Case, exc: vod.VodError | _HiddenError) -> Step:
    """VOD cannot be read: the vote waits, and its voter is told once."""
    if isinstance(exc, vod.Throttled):
        ctx.quota.throttled(exc.action)
    if job.attempts == 1:
        hidden: dict[str, Json] = {"code": exc.code, "advice": exc.advice}
        fault = reading_fault(exc) if isinstance(exc, vod.VodError) else hidden
        facts: dict[str, Json] = {"number": case.row.id, **fault}
        ctx.database.write(lambda tx: notices.private(tx, case.ear, case.row.id, News.VOTE_WAITS, facts))
    if case.row.state != State.PENDING:
        ctx.database.write(
            lambda tx: _settle(tx, ctx.config, case, Refusal(Rule.NOT_OPEN, {"number": case.row.id}), None)
        )
        return Done()
    pause = ctx.patience.pause(ctx.patience.retry, job.attempts - 1)
    return Again(ctx.database.now_ms() + pause, progress=False)
