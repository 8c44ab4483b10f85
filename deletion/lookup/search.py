"""Searching videos and images by what people know of them: a page of hits, newest first."""

from dataclasses import dataclass, replace
from datetime import datetime

import vod
from deletion.lookup.desk import WITHIN_S, Desk, LookingTurns
from deletion.plan.library.from_vod import bare_url
from deletion.terms.requests.query import Field, Query
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
    ``is_cut`` says that there are more than VOD shows of any search. ``by_title`` says that VOD looked for the
    words of titles itself: where it finds none so, all titles are looked through here.
    """

    hits: tuple[Hit, ...]
    start: int
    following: int | None
    total: int | None
    looked: int
    is_cut: bool = False
    by_title: bool = True


@dataclass(frozen=True)
class _Wanted:
    """What is looked for: from which place on, and how many at the most."""

    query: Query
    kind: vod.SearchKind
    start: int
    most: int
    by_title: bool


def find(
    desk: Desk,
    query: Query,
    *,
    kind: vod.SearchKind = vod.SearchKind.VIDEO,
    start: int = 0,
    most: int = HITS,
    by_title: bool = True,
) -> Hits:
    """Return what meets every condition of a query, newest first; a query without conditions finds everything.

    ``by_title``: VOD looks for words of titles. How it cuts titles into words is not documented, of Chinese least
    of all, so where it finds none at all, titles are looked through here. What comes or goes between two pages may
    move others from one to the other. Raises LookupFailedError.
    """
    wanted = _Wanted(query, kind, start, most, by_title)
    has_words = any(each.field is Field.TITLE for each in query.conditions)
    with desk.looking(WITHIN_S) as turns:
        found = _found(desk, turns, wanted)
        is_unsure = by_title and not start and not found.looked and has_words
        return _found(desk, turns, replace(wanted, by_title=False)) if is_unsure else found


def _found(desk: Desk, turns: LookingTurns, wanted: _Wanted) -> Hits:
    query, start = wanted.query, wanted.start
    others = tuple(each for each in query.conditions if each.field is not Field.TITLE)
    asked = query if wanted.by_title else Query(others)
    hits: list[Hit] = []
    total, place, end = 0, start, min(start + PAGES_AT_ONCE * MOST_PER_PAGE, REACHABLE)
    while place < end and len(hits) < wanted.most:
        turns.turn("SearchMedia")
        page = desk.client.browse(wanted.kind, asked.expression(), page=place // MOST_PER_PAGE + 1)
        total, listed = page.total, page.found[place % MOST_PER_PAGE :]
        for one in listed[: end - place]:
            place += 1
            hits += [_hit(one)] if query.matches(one) else []
            if len(hits) == wanted.most:
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
        by_title=wanted.by_title,
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
