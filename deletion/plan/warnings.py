"""What an approver should be warned of, worked out from the facts shown. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from deletion.plan.facts import StreamFact, Target, Warn
from deletion.terms.requests.targets import ImageUrls, Mezzanines, Request, Streams, Videos
from deletion.terms.seen import seen

DEFAULT_APPLICATION = "app-1000000"
"""The application that every RAM identity may write to (VOD multi-application documentation)."""

RECENT = timedelta(days=1)
"""Younger than this is 'recently uploaded': somebody may still be working on it."""

NOTHING_IS_RECENT = datetime.max.replace(tzinfo=UTC)
"""A time at which nothing was uploaded within the last day."""

LEGAL = re.compile(
    r"legal[ _-]?hold|litigation|subpoena|e-?discovery|preservation order|retention|court order|evidence"
    r"|(do not|don'?t|never|not to be) (delete|remove|erase|destroy)"
    r"|\u6cd5\u52a1|\u6cd5\u5f8b|\u8bc9\u8bbc|\u53d6\u8bc1|\u8bc1\u636e|\u4fdd\u5168|\u4fdd\u7559|\u5c01\u5b58"
    r"|(\u8bf7?\u52ff|\u7981\u6b62|\u4e0d\u5f97|\u4e0d\u8981|\u4e0d\u53ef)\u5220",
    re.IGNORECASE,
)
"""What people write on media that must be kept: a hold, a lawsuit, evidence, 'do not delete', in both languages."""

COLD = frozenset({"IA", "Archive", "ColdArchive", "SourceIA", "SourceArchive", "SourceColdArchive"})
"""Storage classes with a minimum term: deleting earlier is billed for the rest."""


def warnings_for(
    request: Request,
    targets: tuple[Target, ...],
    *,
    now: datetime,
    not_writable: frozenset[str],
    siblings: Mapping[str, tuple[StreamFact, ...]],
    going: frozenset[str] = frozenset(),
) -> tuple[tuple[Warn, str], ...]:
    """Return (warning, target id), in the order of the targets; same titles are seen of all (``Titles``).

    ``not_writable`` are video ids in an application this identity may not write to; ``siblings`` are all streams
    of the video whose streams are to go. ``going`` are streams that go besides those of ``targets``.
    """
    going |= {stream.job_id for target in targets for stream in target.streams}
    found: list[tuple[Warn, str]] = []
    for target in targets:
        of_kind = _of_kind(request, target, siblings, going)
        found += [(warn, target.id) for warn in of_kind]
        found += [(warn, target.id) for warn in _of_any(target, now=now, not_writable=not_writable)]
    return tuple(found)


class Titles:
    """How often each title occurs among the targets of a plan, as it is seen; a few bytes a title."""

    def __init__(self, request: Request) -> None:
        self._is_asked = isinstance(request, Videos | Mezzanines)
        self._counted: Counter[bytes] = Counter()

    def add(self, title: str) -> None:
        """Count a title."""
        if self._is_asked:
            self._counted[_key(title)] += 1

    def warn(self, title: str) -> tuple[Warn, ...]:
        """Return the warning about a title that others have as well."""
        return (Warn.SAME_TITLE,) if self._counted[_key(title)] > 1 else ()


def _key(title: str) -> bytes:
    return hashlib.blake2b(seen(title).encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _of_kind(
    request: Request, target: Target, siblings: Mapping[str, tuple[StreamFact, ...]], going: frozenset[str]
) -> Iterator[Warn]:
    match request:
        case Mezzanines(force=force):
            if plays_its_source(target):
                yield Warn.UNPLAYABLE if force else Warn.FORCE_NEEDED
        case Streams():
            left = [s for s in siblings.get(target.video_id or "", ()) if s.status == "Normal"]
            if left and all(s.job_id in going for s in left):
                yield Warn.LAST_STREAM
        case ImageUrls():
            yield Warn.UNSEEN
        case _:
            return


def _of_any(target: Target, *, now: datetime, not_writable: frozenset[str]) -> Iterator[Warn]:
    if target.video_id in not_writable or target.id in not_writable:
        yield Warn.NOT_WRITABLE
    elif target.app_id not in (None, DEFAULT_APPLICATION):
        yield Warn.OTHER_APPLICATION
    if target.status not in (None, "Normal"):
        yield Warn.NOT_NORMAL
    if target.created and now - parse_time(target.created) < RECENT:
        yield Warn.RECENT
    if target.storage_class in COLD:
        yield Warn.COLD_STORAGE
    if LEGAL.search(" ".join((target.title, target.category or "", *target.tags, target.told or ""))):
        yield Warn.LEGAL_WORDS


def plays_its_source(target: Target) -> bool:
    """Say whether the source file probably doubles as the original-quality stream (VOD: OD, no transcoding)."""
    return not target.streams or any(stream.definition == "OD" for stream in target.streams)


def parse_time(text: str) -> datetime:
    """Read VOD's ``yyyy-MM-ddTHH:mm:ssZ``."""
    return datetime.fromisoformat(text).astimezone(UTC)
