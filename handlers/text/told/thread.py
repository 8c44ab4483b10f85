"""What the thread under a proposal's card is told: a reply per event or notice."""

from typing import TypeAlias, assert_never

from deletion.audit import events, notices
from deletion.terms.progress import Progress
from deletion.terms.ramp import Stage
from deletion.terms.results.causes import Cause
from deletion.terms.results.outcomes import Outcome
from deletion.views import ProposalView
from handlers.text import links, people, reasons, words
from handlers.text.blocks import Message, said
from handlers.text.escaping import code, escape
from handlers.text.language import Language
from handlers.text.proposals import standing
from handlers.text.told import changes, results

ThreadTold: TypeAlias = (
    events.PlanChanged
    | events.ProposalRejected
    | events.ProposalWithdrawn
    | events.ProposalExpired
    | events.ProposalStopped
    | events.AssetsGone
    | events.VoteCounted
    | events.ProposalApproved
    | events.HoldAwaited
    | events.HoldBegun
    | events.QuorumRaised
    | events.QuorumLost
    | events.ExecutionStarted
    | events.ExecutionStopped
    | events.ExecutionFinished
    | events.CanaryPassed
    | events.RestProposed
    | events.RampRaised
    | notices.CallsWait
    | notices.PeopleUnconfirmed
    | notices.AuditChannelSilent
    | notices.AuditChannelUnread
    | notices.DeletionsLate
    | notices.ProgressMade
)


def message(lang: Language, told: ThreadTold, view: ProposalView, home: str = "") -> Message:
    """Render a reply in a card's thread; ``home`` is the workspace's address, or '' when it is not known."""
    match told:
        case events.PlanChanged():
            return changes.plan_changed(lang, told, view)
        case events.AssetsGone():
            return changes.assets_gone(lang, told, view)
        case events.ExecutionFinished():
            return results.message(lang, view)
        case events.HoldBegun():
            return said(_on_hold(lang, told, view))
        case events.HoldAwaited():
            return said(_unseen(lang, told))
        case events.RestProposed():
            return said(_again(lang, told, view, home))
        case events.RampRaised():
            return said(_raised(lang, told))
        case events.CanaryPassed() if view.row.ramp is not None:
            return said(_first_of_a_few(lang, told))
        case _:
            return said(_sentence(lang, told, view))


def not_shown(lang: Language, number: int) -> str:
    """Say that there was a message that Slack would not take."""
    return lang.say(
        "A message about #{number} could not be shown. `/vod status {number}` tells how it stands.", number=number
    )


_Said: TypeAlias = (
    events.ProposalRejected
    | events.ProposalWithdrawn
    | events.ProposalExpired
    | events.ProposalStopped
    | events.VoteCounted
    | events.ProposalApproved
    | events.QuorumRaised
    | events.QuorumLost
    | events.ExecutionStarted
    | events.ExecutionStopped
    | events.CanaryPassed
    | notices.CallsWait
    | notices.PeopleUnconfirmed
    | notices.AuditChannelSilent
    | notices.AuditChannelUnread
    | notices.DeletionsLate
    | notices.ProgressMade
)


def _sentence(lang: Language, told: _Said, view: ProposalView) -> str:
    match told:
        case events.ProposalRejected(why=why):
            return lang.say(
                "{actor} rejected this: {why}. Nothing was deleted.",
                actor=people.named(told.by),
                why=code(why, 500),
            )
        case events.ProposalWithdrawn():
            return lang.say("{actor} withdrew this. Nothing was deleted.", actor=people.named(told.by))
        case events.ProposalExpired():
            return lang.say("This expired before it could be executed. Nothing was deleted.")
        case events.ProposalStopped(because=Cause() as because):
            return lang.say(
                "*Stopped before it started: {because}.* Nothing was deleted.",
                because=escape(reasons.cause(lang, because)),
            )
        case events.ProposalStopped():
            actor = people.named(told.by)
            return lang.say("{actor} stopped this before it started. Nothing was deleted.", actor=actor)
        case events.VoteCounted():
            return _counted(lang, told, view)
        case events.ProposalApproved():
            return _approved(lang, told)
        case events.QuorumRaised() | events.QuorumLost():
            return _recounted(lang, told)
        case _:
            return _work(lang, told)


_Work: TypeAlias = (
    events.ExecutionStarted
    | events.ExecutionStopped
    | events.CanaryPassed
    | notices.CallsWait
    | notices.PeopleUnconfirmed
    | notices.AuditChannelSilent
    | notices.AuditChannelUnread
    | notices.DeletionsLate
    | notices.ProgressMade
)


def _work(lang: Language, told: _Work) -> str:
    match told:
        case events.ExecutionStarted():
            return _started(lang, told)
        case events.ExecutionStopped():
            return _stopped(lang, told)
        case events.CanaryPassed():
            return _canary(lang, told)
        case notices.CallsWait(vod=fault):
            return lang.say(
                "Waiting for VOD: {fault} Retrying automatically; no call is sent twice.",
                fault=reasons.fault(lang, fault),
            )
        case notices.PeopleUnconfirmed():
            return lang.say(
                "Waiting for Slack, which cannot confirm the proposer and the approvers right now: nothing is sent "
                "until it can. Retrying automatically."
            )
        case notices.AuditChannelUnread(code=why):
            return lang.say(
                "Waiting: the approvals channel or the audit channel cannot be read ({code}), so nobody could see "
                "what happens or knows whether this record is whole, and nothing is deleted. Retrying "
                "automatically. If this goes on, see that neither is archived and that Countersign is in both.",
                code=code(why, 60),
            )
        case notices.AuditChannelSilent(code=why):
            return lang.say(
                "Waiting: the audit channel takes no messages ({code}), and nothing is deleted that is not shown "
                "there. Retrying automatically. If this goes on, see that the audit channel is not archived, and "
                "that Countersign is in it and may post there.",
                code=code(why, 60),
            )
        case notices.DeletionsLate(count=count):
            return lang.say_n(
                "VOD was asked to delete {n} item whose absence is not verified yet. "
                "Verification goes on; until then it does not count as deleted.",
                "VOD was asked to delete {n} items whose absence is not verified yet. "
                "Verification goes on; until then they do not count as deleted.",
                count,
            )
        case notices.ProgressMade():
            return _progress(lang, told)
        case _:
            assert_never(told)


def _counted(lang: Language, told: events.VoteCounted, view: ProposalView) -> str:
    comment = view.comment_with(told.vote)
    said_with_it = lang.say("Their comment: {comment}.", comment=code(comment, 500)) if comment else ""
    return lang.sentences(_approval(lang, told), said_with_it, words.newcomers(lang, told.newcomers))


def _approval(lang: Language, told: events.VoteCounted) -> str:
    return lang.say_n(
        "{actor} approved: {counted} of {n} approval. Every item was checked again and is unchanged.",
        "{actor} approved: {counted} of {n} approvals. Every item was checked again and is unchanged.",
        told.needed,
        actor=people.named(told.by),
        counted=lang.number(told.counted),
    )


def _recounted(lang: Language, told: events.QuorumRaised | events.QuorumLost) -> str:
    """Say that it takes more than was said before, or that an approval fell."""
    stands = lang.say_n(
        "{counted} of {n} approval counts.",
        "{counted} of {n} approvals count.",
        told.needed,
        counted=lang.number(told.counted),
    )
    if isinstance(told, events.QuorumRaised):
        return lang.sentences(lang.say("The settings now ask for more approvals than before."), stands)
    people_ = people.listed(lang, told.votes_voided)
    fell = lang.say("Approvals that no longer count: {people}.", people=people_) if told.votes_voided else ""
    opening = lang.say("*No longer approved:* nothing was deleted, and this waits for approval again.")
    return lang.sentences(*filter(None, (opening, fell, stands)))


def _approved(lang: Language, told: events.ProposalApproved) -> str:
    """Tell it as earlier versions queued it: their holds began with the quorum."""
    opening = lang.say("Quorum reached.")
    if told.approvals:
        opening = lang.say("Quorum reached: approved by {people}.", people=people.listed(lang, told.approvals))
    starts = lang.say("The deletion starts now.")
    if told.hold_until_ms is not None:
        starts = _until(lang, told.hold_until_ms)
    return lang.sentences(opening, starts)


def _on_hold(lang: Language, told: events.HoldBegun, view: ProposalView) -> str:
    """Tell until when a hold lasts that has just begun, or begun anew."""
    if told.hold_no > 1:
        opening = lang.say("The hold has begun anew.")
    else:
        opening = lang.say("Quorum reached: approved by {people}.", people=words.who(lang, view.approved_by))
    return lang.sentences(opening, _until(lang, told.hold_until_ms))


def _again(lang: Language, told: events.RestProposed, view: ProposalView, home: str) -> str:
    """Tell that what was left is proposed again; its card may not be there yet."""
    card = view.again.card if view.again and view.again.number == told.proposal else None
    return lang.say(
        "{actor} proposed the rest again: {what}, as {again}. It needs its own approvals.",
        actor=people.named(told.by),
        what=words.things(lang, view.request, told.count),
        again=links.to_card(told.proposal, card, home),
    )


def _unseen(lang: Language, told: events.HoldAwaited) -> str:
    """Tell afterwards that there was a while in which nobody could see this."""
    opening = lang.say(
        "For a while the approvals channel took no messages or could not be read (from {time} on; {code}).",
        time=lang.instant(told.silent_ms or 0),
        code=code(told.silence or "", 60),
    )
    if not told.hold_s:
        return lang.sentences(opening, lang.say("The deletion goes on now that the card is shown again."))
    return lang.sentences(
        opening,
        lang.say(
            "The hold of {time} begins again, so that everybody can still stop it.", time=lang.lasting(told.hold_s)
        ),
    )


def _until(lang: Language, until_ms: int) -> str:
    return lang.say(
        "On hold until {time}; then the deletion starts. Until then nothing is deleted, and its proposer or "
        "any approver can stop it with the button on the card.",
        time=lang.instant(until_ms),
    )


def _started(lang: Language, told: events.ExecutionStarted) -> str:
    if told.canary:
        return lang.say_n(
            "Deleting {n} item now. It is tried alone first.",
            "Deleting {n} items now. One is tried alone first; the rest follows once its absence is verified.",
            told.count,
        )
    return lang.say_n(
        "Deleting {n} item now. The result follows here.",
        "Deleting {n} items now. Results follow here.",
        told.count,
    )


def _stopped(lang: Language, told: events.ExecutionStopped) -> str:
    if told.by is not None:
        opening = lang.say("*{actor} stopped this.*", actor=people.named(told.by))
    else:
        opening = lang.say("*Stopped: {because}.*", because=escape(reasons.cause(lang, told.because)))
    if not told.count:
        return lang.sentences(opening, lang.say("Nothing was left to send. Calls already sent are being verified."))
    unsent = lang.say_n(
        "No further calls will be sent: {n} item was still waiting. Calls already sent are being verified.",
        "No further calls will be sent: {n} items were still waiting. Calls already sent are being verified.",
        told.count,
    )
    return lang.sentences(opening, unsent)


def _canary(lang: Language, told: events.CanaryPassed) -> str:
    if told.outcome is Outcome.DELETED:
        target = code(told.target or "", 80)
        return lang.say("The absence of the first item ({item}) is verified. The rest follows now.", item=target)
    return lang.say("There was nothing to try alone. The rest follows now.")


def _first_of_a_few(lang: Language, told: events.CanaryPassed) -> str:
    """Say it of a deletion that goes on step by step."""
    if told.outcome is Outcome.DELETED:
        target = code(told.target or "", 80)
        return lang.say(
            "The absence of the first item ({item}) is verified. The rest follows step by step.", item=target
        )
    return lang.say("There was nothing to try alone. The rest follows step by step.")


def _raised(lang: Language, told: events.RampRaised) -> str:
    """Say with how much a deletion goes on, and that there is still time to stop it."""
    if told.items is None or told.seconds is None:
        return lang.say("Going on at the whole of VOD's quota.")
    stage = standing.stage(lang, Stage(told.items, told.seconds, told.percent))
    return lang.say(
        "Going on with {stage} for at least {time}. It can still be stopped.",
        stage=stage,
        time=lang.lasting(told.seconds),
    )


def _progress(lang: Language, told: notices.ProgressMade) -> str:
    progress = Progress(told.done, told.total, told.per_minute, told.left_s)
    done, pace = standing.done(lang, progress), standing.pace(lang, progress)
    return lang.say("{done}; {pace}.", done=done, pace=pace) if pace else lang.say("{done}.", done=done)
