"""Searching videos and images by what people know of them: a page of hits, newest first."""

from dataclasses import dataclass
from datetime import datetime

import vod
from deletion.lookup.desk import WITHIN_S, Desk, LookingTurns
from deletion.plan.from_vod import bare_url
from deletion.terms.query import Query
from vod.api.searching import MOST_PER_PAGE, REACHABLE

HITS = 10
"""Hits of a page: what fits a modal with pictures, and one block of checkboxes."""

PAGES_AT_ONCE = 5
"""Pages of VOD that are looked through for one page of hits: what VOD does not compare is compared here."""


@dataclass(frozen=True)
class Hit:
    """Something that was found. Bytes and ms; ``picture`` is an address without what may be a secret in it."""

    id: str
    title: str
    status: str | None
    size: int | None
    duration_ms: int | None
    created: datetime
    category: str | None
    tags: tuple[str, ...]
    storage_class: str | None
    picture: str | None


@dataclass(frozen=True)
class Hits:
    """A page of hits, from place ``start`` (from 0) of what VOD lists.

    ``following`` is the place where the next page starts, None at the end. ``total`` is how many there are, None
    where VOD counts other things as well. ``looked`` is how many were looked through for this page, and
    ``is_cut`` says that there are more than VOD shows of any search.
    """

    hits: tuple[Hit, ...]
    start: int
    following: int | None
    total: int | None
    looked: int
    is_cut: bool = False


def find(
    desk: Desk, query: Query, *, kind: vod.SearchKind = vod.SearchKind.VIDEO, start: int = 0, most: int = HITS
) -> Hits:
    """Return what meets every condition of a query, newest first; a query without conditions finds everything.

    What comes or goes between two pages may move others from one to the other. Raises LookupFailedError.
    """
    with desk.looking(WITHIN_S) as turns:
        return _found(desk, turns, query, kind, start, most)


def _found(desk: Desk, turns: LookingTurns, query: Query, kind: vod.SearchKind, start: int, most: int) -> Hits:
    hits: list[Hit] = []
    total, place, end = 0, start, min(start + PAGES_AT_ONCE * MOST_PER_PAGE, REACHABLE)
    while place < end and len(hits) < most:
        turns.turn("SearchMedia")
        page = desk.client.browse(kind, query.expression(), page=place // MOST_PER_PAGE + 1)
        total, listed = page.total, page.found[place % MOST_PER_PAGE :]
        for one in listed[: end - place]:
            place += 1
            hits += [_hit(one)] if query.matches(one) else []
            if len(hits) == most:
                break
        if not listed or place >= total:
            break
    is_end = place >= min(total, REACHABLE)
    return Hits(
        hits=tuple(hits),
        start=start,
        following=None if is_end else place,
        total=total if query.is_counted_by_vod else len(hits) if is_end and not start else None,
        looked=place - start,
        is_cut=total > REACHABLE,
    )


def _hit(one: vod.Found) -> Hit:
    return Hit(
        id=one.id,
        title=one.title,
        status=one.status,
        size=one.size,
        duration_ms=one.duration_ms,
        created=one.created,
        category=one.category,
        tags=one.tags,
        storage_class=one.storage_class,
        picture=bare_url(one.picture_url),
    )
