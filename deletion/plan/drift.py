"""What is no longer as a plan has it: field by field, with what was and what is. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from deletion.plan.facts import StreamFact, Target, fields_of, sound_stream
from deletion.plan.older import REGION_ONLY
from deletion.plan.plan import PLAYABLE, VERSION, Plan, stream_json
from deletion.terms.results.findings import Difference, FieldChange

STREAM, SOURCE, STAYS = "stream", "source", "stays"
"""What the name of a field begins with that is a stream's, the source file's or that of a stream which stays.

``stream CodecName``; ``stays`` alone says that such a stream is not there any more.
"""


def differences(before: Target, after: Target | None, *, version: int = VERSION) -> tuple[Difference, ...]:
    """Return what changed in a target since it was shown; ``after`` is None when it is gone.

    Of a plan of the first version only what those recorded is compared.
    """
    if after is None:
        return (Difference(before.id, "exists", "yes", "no"),)
    now = _as_first(after) if version == REGION_ONLY else after
    if now == before:
        return ()
    old, new = fields_of(before), fields_of(now)
    changed = (name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name))
    found = (each for name in changed for each in _named(name, old.get(name), new.get(name)))
    return tuple(Difference(before.id, *each) for each in found)


def drift(shown: Iterable[Target], now: Mapping[str, Target], *, version: int = VERSION) -> tuple[Difference, ...]:
    """Return every difference between the targets shown and what VOD says now, newcomers included."""
    known = {target.id: target for target in shown}
    lost = (
        found for target in known.values() for found in differences(target, now.get(target.id), version=version)
    )
    newcomers = (Difference(name, "exists", "no", "yes") for name in now if name not in known)
    return (*lost, *newcomers)


def no_longer_stays(shown: Plan, now: Iterable[StreamFact]) -> Iterator[FieldChange]:
    """Yield what a plan says still plays afterwards and is not as it says; ``now`` are all streams of the video.

    What was added since takes nothing from what people decided on. Nothing of a plan that does not say what stays.
    """
    there = {each.job_id: stream_json(sound_stream(each)) for each in now}
    for stays in shown.stays or ():
        if stays.status != PLAYABLE:
            continue
        if stays.job_id not in there:
            yield FieldChange(STAYS, f"{stays.definition} {stays.format}", plain(None))
            continue
        after = there[stays.job_id]
        for field, was, is_now in _of_part(STAYS, stream_json(stays), after):
            yield FieldChange(field, f"{stays.definition} {was}", f"{after['definition']} {is_now}")


_Change = tuple[str, str, str]


def _named(name: str, old: Any, new: Any) -> list[_Change]:
    """Tell a field by its parts, or as a whole where that says nothing: what changed is never passed over."""
    return list(_of_field(name, old, new)) or [(name, plain(old), plain(new))]


def _of_field(name: str, old: Any, new: Any) -> Iterator[_Change]:
    match name, old, new:
        case "told", _, _:
            yield from _told("", old, new)
        case "source", dict(), dict():
            yield from _of_part(SOURCE, old, new)
        case "streams", list(), list():
            yield from _of_streams(old, new)
        case _:
            yield name, plain(old), plain(new)


def _of_streams(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[_Change]:
    """Tell streams that came or went as a whole, and of the others what changed, each with its definition."""
    before, after = ({each["job_id"]: each for each in some} for some in (old, new))
    if before.keys() != after.keys() or len(before) != len(old) or len(after) != len(new):
        yield "streams", ", ".join(map(_stream, old)) or plain(None), ", ".join(map(_stream, new)) or plain(None)
    for job in sorted(before.keys() & after.keys()):
        one, other = before[job], after[job]
        for field, was, now in _of_part(STREAM, one, other):
            yield field, f"{one['definition']} {was}", f"{other['definition']} {now}"


def _of_part(of: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[_Change]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name):
            continue
        if name == "told":
            yield from _told(f"{of} ", old.get(name), new.get(name))
        else:
            yield f"{of} {name}", plain(old.get(name)), plain(new.get(name))


def _told(prefix: str, old: str | None, new: str | None) -> Iterator[_Change]:
    before, after = lines(old), lines(new)
    for name in before | after:
        if before.get(name) != after.get(name):
            yield f"{prefix}{name}", plain(before.get(name)), plain(after.get(name))


def lines(told: str | None) -> dict[str, str]:
    """Return what VOD told besides, by its own names."""
    parts = (line.partition("=") for line in (told or "").splitlines())
    return {name: value for name, _, value in parts}


def _as_first(target: Target) -> Target:
    """Return a target as the first version of plans would have recorded it."""
    source = replace(target.source, told=None) if target.source else None
    streams = tuple(replace(stream, told=None) for stream in target.streams)
    return replace(target, told=None, source=source, streams=streams)


def _stream(fields: Mapping[str, Any]) -> str:
    names = ("job_id", "definition", "format", "size", "status", "encrypted")
    return " ".join(plain(fields[name]) for name in names if name in fields)


def plain(value: Any) -> str:
    """Return a field's value as a person reads it."""
    match value:
        case None:
            return "nothing"
        case list():
            return ", ".join(plain(inner) for inner in value)
        case dict():
            return " ".join(plain(inner) for name, inner in value.items() if name != "told")
        case _:
            return str(value)
