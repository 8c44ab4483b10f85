"""Events and notices as the record keeps them, and back; what earlier versions wrote is read as well."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from deletion.audit import events
from deletion.audit.events import Event, UnknownEvent
from deletion.audit.notices import Notice
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.ids import Ref
from deletion.terms.people import Actor

T = TypeVar("T")

SYSTEM = "countersign"
"""The actor of what the program does by itself."""

_ENVELOPE = {"about", "by"}
"""Fields that the log has in columns of their own."""

_EARLIER_ACTIONS: Mapping[str, type[Event]] = {
    "thaw.cast": events.VoteCast,
    "thaw.counted": events.VoteCounted,
    "thaw.voided": events.VoteVoided,
    "thaw.refused": events.VoteRefused,
}
"""Events that are written under another name now: a vote to unfreeze is a vote."""

_EARLIER_FIELDS: Mapping[str, Mapping[str, str]] = {
    "thaw.cast": {"wish": "vote"},
    "freeze.ended": {"by": "people"},
}


def _classes(base: type[T]) -> Iterator[type[T]]:
    for each in base.__subclasses__():
        yield each
        yield from _classes(each)


@cache
def by_action() -> Mapping[str, type[Event]]:
    """Return every class of events by its name in the log."""
    return {each.action: each for each in _classes(Event) if getattr(each, "action", "")}


@cache
def _notices() -> Mapping[str, type[Notice]]:
    return {each.__name__: each for each in _classes(Notice)}


def _adapter(of: Any) -> Any:
    return _cached_adapter(of)


_cached_adapter: Any = cache(TypeAdapter)


def is_known(action: str) -> bool:
    """Say whether this version has events of that name."""
    return action in by_action() or action in _EARLIER_ACTIONS


def encode(event: Event) -> dict[str, Json]:
    """Return an event's own fields as a value for canonical JSON; a refusal's rule and facts stand beside them."""
    data: dict[str, Any] = _adapter(type(event)).dump_python(
        event, mode="json", exclude=_ENVELOPE, exclude_none=True
    )
    if "refusal" in data:
        data = {**data.pop("refusal"), **data}
    return data


def decode(payload: str) -> Event:
    """Read an event of the log; one that this version does not know, or cannot read, is an UnknownEvent."""
    value = canonical.loads(payload)
    about, by, action = Ref.parse(str(value["ref"])), Actor.parse(str(value["actor"])), str(value["action"])
    found = by_action().get(action) or _EARLIER_ACTIONS.get(action)
    try:
        if found is not None:
            data = _as_today(action, found, value["data"])
            event: Event = _adapter(found).validate_python({**data, "about": about, "by": by})
            return event
    except (ValidationError, KeyError, TypeError, ValueError, AttributeError):
        pass
    return UnknownEvent(about=about, by=by, named=action, payload=payload)


def encode_notice(notice: Notice) -> dict[str, Json]:
    """Return a notice as a value for canonical JSON."""
    data = _adapter(type(notice)).dump_python(notice, mode="json", exclude_none=True)
    return {"notice": type(notice).__name__, "data": data}


def decode_notice(value: Mapping[str, Any]) -> Notice:
    """Read back what ``encode_notice`` made."""
    notice: Notice = _adapter(_notices()[str(value["notice"])]).validate_python(value["data"])
    return notice


def _as_today(action: str, found: type[Event], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an event, whichever version wrote it, under the names they have today."""
    renamed = _EARLIER_FIELDS.get(action, {})
    fields = {renamed.get(name, name): value for name, value in data.items()}
    if issubclass(found, events.Refused):
        fields["refusal"] = {"rule": fields["rule"], "facts": fields["facts"]}
    if found is events.CallFenced and "answer" not in fields:
        fields["answer"] = dict(fields)
    if found is events.CollectionFailed and "refusal" in fields:
        fields["refused"] = fields["refusal"]
    answer = fields.get("answer")
    if isinstance(answer, dict) and "not sent" in answer:
        fields["answer"] = {**answer, "not_sent": answer["not sent"]}
    return fields
