"""What people are shown of a thing, worked out from VOD's answers a second time, without ``deletion.reading``."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import vod
from tests.deletion.memory_vod import Library, Thing
from vod import ImageKind

Facts = dict[str, Any]
"""The fields shown of one thing, as they stand in the JSON of a plan."""

KINDS = {
    "cover": ImageKind.COVER,
    "snapshot": ImageKind.NORMAL,
    "sprite": ImageKind.SPRITE,
    "sprite-origin": ImageKind.SPRITE_ORIGIN,
}

THINGS = {"videos": "video", "mezzanines": "source", "streams": "stream", "images": "image", "images_of": "picture"}


def thing_of(request: Mapping[str, Any], target: str) -> Thing:
    """Return what a target of a plan is in the library."""
    kind = THINGS[request["by"]]
    return kind, KINDS[target].value if kind == "picture" else target, request.get("video_id", "")


def facts(thing: Thing, world: Library) -> Facts | None:
    """Return what would be shown of a thing now; None when it is not there."""
    kind, name, of = thing
    if kind == "image":
        image = world.image(name)
        return _lean(_of_image(image)) if image else None
    media = world.media(of or name)
    if media is None:
        return None
    match kind:
        case "stream":
            found = [stream for stream in media.streams if stream.job_id == name]
            return _lean(_of_stream(media.video, found[0])) if found else None
        case "picture":
            pictures = world.snapshots(of, ImageKind(name))
            word = next(word for word, each in KINDS.items() if each == name)
            urls = sorted(str(_bare(picture.url)) for picture in pictures)
            return _lean({**_of_record(media.video), "id": word, "size": None, "images": urls}) if urls else None
        case _:
            return _lean(_of_media(media))


def _of_record(video: vod.Video) -> Facts:
    said = asdict(video)
    same = ("video_id", "title", "status", "size", "duration_ms", "category", "storage_class", "app_id")
    return {
        **{name: said[name] for name in same},
        "id": video.video_id,
        "created": _time(video.created),
        "tags": list(video.tags),
        "location": video.storage_location,
        "cover": _bare(video.cover_url),
    }


def _of_media(media: vod.Media) -> Facts:
    source = media.source
    said = source and _lean({"file_name": source.file_name, "size": source.size, "status": source.status})
    streams = sorted(media.streams, key=lambda stream: stream.job_id)
    return {
        **_of_record(media.video),
        "source": said,
        "streams": [_stream(stream) for stream in streams],
        "streams_unread": not media.streams_known or None,
    }


def _of_stream(video: vod.Video, stream: vod.Stream) -> Facts:
    length = video.duration_ms if stream.duration_ms is None else stream.duration_ms
    lone = {"id": stream.job_id, "size": None, "duration_ms": length, "streams": [_stream(stream)]}
    return {**_of_record(video), **lone}


def _of_image(image: vod.Image) -> Facts:
    said = asdict(image)
    return {
        **{name: said[name] for name in ("title", "status", "size", "category")},
        "id": image.image_id,
        "created": _time(image.created),
        "tags": list(image.tags),
        "url": _bare(image.url),
        "cover": _bare(image.url),
    }


def _stream(stream: vod.Stream) -> Facts:
    said = asdict(stream)
    return _lean({name: said[name] for name in ("job_id", "definition", "format", "size", "status", "encrypted")})


def _lean(found: Facts) -> Facts:
    return {name: value for name, value in found.items() if value is not None and value != []}


def _time(when: Any) -> str | None:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else None


def _bare(url: str | None) -> str | None:
    return url.split("?", maxsplit=1)[0] if url else None
