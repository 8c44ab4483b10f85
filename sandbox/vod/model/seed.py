"""Fills the local library: about 200 believable videos, 30 images, and the troublesome ones, all known by name.

The same every time (`random.Random(7)`), except that dates count back from the day it is filled.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.clock import Clock
from sandbox.vod.model.library import Library
from sandbox.vod.model.media import Source, Stream, UploadFacts
from sandbox.vod.model.stock import add_bulk_image, add_bulk_video, files, moment_before, older, times, untranscoded
from sandbox.vod.model.words import SHELVES

BULK_VIDEOS = 180
BULK_IMAGES = 27


@dataclass(frozen=True)
class Known:
    """A seeded thing that tests and the demo name: its title and its id, which never change."""

    title: str
    video_id: str


@dataclass(frozen=True)
class KnownImage:
    """A seeded image with a stable id, title and path below the sandbox's URL."""

    title: str
    image_id: str
    path: str


def _id(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"https://countersign.example/seed/{name}").hex


def _known(title: str, name: str = "") -> Known:
    return Known(title, _id(name or title))


# Tidy ones, for telling a story.
SPRING_TEASER = _known("Spring launch teaser")
SPRING_TEASER_VERTICAL = _known("Spring launch teaser, vertical")
AUTUMN_REHEARSAL = _known("Autumn keynote, rehearsal")
AUTUMN_KEYNOTE = _known("Autumn keynote, final")
WAREHOUSE_TOUR = _known("Warehouse tour 2024")
HOLIDAY_OUTTAKES = _known("Holiday party outtakes")
CHINESE_TEASER = _known("春季发布会预告片")
TIDY = (
    SPRING_TEASER,
    SPRING_TEASER_VERTICAL,
    AUTUMN_REHEARSAL,
    AUTUMN_KEYNOTE,
    WAREHOUSE_TOUR,
    HOLIDAY_OUTTAKES,
    CHINESE_TEASER,
)

# Troublesome ones, each for one reason.
FORBIDDEN = _known("Partner feed, licensed from Harbour Sports")
UNREMOVABLE = _known("Founders' interview, uploaded without transcoding")
HUGE = _known("Stadium multicam master, 8K")
TRANSCODING = _known("Trade fair walk-through, just uploaded")
UPLOADING = _known("Drone footage, still uploading")
BLOCKED = _known("Street interviews, held by review")
NO_STREAMS = _known("Voice-over take, never transcoded")
NO_SOURCE = _known("Old advert, source already gone")
ENCRYPTED = _known("Pay-per-view final, encrypted")
OLD_STREAMS = _known("Brand anthem, transcoded again and again")
ARCHIVED = _known("Anniversary gala 1999, archive")
MARKUP_TITLE = _known("<!channel> *bold* <https://evil.example|click> & `code`", "markup")
BIDI_TITLE = _known("Invoice \u202egpj.fdp\u202c\nsecond line\r\nthird\u200b\x07", "bidi")
LONG_TITLE = _known(("A very long title that goes on " * 17)[:500], "long")
TWIN_A = _known("Weekly stand-up", "twin a")
TWIN_B = _known("Weekly stand-up", "twin b")
TROUBLESOME = (
    FORBIDDEN,
    UNREMOVABLE,
    HUGE,
    TRANSCODING,
    UPLOADING,
    BLOCKED,
    NO_STREAMS,
    NO_SOURCE,
    ENCRYPTED,
    OLD_STREAMS,
    ARCHIVED,
    MARKUP_TITLE,
    BIDI_TITLE,
    LONG_TITLE,
    TWIN_A,
    TWIN_B,
)

SPRING_POSTER = KnownImage("Spring launch poster", _id("spring poster"), "/image/default/spring-poster-6-2.png")
SPRING_COVER = KnownImage("Spring launch cover", _id("spring cover"), "/image/cover/spring-cover-6-2.png")
COMMA_IMAGE = KnownImage("Press photo, cropped", _id("comma"), "/image/default/press photo,cropped+50%.png")
KNOWN_IMAGES = (SPRING_POSTER, SPRING_COVER, COMMA_IMAGE)


def seed(library: Library, clock: Clock) -> None:
    """Put everything into an empty library. Dates count back from today's midnight, UTC."""
    rng = random.Random(7)
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(BULK_VIDEOS):
        add_bulk_video(library, rng, SHELVES[number % len(SHELVES)], today)
    for _ in range(BULK_IMAGES):
        add_bulk_image(library, rng, today)
    for number, known in enumerate(TIDY):
        plays = {f"{today - timedelta(days=day):%Y-%m-%d}": 37 * number + day for day in range(1, 4)}
        _add_known(library, rng, known, today, {"plays": plays, "upload": UploadFacts()})
    trouble = _trouble(rng, today)
    for known in TROUBLESOME:
        _add_known(library, rng, known, today, trouble.get(known, {}))
    for image in KNOWN_IMAGES:
        _add_known_image(library, rng, image, today)


def _add_known(
    library: Library, rng: random.Random, known: Known, today: datetime, trouble: dict[str, Any]
) -> None:
    facts = {
        "video_id": known.video_id,
        "title": known.title,
        "category_id": 1010,
        "category": "Marketing",
        "tags": ("campaign", "2024"),
        **times(moment_before(rng, today, (40, 700))),
        **files(rng, rng.randint(20, 400) + 0.52, 4),
    }
    library.add_video(**{**facts, **trouble})


def _add_known_image(library: Library, rng: random.Random, image: KnownImage, today: datetime) -> None:
    library.add_image(
        image_id=image.image_id,
        path=image.path,
        title=image.title,
        file_name=image.path.rsplit("/", 1)[-1],
        image_type=image.path.split("/")[2],
        created=moment_before(rng, today, (40, 700)),
    )


def _trouble(rng: random.Random, today: datetime) -> dict[Known, dict[str, Any]]:
    """What is odd about each of the troublesome ones."""
    encrypted = tuple(replace(one, encrypted=True, format="m3u8") for one in files(rng, 5460.4, 2)["streams"])
    again: tuple[Stream, ...] = files(rng, 60.0, 2)["streams"]
    nothing_yet = {"streams": (), "snapshots": {}, "has_cover": False}
    return {
        FORBIDDEN: {"forbidden": True, "app_id": "app-4410027"},
        UNREMOVABLE: untranscoded(rng, 1865.2),
        HUGE: {"size": 180_000_000_000, "duration": 9_125.0},
        TRANSCODING: nothing_yet | {"status": "Transcoding"} | times(today - timedelta(hours=2)),
        UPLOADING: nothing_yet
        | {"status": "Uploading", "size": 0, "duration": 0.0, "source": Source("drone.mov", status="Uploading")}
        | times(today - timedelta(hours=1)),
        BLOCKED: {"status": "Blocked"},
        NO_STREAMS: {"streams": ()},
        NO_SOURCE: {"source": None},
        ENCRYPTED: {"streams": encrypted},
        OLD_STREAMS: {"streams": (*again, *(older(rng, one) for one in again + again))},
        ARCHIVED: {"storage_class": "Archive", **times(today - timedelta(days=1090))},
    }
