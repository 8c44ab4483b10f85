"""The read operations of the local VOD: their parameters, limits and answers."""

from datetime import datetime, timedelta

from sandbox.json_types import Json
from sandbox.vod.model.library import has_snapshots
from sandbox.vod.model.media import SnapshotKind, Stream, Video
from sandbox.vod.wire import errors, records
from sandbox.vod.wire.call import Call, Read, split

MOST_DAYS, OLDEST_DAY = timedelta(days=180), timedelta(days=730)
"""Of play statistics: how many days a question may be about, and how far back."""

_SNAPSHOTS_READABLE_IN = frozenset({"UploadSucc", "Normal", "Checking", "Blocked"})


def _get_video_info(call: Call) -> Json:
    return {"Video": records.single_video_info(call.video(), call.base_url)}


def _get_video_infos(call: Call) -> Json:
    found, missing = call.sorted_out("VideoIds", code="VideoIdsExceededMax")
    if not found:
        raise errors.video_not_found()
    return {
        "VideoList": [records.video_info(video, call.base_url) for video in found],
        "NonExistVideoIds": missing,
    }


def _batch_get_media_infos(call: Call) -> Json:
    """Media of another application is only named, in `ForbiddenMediaIds`: it can be known before deleting."""
    found, missing = call.sorted_out("MediaIds")
    return {
        "MediaInfos": [_media_info(video, call.base_url) for video in found if not video.forbidden],
        "NonExistMediaIds": missing,
        "ForbiddenMediaIds": [video.video_id for video in found if video.forbidden],
    }


def _media_info(video: Video, base_url: str) -> Json:
    info: Json = {
        "MediaId": video.video_id,
        "MediaInfo": records.media_info(video, base_url),
        "PlayInfoList": [records.play_info(video, stream, base_url) for stream in _playable(video)],
    }
    if video.source is not None:
        info["MezzanineInfo"] = records.mezzanine_info(video, video.source, base_url)
    return info


def _playable(video: Video) -> tuple[Stream, ...]:
    return video.streams if video.status == "Normal" else ()


def _get_play_info(call: Call) -> Json:
    """`Single` hides older duplicates and encrypted streams, `Multiple` shows all."""
    everything = call.choice("ResultType", ("Single", "Multiple"), "Single") == "Multiple"
    video = call.video()
    if video.status != "Normal":
        raise errors.illegal_status(403)
    asked = [stream for stream in video.streams if _is_asked_for(call, stream)]
    if not asked:
        raise errors.no_stream()
    shown = [one for one in asked if everything or (one.status == "Normal" and not one.encrypted)]
    if not shown:
        raise errors.only_encrypted() if any(one.encrypted for one in asked) else errors.no_stream()
    return {
        "VideoBase": records.video_base(video, call.base_url),
        "PlayInfoList": {"PlayInfo": [records.play_info(video, stream, call.base_url) for stream in shown]},
    }


def _is_asked_for(call: Call, stream: Stream) -> bool:
    filters = {"Formats": stream.format, "Definition": stream.definition, "StreamType": stream.stream_type}
    return all(value in split(call.parameters.get(name) or value) for name, value in filters.items())


def _get_mezzanine_info(call: Call) -> Json:
    """A source deleted by DeleteMezzanines is still described, with Status Deleted; one that never was is a 404."""
    video = call.video()
    if video.source is None:
        raise errors.source_not_found()
    return {"Mezzanine": records.mezzanine(video, video.source, call.base_url)}


def _get_image_info(call: Call) -> Json:
    image = call.library.image(call.text("ImageId"))
    if image is None:
        raise errors.no_such_resource()
    return {"ImageInfo": records.image_info(image, call.base_url)}


def _get_image_infos(call: Call) -> Json:
    asked = call.names("ImageIds")
    images = {one: call.library.image(one) for one in asked}
    return {
        "ImageInfo": [records.image_info(image, call.base_url) for image in images.values() if image],
        "NonExistImageIds": [one for one, image in images.items() if image is None],
    }


def _list_snapshots(call: Call) -> Json:
    """Pages of at most 100; a kind of which there is none is NoSuchResource."""
    kind = SnapshotKind(call.choice("SnapshotType", tuple(SnapshotKind), SnapshotKind.COVER))
    page, size = call.number("PageNo", default=1), call.number("PageSize", default=20, most=100)
    call.number("AuthTimeout", default=3600, least=3600)
    video = call.video()
    if video.status not in _SNAPSHOTS_READABLE_IN:
        raise errors.illegal_status(400)
    if not has_snapshots(video, kind):
        raise errors.no_such_resource()
    total = max(video.snapshots.get(kind, 0), 1)
    wanted = range(1, total + 1)[(page - 1) * size : page * size]
    return {
        "MediaSnapshot": {
            "Total": total,
            "Regular": "{Count}.png",
            "JobId": video.video_id[::-1],
            "CreationTime": records.moment(video.created),
            "Snapshots": {"Snapshot": [records.snapshot(video, kind, one, call.base_url) for one in wanted]},
        }
    }


def _play_statistics(call: Call) -> Json:
    """Days without statistics are left out. At most 180 days at once, of the last 730."""
    since, until = call.moment("StartTime"), call.moment("EndTime")
    if not timedelta() < until - since <= MOST_DAYS:
        raise errors.invalid("EndTime", f"it must be at most {MOST_DAYS.days} days after StartTime")
    if call.library.now() - since > OLDEST_DAY:
        raise errors.invalid("StartTime", f"it must be within the last {OLDEST_DAY.days} days")
    video = call.video()
    days = {day: datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in sorted(video.plays)}
    shown = [records.plays_of_day(video, at, video.plays[day]) for day, at in days.items() if since <= at < until]
    return {"VideoPlayStatisDetails": {"VideoPlayStatisDetail": shown}}


def _upload_details(call: Call) -> Json:
    """Only of uploads by programs that tell of themselves."""
    call.choice("MediaType", ("video",), "video")
    found, missing = call.sorted_out("MediaIds")
    return {
        "UploadDetails": [
            records.upload_details(video, video.upload)
            for video in found
            if video.upload is not None and not video.forbidden
        ],
        "NonExistMediaIds": missing,
        "ForbiddenMediaIds": [video.video_id for video in found if video.forbidden],
    }


_FILE = frozenset({"AuthTimeout", "OutputType"})
_PLAY = frozenset(
    {
        "AdditionType",
        "AuthTimeout",
        "CodecName",
        "Definition",
        "DigitalWatermarkType",
        "Formats",
        "OutputType",
        "PlayConfig",
        "ReAuthInfo",
        "ResultType",
        "StreamType",
        "Trace",
        "VideoId",
    }
)

READS: dict[str, Read] = {
    "BatchGetMediaInfos": Read(frozenset({"MediaIds"}), _batch_get_media_infos),
    "DescribePlayVideoStatis": Read(frozenset({"EndTime", "StartTime", "VideoId"}), _play_statistics),
    "GetImageInfo": Read(_FILE | {"ImageId"}, _get_image_info),
    "GetImageInfos": Read(_FILE | {"ImageIds"}, _get_image_infos),
    "GetMezzanineInfo": Read(_FILE | {"VideoId", "AdditionType"}, _get_mezzanine_info),
    "GetPlayInfo": Read(_PLAY, _get_play_info),
    "GetUploadDetails": Read(frozenset({"MediaIds", "MediaType"}), _upload_details),
    "GetVideoInfo": Read(frozenset({"VideoId"}), _get_video_info),
    "GetVideoInfos": Read(frozenset({"VideoIds"}), _get_video_infos),
    "ListSnapshots": Read(
        frozenset({"AuthTimeout", "PageNo", "PageSize", "SnapshotType", "VideoId"}), _list_snapshots
    ),
}
