"""One page of a search: what is asked for and how the answer is read. Strictly: it decides what may be deleted."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from vod.api.ids import SHAPE
from vod.sdk.json_values import Answer, UnreadableError, milliseconds, moment, record, tags, text, whole, whole_list

MOST_PER_PAGE = 100
"""SearchMedia: PageSize at most 100."""

REACHABLE = 5_000
"""Matches that pages reach; what lies beyond can only be had by another search, or by scrolling."""


class SearchKind(StrEnum):
    """What to search for: SearchType of SearchMedia."""

    VIDEO = "video"
    IMAGE = "image"


FIELDS = {
    SearchKind.VIDEO: "Title,Status,Size,CreationTime,CateId,CateName,Tags,StorageClass",
    SearchKind.IMAGE: "Title,Status,CreationTime,CateId,CateName,Tags",
}


BROWSED = {
    SearchKind.VIDEO: f"{FIELDS[SearchKind.VIDEO]},Duration,CoverURL",
    SearchKind.IMAGE: f"{FIELDS[SearchKind.IMAGE]},URL",
}
"""What is asked besides where people look at what was found."""


@dataclass(frozen=True)
class Found:
    """One thing that a search found. None is what VOD did not say; of length and picture, or was not asked."""

    id: str
    title: str
    status: str | None
    size: int | None
    created: datetime
    category: str | None
    category_id: str | None
    tags: tuple[str, ...]
    storage_class: str | None
    duration_ms: int | None = None
    picture_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SearchPage:
    """One page, oldest first, or newest first for people; `total` is how many things match now, on all pages."""

    total: int
    found: tuple[Found, ...]


def parameters(kind: SearchKind, match: str, page: int, *, browse: bool = False) -> dict[str, str]:
    """The parameters of SearchMedia; people ``browse`` from the newest on, with pictures."""
    if not 1 <= page <= REACHABLE // MOST_PER_PAGE:
        raise ValueError(f"no page {page} can be reached")
    asked = {
        "SearchType": kind.value,
        "Fields": (BROWSED if browse else FIELDS)[kind],
        "SortBy": f"CreationTime:{'Desc' if browse else 'Asc'}",
        "PageNo": str(page),
        "PageSize": str(MOST_PER_PAGE),
    }
    return asked | ({"Match": match} if match else {})


def search_page(answer: Answer, kind: SearchKind, *, browse: bool = False) -> SearchPage:
    """SearchMedia. A find without an id or a time, or twice on one page, spoils the whole answer."""
    total = whole(answer.get("Total"))
    if total is None:
        raise UnreadableError("no number of matches")
    listed = answer.get("MediaList")
    if not total and not listed:
        return SearchPage(0, ())
    found = tuple(_found(each, kind) for each in whole_list(listed, "Media"))
    if len({one.id for one in found}) < len(found) or not len(found) <= min(total, MOST_PER_PAGE):
        raise UnreadableError("a page of matches that cannot be")
    in_order = found[::-1] if browse else found
    if any(one.created > after.created for one, after in pairwise(in_order)):
        raise UnreadableError("matches in another order than asked for")
    return SearchPage(total, found)


def _found(answer: Answer, kind: SearchKind) -> Found:
    told = record(answer.get(kind.value.capitalize()))
    media_id, created = text(answer.get("MediaId")), moment(answer.get("CreationTime") or told.get("CreationTime"))
    if (
        media_id is None
        or not SHAPE.fullmatch(media_id)
        or answer.get("MediaType") != kind.value
        or created is None
    ):
        raise UnreadableError("a match that is not what was searched for")
    return Found(
        id=media_id,
        title=text(told.get("Title")) or "",
        status=text(told.get("Status")),
        size=whole(told.get("Size")),
        created=created,
        category=text(told.get("CateName")),
        category_id=text(told.get("CateId")),
        tags=tags(told.get("Tags")),
        storage_class=text(told.get("StorageClass")),
        duration_ms=milliseconds(told.get("Duration")),
        picture_url=text(told.get("CoverURL" if kind is SearchKind.VIDEO else "URL")),
    )
