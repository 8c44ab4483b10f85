"""What a plan says of one thing that would be deleted: the facts shown, and their canonical form. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from deletion.terms import canonical
from deletion.terms.requests.targets import Kind


class Warn(StrEnum):
    """What an approver should know of one target before deciding."""

    FORCE_NEEDED = "force needed"
    UNPLAYABLE = "unplayable"
    LAST_STREAM = "last stream"
    OTHER_APPLICATION = "other application"
    NOT_WRITABLE = "not writable"
    NOT_NORMAL = "not normal"
    RECENT = "recent"
    COLD_STORAGE = "cold storage"
    LEGAL_WORDS = "legal words"
    UNSEEN = "unseen"
    SAME_TITLE = "same title"


GRAVEST_FIRST = (
    Warn.LEGAL_WORDS,
    Warn.LAST_STREAM,
    Warn.UNPLAYABLE,
    Warn.OTHER_APPLICATION,
    Warn.UNSEEN,
    Warn.NOT_NORMAL,
    Warn.RECENT,
    Warn.SAME_TITLE,
    Warn.NOT_WRITABLE,
    Warn.FORCE_NEEDED,
    Warn.COLD_STORAGE,
)
"""First what is to be kept, what breaks, what is somebody else's and what may be a slip of somebody's.

Then what VOD will probably refuse, and what only costs.
"""


def gravity(warnings: Iterable[Warn]) -> int:
    """Return the rank of the gravest of some warnings: 0 is the gravest, and nothing ranks behind all of them."""
    return min(map(GRAVEST_FIRST.index, warnings), default=len(GRAVEST_FIRST))


@dataclass(frozen=True)
class StreamFact:
    """One transcoded stream. Sizes in bytes."""

    job_id: str
    definition: str
    format: str
    size: int | None
    status: str
    encrypted: bool
    told: str | None = None


@dataclass(frozen=True)
class SourceFact:
    """The source (mezzanine) file. Size in bytes."""

    file_name: str | None
    size: int | None
    status: str
    told: str | None = None


@dataclass(frozen=True)
class Target:
    """One thing that would be deleted, with the facts shown. ``id`` is what is sent to VOD.

    Sizes in bytes, durations in milliseconds, ``created`` is VOD's own UTC text, URLs carry no query strings.
    ``told`` is all that VOD says besides, a line ``Name=value`` each, here and in streams and source; plans of the
    first version did not record it.
    """

    id: str
    title: str
    video_id: str | None = None
    status: str | None = None
    size: int | None = None
    duration_ms: int | None = None
    created: str | None = None
    category: str | None = None
    tags: tuple[str, ...] = ()
    storage_class: str | None = None
    app_id: str | None = None
    location: str | None = None
    cover: str | None = None
    url: str | None = None
    source: SourceFact | None = None
    streams: tuple[StreamFact, ...] = ()
    streams_unread: bool = False
    images: tuple[str, ...] = ()
    told: str | None = None

    @property
    def bytes_known(self) -> int:
        """Return the bytes that would be freed, as far as VOD says."""
        source = self.source.size if self.source and self.source.size else 0
        streams = sum(stream.size or 0 for stream in self.streams)
        return max(self.size or 0, source) + streams


def bytes_of(kind: Kind, target: Target) -> int:
    """Return the bytes that a target would free as far as VOD says: of a source file's video, only the source."""
    if kind is Kind.MEZZANINE:
        return target.source.size or 0 if target.source else 0
    return target.bytes_known


def is_size_told(kind: Kind, target: Target, *, streams_unread: bool) -> bool:
    """Say whether VOD told every size that a target's bytes are the sum of."""
    match kind:
        case Kind.VIDEO:
            itself = target.size is not None or (target.source is not None and target.source.size is not None)
            return itself and not streams_unread and _all_streams(target)
        case Kind.STREAM:
            return _all_streams(target)
        case Kind.MEZZANINE:
            return target.source is not None and target.source.size is not None
        case Kind.IMAGE:
            return target.size is not None


def _all_streams(target: Target) -> bool:
    return all(stream.size is not None for stream in target.streams)


def sound(target: Target) -> Target:
    """Return a target as a plan can carry it: VOD's texts may be cut inside a character, its numbers absurd."""
    fresh: Target = _sound(target)
    return fresh


def sound_stream(stream: StreamFact) -> StreamFact:
    """Return a stream as a plan can carry it."""
    fresh: StreamFact = _sound(stream)
    return fresh


def _sound(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return value if value.isascii() and value.isprintable() else canonical.clean(value)
        case int():
            return value if abs(value) <= canonical.LARGEST else None
        case tuple():
            return tuple(_sound(inner) for inner in value)
        case _:
            sound = {name: _sound(inner) for name, inner in vars(value).items()}
            return value if sound == vars(value) else dataclasses.replace(value, **sound)


def fields_of(target: Target) -> dict[str, Any]:
    """Return a target as canonical JSON fields, leaving out what is empty."""
    every = dataclasses.asdict(target)
    return {name: _listed(value) for name, value in every.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    """Say whether there is nothing to say; a size of 0 is something."""
    return value is None or value is False or value == ()


def _listed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_listed(inner) for inner in value]
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if inner is not None}
    return value


def target_from(fields: Mapping[str, Any]) -> Target:
    """Read back what ``fields_of`` made."""
    source, streams = fields.get("source"), fields.get("streams", ())
    rest = {name: value for name, value in fields.items() if name not in {"source", "streams"}}
    plain: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in rest.items()}
    return Target(
        **plain,
        source=SourceFact(**{"file_name": None, "size": None, **source}) if source else None,
        streams=tuple(StreamFact(**{"size": None, **stream}) for stream in streams),
    )
