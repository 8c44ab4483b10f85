"""Freezing everything, by anybody in the channel at once; and thawing it, which takes two people.

While a freeze is open no delete call is begun, by any instance, for any proposal. Reading, voting and reading back
go on: none of them deletes anything.
"""

from deletion.approval.proposal import SlackAction, refuse, replayed
from deletion.audit import chain, notices
from deletion.audit.notices import Ear, News
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.people import Actor, LookupFailedError, unfit
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from storage import Tx
from storage.tables import freezes, jobs, proposals, rate_limits
from storage.tables.freezes import FreezeRow, ThawRow
from storage.tables.jobs import JobRow

CARDS = 20
"""Cards that are shown anew when everything is frozen or thawed: the newest deletions that it touches."""


ASK_WITHIN_MS = 15 * 60 * 1000
"""How long Slack is asked who a wish to thaw is from before the wish is void and has to be made again."""


def freeze(tx: Tx, config: Config, deed: SlackAction, *, channel: str, why: str) -> FreezeRow | Refusal:
    """Let nothing more be deleted, from this transaction's commit on: a request being sent is waited for."""
    rate_limits.lock_wire(tx)
    in_channel = channel == config.channels.approvals
    refusal = replayed(tx, deed) or decisions.may_freeze(config.policy, deed.actor, in_channel=in_channel)
    if refusal:
        return refuse(tx, deed, "freeze.refused", "freeze/none", refusal)
    reason = canonical.clean(why)
    by = (deed.actor.team, deed.actor.user)
    freeze_id = freezes.begin(tx, by=by, channel=channel, reason=reason)
    while (row := freezes.current(tx)) is None:
        # What was in the way has been thawed since. "Already frozen" is said only of a freeze that is open.
        freeze_id = freezes.begin(tx, by=by, channel=channel, reason=reason)
    if freeze_id is None:
        facts: dict[str, Json] = {"actor": row.person}
        return refuse(tx, deed, "freeze.refused", "freeze/none", Refusal(Rule.ALREADY_FROZEN, facts))
    notices.channel(tx, config.channels, News.FROZEN, {"actor": deed.actor.user, "why": reason})
    _show_anew(tx, config)
    chain.record(tx, actor=str(deed.actor), action="freeze.begun", ref=_ref(freeze_id), data={"why": reason})
    return row


def thaw(tx: Tx, config: Config, deed: SlackAction, *, channel: str) -> int | Refusal:
    """Record one person's wish to end the freeze; return its number. It counts once Slack said who they are."""
    row = freezes.lock_current(tx)
    refusal = replayed(tx, deed) or (Refusal(Rule.NOT_FROZEN) if row is None else None)
    refusal = refusal or decisions.may_thaw(config.policy, deed.actor)
    about = _ref(row.id) if row else "freeze/none"
    wish = None
    if refusal is None and row is not None:
        wish = freezes.cast(tx, row.id, by=(deed.actor.team, deed.actor.user), channel=channel)
    if refusal or wish is None:
        return refuse(tx, deed, "thaw.refused", about, refusal or Refusal(Rule.ALREADY_THAWED))
    jobs.add(tx, JobKind.THAW, wish)
    chain.record(tx, actor=str(deed.actor), action="thaw.cast", ref=about, data={"wish": wish})
    return wish


def step(ctx: Context, job: JobRow) -> Step:
    """Count one wish to thaw, after asking Slack who it is from; a failed question is asked again, for a while."""
    wish = ctx.database.read(lambda tx: freezes.thaw(tx, job.ref))
    if wish is None or wish.state != "cast":
        return Done()
    try:
        person = ctx.directory.read(Actor(wish.team, wish.person))
        refusal = unfit(person, home_team=ctx.config.policy.home_team)
    except LookupFailedError:
        now = ctx.database.now_ms()
        if now < wish.cast_ms + ASK_WITHIN_MS:
            pause = ctx.patience.pause(ctx.patience.retry, job.attempts - 1)
            return Again(now + pause, progress=False)
        refusal = Refusal(Rule.UNKNOWN_PERSON)
    ctx.database.write(lambda tx: _settle(tx, ctx.config, wish, refusal))
    return Done()


def _settle(tx: Tx, config: Config, wish: ThawRow, refusal: Refusal | None) -> None:
    row = freezes.lock_current(tx)
    actor = Actor(wish.team, wish.person)
    if row is None or row.id != wish.freeze_id:
        refusal = Refusal(Rule.NOT_FROZEN)
    refusal = refusal or decisions.may_thaw(config.policy, actor)
    if not freezes.settle(tx, wish.id, state="void" if refusal else "counted"):
        return
    if refusal or row is None:
        told = (refusal or Refusal(Rule.NOT_FROZEN)).to_json()
        notices.private(tx, Ear(wish.channel, wish.person), None, News.THAW_VOID, {"refusal": told})
        chain.record(tx, actor=str(actor), action="thaw.voided", ref=_ref(wish.freeze_id), data=told)
        return
    people = frozenset(Actor(each.team, each.person) for each in freezes.counted(tx, row.id))
    over = decisions.is_thawed(config.policy, people)
    facts: dict[str, Json] = {
        "actor": wish.person,
        "people": sorted(person.user for person in people),
        "counted": len(people),
        "needed": decisions.THAWS_NEEDED,
    }
    notices.channel(tx, config.channels, News.THAWED if over else News.THAW_COUNTED, facts)
    if over:
        freezes.end(tx, row.id)
        jobs.hasten(tx, JobKind.EXECUTE)
        _show_anew(tx, config)
    chain.record(tx, actor=str(actor), action="thaw.counted", ref=_ref(row.id), data=facts)
    if over:
        by: dict[str, Json] = {"by": [str(person) for person in sorted(people)]}
        chain.record(tx, actor=chain.SYSTEM, action="freeze.ended", ref=_ref(row.id), data=by)


def _show_anew(tx: Tx, config: Config) -> None:
    for row in proposals.in_states(tx, State.APPROVED, State.EXECUTING, limit=CARDS):
        notices.card(tx, config.channels, row.id)


def _ref(freeze_id: int) -> str:
    return f"freeze/{freeze_id}"
