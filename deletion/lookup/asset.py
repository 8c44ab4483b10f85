"""Everything about one video or image: each part is read by itself, and one that could not be read says so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias

import vod
from deletion.lookup import mentions
from deletion.lookup.desk import WITHIN_S, Desk, LookingTurns
from deletion.lookup.failures import LookupFailedError, Unread, Why
from deletion.lookup.mentions import Mentions
from deletion.plan.calls import KINDS
from deletion.plan.facts import SourceFact, StreamFact, Target
from deletion.plan.library import from_vod
from deletion.terms.requests import addresses
from deletion.terms.requests.targets import VideoImages

PLAYS_DAYS = 90
"""Days of which plays are asked for; VOD answers for at most 180 at once."""

NO_STREAM = "InvalidVideo.NoneStream"
"""What GetPlayInfo says of a video that has no stream; any other error does not say that."""

PLAYS_REGION = "cn-shanghai"
"""The only region that has statistics of plays (DescribePlayVideoStatis)."""


@dataclass(frozen=True)
class Plays:
    """How often a video was played on the days that VOD has a number of, of the last ``asked`` ones.

    Without such days nothing is known: that is not 0.
    """

    asked: int
    days: int
    plays: int


@dataclass(frozen=True)
class VideoFound:
    """A video. ``streams`` empty and ``source`` None: there are none. ``upload`` None: VOD does not know.

    ``is_writable`` is False where this identity may not delete it; ``images`` says how many there are of each kind.
    """

    video: Target
    is_writable: bool
    streams: tuple[StreamFact, ...] | Unread
    source: SourceFact | Unread | None
    images: Mapping[VideoImages, int | Unread]
    plays: Plays | Unread
    upload: vod.Upload | Unread | None


@dataclass(frozen=True)
class ImageFound:
    """An image of the library."""

    image: Target


@dataclass(frozen=True)
class AddressFound:
    """An address of an image, of which VOD tells nothing: whether it is served, None where that is not known."""

    url: str
    is_served: bool | None


@dataclass(frozen=True)
class Absent:
    """Neither a video nor an image has this id, as VOD says."""


Found: TypeAlias = VideoFound | ImageFound | AddressFound | Absent


@dataclass(frozen=True)
class Asset:
    """What was looked for, what was found, and the proposals about it, by the record."""

    name: str
    found: Found
    mentions: Mentions


def look(desk: Desk, name: str) -> Asset:
    """Look one thing up by its id or its address. Raises LookupFailedError where not even that much is known."""
    with desk.looking(WITHIN_S) as turns:
        # Whoever looks for something that is gone wants to know who deleted it: the record needs no VOD for that.
        about = desk.database.read(lambda tx: mentions.of(tx, name))
        return Asset(name, _found(desk, turns, name), about)


def _found(desk: Desk, turns: LookingTurns, name: str) -> Found:
    if addresses.is_meant(name):
        return AddressFound(name, desk.image_is_served(name))
    turns.turn("BatchGetMediaInfos")
    answer = desk.client.get_media((name,))
    if name in answer.found:
        return _video(desk, turns, answer.found[name])
    if name in answer.forbidden:
        return _closed(desk, turns, name)
    turns.turn("GetImageInfos")
    images = desk.client.get_images((name,))
    if name in images.found:
        return ImageFound(from_vod.image(images.found[name]))
    if name in answer.missing and name in images.missing:
        return Absent()
    raise LookupFailedError(Why.NO_ANSWER)


def _closed(desk: Desk, turns: LookingTurns, name: str) -> Found:
    """Return a video that this identity may not write to: VOD shows its record, and neither source nor streams."""
    turns.turn("GetVideoInfos")
    videos = desk.client.get_videos((name,))
    if name not in videos.found:
        raise LookupFailedError(Why.DENIED if name not in videos.missing else Why.NO_ANSWER)
    unread = Unread(Why.DENIED)
    return VideoFound(
        video=from_vod.bare(videos.found[name]),
        is_writable=False,
        streams=unread,
        source=unread,
        images=_images(desk, turns, name),
        plays=_plays(desk, turns, name),
        upload=_upload(desk, turns, name),
    )


def _video(desk: Desk, turns: LookingTurns, media: vod.Media) -> VideoFound:
    name = media.video.video_id
    streams = _streams(desk, turns, name)
    target = from_vod.video(media)
    if isinstance(streams, tuple):
        target = replace(target, streams=streams, streams_unread=False)
    return VideoFound(
        video=target,
        is_writable=True,
        streams=streams,
        source=target.source,
        images=_images(desk, turns, name),
        plays=_plays(desk, turns, name),
        upload=_upload(desk, turns, name),
    )


def _streams(desk: Desk, turns: LookingTurns, name: str) -> tuple[StreamFact, ...] | Unread:
    """Return every stream, older duplicates and encrypted ones too: nothing less may be called all of them."""

    def read() -> tuple[StreamFact, ...]:
        turns.turn("GetPlayInfo")
        try:
            return tuple(map(from_vod.stream_fact, desk.client.get_streams(name)))
        except vod.NotFound as exc:
            if exc.code == NO_STREAM:
                return ()
            raise

    return turns.part(read)


def _images(desk: Desk, turns: LookingTurns, name: str) -> Mapping[VideoImages, int | Unread]:
    def count(kind: VideoImages) -> int:
        turns.turn("ListSnapshots")
        try:
            return desk.client.count_snapshots(name, KINDS[kind])
        except vod.NotFound:
            return 0

    return {kind: turns.part(partial(count, kind)) for kind in VideoImages}


def _plays(desk: Desk, turns: LookingTurns, name: str) -> Plays | Unread:
    def read() -> Plays:
        turns.turn("DescribePlayVideoStatis")
        today = datetime.fromtimestamp(desk.database.now_ms() / 1000, tz=UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        days = desk.client.get_plays(name, today - timedelta(days=PLAYS_DAYS), today + timedelta(days=1))
        return Plays(PLAYS_DAYS, len(days), sum(day.plays for day in days))

    return turns.part(read) if desk.client.endpoint.region == PLAYS_REGION else Unread(Why.REGION)


def _upload(desk: Desk, turns: LookingTurns, name: str) -> vod.Upload | Unread | None:
    def read() -> vod.Upload | None:
        turns.turn("GetUploadDetails")
        return desk.client.get_upload(name)

    return turns.part(read)
