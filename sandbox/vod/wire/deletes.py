"""The delete operations of the local VOD. Each judges a call: removing is a second act, so faults can meddle."""

from urllib.parse import unquote, urlsplit

from sandbox.vod.model.library import has_snapshots
from sandbox.vod.model.media import Level, Removal, SnapshotKind, Video
from sandbox.vod.wire import errors
from sandbox.vod.wire.call import Call, Delete, Verdict, split

# DeleteImage's page: WebVtt snapshots can be listed but not deleted.
_DELETABLE_KINDS = (
    SnapshotKind.COVER,
    SnapshotKind.NORMAL,
    SnapshotKind.SPRITE,
    SnapshotKind.SPRITE_ORIGIN,
)
_ALL_KINDS = "All"


def _delete_video(call: Call) -> Verdict:
    """Partial by design: what does not exist or is not ours is named, the rest goes. None exists: 404."""
    found, missing = call.sorted_out("VideoIds", code="VideoIdsExceededMax")
    if not found:
        raise errors.video_not_found()
    forbidden = [video.video_id for video in found if video.forbidden]
    going = tuple(
        Removal(Level.VIDEO, one.video_id, one.video_id) for one in found if one.video_id not in forbidden
    )
    return Verdict({"NonExistVideoIds": missing, "ForbiddenVideoIds": forbidden}, going)


def _delete_stream(call: Call) -> Verdict:
    """Of the jobs named, those of this video go; no list says which. None is of this video: 404."""
    jobs = call.names("JobIds", code="JobIdsExceededMax")
    video = call.video()
    if video.forbidden:
        raise errors.other_application()
    own = {stream.job_id for stream in video.streams}
    going = tuple(Removal(Level.STREAM, job, video.video_id, job) for job in jobs if job in own)
    if not going:
        raise errors.stream_not_found()
    return Verdict({}, going)


def _delete_mezzanines(call: Call) -> Verdict:
    """Refuses what is another application's, and without Force what is played as the original."""
    force = call.flag("Force")
    found, missing = call.sorted_out("VideoIds", code="VideoIdsExceededMax")
    sourced = [video for video in found if video.source is not None and video.source.status != "Deleted"]
    refused = [video for video in sourced if video.forbidden or (_is_played(video) and not force)]
    going = [video.video_id for video in sourced if video not in refused]
    sourceless = [video.video_id for video in found if video not in sourced]
    answer = {
        "NonExistVideoIds": missing + sourceless,
        "UnRemoveableVideoIds": [video.video_id for video in refused],
    }
    return Verdict(answer, tuple(Removal(Level.MEZZANINE, one, one) for one in going))


def _is_played(video: Video) -> bool:
    return video.source is not None and video.source.serves_as_stream


def _delete_image(call: Call) -> Verdict:
    """Three ways to name images, chosen by DeleteImageType. Nothing of what is named exists: 404."""
    call.text("DeleteImageType")
    going = {"ImageURL": _images_by_url, "ImageId": _images_by_id, "VideoId": _pictures_of_video}[
        call.choice("DeleteImageType", ("ImageURL", "ImageId", "VideoId"), "")
    ](call)
    if not going:
        raise errors.no_such_resource()
    return Verdict({}, going)


def _images_by_id(call: Call) -> tuple[Removal, ...]:
    return tuple(Removal(Level.IMAGE, one, one) for one in call.names("ImageIds") if call.library.image(one))


def _images_by_url(call: Call) -> tuple[Removal, ...]:
    """Each URL is percent-encoded by the caller before the list is joined, so a comma in it does not split it."""
    removals = []
    for asked in call.names("ImageURLs"):
        url = urlsplit(url_as_named(asked))
        image = call.library.image_at(unquote(url.path)) if url.netloc == urlsplit(call.base_url).netloc else None
        if image is not None:
            removals.append(Removal(Level.IMAGE, url.geturl(), image.image_id))
    return tuple(removals)


def url_as_named(asked: str) -> str:
    """The URL meant by an entry of ImageURLs, encoded for the list or not."""
    return asked if "://" in asked else unquote(asked)


def _pictures_of_video(call: Call) -> tuple[Removal, ...]:
    kinds = _kinds(call)
    video = call.video()
    if video.forbidden:
        raise errors.other_application()
    return tuple(
        Removal(Level.SNAPSHOTS, video.video_id, video.video_id, kind)
        for kind in kinds
        if has_snapshots(video, kind)
    )


def _kinds(call: Call) -> tuple[SnapshotKind, ...]:
    names = split(call.text("ImageType"))
    if names == [_ALL_KINDS]:
        return _DELETABLE_KINDS
    if not names or not set(names) <= set(_DELETABLE_KINDS):
        choices = ", ".join(_DELETABLE_KINDS)
        raise errors.invalid("ImageType", f"it must be {_ALL_KINDS}, or of {choices}")
    return tuple(dict.fromkeys(SnapshotKind(name) for name in names))


DELETES: dict[str, Delete] = {
    "DeleteImage": Delete(
        frozenset({"DeleteImageType", "ImageIds", "ImageType", "ImageURLs", "VideoId"}),
        ("ImageIds", "ImageURLs", "VideoId"),
        _delete_image,
    ),
    "DeleteMezzanines": Delete(frozenset({"VideoIds", "Force"}), ("VideoIds",), _delete_mezzanines),
    "DeleteStream": Delete(frozenset({"VideoId", "JobIds"}), ("JobIds",), _delete_stream),
    "DeleteVideo": Delete(frozenset({"VideoIds"}), ("VideoIds",), _delete_video),
}
