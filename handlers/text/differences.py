"""What is no longer as it was shown, in words: the field, and its value before and after (plain text)."""

from deletion.plan.plan import Warn
from handlers.text import warned
from handlers.text.language import Language, sentence

FIELDS: dict[str, str] = {
    "title": sentence("title"),
    "video_id": sentence("video"),
    "status": sentence("status"),
    "size": sentence("size in bytes"),
    "duration_ms": sentence("duration in ms"),
    "created": sentence("upload time"),
    "category": sentence("category"),
    "tags": sentence("tags"),
    "storage_class": sentence("storage class"),
    "app_id": sentence("application"),
    "location": sentence("storage location"),
    "cover": sentence("cover"),
    "url": sentence("URL"),
    "source": sentence("source file"),
    "streams": sentence("streams"),
    "streams_unread": sentence("streams unread"),
    "images": sentence("images"),
}
"""The fields of a target, by the names that differences have for them."""

_EMPTY = frozenset({"", "nothing"})
"""How a difference writes that there is no value."""


def told(lang: Language, field: str, before: str, after: str) -> str:
    """Say one difference."""
    match field, after:
        case "exists", "no":
            return lang.say("no longer in VOD")
        case "exists", "yes":
            return lang.say("new in VOD")
        case "warning", code if code in set(Warn):
            return lang.say("new warning: {warning}", warning=lang.say(warned.NAMES[Warn(code)]))
        case _:
            return lang.say(
                "{field} was {old}, is {new}",
                field=lang.say(FIELDS[field]) if field in FIELDS else field,
                old=_value(lang, before),
                new=_value(lang, after),
            )


def _value(lang: Language, value: str) -> str:
    return lang.say("empty") if value in _EMPTY else value
