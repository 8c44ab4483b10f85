"""What a person may ask to delete: the four levels of VOD deletion, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias, assert_never

from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.ids import Digest
from deletion.terms.requests.query import Query

BATCH = 20
"""Ids per delete call: the limit of every VOD delete API."""


DEFINITIONS = ("FD", "LD", "SD", "HD", "OD", "2K", "4K", "SQ", "HQ", "AUTO")
"""Definitions of streams, from VOD's GetPlayInfo."""

NAMED_IN_LOG = 100
"""Ids that an event of the log names one by one; more have their number and their digest there."""


class Kind(StrEnum):
    """The four levels of deletion."""

    VIDEO = "video"
    STREAM = "stream"
    MEZZANINE = "mezzanine"
    IMAGE = "image"


class VideoImages(StrEnum):
    """Which images of a video; the words people type."""

    COVER = "cover"
    SNAPSHOT = "snapshot"
    SPRITE = "sprite"
    SPRITE_ORIGIN = "sprite-origin"


@dataclass(frozen=True)
class Videos:
    """Whole videos: record, source, streams, cover and snapshots (DeleteVideo).

    ``query``, here and below, is what found them; until it is carried out there are no ids.
    """

    ids: tuple[str, ...]
    query: Query | None = None


@dataclass(frozen=True)
class Streams:
    """Transcoded streams of one video, each named by definition (``HD``) or by job id (DeleteStream)."""

    video_id: str
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class Mezzanines:
    """Source files of videos (DeleteMezzanines); ``force`` for those that double as the original stream."""

    ids: tuple[str, ...]
    force: bool
    query: Query | None = None


@dataclass(frozen=True)
class Images:
    """Images by id (DeleteImage, ImageId)."""

    ids: tuple[str, ...]
    query: Query | None = None


@dataclass(frozen=True)
class ImageUrls:
    """Images by URL (DeleteImage, ImageURL); VOD cannot look these up."""

    urls: tuple[str, ...]


@dataclass(frozen=True)
class ImagesOf:
    """Images that belong to a video (DeleteImage, VideoId)."""

    video_id: str
    which: tuple[VideoImages, ...]


Request: TypeAlias = Videos | Streams | Mezzanines | Images | ImageUrls | ImagesOf


def kind_of(request: Request) -> Kind:
    """Return the level of deletion a request is about."""
    match request:
        case Videos():
            return Kind.VIDEO
        case Streams():
            return Kind.STREAM
        case Mezzanines():
            return Kind.MEZZANINE
        case Images() | ImageUrls() | ImagesOf():
            return Kind.IMAGE
        case _:
            assert_never(request)


def action_of(request: Request) -> str:
    """Return the VOD API operation that carries a request out."""
    match request:
        case Videos():
            return "DeleteVideo"
        case Streams():
            return "DeleteStream"
        case Mezzanines():
            return "DeleteMezzanines"
        case Images() | ImageUrls() | ImagesOf():
            return "DeleteImage"
        case _:
            assert_never(request)


def size_of(request: Request) -> int:
    """Return how many things the request names."""
    match request:
        case Videos(ids=names) | Mezzanines(ids=names) | Images(ids=names) | ImageUrls(urls=names):
            return len(names)
        case Streams(wanted=names):
            return len(names)
        case ImagesOf(which=which):
            return len(which)
        case _:
            assert_never(request)


def only(request: Request, names: Sequence[str]) -> Request:
    """Return a request for these targets of a request's plan and nothing else, with the same options."""
    match request:
        case Videos():
            return Videos(tuple(names))
        case Streams(video_id=video_id):
            return Streams(video_id, tuple(names))
        case Mezzanines(force=force):
            return Mezzanines(tuple(names), force=force)
        case Images():
            return Images(tuple(names))
        case ImageUrls():
            return ImageUrls(tuple(names))
        case ImagesOf(video_id=video_id):
            return ImagesOf(video_id, tuple(map(VideoImages, names)))
        case _:
            assert_never(request)


def without_ids(request: Request) -> Request:
    """Return what a request says besides the things that it names by id: its level, its options, its query."""
    return with_ids(request, ())


def with_ids(request: Request, ids: tuple[str, ...]) -> Request:
    """Return a request for other things of the same level, with the same options; parts of a video stay named."""
    match request:
        case Videos() | Mezzanines() | Images():
            return replace(request, ids=ids)
        case ImageUrls():
            return ImageUrls(ids)
        case Streams() | ImagesOf():
            return request
        case _:
            assert_never(request)


def in_log(request: Request) -> tuple[Request, Digest | None]:
    """Return a request as the log names it: one of many things without them, but with the digest of all it says."""
    if size_of(request) <= NAMED_IN_LOG:
        return request, None
    return without_ids(request), Digest(canonical.sha256(canonical.dumps(to_json(request))))


def ids_of(request: Request) -> tuple[str, ...] | None:
    """Return the ids (or URLs) that a request names one by one; None where it names parts of one video."""
    match request:
        case Videos(ids=ids) | Mezzanines(ids=ids) | Images(ids=ids) | ImageUrls(urls=ids):
            return ids
        case Streams() | ImagesOf():
            return None
        case _:
            assert_never(request)


def media_of(request: Request) -> frozenset[str]:
    """Return the videos and images that a request is about, whole or in part: two may have some in common."""
    match request:
        case Videos(ids=names) | Mezzanines(ids=names) | Images(ids=names) | ImageUrls(urls=names):
            return frozenset(names)
        case Streams(video_id=video_id) | ImagesOf(video_id=video_id):
            return frozenset({video_id})
        case _:
            assert_never(request)


def parts_of(request: Request) -> str | None:
    """Return the video of which a request names parts; None where it names things one by one."""
    return request.video_id if isinstance(request, Streams | ImagesOf) else None


def query_of(request: Request) -> Query | None:
    """Return the query of a request, if it has one."""
    return request.query if isinstance(request, Videos | Mezzanines | Images) else None


def is_unresolved(request: Request) -> bool:
    """Say whether a request has a query that was not carried out yet: what it is about is not known."""
    return query_of(request) is not None and not size_of(request)


def _query_json(query: Query | None) -> dict[str, Json]:
    return {} if query is None else {"query": query.to_json()}


def _query(value: Mapping[str, Any]) -> Query | None:
    return Query.from_json(value["query"]) if "query" in value else None


def to_json(request: Request) -> Json:
    """Return a request as a value for canonical JSON."""
    match request:
        case Videos(ids=ids, query=query):
            return {"by": "videos", "ids": ids, **_query_json(query)}
        case Streams(video_id=video_id, wanted=wanted):
            return {"by": "streams", "video_id": video_id, "wanted": wanted}
        case Mezzanines(ids=ids, force=force, query=query):
            return {"by": "mezzanines", "ids": ids, "force": force, **_query_json(query)}
        case Images(ids=ids, query=query):
            return {"by": "images", "ids": ids, **_query_json(query)}
        case ImageUrls(urls=urls):
            return {"by": "image_urls", "urls": urls}
        case ImagesOf(video_id=video_id, which=which):
            return {"by": "images_of", "video_id": video_id, "which": which}
        case _:
            assert_never(request)


def from_json(value: Any) -> Request:
    """Read a request back from what ``to_json`` made; ValueError for anything else."""
    match value:
        case {"by": "videos", "ids": ids}:
            return Videos(tuple(ids), _query(value))
        case {"by": "streams", "video_id": video_id, "wanted": wanted}:
            return Streams(video_id, tuple(wanted))
        case {"by": "mezzanines", "ids": ids, "force": force}:
            return Mezzanines(tuple(ids), force=bool(force), query=_query(value))
        case {"by": "images", "ids": ids}:
            return Images(tuple(ids), _query(value))
        case {"by": "image_urls", "urls": urls}:
            return ImageUrls(tuple(urls))
        case {"by": "images_of", "video_id": video_id, "which": which}:
            return ImagesOf(video_id, tuple(VideoImages(word) for word in which))
        case _:
            raise ValueError("not a stored request")
