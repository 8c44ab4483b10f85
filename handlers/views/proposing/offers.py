"""What the search field of the form offers: titles, each with what tells it from others of the same name."""

from slack_sdk.models.blocks import Option, PlainTextObject

from deletion.lookup.search import Hit, Hits
from handlers.text import words
from handlers.text.escaping import clip, duration
from handlers.text.language import Language

NOTHING = "-"
"""The value of what cannot be chosen: it says why nothing was found."""

MOST = 75
"""Characters of an option, and of what stands under it."""


def of_hits(lang: Language, found: Hits) -> list[Option]:
    """Return what was found; where that is nothing, Slack says so itself."""
    return [_option(each.id, words.title(lang, each.title, MOST), _told(lang, each)) for each in found.hits]


def _told(lang: Language, hit: Hit) -> str:
    facts = (lang.size(hit.size), duration(hit.duration_ms), hit.created.strftime("%Y-%m-%d"), hit.id)
    return " · ".join(fact for fact in facts if fact)


def of_id(lang: Language, typed: str) -> list[Option]:
    """Return an id that somebody typed where titles are looked for."""
    return [_option(typed, typed, lang.say("By its ID"))]


def unread(lang: Language) -> list[Option]:
    """Say that nothing could be looked for in time."""
    return told(lang.say("VOD did not answer in time: type on, or paste IDs below."))


def told(text: str) -> list[Option]:
    """Say why there is nothing to choose."""
    return [_option(NOTHING, text.replace("`", ""), "")]


def _option(value: str, text: str, under: str) -> Option:
    described = PlainTextObject(text=clip(under, MOST), emoji=False) if under else None
    shown = PlainTextObject(text=clip(text, MOST), emoji=False)
    return Option(value=value, text=shown, description=described)
