"""The delete calls of a request: made before anything is written down, so that nothing is that cannot be sent."""

from collections.abc import Sequence
from typing import assert_never

import vod
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)

KINDS = {
    VideoImages.COVER: vod.ImageKind.COVER,
    VideoImages.SNAPSHOT: vod.ImageKind.NORMAL,
    VideoImages.SPRITE: vod.ImageKind.SPRITE,
    VideoImages.SPRITE_ORIGIN: vod.ImageKind.SPRITE_ORIGIN,
}


def delete_call(request: Request, targets: Sequence[str]) -> vod.DeleteCall:
    """Make the call that deletes these targets of a request; vod.UnsendableError when there is none."""
    match request:
        case Videos():
            return vod.deletes.videos(targets)
        case Streams(video_id=video_id):
            return vod.deletes.streams(video_id, targets)
        case Mezzanines(force=force):
            return vod.deletes.mezzanines(targets, force=force)
        case Images():
            return vod.deletes.images(targets)
        case ImageUrls():
            return vod.deletes.image_urls(targets)
        case ImagesOf(video_id=video_id):
            return vod.deletes.video_images(video_id, [image_kind(name) for name in targets])
        case _:
            assert_never(request)


def is_sendable(request: Request, target: str) -> bool:
    """Say whether VOD's API has a form for this target."""
    try:
        delete_call(request, [target])
    except vod.UnsendableError:
        return False
    return True


def image_kind(name: str) -> vod.ImageKind:
    """Return VOD's name for a kind of a video's images; vod.UnsendableError when there is none."""
    if name not in set(VideoImages):
        raise vod.UnsendableError(f"there is no such kind of image: it is one of {', '.join(VideoImages)}")
    return KINDS[VideoImages(name)]
