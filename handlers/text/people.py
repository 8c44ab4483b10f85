"""Who did something, in a sentence."""

from collections.abc import Iterable

from deletion.terms.people import Actor
from handlers.text.escaping import mention
from handlers.text.language import Language

PROGRAM = "Countersign"
"""What the program calls itself when it did something by itself."""


def named(actor: Actor | None) -> str:
    """Name a person by a mention of Slack's, or the program itself (mrkdwn)."""
    return mention(actor.user) if actor is not None else PROGRAM


def listed(lang: Language, actors: Iterable[str]) -> str:
    """Name people who are written ``team/user`` in the log (mrkdwn)."""
    return lang.listed([mention(each.rpartition("/")[2]) for each in actors])
