"""What exactly would be deleted: a header, and a row for each target. People countersign the header's SHA-256.

The header says where, at which level and with which options, how many, what they amount to, and the root of a
Merkle tree over the rows (``merkle``), so that it stands for every fact of every row. A plan is passed on with the
rows that are at hand: all of a short one, of a long one those that are shown or worked at. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from deletion.plan import merkle
from deletion.plan.facts import StreamFact, Target, Warn, bytes_of, fields_of, target_from
from deletion.plan.totals import Totalling, Totals
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.place import Place
from deletion.terms.requests.targets import BATCH, Kind, Request, from_json, ids_of, kind_of, to_json, without_ids
from deletion.terms.results.findings import LeftOut, LeftOutItem

VERSION = 3
"""Version of the plan's format; part of the digest. Plans of versions 1 and 2 are one text (``older``)."""

DIGEST_SHOWN = 8
"""Hex digits of the digest that the card shows."""

PLAYABLE = "Normal"
"""The status of a stream that players get."""

LEFT_OUT_KEPT = 20
"""Things that are not in a plan which are passed on with it; the others are only counted."""


@dataclass(frozen=True)
class Entry:
    """One row of a plan: its place (from 0), the target with the facts shown, and what people are warned of."""

    place: int
    target: Target
    warnings: tuple[Warn, ...] = ()

    @property
    def number(self) -> int:
        """Return the number that people see."""
        return self.place + 1

    @cached_property
    def text(self) -> str:
        """Return its canonical JSON, over which it is hashed."""
        return canonical.dumps({"target": fields_of(self.target), "warnings": list(self.warnings)})


def entry(place: int, text: str) -> Entry:
    """Read a row back from its text."""
    value = canonical.loads(text)
    return Entry(place, target_from(value["target"]), tuple(map(Warn, value["warnings"])))


def left_out_text(item: LeftOutItem) -> str:
    """Return the row of something that was asked for and is not in the plan."""
    return canonical.dumps({"left_out": item.name, "why": item.why})


def left_out(text: str) -> LeftOutItem:
    """Read such a row back."""
    value = canonical.loads(text)
    return LeftOutItem(value["left_out"], LeftOut(value["why"]))


@dataclass(frozen=True)
class Plan:
    """A frozen plan: its header, and the entries at hand (which need not be all of the ``count``).

    ``request`` says the level and the options; what is named by id are the entries. ``left_out`` are the first few
    of ``left_out_count``. ``root`` is the Merkle root over the entries, '' in earlier versions. ``stays`` are the
    other streams of the video whose streams are to go; None where it is about something else, or nobody wrote it
    down.
    """

    place: Place
    request: Request
    count: int
    totals: Totals
    digest: str
    version: int = VERSION
    root: str = ""
    entries: tuple[Entry, ...] = ()
    left_out: tuple[LeftOutItem, ...] = ()
    left_out_count: int = 0
    left_out_root: str = ""
    stays: tuple[StreamFact, ...] | None = None

    @property
    def kind(self) -> Kind:
        """Return the level of deletion."""
        return kind_of(self.request)

    @property
    def calls(self) -> int:
        """Return how many delete calls it takes at the least."""
        return -(-self.count // BATCH)

    @property
    def is_of_parts(self) -> bool:
        """Say whether it names parts of one video, and not things one by one."""
        return ids_of(self.request) is None

    def first(self, most: int) -> tuple[Target, ...]:
        """Return the first targets of the plan, as far as they are at hand."""
        return tuple(each.target for each in self.entries if each.place < most)

    def at(self, target_id: str) -> Entry | None:
        """Return an entry that is at hand by its target's id."""
        return self._by_id.get(target_id)

    def target(self, target_id: str) -> Target | None:
        """Return a target that is at hand by its id."""
        found = self.at(target_id)
        return found.target if found else None

    def warnings_of(self, target_id: str) -> tuple[Warn, ...]:
        """Return the warnings about a target that is at hand."""
        found = self.at(target_id)
        return found.warnings if found else ()

    def bytes_of(self, target: Target) -> int:
        """Return the bytes that one of its targets would free."""
        return bytes_of(self.kind, target)

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {each.target.id: each for each in self.entries}

    def holding(self, entries: Iterable[Entry]) -> "Plan":
        """Return it with these entries at hand."""
        return replace(self, entries=tuple(entries))

    def leaving_out(self, left_out: Iterable[LeftOutItem]) -> "Plan":
        """Return it with these as the first of what is left out."""
        return replace(self, left_out=tuple(left_out))


@dataclass(frozen=True)
class Header:
    """What the digest of a plan is made of."""

    place: Place
    request: Request
    count: int
    root: str
    totals: Totals
    left_out_count: int = 0
    left_out_root: str = merkle.EMPTY_ROOT
    stays: tuple[StreamFact, ...] | None = None

    @cached_property
    def text(self) -> str:
        """Return its canonical JSON; the plan's digest is the SHA-256 of this."""
        stays = {} if self.stays is None else {"stays": [stream_json(each) for each in self.stays]}
        return canonical.dumps(
            {
                "version": VERSION,
                "place": self.place.to_json(),
                "request": to_json(without_ids(self.request)),
                "targets": {"count": self.count, "root": self.root},
                "left_out": {"count": self.left_out_count, "root": self.left_out_root},
                "totals": self.totals.to_json(),
                **stays,
            }
        )

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the text, 64 hex digits."""
        return canonical.sha256(self.text)


def header(text: str) -> Header:
    """Read a header of this version; ValueError when the text is not, byte for byte, the one that it makes."""
    try:
        value = canonical.loads(text)
        targets, others = value["targets"], value["left_out"]
        found = Header(
            Place.from_json(value["place"]),
            from_json(value["request"]),
            targets["count"],
            targets["root"],
            Totals.from_json(value["totals"]),
            others["count"],
            others["root"],
            _streams_in(value),
        )
        numbers = (found.count, found.left_out_count)
        if found.text == text and all(type(each) is int and each >= 0 for each in numbers):
            return found
    except canonical.MALFORMED:
        pass
    raise ValueError("not the header of a plan of this version")


def from_header(text: str, value: Mapping[str, Any]) -> Plan:
    """Return the plan of a header, without any entries; ``value`` is what its text holds."""
    return Plan(
        place=Place.from_json(value["place"]),
        request=from_json(value["request"]),
        count=value["targets"]["count"],
        root=value["targets"]["root"],
        totals=Totals.from_json(value["totals"]),
        digest=canonical.sha256(text),
        left_out_count=value["left_out"]["count"],
        left_out_root=value["left_out"]["root"],
        stays=_streams_in(value),
    )


def stream_json(stream: StreamFact) -> dict[str, Json]:
    """Return what a header says of a stream that stays: which it is, and whether players get it."""
    return {
        "job_id": stream.job_id,
        "definition": stream.definition,
        "format": stream.format,
        "size": stream.size,
        "status": stream.status,
        "encrypted": stream.encrypted,
    }


def _streams_in(value: Mapping[str, Any]) -> tuple[StreamFact, ...] | None:
    found = value.get("stays")
    return None if found is None else tuple(StreamFact(**each) for each in found)


def of_header(header: Header) -> Plan:
    """Return the plan of a header, without any entries."""
    return from_header(header.text, canonical.loads(header.text))


@dataclass(frozen=True)
class Whole:
    """A plan with every row of it: of a few targets, in memory."""

    header: Header
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOutItem, ...]

    @property
    def plan(self) -> Plan:
        """Return it as a plan."""
        return replace(of_header(self.header), entries=self.entries, left_out=self.left_out[:LEFT_OUT_KEPT])


def whole(
    place: Place,
    request: Request,
    targets: Iterable[Target],
    left_out: tuple[LeftOutItem, ...] = (),
    warnings: Iterable[tuple[Warn, str]] = (),
    *,
    stays: tuple[StreamFact, ...] | None = None,
) -> Whole:
    """Make a plan of targets in hand; ``warnings`` are (code, target id)."""
    by_id: dict[str, list[Warn]] = {}
    for warn, name in warnings:
        by_id.setdefault(name, []).append(warn)
    entries = tuple(Entry(number, target, tuple(by_id.get(target.id, ()))) for number, target in enumerate(targets))
    return of_entries(place, request, entries, left_out, stays=stays)


def of_entries(
    place: Place,
    request: Request,
    entries: Sequence[Entry],
    left_out: tuple[LeftOutItem, ...],
    *,
    stays: tuple[StreamFact, ...] | None = None,
) -> Whole:
    """Make a plan of entries in hand; ``stays``: see Plan."""
    totalling = Totalling(kind_of(request))
    for each in entries:
        totalling.add(each.target, each.warnings)
    header = Header(
        place,
        request,
        len(entries),
        merkle.root_of(merkle.leaf(each.text) for each in entries),
        totalling.totals(),
        len(left_out),
        merkle.root_of(merkle.leaf(left_out_text(each)) for each in left_out),
        stays,
    )
    return Whole(header, tuple(entries), left_out)
