"""The media library of the local VOD: thread-safe, in memory, and as unforgiving about deletion as the real one."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.vod.model.media import Image, Level, Removal, Removed, SnapshotKind, Source, Video, new_id
from sandbox.vod.model.searches import Searches

_OD = "OD"


class Library:
    """Videos and images by id. Removal is physical; `removed` remembers what went, only for display.

    `version` is another one after every change, for whoever keeps what they looked up.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._videos: dict[str, Video] = {}
        self._images: dict[str, Image] = {}
        self._removed: list[Removed] = []
        self._postponed: list[tuple[datetime, Removal]] = []
        self._indexed: tuple[tuple[Video, ...], tuple[Image, ...]] | None = None
        self._before: tuple[dict[str, Video], dict[str, Image]] = ({}, {})
        self.version = 0
        self.searches = Searches()

    def now(self) -> datetime:
        """What the sandbox's clock says."""
        return self._clock.now()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the library still; what has fallen due is removed first. Re-entrant."""
        with self._lock:
            self._remove_what_is_due(self._clock.now())
            yield

    def add_video(self, **facts: Any) -> Video:
        """Add a video, by default a tidy playable one. Facts are the fields of `Video`.

        Raises ValueError if the id is taken.
        """
        with self.locked():
            now = self._clock.now()
            video = Video(**{"created": now, "modified": now, **facts})
            if video.video_id in self._videos:
                raise ValueError(f"video {video.video_id} is already in the library")
            self._videos[video.video_id] = video
            self.version += 1
            return video

    def add_image(self, **facts: Any) -> Image:
        """Add an image. Facts are the fields of `Image`; the path defaults to VOD's usual form."""
        with self.locked():
            path = f"/image/default/{new_id().upper()}-6-2.png"
            image = Image(**{"created": self._clock.now(), "path": path, **facts})
            if image.image_id in self._images:
                raise ValueError(f"image {image.image_id} is already in the library")
            self._images[image.image_id] = image
            self.version += 1
            return image

    def video(self, video_id: str) -> Video | None:
        """The video, or None."""
        with self.locked():
            return self._videos.get(video_id)

    def image(self, image_id: str) -> Image | None:
        """The image, or None."""
        with self.locked():
            return self._images.get(image_id)

    def image_at(self, path: str) -> Image | None:
        """The image served at a path below the sandbox's URL, or None."""
        return next((image for image in self.images() if image.path == path), None)

    def videos(self) -> tuple[Video, ...]:
        """All videos, newest first, as VOD lists them."""
        with self.locked():
            return tuple(sorted(self._videos.values(), key=lambda video: video.created, reverse=True))

    def images(self) -> tuple[Image, ...]:
        """All images, newest first."""
        with self.locked():
            return tuple(sorted(self._images.values(), key=lambda image: image.created, reverse=True))

    def hold_index(self) -> None:
        """Let searches go on finding what is there now, as it is now, whatever changes."""
        with self.locked():
            self._indexed = (self.videos(), self.images())
            self.version += 1

    def catch_up_index(self) -> None:
        """Let searches find what is there."""
        with self.locked():
            self._indexed = None
            self.version += 1

    def indexed(self) -> tuple[tuple[Video, ...], tuple[Image, ...]]:
        """All videos and images, as searches know them."""
        with self.locked():
            return self._indexed or (self.videos(), self.images())

    def titled(self, title: str) -> tuple[Video, ...]:
        """Videos with exactly this title; titles are not unique."""
        return tuple(video for video in self.videos() if video.title == title)

    def matching(self, text: str) -> tuple[Video, ...]:
        """Videos whose title contains the text, whatever the case."""
        return tuple(video for video in self.videos() if text.casefold() in video.title.casefold())

    def change_video(self, video_id: str, **facts: Any) -> Video:
        """Replace facts of a video, as an editor or a transcoding job would. KeyError if it is not there."""
        with self.locked():
            changed = replace(self._videos[video_id], **{"modified": self._clock.now(), **facts})
            self._videos[video_id] = changed
            self.version += 1
            return changed

    def change_image(self, image_id: str, **facts: Any) -> Image:
        """Replace facts of an image. KeyError if it is not there."""
        with self.locked():
            self._images[image_id] = replace(self._images[image_id], **facts)
            self.version += 1
            return self._images[image_id]

    def remove_video(self, video_id: str) -> bool:
        """Remove a video behind everybody's back. False if it was not there."""
        return self.remove(Removal(Level.VIDEO, video_id, video_id))

    def remove_image(self, image_id: str) -> bool:
        """Remove an image behind everybody's back. False if it was not there."""
        return self.remove(Removal(Level.IMAGE, image_id, image_id))

    def remove(self, removal: Removal) -> bool:
        """Take one thing away for good. False if it was not there (any more)."""
        with self._lock:
            self.version += 1
            match removal.level:
                case Level.IMAGE:
                    return self._remove_image(removal)
                case Level.VIDEO:
                    return self._remove_video(removal)
                case Level.STREAM | Level.MEZZANINE | Level.SNAPSHOTS:
                    return self._remove_part(removal)

    def remember(self) -> None:
        """Keep what there is now for `before()`: something is about to be removed."""
        with self._lock:
            self._before = (dict(self._videos), dict(self._images))

    def before(self) -> "Library":
        """A library of its own, in which the last removal has not happened yet; what is new since is in it too."""
        with self.locked():
            then = Library(self._clock)
            videos, images = self._before
            then._videos, then._images = self._videos | videos, self._images | images
            return then

    def remove_later(self, removals: Iterable[Removal], seconds: float) -> None:
        """Remove when the sandbox's clock has moved on by `seconds`, or at `settle()`."""
        with self._lock:
            due = self._clock.now() + timedelta(seconds=seconds)
            self._postponed += [(due, removal) for removal in removals]

    def settle(self) -> None:
        """Remove now whatever was promised for later."""
        with self._lock:
            self._remove_what_is_due(None)

    @property
    def removed(self) -> tuple[Removed, ...]:
        """What was removed, in order."""
        with self.locked():
            return tuple(self._removed)

    def counts(self) -> dict[str, int]:
        """How many things there are: videos, streams, sources, images, removed; and bytes of all sources."""
        videos = self.videos()
        sourced = [video for video in videos if _present(video.source)]
        return {
            "videos": len(videos),
            "streams": sum(len(video.streams) for video in videos),
            "sources": len(sourced),
            "bytes": sum(video.size for video in sourced),
            "images": len(self.images()),
            "removed": len(self.removed),
        }

    def _remove_what_is_due(self, moment: datetime | None) -> None:
        due = [one for at, one in self._postponed if moment is None or at <= moment]
        self._postponed = [(at, one) for at, one in self._postponed if moment is not None and at > moment]
        if due:
            self.remember()
        for removal in due:
            self.remove(removal)

    def _remove_video(self, removal: Removal) -> bool:
        video = self._videos.pop(removal.media_id, None)
        if video is None:
            return False
        self._record(removal, video.title, video.size)
        return True

    def _remove_image(self, removal: Removal) -> bool:
        image = self._images.pop(removal.media_id, None)
        if image is None:
            return False
        self._record(removal, image.title, image.size)
        return True

    def _remove_part(self, removal: Removal) -> bool:
        video = self._videos.get(removal.media_id)
        after = None if video is None else _without(video, removal)
        if video is None or after is None:
            return False
        self._videos[video.video_id] = replace(after, modified=self._clock.now())
        self._record(removal, video.title, _size_of_part(video, removal))
        return True

    def _record(self, removal: Removal, title: str, size: int) -> None:
        at = self._clock.now()
        self._removed.append(Removed(removal.level, removal.media_id, removal.part, title, size, at))


def _present(source: Source | None) -> bool:
    return source is not None and source.status != "Deleted"


def _without(video: Video, removal: Removal) -> Video | None:
    """The video without the part, or None if it does not have it."""
    if removal.level is Level.STREAM:
        kept = tuple(stream for stream in video.streams if stream.job_id != removal.part)
        return replace(video, streams=kept) if len(kept) < len(video.streams) else None
    if removal.level is Level.MEZZANINE:
        return _without_source(video)
    return _without_snapshots(video, SnapshotKind(removal.part))


def _without_source(video: Video) -> Video | None:
    source = video.source
    if source is None or source.status == "Deleted":
        return None
    # A source that doubles as the original-quality stream takes that stream with it.
    kept = tuple(one for one in video.streams if not (source.serves_as_stream and one.definition == _OD))
    return replace(video, source=replace(source, status="Deleted"), streams=kept)


def _without_snapshots(video: Video, kind: SnapshotKind) -> Video | None:
    if not has_snapshots(video, kind):
        return None
    kept = {other: number for other, number in video.snapshots.items() if other is not kind}
    return replace(video, snapshots=kept, has_cover=video.has_cover and kind is not SnapshotKind.COVER)


def has_snapshots(video: Video, kind: SnapshotKind) -> bool:
    """Whether the video has pictures of this kind; its cover counts as a cover snapshot."""
    return video.snapshots.get(kind, 0) > 0 or (kind is SnapshotKind.COVER and video.has_cover)


def _size_of_part(video: Video, removal: Removal) -> int:
    match removal.level:
        case Level.STREAM:
            return next(one.size for one in video.streams if one.job_id == removal.part)
        case Level.MEZZANINE:
            return video.size
        case _:
            return 0
