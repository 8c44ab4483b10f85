"""The delete calls of VOD, complete before anything is done: what cannot be sent is found while it is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from vod.api import ids
from vod.api.answers import ImageKind


class UnsendableError(ValueError):
    """VOD's API has no form for these ids, addresses or numbers of them; the text says what it takes."""


@dataclass(frozen=True)
class DeleteCall:
    """One delete call: its operation, its parameters, and the ids that VOD's answer may name."""

    action: str
    parameters: tuple[tuple[str, str], ...]
    named: tuple[str, ...] = ()


def videos(video_ids: Sequence[str]) -> DeleteCall:
    """Make a DeleteVideo. Like all of these it raises UnsendableError."""
    return DeleteCall("DeleteVideo", (("VideoIds", _joined(video_ids)),), tuple(video_ids))


def streams(video_id: str, job_ids: Sequence[str]) -> DeleteCall:
    """Make a DeleteStream."""
    return DeleteCall("DeleteStream", (("VideoId", _single(video_id)), ("JobIds", _joined(job_ids))))


def mezzanines(video_ids: Sequence[str], *, force: bool) -> DeleteCall:
    """Make a DeleteMezzanines."""
    parameters = (("VideoIds", _joined(video_ids)), ("Force", "true" if force is True else "false"))
    return DeleteCall("DeleteMezzanines", parameters, tuple(video_ids))


def images(image_ids: Sequence[str]) -> DeleteCall:
    """Make a DeleteImage by ids."""
    return DeleteCall("DeleteImage", (("DeleteImageType", "ImageId"), ("ImageIds", _joined(image_ids))))


def image_urls(urls: Sequence[str]) -> DeleteCall:
    """Make a DeleteImage by addresses."""
    try:
        joined = ids.joined_urls(urls)
    except ValueError as exc:
        raise UnsendableError(str(exc)) from None
    return DeleteCall("DeleteImage", (("DeleteImageType", "ImageURL"), ("ImageURLs", joined)))


def video_images(video_id: str, kinds: Sequence[ImageKind]) -> DeleteCall:
    """Make a DeleteImage of a video's images of these kinds."""
    if ImageKind.ALL in kinds and len(kinds) > 1:
        raise UnsendableError("All stands alone: it would hide what the other kinds say")
    try:
        wanted = [ImageKind(kind).value for kind in kinds]
    except ValueError as exc:
        raise UnsendableError(str(exc)) from None
    which = (("VideoId", _single(video_id)), ("ImageType", _joined(wanted)))
    return DeleteCall("DeleteImage", (("DeleteImageType", "VideoId"), *which))


def _joined(names: Sequence[str]) -> str:
    try:
        return ids.joined(names)
    except ValueError as exc:
        raise UnsendableError(str(exc)) from None


def _single(name: str) -> str:
    try:
        return ids.single(name)
    except ValueError as exc:
        raise UnsendableError(str(exc)) from None
