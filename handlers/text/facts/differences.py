"""What is no longer as it was shown, in words: the field, and its value before and after (plain text)."""

from deletion.plan import drift
from deletion.plan.facts import Warn
from handlers.text.escaping import clip
from handlers.text.facts import warned
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
    "file_name": sentence("file name"),
    "definition": sentence("definition"),
    "format": sentence("format"),
    "encrypted": sentence("encrypted"),
    "Description": sentence("description"),
    "ModificationTime": sentence("time of the last change"),
    "ReferenceId": sentence("custom ID"),
    "Snapshots": sentence("snapshots"),
    "CodecName": sentence("codec"),
    "Width": sentence("width"),
    "Height": sentence("height"),
    "Duration": sentence("duration in s"),
    "Bitrate": sentence("bitrate in kbit/s"),
    "Fps": sentence("frames per second"),
    "CreationTime": sentence("time of creation"),
    "OriginalFileName": sentence("file name"),
}
"""The fields of a target, by the names that differences have for them; what has none here is named as VOD does."""

PARTS: dict[str, str] = {
    drift.STREAM: sentence("{field} of a stream"),
    drift.SOURCE: sentence("{field} of the source file"),
    drift.STAYS: sentence("{field} of a stream that stays"),
}
"""Whose fields they are, where not the target's own."""

VALUE_MOST = 70
"""Characters of a value: enough to see what it became, beside what it was."""

_EMPTY = frozenset({"", "nothing"})
"""How a difference writes that there is no value."""


def told(lang: Language, field: str, before: str, after: str) -> str:
    """Say one difference."""
    match field, after:
        case "exists", "no":
            return lang.say("no longer in VOD")
        case "exists", "yes":
            return lang.say("new in VOD")
        case "query", "no":
            return lang.say("no longer matches the query, and is left out")
        case drift.STAYS, _:
            return lang.say("no longer plays afterwards: {stream}", stream=_value(lang, before))
        case "warning", code if code in set(Warn):
            return lang.say("new warning: {warning}", warning=lang.say(warned.NAMES[Warn(code)]))
        case _:
            return lang.say(
                "{field} was {old}, is {new}",
                field=_field(lang, field),
                old=_value(lang, before),
                new=_value(lang, after),
            )


def _field(lang: Language, field: str) -> str:
    of, _, part = field.partition(" ")
    name = part if of in PARTS else field
    told = lang.say(FIELDS[name]) if name in FIELDS else name
    return lang.say(PARTS[of], field=told) if of in PARTS else told


def _value(lang: Language, value: str) -> str:
    return lang.say("empty") if value in _EMPTY else clip(value, VALUE_MOST)
