"""Every command there is: what is understood, explained, suggested, and written in README and manifest."""

from typing import Any

from handlers.commands.verb import PREFIX, Form, Verb
from handlers.commands.verbs import (
    approve,
    delete,
    find,
    freeze,
    help_page,
    listing,
    show,
    status,
    stop,
    unfreeze,
    withdraw,
)
from handlers.text.language import Language

_EXPLAINED: tuple[Verb[Any], ...] = (
    delete.VERB,
    find.VERB,
    show.VERB,
    status.VERB,
    listing.VERB,
    approve.VERB,
    withdraw.VERB,
    stop.VERB,
    freeze.VERB,
    unfreeze.VERB,
)

VERBS: tuple[Verb[Any], ...] = (*_EXPLAINED, help_page.verb_about(_EXPLAINED))

BY_WORD: dict[str, Verb[Any]] = {word: verb for verb in VERBS for word in verb.words}

FORMS: tuple[Form, ...] = tuple(form for verb in VERBS for form in verb.forms)

HINT = " | ".join(verb.hint for verb in VERBS if verb.hint)
"""What Slack shows beside the command while somebody types it."""


def markdown(lang: Language) -> str:
    """Return every form of the command as a Markdown table."""
    rows = [f"| `{PREFIX}{_cell(form.usage)}` | {_cell(lang.say(form.meaning))} |" for form in FORMS]
    return "\n".join(["| command | meaning |", "| --- | --- |", *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
