"""What the local VOD holds: videos with their streams, source files and snapshots, and images."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

DEFAULT_APP = "app-1000000"
STORAGE_LOCATION = "outin-5a0c2f7e91b811ee.oss-cn-shanghai.aliyuncs.com"


class SnapshotKind(StrEnum):
    """`SnapshotType` of ListSnapshots and, except WebVtt, `ImageType` of DeleteImage."""

    COVER = "CoverSnapshot"
    NORMAL = "NormalSnapshot"
    SPRITE = "SpriteSnapshot"
    SPRITE_ORIGIN = "SpriteOriginSnapshot"
    WEB_VTT = "WebVttSnapshot"


class Level(StrEnum):
    """What one removal takes away."""

    VIDEO = "video"
    STREAM = "stream"
    MEZZANINE = "mezzanine"
    IMAGE = "image"
    SNAPSHOTS = "snapshots"


def new_id() -> str:
    """A fresh id in VOD's usual form: 32 lowercase hex digits."""
    return uuid4().hex


@dataclass(frozen=True)
class Stream:
    """One transcoded stream. Size in bytes, bitrate in Kbit/s.

    `status` is Normal, or Invisible for an older duplicate of the same definition and format.
    """

    definition: str
    format: str = "mp4"
    job_id: str = field(default_factory=new_id)
    size: int = 4_180_112
    width: int = 1280
    height: int = 720
    bitrate: float = 1536.0
    fps: float = 25.0
    codec: str = "h264"
    encrypted: bool = False
    stream_type: str = "video"
    status: str = "Normal"


@dataclass(frozen=True)
class Source:
    """The uploaded file. `serves_as_stream`: it is what viewers play as OD (no-transcode uploads)."""

    file_name: str = "source.mp4"
    status: str = "Normal"
    width: int = 1920
    height: int = 1080
    serves_as_stream: bool = False


@dataclass(frozen=True)
class UploadFacts:
    """What GetUploadDetails tells: by which program, from which address, on which device."""

    source: str = "WebSDK"
    ip: str = "192.0.2.17"
    device: str = "Chrome"


@dataclass(frozen=True)
class Video:
    """One video. `size` is bytes of the source file, `duration` is seconds.

    `forbidden`: owned by another application, so readable here but not to be deleted. `plays` are the days
    (`2026-01-05`) of which there are statistics; `upload` None: by a program that tells nothing of itself.
    """

    video_id: str = field(default_factory=new_id)
    title: str = "Untitled"
    description: str = ""
    status: str = "Normal"
    duration: float = 61.25
    size: int = 12_582_912
    created: datetime = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    modified: datetime = datetime(2026, 1, 5, 9, 42, tzinfo=UTC)
    category_id: int = 0
    category: str = ""
    tags: tuple[str, ...] = ()
    app_id: str = DEFAULT_APP
    storage_class: str = "Standard"
    storage_location: str = STORAGE_LOCATION
    streams: tuple[Stream, ...] = field(default_factory=lambda: (Stream("LD"), Stream("HD")))
    source: Source | None = field(default_factory=Source)
    has_cover: bool = True
    snapshots: Mapping[SnapshotKind, int] = field(default_factory=dict)
    forbidden: bool = False
    plays: Mapping[str, int] = field(default_factory=dict)
    upload: UploadFacts | None = None

    @property
    def cover_path(self) -> str:
        """Where the cover picture is served, below the sandbox's URL."""
        return f"/covers/{self.video_id}.png"

    def snapshot_path(self, kind: SnapshotKind, index: int) -> str:
        """Where snapshot `index` (from 1) of a kind is served, below the sandbox's URL."""
        return f"/snapshots/{self.video_id}/{kind}-{index:05d}.png"


@dataclass(frozen=True)
class Image:
    """One image of the library. `path` is where it is served, below the sandbox's URL (not percent-encoded)."""

    path: str
    image_id: str = field(default_factory=new_id)
    title: str = "Untitled"
    image_type: str = "default"
    status: str = "Normal"
    size: int = 204_800
    width: int = 1200
    height: int = 630
    file_name: str = "picture.png"
    created: datetime = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    category_id: int = 0
    category: str = ""
    tags: tuple[str, ...] = ()
    app_id: str = DEFAULT_APP
    storage_location: str = STORAGE_LOCATION


@dataclass(frozen=True)
class Removal:
    """One thing to take away. `asked` is the id or URL as the caller named it; the other fields find the thing."""

    level: Level
    asked: str
    media_id: str
    part: str = ""


@dataclass(frozen=True)
class Removed:
    """One thing that is gone for good, kept only to be shown."""

    level: Level
    media_id: str
    part: str
    title: str
    size: int
    at: datetime
