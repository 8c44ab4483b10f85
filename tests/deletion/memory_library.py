"""What the VOD in memory holds to begin with, and the ways in which it changes behind the bot's back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import vod
from tests.deletion.memory_vod import Library
from vod import Image, ImageKind, Media, Snapshot, Source, Stream, Video

LONG_AGO = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
PICTURES = (ImageKind.COVER, ImageKind.NORMAL)


def stock(library: Library) -> None:
    """Fill a library with ten videos and ten images."""
    for number in range(10):
        add_video(library, number)
        add_image(library, number)


def add_video(library: Library, number: int) -> str:
    """Add a video with two streams, a cover and snapshots; return its id."""
    name = f"video{number}"
    library.videos[name] = Media(
        Video(
            video_id=name,
            title=f"Take {number % 4}",
            status="Normal",
            size=1000 + number,
            duration_ms=60_000,
            created=LONG_AGO,
            modified=LONG_AGO,
            category=None,
            tags=("spring",),
            storage_class="Standard",
            app_id="app-1000000",
            storage_location="bucket",
            cover_url=f"https://media.example/{name}.jpg?auth_key=1",
            description=None,
            reference_id=None,
        ),
        Source(f"{name}.mp4", 1000 + number, "Normal", f"/{name}.mp4"),
        tuple(_stream(f"{name}-{word.lower()}", word) for word in ("HD", "SD")),
        streams_known=True,
    )
    for kind in PICTURES:
        library.pictures[name, kind] = (
            Snapshot(1, f"https://media.example/{name}/{kind.value}/1.jpg"),
            Snapshot(2, f"https://media.example/{name}/{kind.value}/2.jpg"),
        )
    return name


def add_image(library: Library, number: int) -> str:
    """Add an image; return its id."""
    name = f"image{number}"
    library.images[name] = Image(
        image_id=name,
        title=f"Poster {number}",
        image_type="default",
        status="Normal",
        url=f"https://media.example/{name}.png",
        size=500,
        width=10,
        height=10,
        created=LONG_AGO,
        category=None,
        tags=(),
    )
    return name


def _stream(job_id: str, definition: str) -> Stream:
    return Stream(job_id, definition, "mp4", None, 700, 1280, 720, 900, 60_000, False, "video", "Normal")


VIDEO_CHANGES: dict[str, Callable[[Media], Media]] = {
    "title": lambda media: _record(media, title=media.video.title + "!"),
    "status": lambda media: _record(media, status="Checking" if media.video.status == "Normal" else "Normal"),
    "size": lambda media: _record(media, size=(media.video.size or 0) + 1),
    "duration": lambda media: _record(media, duration_ms=None if media.video.duration_ms else 60_000),
    "created": lambda media: _record(media, created=(media.video.created or LONG_AGO) + timedelta(seconds=1)),
    "category": lambda media: _record(media, category="News" if media.video.category is None else None),
    "tags": lambda media: _record(media, tags=() if media.video.tags else ("spring",)),
    "storage class": lambda media: _record(media, storage_class="IA"),
    "application": lambda media: _record(media, app_id="app-2"),
    "location": lambda media: _record(media, storage_location="elsewhere"),
    "cover": lambda media: _record(media, cover_url="https://media.example/other.jpg"),
    "description (not shown)": lambda media: _record(media, description="new"),
    "source": lambda media: replace(media, source=media.source and replace(media.source, file_name="other.mp4")),
    "a stream less": lambda media: replace(media, streams=media.streams[1:]),
    "streams": lambda media: replace(media, streams=tuple(replace(s, encrypted=True) for s in media.streams)),
    "streams unread": lambda media: replace(media, streams_known=not media.streams_known),
}
"""What may change about a video, with or without being shown; some of it changes back when it happens again."""

IMAGE_CHANGES: dict[str, Callable[[Image], Image]] = {
    "title": lambda image: replace(image, title=image.title + "!"),
    "size": lambda image: replace(image, size=None if image.size else 500),
    "tags": lambda image: replace(image, tags=() if image.tags else ("new",)),
    "url": lambda image: replace(image, url="https://media.example/other.png"),
    "width (not shown)": lambda image: replace(image, width=99),
}


def _record(media: Media, **fields: object) -> Media:
    changed: vod.Video = replace(media.video, **fields)  # type: ignore[arg-type] # the names are written out above
    return replace(media, video=changed)


def change_video(library: Library, name: str, change: str) -> None:
    """Change a video in one of the ways named above, if it is there."""
    if name in library.videos:
        library.videos[name] = VIDEO_CHANGES[change](library.videos[name])


def change_image(library: Library, name: str, change: str) -> None:
    """Change an image in one of the ways named above, if it is there."""
    if name in library.images:
        library.images[name] = IMAGE_CHANGES[change](library.images[name])


def add_stream(library: Library, name: str) -> None:
    """Give a video one more stream, with an id that no other ever had."""
    media = library.videos.get(name)
    if media is not None:
        fresh = _stream(f"{name}-{next(library.seq)}", "LD")
        library.videos[name] = replace(media, streams=(*media.streams, fresh))


def take_picture(library: Library, name: str, kind: ImageKind) -> None:
    """Take another picture of a video that has some of this kind."""
    before = library.pictures.get((name, kind), ())
    if before:
        number = next(library.seq)
        library.pictures[name, kind] = (*before, Snapshot(number, f"https://media.example/{name}/{number}.jpg"))


def add_newcomer(library: Library) -> None:
    """Let a video appear that was not there to begin with, once: what was there never comes back."""
    if not any(thing[1] == "video10" for thing in library.seen):
        add_video(library, 10)
