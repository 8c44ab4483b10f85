"""SearchMedia: finding videos and images by facts, by page or by scrolling."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

from sandbox.json_types import Json
from sandbox.vod.model.library import Library
from sandbox.vod.model.media import Image, Video
from sandbox.vod.model.searches import Found, Key, Scroll
from sandbox.vod.wire import errors, match, records
from sandbox.vod.wire.call import Call, Read, split

LAST_WITHOUT_TOKEN = 5_000
LAST_WITH_TOKEN = 2_000_000
MOST_AHEAD = 100
"""Records from the page a token stands at to the page asked for, both counted."""

MOST_SORTS, MOST_SORTS_WITH_TOKEN = 3, 1
BASICS = frozenset({"VideoId", "ImageId", "CreationTime"})
"""What is told of a find unless `Fields` asks for more."""

_KINDS: dict[str, type[Video | Image]] = {"video": Video, "image": Image}
_SORTS = ("CreationTime:Desc", "CreationTime:Asc", "ModificationTime:Desc", "ModificationTime:Asc")
_FIELDS = {
    Video: BASICS
    | {"Title", "Description", "Status", "Size", "Duration", "CoverURL", "ModificationTime", "Tags", "AppId"}
    | {"StorageLocation", "StorageClass", "CateId", "CateName", "Snapshots", "DownloadSwitch", "MediaSource"}
    | {"PreprocessStatus", "SpriteSnapshots", "TranscodeMode", "ReferenceId", "RestoreStatus", "RestoreExpiration"},
    Image: BASICS
    | {"Title", "Description", "Status", "FileName", "Tags", "AppId", "StorageLocation", "CateId", "CateName"}
    | {"URL", "ModificationTime"},
}


def _search_media(call: Call) -> Json:
    """Newest first unless sorted otherwise; without a token only the first 5,000 matches can be reached."""
    kind = _KINDS[call.choice("SearchType", ("video", "image"), "video")]
    page, size = call.number("PageNo", default=1), call.number("PageSize", default=10, most=100)
    token = call.parameters.get("ScrollToken", "")
    sorts = _sorts(call, MOST_SORTS_WITH_TOKEN if token else MOST_SORTS)
    fields = _fields(call, kind)
    wanted = match.read(call.parameters.get("Match", ""), kind)
    found = _found(call, kind, wanted)
    media, keys = _within(found, wanted)
    if not sorts[0].startswith("CreationTime"):
        media = sorted(media, key=_modified)
    if sorts[0].endswith("Desc"):
        media, keys = media[::-1], keys[::-1]
    answer: Json = {"Total": len(media)}
    if token:
        query = (kind, call.parameters.get("Match", ""), sorts, size)
        shown = _scrolled(_scroll(call, token, query), media, keys, page, size)
    else:
        shown = media[:LAST_WITHOUT_TOKEN][(page - 1) * size : page * size]
        if kind is Video and shown and sorts[0].startswith("CreationTime"):
            token = _begun(call, (kind, call.parameters.get("Match", ""), sorts, size), keys, page, size)
    if token:
        answer["ScrollToken"] = token
    return answer | {"MediaList": [_entry(one, fields, call.base_url) for one in shown]}


def _sorts(call: Call, most: int) -> tuple[str, ...]:
    sorts = tuple(split(call.parameters.get("SortBy", ""))) or ("CreationTime:Desc",)
    if len(sorts) > most:
        raise errors.too_many("SortByExceededMax", "SortBy", most)
    if not set(sorts) <= set(_SORTS):
        raise errors.invalid("SortBy", f"it must be one of {', '.join(_SORTS)}")
    return sorts


def _fields(call: Call, kind: type) -> frozenset[str]:
    fields = frozenset(split(call.parameters.get("Fields", "")))
    if not fields <= _FIELDS[kind]:
        raise errors.invalid("Fields", f"there is no {', '.join(sorted(fields - _FIELDS[kind]))}")
    return fields | BASICS


def _found(call: Call, kind: type, wanted: match.Match) -> Found[Video | Image]:
    library = call.library
    with library.locked():
        search = (library.version, kind, wanted.rest)
        return library.searches.found(search, lambda: _look(library, kind, wanted))


def _look(library: Library, kind: type, wanted: match.Match) -> Iterable[tuple[Key, Video | Image]]:
    videos, images = library.indexed()
    media: Sequence[Video | Image] = videos if kind is Video else images
    return ((_key(one), one) for one in media if wanted.test(one))


def _within(found: Found[Video | Image], wanted: match.Match) -> tuple[Sequence[Video | Image], Sequence[Key]]:
    """Narrow down to the intervals of CreationTime."""
    low, high = 0, len(found.keys)
    for span in wanted.created:
        there = found.within(span.low, span.high, closed=span.closed)
        low, high = max(low, there.start), min(high, there.stop)
    return found.media[low:high], found.keys[low:high]


def _begun(call: Call, query: tuple[object, ...], keys: Sequence[Key], page: int, size: int) -> str:
    token, scroll = call.library.searches.begin(query, call.library.now())
    _note(scroll, keys, page, size, (page - 1) * size)
    return token


def _scroll(call: Call, token: str, query: tuple[object, ...]) -> Scroll:
    scroll = call.library.searches.resume(token, call.library.now())
    if scroll is None:
        raise errors.token_expired()
    if scroll.query != query:
        raise errors.invalid("ScrollToken", "it belongs to another search")
    return scroll


def _scrolled(
    scroll: Scroll, media: Sequence[Video | Image], keys: Sequence[Key], page: int, size: int
) -> Sequence[Video | Image]:
    if (abs(page - scroll.page) + 1) * size > MOST_AHEAD and page != scroll.page:
        raise errors.invalid("PageNo", f"at most {MOST_AHEAD} records lead from the page of the token to it")
    from_page = max(known for known in scroll.starts if known <= page)
    start = _place(keys, scroll.starts[from_page]) + (page - from_page) * size
    _note(scroll, keys, page, size, start)
    return media[:LAST_WITH_TOKEN][start : start + size]


def _note(scroll: Scroll, keys: Sequence[Key], page: int, size: int, start: int) -> None:
    """Note where this page and the next begin, as the last key before them."""
    scroll.page = page
    if start:
        scroll.starts[page] = keys[min(start, len(keys)) - 1]
    if start < len(keys):
        scroll.starts[page + 1] = keys[min(start + size, len(keys)) - 1]


def _place(keys: Sequence[Key], last: Key | None) -> int:
    """Count what stands up to the last key that was shown, which may be gone since."""
    if last is None:
        return 0
    if keys and keys[0] > keys[-1]:
        return len(keys) - bisect_left(keys[::-1], last)
    return bisect_right(keys, last)


def _key(media: Video | Image) -> Key:
    return media.created, media.video_id if isinstance(media, Video) else media.image_id


def _modified(media: Video | Image) -> datetime:
    return media.modified if isinstance(media, Video) else media.created


def _entry(media: Video | Image, fields: frozenset[str], base_url: str) -> Json:
    if isinstance(media, Video):
        kind, media_id, info = "video", media.video_id, records.found_video(media, base_url)
    else:
        kind, media_id, info = "image", media.image_id, records.found_image(media, base_url)
    told = {name: value for name, value in info.items() if name in fields}
    created = records.moment(media.created)
    return {"MediaId": media_id, "MediaType": kind, "CreationTime": created, kind.capitalize(): told}


SEARCH_MEDIA = Read(
    frozenset({"Fields", "Match", "PageNo", "PageSize", "ScrollToken", "SearchType", "SortBy"}), _search_media
)
