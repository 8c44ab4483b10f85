"""What a request would delete, were it proposed now: read for whoever fills in a form; nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from deletion.approval.requests import overlaps
from deletion.approval.requests.overlaps import Overlap
from deletion.lookup.desk import WITHIN_S, Desk, LookingTurns
from deletion.plan.facts import Target, Warn
from deletion.plan.library.reading import Reader, Reading, sendable
from deletion.plan.totals import Totalling, Totals
from deletion.plan.warnings import Titles, warnings_for
from deletion.terms.requests.targets import (
    BATCH,
    Request,
    ids_of,
    is_unresolved,
    kind_of,
    media_of,
    query_of,
    with_ids,
)
from deletion.terms.results.findings import LeftOutItem, ProblemFound

READ = 3 * BATCH
"""Targets that are read for a preview; of the others it is only known how many there are."""

FOUND_MOST = 500
"""Matches of a query that are counted one by one."""


@dataclass(frozen=True)
class Preview:
    """What would go. ``targets`` are the first ones, read now; ``totals`` and ``warnings`` (by id) are of these.

    ``count`` is how many would go as far as that is known: None where a query finds more than are counted here.
    ``overlaps`` are open proposals about some of what was read.
    """

    request: Request
    targets: tuple[Target, ...]
    count: int | None
    totals: Totals
    warnings: Mapping[str, tuple[Warn, ...]]
    left_out: tuple[LeftOutItem, ...]
    problems: tuple[ProblemFound, ...]
    overlaps: tuple[Overlap, ...]

    @property
    def is_whole(self) -> bool:
        """Say whether everything that would go was read."""
        return self.count == len(self.targets)


def preview(desk: Desk, request: Request) -> Preview:
    """Read what a request is about. Raises LookupFailedError."""
    with desk.looking(WITHIN_S) as turns:
        return _preview(desk, turns, request)


def _preview(desk: Desk, turns: LookingTurns, request: Request) -> Preview:
    reader = Reader(desk.client, turns, desk.image_is_served)
    request, more = _named(reader, request)
    names = ids_of(request)
    first = request if names is None else only_first(request)
    reading = sendable(request, reader.read(first)) if names is None or names else Reading(())
    rest = 0 if names is None else len(names) - len(ids_of(first) or ())
    warnings, totals = _weighed(desk, request, reading)
    media = media_of(first)
    return Preview(
        request=request,
        targets=reading.targets,
        count=None if more else len(reading.targets) + rest,
        totals=totals,
        warnings=warnings,
        left_out=reading.left_out,
        problems=reading.problems,
        overlaps=desk.database.read(lambda tx: overlaps.of(tx, 0, media)),
    )


def only_first(request: Request) -> Request:
    """Return a request for the first targets that a request names."""
    return with_ids(request, (ids_of(request) or ())[:READ])


def _named(reader: Reader, request: Request) -> tuple[Request, bool]:
    """Return a request with what its query finds, oldest first, and whether that is not all."""
    query = query_of(request)
    if query is None or not is_unresolved(request):
        return request, False
    found: list[str] = []
    for page in reader.matches(request):
        found += page.ids
        if len(found) > FOUND_MOST:
            break
    return with_ids(request, tuple(found[:FOUND_MOST])), len(found) > FOUND_MOST


def _weighed(desk: Desk, request: Request, reading: Reading) -> tuple[Mapping[str, tuple[Warn, ...]], Totals]:
    now = datetime.fromtimestamp(desk.database.now_ms() / 1000, tz=UTC)
    found = warnings_for(
        request, reading.targets, now=now, not_writable=reading.not_writable, siblings=reading.siblings
    )
    titles, counted = Titles(request), Totalling(kind_of(request))
    for target in reading.targets:
        titles.add(target.title)
    warnings: dict[str, tuple[Warn, ...]] = {}
    for target in reading.targets:
        mine = (*(warn for warn, name in found if name == target.id), *titles.warn(target.title))
        warnings |= {target.id: mine} if mine else {}
        counted.add(target, mine)
    return warnings, counted.totals()
