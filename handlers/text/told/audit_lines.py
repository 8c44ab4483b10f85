"""The lines of the audit channel: one per event of the log, with its number, time, person and ids."""

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages.delivery import LogLine
from deletion.plan.plan import Plan
from deletion.terms.ids import ANCHOR, FREEZE, SubjectKind
from deletion.terms.requests.targets import query_of
from deletion.terms.results.causes import Cause
from handlers.text import people, reasons
from handlers.text.blocks import TEXT_MOST, Message, context, said, section
from handlers.text.escaping import clip, clock, code, escape, packed
from handlers.text.language import Language, sentence
from handlers.text.told import audit_anchor, audit_work

HEAVY = 9_000
"""Characters of the lines of one message; Slack takes about 12,000, counted after it has escaped them."""

RAW_MOST = 600
"""Characters of an event that this version does not know."""


_Refused: TypeAlias = (
    events.ProposalRefused
    | events.WithdrawalRefused
    | events.RejectionRefused
    | events.StopRefused
    | events.FreezeRefused
    | events.ReadingRefused
    | events.VoteRefused
    | events.QuestionRefused
    | events.AnswerRefused
)
_Question: TypeAlias = events.QuestionAsked | events.QuestionAnswered
_Vote: TypeAlias = events.VoteCast | events.VoteCounted | events.VoteVoided
_Plan: TypeAlias = events.PlanFrozen | events.PlanChanged | events.CollectionFailed
_End: TypeAlias = (
    events.ProposalRejected
    | events.ProposalWithdrawn
    | events.ProposalExpired
    | events.ProposalStopped
    | events.AssetsGone
    | events.PlanBroken
)
_Quorum: TypeAlias = events.ProposalApproved | events.QuorumRaised | events.QuorumLost
_Freeze: TypeAlias = events.FreezeBegun | events.FreezeEnded
_Anchor: TypeAlias = events.AnchorLost | events.AnchorRestored
Logged: TypeAlias = (
    events.ProposalMade
    | events.RestProposed
    | _Quorum
    | events.HoldAwaited
    | events.HoldBegun
    | events.UnknownEvent
    | _Refused
    | events.RefusalsCounted
    | _Vote
    | _Question
    | _Plan
    | _End
    | audit_work.Execution
    | audit_work.Items
    | audit_work.Call
    | _Freeze
    | _Anchor
)
"""Every event that the log can hold."""


def message(lang: Language, lines: Sequence[LogLine], plan: Plan | None = None) -> Message:
    """Render events; ``plan`` tells the titles of their items."""
    told = [_line(lang, line, plan) for line in lines]
    if sum(map(len, told)) > HEAVY:
        # Slack would not take them all: each begins with its number and what happened, which is what stays.
        told = [clip(line, HEAVY // len(told)) for line in told]
    return Message(clip("\n".join(told), TEXT_MOST), tuple(map(section, packed(told))))


def targets_of(lines: Sequence[LogLine]) -> tuple[str, ...]:
    """Return the targets that these events name one by one."""
    found = (target for line in lines for target in audit_work.targets_of(line.event))
    return tuple(dict.fromkeys(found))


def bare(lang: Language, lines: Sequence[LogLine]) -> Message:
    """Render only which events there are, for when they are more than Slack takes."""
    numbers = lang.series(f"`{line.seq}`" for line in lines)
    return said(lang.say("Events that could not be shown here; they are in the log: {numbers}.", numbers=numbers))


def head(lang: Language, seq: int, digest: str) -> Message:
    """Render the head of the log."""
    return said(_head(lang, seq, digest))


def stretch(lang: Language, lines: Sequence[LogLine], seq: int, digest: str) -> Message:
    """Render events with the head that they lead to, in one message, as earlier versions queued them."""
    told, anchor = [_line(lang, line, None) for line in lines], _head(lang, seq, digest)
    text = clip("\n".join(told), TEXT_MOST - len(anchor))
    return Message(f"{text}\n{anchor}", (*map(section, packed(told)), context(anchor)))


def _head(lang: Language, seq: int, digest: str) -> str:
    return lang.say("Head of the log: event {seq}, `{hash}`", seq=seq, hash=digest)


def _line(lang: Language, line: LogLine, plan: Plan | None) -> str:
    return f"`{line.seq}` {clock(line.at_ms)} {_about(lang, line.event)}: {what(lang, line.event, plan)}"


def _about(lang: Language, event: Event) -> str:
    if event.about.kind == FREEZE:
        return lang.say("all deletions")
    if event.about.kind == ANCHOR:
        return lang.say("the record")
    return f"#{event.about.number}" if event.about.number is not None else lang.say("no proposal")


def what(lang: Language, event: Event, plan: Plan | None = None) -> str:
    """Say what happened (mrkdwn); TypeError for an event that nobody wrote words for."""
    if not isinstance(event, Logged):
        raise TypeError(f"no words for {type(event).__name__}")
    match event:
        case events.ProposalMade() | events.RestProposed():
            return _made(lang, event)
        case events.ProposalApproved() | events.QuorumRaised() | events.QuorumLost():
            return _quorum(lang, event)
        case events.HoldAwaited() | events.HoldBegun():
            return _hold(lang, event)
        case events.UnknownEvent(named=named, payload=payload):
            return f"{code(named, 80)} {code(payload, RAW_MOST)}"
        case events.VoteCast() | events.VoteCounted() | events.VoteVoided():
            return _vote(lang, event)
        case events.PlanFrozen() | events.PlanChanged() | events.CollectionFailed():
            return _plan(lang, event, plan)
        case events.CallIntended() | events.CallAnswered() | events.CallAdopted() | events.CallFenced():
            return audit_work.call(lang, event, plan)
        case events.FreezeBegun() | events.FreezeEnded() | events.AnchorLost() | events.AnchorRestored():
            return _freeze(lang, event)
        case _:
            return _rest(lang, event, plan)


def _rest(
    lang: Language,
    event: _Refused | events.RefusalsCounted | _Question | _End | audit_work.Execution | audit_work.Items,
    plan: Plan | None,
) -> str:
    match event:
        case (
            events.ProposalRefused()
            | events.WithdrawalRefused()
            | events.RejectionRefused()
            | events.StopRefused()
            | events.FreezeRefused()
            | events.ReadingRefused()
            | events.VoteRefused()
            | events.QuestionRefused()
            | events.AnswerRefused()
        ):
            return _refused(lang, event)
        case events.RefusalsCounted():
            return _counted(lang, event)
        case events.QuestionAsked() | events.QuestionAnswered():
            return _question(lang, event)
        case events.ExecutionStarted() | events.ExecutionStopped() | events.ExecutionFinished():
            return audit_work.execution(lang, event)
        case events.ItemsHeld() | events.ItemsSettled() | events.CanaryPassed() | events.RampRaised():
            return audit_work.items(lang, event, plan)
        case _:
            return _end(lang, event)


def _made(lang: Language, event: events.ProposalMade | events.RestProposed) -> str:
    actor = people.named(event.by)
    if isinstance(event, events.RestProposed):
        return lang.say_n(
            "{actor} proposed the rest again, {n} item, as #{again}",
            "{actor} proposed the rest again, {n} items, as #{again}",
            event.count,
            actor=actor,
            again=event.proposal,
        )
    query = query_of(event.request)
    made = _proposed(lang, event, actor)
    if query is None:
        return made
    return lang.say("{made}; query (times in UTC): {query}", made=made, query=code(query.text(), 500))


def _proposed(lang: Language, event: events.ProposalMade, actor: str) -> str:
    told = {"actor": actor, "n": lang.number(event.needed), "reason": code(event.reason, 500)}
    if event.again is not None:
        return lang.say(
            "{actor} proposed a deletion again, the rest of #{first}; approvals needed: {n}; reason: {reason}",
            first=event.again,
            **told,
        )
    return lang.say("{actor} proposed a deletion; approvals needed: {n}; reason: {reason}", **told)


def _quorum(lang: Language, event: _Quorum) -> str:
    if isinstance(event, events.ProposalApproved):
        return _approved(lang, event)
    stands = {"counted": lang.number(event.counted), "needed": lang.number(event.needed)}
    if isinstance(event, events.QuorumRaised):
        return lang.say("it takes more approvals now: {counted} of {needed}", **stands)
    return lang.say("no longer approved: {counted} of {needed}; nothing was deleted", **stands)


def _approved(lang: Language, event: events.ProposalApproved) -> str:
    told = lang.say(
        "Quorum reached on plan {plan}: approved by {people}",
        plan=audit_work.whole(event.digest),
        people=people.listed(lang, event.approvals),
    )
    if event.hold_no and event.hold_s:
        return lang.say(
            "{told}; its hold of {time} begins when the card with the Stop button is in the channel",
            told=told,
            time=lang.lasting(event.hold_s),
        )
    if not event.hold_s or event.hold_until_ms is None:
        return told
    return lang.say("{told}; on hold until {time} UTC", told=told, time=clock(event.hold_until_ms))


def _hold(lang: Language, event: events.HoldAwaited | events.HoldBegun) -> str:
    if isinstance(event, events.HoldAwaited) and event.silence is not None:
        return lang.say(
            "the approvals channel took no messages or could not be read ({code}): its hold begins anew when the "
            "card with the Stop button is in the channel",
            code=code(event.silence, 60),
        )
    if isinstance(event, events.HoldAwaited):
        return lang.say("its hold begins anew when the card with the Stop button is in the channel")
    if event.hold_until_ms <= event.begun_ms:
        return lang.say("the card with the Stop button is in the channel")
    return lang.say(
        "the card with the Stop button is in the channel: on hold until {time} UTC",
        time=clock(event.hold_until_ms),
    )


_REFUSED: dict[type[Event], str] = {
    events.ProposalRefused: sentence("{actor} was refused a proposal: {rule}"),
    events.WithdrawalRefused: sentence("{actor} was refused a withdrawal: {rule}"),
    events.RejectionRefused: sentence("{actor} was refused a rejection: {rule}"),
    events.StopRefused: sentence("{actor} was refused a stop: {rule}"),
    events.FreezeRefused: sentence("{actor} was refused a freeze: {rule}"),
    events.ReadingRefused: sentence("{actor} was refused a reading: {rule}"),
    events.QuestionRefused: sentence("{actor} was refused a question: {rule}"),
    events.AnswerRefused: sentence("{actor} was refused an answer: {rule}"),
    events.VoteRefused: sentence("{actor} was refused an approval: {rule}"),
}

_VOTE_REFUSED: dict[SubjectKind, str] = {
    FREEZE: sentence("{actor} was refused a vote to unfreeze: {rule}"),
    ANCHOR: sentence("{actor} was refused a vote for this record: {rule}"),
}
"""What is said of votes on what is no proposal."""


def _refused(lang: Language, event: _Refused) -> str:
    text = _REFUSED[type(event)]
    if isinstance(event, events.VoteRefused):
        text = _VOTE_REFUSED.get(event.about.kind, text)
    return lang.say(text, actor=people.named(event.by), rule=code(event.refusal.rule, 40))


def _counted(lang: Language, event: events.RefusalsCounted) -> str:
    return lang.say_n(
        "{actor} was refused {n} more time until {time} UTC, counted without an event: {kind}, {rule}",
        "{actor} was refused {n} more times until {time} UTC, counted without events: {kind}, {rule}",
        event.count,
        actor=people.named(event.by),
        time=clock(event.last_ms),
        kind=code(event.refused, 40),
        rule=code(event.refusal.rule, 40),
    )


def _vote(lang: Language, event: _Vote) -> str:
    if event.about.kind == FREEZE:
        return _vote_to_unfreeze(lang, event)
    if event.about.kind == ANCHOR:
        return audit_anchor.vote(lang, event)
    named = {"actor": people.named(event.by), "plan": audit_work.short(event.digest or "")}
    match event:
        case events.VoteCast(typed=typed):
            told = lang.say("{actor} clicked Approve on plan {plan}; not counted yet", **named)
            if typed is not None:
                told = lang.say(
                    "{actor} approved plan {plan} and typed its number of items, {n}; not counted yet",
                    n=lang.number(typed),
                    **named,
                )
            return _commented(lang, told, event.comment)
        case events.VoteCounted():
            told = lang.say(
                "approval by {actor} of plan {plan} counted: {counted} of {needed}",
                counted=lang.number(event.counted),
                needed=lang.number(event.needed),
                **named,
            )
            return f"{told} {_entitled(lang, event)}".rstrip()
        case events.VoteVoided():
            rule = code(event.refusal.rule, 40)
            if event.was_counted:
                return lang.say("approval by {actor} of plan {plan} no longer counts: {rule}", rule=rule, **named)
            return lang.say("approval by {actor} of plan {plan} not counted: {rule}", rule=rule, **named)
        case _:
            assert_never(event)


def _commented(lang: Language, told: str, comment: str | None) -> str:
    """Add what somebody said with an approval."""
    return lang.say("{told}; comment: {comment}", told=told, comment=code(comment, 500)) if comment else told


def _question(lang: Language, event: _Question) -> str:
    actor, text = people.named(event.by), code(event.text, 500)
    if isinstance(event, events.QuestionAsked):
        return lang.say(
            "{actor} asked question {n}, looking at plan {plan}: {text}",
            actor=actor,
            n=event.question,
            plan=audit_work.short(event.digest),
            text=text,
        )
    return lang.say("{actor} answered question {n}: {text}", actor=actor, n=event.question, text=text)


def _vote_to_unfreeze(lang: Language, event: _Vote) -> str:
    actor = people.named(event.by)
    match event:
        case events.VoteCast():
            return lang.say("{actor} voted to unfreeze; not counted yet", actor=actor)
        case events.VoteCounted():
            told = lang.say(
                "vote by {actor} to unfreeze counted: {counted} of {needed}",
                actor=actor,
                counted=lang.number(event.counted),
                needed=lang.number(event.needed),
            )
            return f"{told} {_entitled(lang, event)}".rstrip()
        case events.VoteVoided():
            rule = code(event.refusal.rule, 40)
            return lang.say("vote by {actor} to unfreeze not counted: {rule}", actor=actor, rule=rule)
        case _:
            assert_never(event)


def _entitled(lang: Language, event: events.VoteCounted) -> str:
    """Say by which rule a vote counts, where the log says so."""
    if not event.rule:
        return ""
    if not event.group:
        return lang.say("(rule {rule})", rule=code(event.rule, 60))
    return lang.say("(rule {rule}, group {group})", rule=code(event.rule, 60), group=code(event.group, 60))


def _plan(lang: Language, event: _Plan, plan: Plan | None) -> str:
    match event:
        case events.PlanFrozen():
            return lang.say_n(
                "plan fixed: {plan}, revision {revision}, {n} item: {items}",
                "plan fixed: {plan}, revision {revision}, {n} items: {items}",
                event.size,
                plan=audit_work.whole(event.digest),
                revision=event.revision,
                items=audit_work.planned(lang, event, plan),
            )
        case events.PlanChanged():
            return lang.say_n(
                "the assets changed: plan {old} is void, new plan fixed: {plan}, {n} item: {items}",
                "the assets changed: plan {old} is void, new plan fixed: {plan}, {n} items: {items}",
                event.size,
                old=audit_work.short(event.old),
                plan=audit_work.whole(event.digest),
                items=audit_work.planned(lang, event, plan),
            )
        case events.CollectionFailed():
            return lang.say("not opened for approval. {why}", why=reasons.not_collected(lang, event))
        case _:
            assert_never(event)


def _end(lang: Language, event: _End) -> str:
    actor = people.named(event.by)
    match event:
        case events.ProposalRejected(why=why):
            return lang.say("{actor} rejected it: {why}", actor=actor, why=code(why, 500))
        case events.ProposalWithdrawn():
            return lang.say("{actor} withdrew it", actor=actor)
        case events.ProposalExpired():
            return lang.say("expired; nothing was deleted")
        case events.ProposalStopped(because=Cause() as because):
            why = escape(reasons.cause(lang, because))
            return lang.say("stopped before it started: {because}; nothing was deleted", because=why)
        case events.ProposalStopped():
            return lang.say("{actor} stopped it before it started; nothing was deleted", actor=actor)
        case events.AssetsGone():
            return lang.say("closed: nothing of it is in VOD any more; nothing was deleted here")
        case events.PlanBroken(because=because):
            why = escape(reasons.cause(lang, because))
            return lang.say("closed: {because}; nothing was deleted", because=why)
        case _:
            assert_never(event)


def _freeze(lang: Language, event: _Freeze | _Anchor) -> str:
    match event:
        case events.AnchorLost() | events.AnchorRestored():
            return audit_anchor.what(lang, event)
        case events.FreezeBegun(why=""):
            return lang.say("{actor} froze all deletions", actor=people.named(event.by))
        case events.FreezeBegun(why=why):
            return lang.say(
                "{actor} froze all deletions; reason: {why}", actor=people.named(event.by), why=code(why, 500)
            )
        case events.FreezeEnded():
            return lang.say("unfrozen by {people}", people=people.listed(lang, event.people))
        case _:
            assert_never(event)
