"""Lines of the audit channel about the work: a deletion's progress, its items and its calls."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias, assert_never

from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.fields import CallAnswer
from deletion.plan.plan import DIGEST_SHOWN, Plan
from deletion.terms.place import Place
from deletion.terms.ramp import Stage
from deletion.terms.results.outcomes import GONE, Outcome
from handlers.text import people, reasons, words
from handlers.text.escaping import code, escape, safe
from handlers.text.facts import locations
from handlers.text.language import Language, sentence
from handlers.text.proposals import standing

NAMED = 20
"""Items of an event that are named one by one: as many as one call deletes."""

_MISSING = sentence("{n} missing")
_REFUSED = sentence("{n} refused")

Execution: TypeAlias = events.ExecutionStarted | events.ExecutionStopped | events.ExecutionFinished
Items: TypeAlias = events.ItemsHeld | events.ItemsSettled | events.CanaryPassed | events.RampRaised
Call: TypeAlias = events.CallIntended | events.CallAnswered | events.CallAdopted | events.CallFenced


def execution(lang: Language, event: Execution) -> str:
    """Say how far a deletion is: started, stopped, finished."""
    match event:
        case events.ExecutionStarted(count=count):
            told = lang.say_n("deletion started: {n} item", "deletion started: {n} items", count)
            return _where(lang, event, told)
        case events.ExecutionStopped():
            return _stopped(lang, event)
        case events.ExecutionFinished(tally=tally):
            ended = lang.series(
                lang.say(words.TALLIES[outcome], n=lang.number(tally[outcome])) for outcome in tally
            )
            if set(tally) - GONE:
                return lang.say("finished, NOT ALL DELETED: {tally}", tally=ended)
            return lang.say("finished: {tally}", tally=ended)
        case _:
            assert_never(event)


def _stopped(lang: Language, event: events.ExecutionStopped) -> str:
    actor = people.named(event.by) if event.by else None
    because = escape(reasons.cause(lang, event.because))
    if not event.count:
        if actor:
            return lang.say("{actor} stopped the deletion; nothing was left to send", actor=actor)
        return lang.say("deletion stopped: {because}; nothing was left to send", because=because)
    if actor:
        return lang.say_n(
            "{actor} stopped the deletion; {n} item not sent",
            "{actor} stopped the deletion; {n} items not sent",
            event.count,
            actor=actor,
        )
    return lang.say_n(
        "deletion stopped: {because}; {n} item not sent",
        "deletion stopped: {because}; {n} items not sent",
        event.count,
        because=because,
    )


def items(lang: Language, event: Items, plan: Plan | None) -> str:
    """Say what became of items."""
    match event:
        case events.ItemsHeld(items=held):
            named = [_outcome(lang, each.target, each.outcome, plan) for each in held]
            return _where(lang, event, lang.say("not sent: {items}", items=_some(lang, named)))
        case events.ItemsSettled(items=settled):
            named = [_outcome(lang, each.target, each.outcome, plan) for each in settled]
            return _where(lang, event, lang.say("result: {items}", items=_some(lang, named)))
        case events.CanaryPassed(target=None):
            return lang.say("there was nothing to try alone")
        case events.CanaryPassed(target=target, outcome=outcome):
            item = _outcome(lang, target or "", outcome, plan)
            return lang.say("first item, tried alone: {item}", item=item)
        case events.RampRaised(items=int() as count, seconds=int() as seconds, percent=percent):
            stage = standing.stage(lang, Stage(count, seconds, percent))
            return lang.say("goes on with {stage} for at least {time}", stage=stage, time=lang.lasting(seconds))
        case events.RampRaised():
            return lang.say("goes on at the whole of VOD's quota")
        case _:
            assert_never(event)


def call(lang: Language, event: Call, plan: Plan | None) -> str:
    """Say what became of a call that deletes."""
    named = code(event.call, 40)
    match event:
        case events.CallIntended(api=api, targets=targets):
            listed = names(lang, targets, plan)
            told = lang.say(
                "call {call} about to be sent: {api} for {items}", call=named, api=safe(api), items=listed
            )
            return _where(lang, event, told)
        case events.CallAnswered(answer=answer):
            return _answered(lang, named, answer)
        case events.CallAdopted():
            return lang.say(
                "call {call} taken over: the instance that sent it did not report back; verifying", call=named
            )
        case events.CallFenced():
            return lang.say(
                "call {call}: a late answer was ignored, another instance has taken it over", call=named
            )
        case _:
            assert_never(event)


_Placed: TypeAlias = events.ExecutionStarted | events.ItemsHeld | events.ItemsSettled | events.CallIntended


def _where(lang: Language, event: _Placed, told: str) -> str:
    """Add where it happened to a line; an earlier version did not write it."""
    if event.where is None:
        return told
    place = escape(locations.named(lang, Place.parse(event.where)))
    return lang.say("{line} ({place})", line=told, place=place)


def _answered(lang: Language, call: str, answer: CallAnswer) -> str:
    request = code(answer.request_id, 60) if answer.request_id else lang.say("none")
    if answer.code is not None:
        return lang.say(
            "call {call}: VOD's error {code}, request {request}",
            call=call,
            code=code(answer.code, 80),
            request=request,
        )
    if answer.request_id is None:
        why = answer.not_sent or (reasons.cause(lang, answer.because) if answer.because else "")
        return lang.say("call {call} was not sent: {why}", call=call, why=code(why or "?", 200))
    counts = [
        lang.say(text, n=lang.number(len(found)))
        for text, found in ((_MISSING, answer.missing), (_REFUSED, answer.refused))
        if found
    ]
    told = lang.say("call {call}: VOD answered, request {request}", call=call, request=request)
    return lang.series([told, *counts])


def short(digest: str) -> str:
    """Return the part of a digest by which people tell plans apart."""
    return code(digest[:DIGEST_SHOWN])


def whole(digest: str) -> str:
    """Return all of a digest, for whoever compares it with a proof."""
    return code(digest)


def planned(lang: Language, event: events.PlanFrozen | events.PlanChanged, plan: Plan | None) -> str:
    """Name the items of a plan, the first of many: those that its event names, or the plan itself."""
    if event.targets or plan is None or plan.digest != event.digest:
        return names(lang, event.targets, plan)
    first = [_name(target.id, plan) for target in plan.first(NAMED)]
    return words.more(lang, lang.series(first), event.size - len(first))


def targets_of(event: Event) -> tuple[str, ...]:
    """Return the targets that a line about an event names, as far as it names them one by one."""
    match event:
        case events.CallIntended(targets=targets):
            return targets[:NAMED]
        case events.ItemsHeld() | events.ItemsSettled():
            return tuple(each.target for each in event.items[:NAMED])
        case events.CanaryPassed(target=target) if target is not None:
            return (target,)
        case _:
            return ()


def names(lang: Language, targets: Iterable[str], plan: Plan | None) -> str:
    """Name items, the first of many."""
    return _some(lang, [_name(target, plan) for target in targets])


def _outcome(lang: Language, target: str, outcome: Outcome | None, plan: Plan | None) -> str:
    word = lang.say(words.OUTCOME_NAMES[outcome]) if outcome else lang.say("waiting")
    return f"{_name(target, plan)} {word}"


def _name(target: str, plan: Plan | None) -> str:
    known = plan.target(target) if plan else None
    return f"{code(known.title, 60)} ({code(target, 80)})" if known and known.title else code(target, 80)


def _some(lang: Language, named: Sequence[str]) -> str:
    return words.more(lang, lang.series(named[:NAMED]), len(named) - NAMED)
