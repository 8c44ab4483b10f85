"""Makes up believable media from a seeded random generator: streams, source files, bulk videos and images."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.vod.model.library import Library
from sandbox.vod.model.media import SnapshotKind, Source, Stream
from sandbox.vod.model.words import PICTURES, Shelf

_THREE_YEARS_DAYS = 3 * 365

# Definition, width, height, Kbit/s.
_LADDER = (
    ("FD", 480, 270, 320.0),
    ("LD", 640, 360, 520.0),
    ("SD", 848, 480, 900.0),
    ("HD", 1280, 720, 1600.0),
    ("OD", 1920, 1080, 4200.0),
)
_SOURCE_KBPS = 8192


def hex_id(rng: random.Random) -> str:
    """32 lowercase hex digits, VOD's usual form of an id."""
    return f"{rng.getrandbits(128):032x}"


def times(created: datetime) -> dict[str, datetime]:
    """The two dates of a video that was transcoded shortly after its upload."""
    return {"created": created, "modified": created + timedelta(minutes=11)}


def moment_before(rng: random.Random, today: datetime, days: tuple[int, int]) -> datetime:
    """Some moment so many days before today."""
    return today - timedelta(days=rng.randint(*days), seconds=rng.randint(0, 86_000))


def files(rng: random.Random, duration: float, rungs: int, container: str = "mp4") -> dict[str, Any]:
    """Facts of a playable video of `duration` seconds: its lowest `rungs` streams, source, cover and snapshots."""
    return {
        "duration": duration,
        "size": round(duration * _SOURCE_KBPS * 125),
        "streams": tuple(_stream(rng, duration, rung, container) for rung in _LADDER[:rungs]),
        "source": Source(f"{hex_id(rng)[:10]}.mov"),
        "snapshots": {
            SnapshotKind.COVER: rng.randint(3, 8),
            SnapshotKind.NORMAL: max(1, round(duration / 30)),
            SnapshotKind.SPRITE: 1 + round(duration / 2000),
            SnapshotKind.SPRITE_ORIGIN: max(1, round(duration / 60)),
        },
    }


def untranscoded(rng: random.Random, duration: float) -> dict[str, Any]:
    """Facts of a video whose source is what viewers get: one OD stream, of the source's size."""
    facts = files(rng, duration, 0)
    stream = Stream("OD", job_id=hex_id(rng), size=facts["size"], width=1920, height=1080, bitrate=_SOURCE_KBPS)
    return facts | {"streams": (stream,), "source": Source(f"{hex_id(rng)[:10]}.mp4", serves_as_stream=True)}


def older(rng: random.Random, stream: Stream) -> Stream:
    """What an earlier transcoding left behind: same definition and format, Invisible."""
    return Stream(
        stream.definition,
        stream.format,
        hex_id(rng),
        size=round(stream.size * 1.2),
        width=stream.width,
        height=stream.height,
        bitrate=stream.bitrate * 1.2,
        status="Invisible",
    )


def add_bulk_video(library: Library, rng: random.Random, shelf: Shelf, today: datetime) -> None:
    """One made-up video of a category, between 8 days and three years old."""
    number, duration = rng.randint(1, 38), rng.randint(*shelf.seconds) + rng.randint(0, 99) / 100
    library.add_video(
        video_id=hex_id(rng),
        title=shelf.pattern.format(first=rng.choice(shelf.first), second=rng.choice(shelf.second), number=number),
        category_id=shelf.category_id,
        category=shelf.category,
        tags=tuple(sorted(rng.sample(shelf.tags, rng.randint(0, len(shelf.tags))))),
        storage_class=rng.choices(("Standard", "IA", "Archive"), (86, 10, 4))[0],
        **times(moment_before(rng, today, (8, _THREE_YEARS_DAYS))),
        **_bulk_files(rng, duration),
    )


def add_bulk_image(library: Library, rng: random.Random, today: datetime) -> None:
    """One made-up image, between 8 days and three years old."""
    name, number = rng.choice(PICTURES), rng.randint(1, 40)
    library.add_image(
        image_id=hex_id(rng),
        path=f"/image/default/{hex_id(rng).upper()}-6-2.png",
        title=f"{name} {number}",
        file_name=f"{name} {number}.png",
        size=rng.randint(40_000, 4_000_000),
        tags=("brand",) if rng.random() < 0.4 else (),
        created=moment_before(rng, today, (8, _THREE_YEARS_DAYS)),
    )


def _bulk_files(rng: random.Random, duration: float) -> dict[str, Any]:
    if rng.random() < 0.07:
        return untranscoded(rng, duration)
    facts = files(rng, duration, rng.randint(2, 5), rng.choice(("mp4", "mp4", "m3u8")))
    streams: tuple[Stream, ...] = facts["streams"]
    if streams[0].format == "m3u8" and rng.random() < 0.25:
        streams = tuple(replace(stream, encrypted=stream.height >= 480) for stream in streams)
    if len(streams) < 5 and rng.random() < 0.15:
        streams = (*streams, older(rng, streams[-1]))
    return facts | {"streams": streams}


def _stream(rng: random.Random, duration: float, rung: tuple[str, int, int, float], container: str) -> Stream:
    definition, width, height, usual = rung
    bitrate = round(usual * rng.uniform(0.85, 1.15), 1)
    size = round(duration * bitrate * 125)  # Kbit/s to bytes per second
    return Stream(definition, container, hex_id(rng), size, width, height, bitrate)
