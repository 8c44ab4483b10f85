"""Messages that earlier versions queued, read as the event or the notice that says the same.

Those versions queued a kind of news with its facts; the audit channel got stretches of the log. Slack users are
named without their workspace there, and a revision or a digest is not named at all.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from deletion.audit import codec, events, notices
from deletion.audit.events import Event
from deletion.audit.fields import NO_DIGEST
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import Notice
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.ids import ProposalNumber, freeze_ref, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal
from deletion.terms.results.causes import Cause
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import Difference
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State

Facts = Mapping[str, Any]


class News(StrEnum):
    """The kinds of news that earlier versions queued."""

    REFUSED = "refused"
    VOTE_CAST = "vote cast"
    VOTE_COUNTED = "vote counted"
    VOTE_VOID = "vote void"
    VOTE_WAITS = "vote waits"
    COLLECTION_WAITS = "collection waits"
    COLLECTION_FAILED = "collection failed"
    PROPOSED = "proposed"
    PLAN_CHANGED = "plan changed"
    STALE = "stale"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    HOLDING = "holding"
    STOPPED = "stopped"
    STARTED = "started"
    CANARY = "canary"
    PROGRESS = "progress"
    WAITING = "waiting"
    LATE = "late"
    FINISHED = "finished"
    FROZEN = "frozen"
    THAW_COUNTED = "thaw counted"
    THAW_VOID = "thaw void"
    THAWED = "thawed"


def told(kind: MessageKind, number: int | None, message: Facts) -> Event | Notice:
    """Return what a message reports; ValueError for news of no earlier version, KeyError for facts that miss."""
    news, facts = News(message["news"]), message["facts"]
    if kind is MessageKind.PRIVATE:
        return _answer(news, number, facts)
    if news in _FREEZE_NEWS:
        return _about_freeze(news, facts)
    if news in _WORK_NEWS:
        return _about_work(news, number, facts)
    return _about_proposal(news, number, facts)


_FREEZE_NEWS = {News.FROZEN, News.THAW_COUNTED, News.THAWED}
_WORK_NEWS = {
    News.HOLDING,
    News.STARTED,
    News.CANARY,
    News.PROGRESS,
    News.WAITING,
    News.LATE,
    News.FINISHED,
    News.STOPPED,
}


def _answer(news: News, number: int | None, facts: Facts) -> Event | Notice:
    """Read a private answer."""
    about = ProposalNumber(number) if number else None
    match news:
        case News.REFUSED:
            return notices.ActionRefused(number=about, refusal=Refusal.from_json(facts["refusal"]))
        case News.VOTE_CAST:
            return notices.VoteRecorded(number=about)
        case News.VOTE_VOID | News.THAW_VOID:
            return notices.VoteNotCounted(number=about, refusal=Refusal.from_json(facts["refusal"]))
        case News.VOTE_WAITS:
            return notices.VoteWaits(number=about, vod=_fault(facts))
        case News.PLAN_CHANGED:
            return _plan_changed(number, facts)
        case News.REJECTED:
            return notices.RejectionRecorded(number=about)
        case News.WITHDRAWN:
            return notices.WithdrawalRecorded(number=about)
        case News.STOPPED:
            return notices.StopRecorded(number=about, was=State(facts["state"]))
        case _:
            raise ValueError(f"no earlier version answered anybody with: {news}")


def _about_freeze(news: News, facts: Facts) -> Event:
    about = freeze_ref(None)
    match news:
        case News.FROZEN:
            return events.FreezeBegun(about=about, by=_actor(facts), why=facts["why"])
        case News.THAW_COUNTED:
            return events.VoteCounted(
                about=about, by=_actor(facts), counted=facts["counted"], needed=facts["needed"]
            )
        case _:
            people = tuple(str(Actor("", user)) for user in facts["people"])
            return events.FreezeEnded(about=about, people=people)


def _about_proposal(news: News, number: int | None, facts: Facts) -> Event | Notice:
    """Read what a thread or a proposer was told of a proposal that was not under way."""
    about, by = proposal_ref(number), _actor(facts)
    match news:
        case News.VOTE_COUNTED:
            return events.VoteCounted(about=about, by=by, counted=facts["counted"], needed=facts["needed"])
        case News.PROPOSED:
            return events.PlanFrozen(about=about, digest=NO_DIGEST, revision=0, targets=())
        case News.COLLECTION_WAITS:
            waiting = ProposalNumber(number) if number else None
            return notices.CollectionWaits(number=waiting, vod=_fault(facts["vod"]), until_ms=facts["until_ms"])
        case News.COLLECTION_FAILED:
            return _collection_failed(number, facts)
        case News.PLAN_CHANGED:
            return _plan_changed(number, facts)
        case _:
            return _about_end(news, number, facts)


def _about_end(news: News, number: int | None, facts: Facts) -> Event:
    """Read how a proposal ended with nothing deleted."""
    about, by = proposal_ref(number), _actor(facts)
    match news:
        case News.STALE if "because" in facts:
            return events.PlanBroken(about=about, because=Cause.from_json(facts["because"]))
        case News.STALE:
            return events.AssetsGone(about=about, drift=_drift(facts))
        case News.REJECTED:
            return events.ProposalRejected(about=about, by=by, why=facts["why"])
        case News.WITHDRAWN:
            return events.ProposalWithdrawn(about=about, by=by)
        case News.EXPIRED:
            return events.ProposalExpired(about=about)
        case _:
            raise ValueError(f"no earlier version told a thread or a person: {news}")


def _about_work(news: News, number: int | None, facts: Facts) -> Event | Notice:
    """Read what a thread was told of a deletion that was approved."""
    about, subject = proposal_ref(number), ProposalNumber(number) if number else None
    match news:
        case News.HOLDING:
            return events.ProposalApproved(
                about=about, digest=NO_DIGEST, approvals=(), hold_until_ms=facts["until_ms"], hold_s=1
            )
        case News.STARTED:
            canary = bool(facts.get("canary"))
            return events.ExecutionStarted(about=about, digest=NO_DIGEST, count=facts["count"], canary=canary)
        case News.CANARY:
            outcome = Outcome(facts["outcome"]) if facts["outcome"] else None
            return events.CanaryPassed(about=about, target=facts["target"], outcome=outcome)
        case News.PROGRESS:
            return notices.ProgressMade(
                number=subject,
                done=facts["done"],
                total=facts["total"],
                per_minute=facts["per_minute"],
                left_s=facts["left_s"],
            )
        case News.WAITING:
            return notices.CallsWait(number=subject, vod=_fault(facts["vod"]))
        case News.LATE:
            return notices.DeletionsLate(number=subject, count=facts["count"])
        case News.STOPPED if "because" in facts:
            because = Cause.from_json(facts["because"])
            return events.ExecutionStopped(about=about, by=_actor(facts), count=facts["count"], because=because)
        case News.STOPPED:
            return events.ProposalStopped(about=about, by=_actor(facts))
        case _:
            return events.ExecutionFinished(about=about, digest=NO_DIGEST, tally={})


def _plan_changed(number: int | None, facts: Facts) -> Event:
    return events.PlanChanged(
        about=proposal_ref(number), old=NO_DIGEST, digest=NO_DIGEST, drift=_drift(facts), targets=()
    )


def _collection_failed(number: int | None, facts: Facts) -> Event:
    """Read it as the event of the log that was written with it: the same facts under the same names."""
    payload: dict[str, Json] = {
        "action": events.CollectionFailed.action,
        "actor": codec.SYSTEM,
        "ref": str(proposal_ref(number)),
        "data": facts,
    }
    return codec.decode(canonical.dumps(payload))


def _actor(facts: Facts) -> Actor | None:
    return Actor("", facts["actor"]) if facts.get("actor") else None


def _drift(facts: Facts) -> tuple[Difference, ...]:
    return tuple(Difference(*row) for row in facts["drift"])


def _fault(facts: Facts) -> VodFault:
    return VodFault(
        code=facts["code"],
        advice=facts.get("advice") or "",
        action=facts.get("action"),
        request_id=facts.get("request_id"),
    )
