"""What exactly would be deleted, frozen as canonical JSON; its SHA-256 is what people countersign. Pure."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.findings import LeftOut, LeftOutItem
from deletion.terms.place import Place
from deletion.terms.targets import BATCH, Kind, Request, from_json, kind_of, to_json

VERSION = 2
"""Version of the plan's format; part of the digest."""

REGION_ONLY = 1
"""The version whose plans knew their region and nothing else of their place."""

DIGEST_SHOWN = 8
"""Hex digits of the digest that the card shows."""


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


@dataclass(frozen=True)
class Plan:
    """A frozen plan. ``warnings`` are (code, target id); ``left_out`` are (what was asked for, why)."""

    place: Place
    request: Request
    targets: tuple[Target, ...]
    left_out: tuple[LeftOutItem, ...] = ()
    warnings: tuple[tuple[Warn, str], ...] = ()

    @property
    def version(self) -> int:
        """Return the version of its format: one that was stored keeps its own, and with it its digest."""
        return REGION_ONLY if self.place.endpoint is None else VERSION

    @property
    def kind(self) -> Kind:
        """Return the level of deletion."""
        return kind_of(self.request)

    @cached_property
    def bytes_known(self) -> int:
        """Return the bytes that would be freed, as far as VOD says."""
        return sum(self.bytes_of(target) for target in self.targets)

    def bytes_of(self, target: Target) -> int:
        """Return the bytes that one of its targets would free: of a source file's video, only the source."""
        if self.kind is Kind.MEZZANINE:
            return target.source.size or 0 if target.source else 0
        return target.bytes_known

    @property
    def calls(self) -> int:
        """Return how many delete calls it takes at the least."""
        return -(-len(self.targets) // BATCH)

    def target(self, target_id: str) -> Target | None:
        """Return a target by its id."""
        return self._by_id.get(target_id)

    @cached_property
    def _by_id(self) -> dict[str, Target]:
        return {target.id: target for target in self.targets}

    def warnings_of(self, target_id: str) -> tuple[Warn, ...]:
        """Return the warnings about one target."""
        return self._warnings_by_id.get(target_id, ())

    @property
    def warned(self) -> int:
        """Return how many targets there are warnings about."""
        return len(self._warnings_by_id)

    @cached_property
    def _warnings_by_id(self) -> dict[str, tuple[Warn, ...]]:
        found: dict[str, tuple[Warn, ...]] = {}
        for warn, target_id in self.warnings:
            found[target_id] = (*found.get(target_id, ()), warn)
        return found

    def text(self) -> str:
        """Return the canonical JSON of everything above."""
        value: dict[str, Json] = {
            "version": self.version,
            **self._where(),
            "request": to_json(self.request),
            "targets": [fields_of(target) for target in self.targets],
            "left_out": [[what, why] for what, why in self.left_out],
            "warnings": [[code, target] for code, target in self.warnings],
        }
        return canonical.dumps(value)

    def _where(self) -> dict[str, Json]:
        return {"region": self.place.region} if self.version == REGION_ONLY else {"place": self.place.to_json()}

    def written(self) -> "Written":
        """Write it down, to be stored: a long one takes seconds, so do it before a transaction."""
        text = self.text()
        # Else it would be written once more for this.
        vars(self)["digest"] = canonical.sha256(text)
        return Written(self, text)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the text, 64 hex digits."""
        return canonical.sha256(self.text())


@dataclass(frozen=True)
class Written:
    """A plan with its canonical text, whose SHA-256 the plan knows as its digest."""

    plan: Plan
    text: str


def parse(text: str) -> Plan:
    """Read a plan back from its canonical text; a long one takes half a second (``cache`` keeps the newest few)."""
    value = canonical.loads(text)
    version = value["version"]
    if version not in {REGION_ONLY, VERSION}:
        raise ValueError(f"this plan has format {version}; only those up to {VERSION} are known")
    found = Plan(
        place=Place(value["region"]) if version == REGION_ONLY else Place.from_json(value["place"]),
        request=from_json(value["request"]),
        targets=tuple(_target(fields) for fields in value["targets"]),
        left_out=tuple(LeftOutItem(what, LeftOut(why)) for what, why in value["left_out"]),
        warnings=tuple((Warn(code), target) for code, target in value["warnings"]),
    )
    # To write a long plan again takes more than a second, of a transaction that others wait for.
    vars(found)["digest"] = canonical.sha256(text)
    return found


def sound(target: Target) -> Target:
    """Return a target as a plan can carry it: VOD's texts may be cut inside a character, its numbers absurd."""
    fresh: Target = _sound(target)
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


def _target(fields: dict[str, Any]) -> Target:
    source = fields.pop("source", None)
    streams = fields.pop("streams", ())
    plain: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in fields.items()}
    return Target(
        **plain,
        source=SourceFact(**{"file_name": None, "size": None, **source}) if source else None,
        streams=tuple(StreamFact(**{"size": None, **stream}) for stream in streams),
    )
