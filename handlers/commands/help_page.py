"""``/vod help``: every command and the rules in force."""

from collections.abc import Iterable, Sequence
from typing import Any

from deletion.approval import readers
from deletion.policy.decisions import EVERY_MEMBER, Policy
from handlers.commands.verb import PREFIX, Form, Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, context, plain_section, section
from handlers.text.escaping import clip, packed, safe
from handlers.text.language import Language, sentence

FORM = Form("help", "help", sentence("Every command, and the rules in force."))


def verb_about(verbs: Iterable[Verb[Any]]) -> Verb[None]:
    """Return the command that explains these and itself."""
    forms = tuple(form for verb in verbs for form in verb.forms)

    def run(call: Invocation, _: None) -> Message:
        services = call.services
        reads = readers.why_not(services.config, services.directory, call.action) is None
        return page(call.lang, (*forms, FORM), services.config.policy if reads else None)

    return Verb[None](("help",), (FORM,), _parse, run, only_reads=True, hint="help")


def _parse(_: Sequence[str]) -> None:
    """Take whatever follows: somebody who asks for help gets it."""


def page(lang: Language, forms: Sequence[Form], policy: Policy | None) -> Message:
    """Explain the commands and the rules in force; ``policy`` None: to somebody who may not read those."""
    lines = [f"{PREFIX}{form.usage}\n    {lang.say(form.meaning)}" for form in forms]
    opening = lang.say(
        "*Countersign* deletes media from ApsaraVideo VOD, for good, and only after a second person approved."
    )
    text = f"{opening.replace('*', '')} {safe(' '.join(lines), 3000)}"
    rules = lang.sentences(*_rules(lang, policy)) if policy else _unread(lang)
    return Message(clip(text, 3900), (section(opening), *map(plain_section, packed(lines)), context(rules)))


def _unread(lang: Language) -> str:
    return lang.say("The rules in force are shown to those who may propose, approve or read.")


def _rules(lang: Language, policy: Policy) -> Iterable[str]:
    everybody = EVERY_MEMBER in policy.proposers
    proposers = (
        lang.say("every full member of this workspace") if everybody else words.who(lang, sorted(policy.proposers))
    )
    yield lang.say("May propose: {people}.", people=proposers)
    yield lang.say("May approve: {people}, never their own.", people=words.who(lang, sorted(policy.approvers)))
    yield lang.say_n(
        "It takes {n} approval; a proposal expires after {hours} hours and names at most {most} items.",
        "It takes {n} approvals; a proposal expires after {hours} hours and names at most {most} items.",
        policy.approvals_needed,
        hours=f"{policy.expires_after_s / 3600:g}",
        most=lang.number(policy.max_items),
    )
    yield lang.say(
        "One person may have {open} proposals open at a time, and make {hourly} in an hour.",
        open=lang.number(policy.max_open),
        hourly=lang.number(policy.max_hourly),
    )
    yield _hold(lang, policy)
    yield lang.say("From {n} items on, one goes alone first.", n=lang.number(policy.canary_from))
    if policy.stop_on:
        outcomes = lang.either([lang.say(words.OUTCOME_NAMES[outcome]) for outcome in sorted(policy.stop_on)])
        yield lang.say("The first item that ends as {outcomes} stops the rest.", outcomes=outcomes)


def _hold(lang: Language, policy: Policy) -> str:
    if not policy.hold_s:
        return lang.say("A deletion starts as soon as it is approved.")
    return lang.say(
        "A deletion is on hold for {time} after it is approved; stopped until then, nothing of it is deleted.",
        time=lang.lasting(policy.hold_s),
    )
