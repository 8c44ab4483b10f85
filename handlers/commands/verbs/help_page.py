"""``/vod help``: every command and the rules in force."""

from collections.abc import Iterable, Sequence
from typing import Any

from deletion.approval.people import readers
from deletion.policy import decisions
from deletion.policy.decisions import EVERY_MEMBER, Policy
from handlers.cards.parts import buttons
from handlers.commands.verb import PREFIX, Form, Invocation, Verb
from handlers.text import rules, words
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
        proposes = decisions.may_propose(services.config.policy, call.action.actor) is None
        policy = services.config.policy if reads else None
        return page(call.lang, (*forms, FORM), policy, proposes=proposes)

    return Verb[None](("help",), (FORM,), _parse, run, only_reads=True, hint="help")


def _parse(_: Sequence[str]) -> None:
    """Take whatever follows: somebody who asks for help gets it."""


def page(lang: Language, forms: Sequence[Form], policy: Policy | None, *, proposes: bool = False) -> Message:
    """Explain the commands and the rules in force; ``policy`` None: to somebody who may not read those.

    Whoever ``proposes`` is offered the form first.
    """
    lines = [f"{PREFIX}{form.usage}\n    {lang.say(form.meaning)}" for form in forms]
    opening = lang.say(
        "*Countersign* deletes media from ApsaraVideo VOD, for good, and only after a second person approved."
    )
    begin = lang.say("To propose a deletion, press the button or type `/vod delete`: a form asks for the rest.")
    # Slack shows the end of a long answer first.
    last = [section(begin), buttons.proposing(lang)] if proposes else []
    plainly = lang.sentences(opening.replace("*", ""), begin if proposes else "")
    text = f"{plainly} {safe(' '.join(lines), 3000)}"
    told = lang.sentences(*_rules(lang, policy)) if policy else _unread(lang)
    return Message(clip(text, 3900), (section(opening), *map(plain_section, packed(lines)), context(told), *last))


def _unread(lang: Language) -> str:
    return lang.say("The rules in force are shown to those who may propose, approve or read.")


def _rules(lang: Language, policy: Policy) -> Iterable[str]:
    everybody = EVERY_MEMBER in policy.proposers
    proposers = (
        lang.say("every full member of this workspace") if everybody else words.who(lang, sorted(policy.proposers))
    )
    yield lang.say("May propose: {people}.", people=proposers)
    yield lang.say("May approve: {people}, never their own.", people=words.who(lang, sorted(policy.approvers)))
    yield from rules.of_people(lang, policy)
    yield from rules.of_deletions(lang, policy)
