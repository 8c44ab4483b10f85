"""What VOD says about media, as frozen values: sizes in bytes, durations in milliseconds, times aware and UTC.

`None` always means that VOD did not say (or said something unreadable); nothing is filled in. Addresses are
left out of `repr`, because they may carry the signature that opens them. `told` is all that VOD says of a thing
besides, a line `Name=value` each: what may matter to whoever deletes it, and nothing that changes by itself.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ImageKind(StrEnum):
    """The images of a video: SnapshotType of ListSnapshots, ImageType of DeleteImage. `ALL` is for deleting."""

    COVER = "CoverSnapshot"
    NORMAL = "NormalSnapshot"
    SPRITE = "SpriteSnapshot"
    SPRITE_ORIGIN = "SpriteOriginSnapshot"
    ALL = "All"


@dataclass(frozen=True)
class Stream:
    """One transcoded stream. `status` is Normal, or Invisible for an older one of its definition and format."""

    job_id: str
    definition: str
    format: str
    codec: str | None
    size: int | None
    width: int | None
    height: int | None
    bitrate_kbps: int | None
    duration_ms: int | None
    encrypted: bool
    stream_type: str
    status: str
    told: str = ""


@dataclass(frozen=True)
class Source:
    """The uploaded file (mezzanine): Uploading, Normal, UploadFail or Deleted. Of its URL only the path is kept."""

    file_name: str | None
    size: int | None
    status: str
    file_url_path: str | None
    told: str = ""


@dataclass(frozen=True)
class Video:
    """A video's own record. `size` is that of the source file alone."""

    video_id: str
    title: str
    status: str
    size: int | None
    duration_ms: int | None
    created: datetime | None
    modified: datetime | None
    category: str | None
    tags: tuple[str, ...]
    storage_class: str | None
    app_id: str | None
    storage_location: str | None
    cover_url: str | None = field(repr=False)
    description: str | None
    reference_id: str | None
    told: str = ""


@dataclass(frozen=True)
class Media:
    """All about one video. `streams_known` is False when the answer had no list of streams at all."""

    video: Video
    source: Source | None
    streams: tuple[Stream, ...]
    streams_known: bool


@dataclass(frozen=True)
class Image:
    """One image of the library. `image_type` is default or cover."""

    image_id: str
    title: str
    image_type: str
    status: str
    url: str | None = field(repr=False)
    size: int | None
    width: int | None
    height: int | None
    created: datetime | None
    category: str | None
    tags: tuple[str, ...]
    told: str = ""


@dataclass(frozen=True)
class DayOfPlays:
    """How often a video was played on one day, and by how many viewers."""

    day: datetime
    plays: int
    viewers: int | None


@dataclass(frozen=True)
class Upload:
    """How a video was uploaded: by which program, on what device, from which IP address. VOD names no person."""

    source: str | None
    device: str | None
    ip: str | None


@dataclass(frozen=True)
class Snapshot:
    """One picture taken from a video; `index` counts as VOD does."""

    index: int
    url: str = field(repr=False)


@dataclass(frozen=True)
class SnapshotSet:
    """The snapshots of the latest job of one kind; `total` is VOD's count, which may exceed what was read."""

    kind: ImageKind
    total: int
    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True)
class MediaAnswer:
    """Every id asked for is in one of the three, or in none when VOD passed over it: that proves nothing."""

    found: dict[str, Media]
    missing: frozenset[str]
    forbidden: frozenset[str]


@dataclass(frozen=True)
class VideoAnswer:
    """Only `missing` proves absence; an id in neither was passed over by VOD."""

    found: dict[str, Video]
    missing: frozenset[str]


@dataclass(frozen=True)
class ImageAnswer:
    """Only `missing` proves absence; an id in neither was passed over by VOD."""

    found: dict[str, Image]
    missing: frozenset[str]


@dataclass(frozen=True)
class DeleteAnswer:
    """VOD accepted the call. Success is not listed by VOD: it is what was sent, less `missing`, less `refused`.

    Streams and images are answered with a request id alone, so both sets are empty for them. Accepted is not
    deleted: that is for reading back.
    """

    request_id: str
    missing: frozenset[str]
    refused: frozenset[str]
