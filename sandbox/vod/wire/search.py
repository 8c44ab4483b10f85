"""SearchMedia: as much of VOD's `Match` grammar as finding videos and images by facts needs."""

import re
from collections.abc import Callable, Mapping

from sandbox.json_types import Json
from sandbox.vod.model.media import Image, Video
from sandbox.vod.wire import errors, records
from sandbox.vod.wire.call import Call, Read

# Conditions joined by "and": Field = 'value', Field = 12, Field in ('a','b'). Ranges and "or" are not served here.
_CONDITION = re.compile(
    r"(?P<field>\w+)\s*(?:=\s*(?P<one>'[^']*'|\d+)|in\s*\((?P<many>[^()]*)\))\s*(?:$|and\s+(?=\w))"
)
_QUOTED = re.compile(r"\s*'([^']*)'\s*")
_LAST_WITHOUT_TOKEN = 5000

_Facts = Mapping[str, str]
_Test = Callable[[_Facts], bool]

_FUZZY = frozenset({"Title", "Tags", "Description"})
_EXACT = frozenset({"VideoId", "ImageId", "CateId", "Status", "AppId", "StorageLocation"})


def _search_media(call: Call) -> Json:
    """Newest first unless sorted otherwise; only the first 5,000 matches can be reached by page."""
    kind = call.choice("SearchType", ("video", "image"), "video")
    order = call.choice("SortBy", ("CreationTime:Desc", "CreationTime:Asc"), "CreationTime:Desc")
    page, size = call.number("PageNo", default=1), call.number("PageSize", default=10, most=100)
    test = _test_of(call.parameters.get("Match", ""))
    media: tuple[Video, ...] | tuple[Image, ...]
    media = call.library.videos() if kind == "video" else call.library.images()
    found = [one for one in media if test(_facts(one))]
    if order.endswith("Asc"):
        found.reverse()
    shown = found[:_LAST_WITHOUT_TOKEN][(page - 1) * size : page * size]
    return {"Total": len(found), "MediaList": [_entry(one, call.base_url) for one in shown]}


def _test_of(match: str) -> _Test:
    tests: list[_Test] = []
    rest = match.strip()
    while rest:
        found = _CONDITION.match(rest)
        if found is None or found["field"] not in _FUZZY | _EXACT:
            raise errors.wrong_match()
        tests.append(_condition(found))
        rest = rest[found.end() :]
    return lambda facts: all(test(facts) for test in tests)


def _condition(found: re.Match[str]) -> _Test:
    name, values = found["field"], _values(found["one"], found["many"])
    if name in _FUZZY:
        return lambda facts: any(value.casefold() in facts.get(name, "").casefold() for value in values)
    return lambda facts: facts.get(name) in values


def _values(one: str | None, many: str | None) -> list[str]:
    if one is not None:
        return [one.strip("'")]
    quoted = [_QUOTED.fullmatch(part) for part in (many or "").split(",")]
    values = [part[1] for part in quoted if part is not None]
    if len(values) < len(quoted):
        raise errors.wrong_match()
    return values


def _facts(media: Video | Image) -> _Facts:
    shared = {
        "Title": media.title,
        "Tags": ",".join(media.tags),
        "CateId": str(media.category_id),
        "Status": media.status,
        "AppId": media.app_id,
        "StorageLocation": media.storage_location,
    }
    if isinstance(media, Video):
        return shared | {"VideoId": media.video_id, "Description": media.description}
    return shared | {"ImageId": media.image_id}


def _entry(media: Video | Image, base_url: str) -> Json:
    if isinstance(media, Video):
        kind, media_id, info = "video", media.video_id, records.found_video(media, base_url)
    else:
        kind, media_id, info = "image", media.image_id, records.found_image(media, base_url)
    created = records.moment(media.created)
    return {"MediaId": media_id, "MediaType": kind, "CreationTime": created, kind.capitalize(): info}


SEARCH_MEDIA = Read(frozenset({"Fields", "Match", "PageNo", "PageSize", "SearchType", "SortBy"}), _search_media)
