"""What VOD answered, as targets of a plan: the facts that people are shown and countersign. Pure."""

from dataclasses import replace
from datetime import datetime

import vod
from deletion.plan.facts import SourceFact, StreamFact, Target
from deletion.terms.requests.targets import VideoImages

MOVED_BY_A_PART = frozenset({"ModificationTime", "Snapshots"})
"""What VOD tells of a video that our own deleting of its streams or images changes: not compared for the others."""


def bare_url(url: str | None) -> str | None:
    """Return a URL without its query string, where signatures and expiry times live."""
    return url.partition("?")[0] if url else None


def _time(at: datetime | None) -> str | None:
    """Return a time in UTC as VOD writes it, its year in four digits whatever it is."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def video(media: vod.Media) -> Target:
    """Return a video with its source file and its streams."""
    source = media.source
    streams = sorted((stream_fact(each) for each in media.streams), key=lambda fact: fact.job_id)
    return replace(
        bare(media.video),
        source=SourceFact(source.file_name, source.size, source.status, source.told or None) if source else None,
        streams=tuple(streams),
        streams_unread=not media.streams_known,
    )


def bare(about: vod.Video) -> Target:
    """Return a video of which neither source file nor streams could be read."""
    return Target(
        id=about.video_id,
        title=about.title,
        video_id=about.video_id,
        status=about.status,
        size=about.size,
        duration_ms=about.duration_ms,
        created=_time(about.created),
        category=about.category,
        tags=about.tags,
        storage_class=about.storage_class,
        app_id=about.app_id,
        location=about.storage_location,
        cover=bare_url(about.cover_url),
        told=about.told or None,
    )


def _part_of(about: vod.Video) -> Target:
    """Return what is shown of a video of which a part goes: that moves the video's own time and pictures."""
    lines = (about.told or "").splitlines()
    kept = [line for line in lines if line.partition("=")[0] not in MOVED_BY_A_PART]
    return replace(bare(about), told="\n".join(kept) or None)


def stream(of: vod.Video, one: vod.Stream) -> Target:
    """Return one transcoded stream of a video."""
    return replace(
        _part_of(of),
        id=one.job_id,
        size=None,
        streams=(stream_fact(one),),
        duration_ms=one.duration_ms if one.duration_ms is not None else of.duration_ms,
    )


def stream_fact(one: vod.Stream) -> StreamFact:
    """Return what is shown of a stream beside its video."""
    return StreamFact(one.job_id, one.definition, one.format, one.size, one.status, one.encrypted, one.told or None)


def image(one: vod.Image) -> Target:
    """Return an image that has an id."""
    return Target(
        id=one.image_id,
        title=one.title,
        status=one.status,
        size=one.size,
        created=_time(one.created),
        category=one.category,
        tags=one.tags,
        url=bare_url(one.url),
        cover=bare_url(one.url),
        told=one.told or None,
    )


def images(of: vod.Video, kind: VideoImages, urls: tuple[str, ...]) -> Target:
    """Return a video's images of one kind, by their addresses."""
    return replace(_part_of(of), id=kind, size=None, images=tuple(sorted(urls)))
