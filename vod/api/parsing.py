"""Reads the answers of VOD's operations into our own values."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from vod.api import telling
from vod.api.answers import (
    DayOfPlays,
    DeleteAnswer,
    Image,
    ImageAnswer,
    Media,
    MediaAnswer,
    Snapshot,
    Source,
    Stream,
    Upload,
    Video,
    VideoAnswer,
)
from vod.sdk.json_values import (
    Answer,
    UnreadableError,
    ids,
    milliseconds,
    moment,
    record,
    records,
    tags,
    text,
    whole,
    whole_list,
)

T = TypeVar("T")

ACCOUNT = re.compile("[0-9]{5,32}")


def video(answer: Answer, video_id: str) -> Video:
    """A member of GetVideoInfos' VideoList or a MediaInfo of BatchGetMediaInfos."""
    return Video(
        video_id=video_id,
        title=text(answer.get("Title")) or "",
        status=text(answer.get("Status")) or "",
        size=whole(answer.get("Size")),
        duration_ms=milliseconds(answer.get("Duration")),
        created=moment(answer.get("CreationTime")),
        modified=moment(answer.get("ModificationTime")),
        category=text(answer.get("CateName")),
        tags=tags(answer.get("Tags")),
        storage_class=text(answer.get("StorageClass")),
        app_id=text(answer.get("AppId")),
        storage_location=text(answer.get("StorageLocation")),
        cover_url=text(answer.get("CoverURL")),
        description=text(answer.get("Description")),
        reference_id=text(answer.get("ReferenceId")),
        told=telling.told(answer, telling.VIDEO),
    )


def stream(answer: Answer) -> Stream:
    """A PlayInfo of GetPlayInfo or BatchGetMediaInfos."""
    return Stream(
        job_id=text(answer.get("JobId")) or "",
        definition=text(answer.get("Definition")) or "",
        format=text(answer.get("Format")) or "",
        codec=text(answer.get("CodecName")),
        size=whole(answer.get("Size")),
        width=whole(answer.get("Width")),
        height=whole(answer.get("Height")),
        bitrate_kbps=whole(answer.get("Bitrate")),
        duration_ms=milliseconds(answer.get("Duration")),
        encrypted=answer.get("Encrypt") in (1, "1", "true"),
        stream_type=text(answer.get("StreamType")) or "",
        status=text(answer.get("Status")) or "",
        told=telling.told(answer, telling.STREAM),
    )


def source(answer: Answer) -> Source:
    """A Mezzanine of GetMezzanineInfo or a MezzanineInfo of BatchGetMediaInfos."""
    return Source(
        file_name=text(answer.get("FileName")),
        size=whole(_file_size(answer)),
        status=text(answer.get("Status")) or "",
        file_url_path=_path(answer.get("FileURL")),
        told=telling.told(answer, telling.SOURCE),
    )


def media(answer: Answer, media_id: str) -> Media:
    """One of BatchGetMediaInfos' MediaInfos."""
    info, mezzanine, played = (record(answer.get(key)) for key in ("MediaInfo", "MezzanineInfo", "PlayInfoList"))
    listed = answer.get("PlayInfoList")
    # VOD tells size and duration of the source file only, not of the video as well.
    about = {"Size": _file_size(mezzanine), "Duration": mezzanine.get("Duration"), **info}
    return Media(
        video=video(about, media_id),
        source=source(mezzanine) if mezzanine else None,
        streams=tuple(stream(each) for each in records(listed, "PlayInfo")),
        streams_known=isinstance(listed, list) or "PlayInfo" in played,
    )


def _file_size(mezzanine: Answer) -> object:
    """The size of a source file: `Size` by Alibaba's own models, `FileSize` in older answers."""
    size = mezzanine.get("FileSize")
    return mezzanine.get("Size") if size is None else size


def image(answer: Answer, image_id: str) -> Image:
    """One of GetImageInfos' ImageInfo list."""
    mezzanine = record(answer.get("Mezzanine"))
    besides = (telling.told(answer, telling.IMAGE), telling.told(mezzanine, telling.IMAGE_FILE))
    return Image(
        image_id=image_id,
        title=text(answer.get("Title")) or "",
        image_type=text(answer.get("ImageType")) or "",
        status=text(answer.get("Status")) or "",
        url=text(answer.get("URL")),
        size=whole(mezzanine.get("FileSize")),
        width=whole(mezzanine.get("Width")),
        height=whole(mezzanine.get("Height")),
        created=moment(answer.get("CreationTime")),
        category=text(answer.get("CateName")),
        tags=tags(answer.get("Tags")),
        told="\n".join(filter(None, besides)),
    )


def snapshots(answer: Answer, read_before: int) -> tuple[int, tuple[Snapshot, ...]]:
    """One page of ListSnapshots: VOD's total and the page. Where VOD gives no index, a snapshot's place is it."""
    listed = record(answer.get("MediaSnapshot"))
    total = whole(listed.get("Total"))
    inner = listed.get("Snapshots")
    if total == 0 and not inner:
        return 0, ()
    page = tuple(
        _snapshot(each, place) for place, each in enumerate(whole_list(inner, "Snapshot"), start=read_before + 1)
    )
    return total or 0, page


def _snapshot(answer: Answer, place: int) -> Snapshot:
    index, url = whole(answer.get("Index")), text(answer.get("Url"))
    if url is None:
        raise UnreadableError("a snapshot without an address")
    return Snapshot(index=place if index is None else index, url=url)


def _path(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return urlsplit(value).path or None
    except ValueError:
        return None


def media_answer(answer: Answer, asked: Sequence[str]) -> MediaAnswer:
    """BatchGetMediaInfos."""
    found = _by_id(answer.get("MediaInfos"), "MediaId", asked, media)
    missing = _asked_ids(answer, "NonExistMediaIds", asked)
    forbidden = _asked_ids(answer, "ForbiddenMediaIds", asked)
    return MediaAnswer(found=found, missing=missing - found.keys() - forbidden, forbidden=forbidden)


def video_answer(answer: Answer, asked: Sequence[str]) -> VideoAnswer:
    """GetVideoInfos."""
    found = _by_id(answer.get("VideoList"), "VideoId", asked, video)
    return VideoAnswer(found=found, missing=_asked_ids(answer, "NonExistVideoIds", asked) - found.keys())


def image_answer(answer: Answer, asked: Sequence[str]) -> ImageAnswer:
    """GetImageInfos."""
    found = _by_id(answer.get("ImageInfo"), "ImageId", asked, image)
    return ImageAnswer(found=found, missing=_asked_ids(answer, "NonExistImageIds", asked) - found.keys())


def streams_answer(answer: Answer) -> tuple[Stream, ...]:
    """GetPlayInfo. A stream whose job is not named could be any, so it spoils the answer."""
    streams = tuple(stream(each) for each in whole_list(answer.get("PlayInfoList"), "PlayInfo"))
    if not all(each.job_id for each in streams):
        raise UnreadableError("a stream without a JobId")
    return streams


def source_answer(answer: Answer) -> Source:
    """GetMezzanineInfo."""
    mezzanine = record(answer.get("Mezzanine"))
    if not mezzanine:
        raise UnreadableError("no record of the source")
    return source(mezzanine)


def plays_answer(answer: Answer) -> tuple[DayOfPlays, ...]:
    """DescribePlayVideoStatis: numbers come as strings. A day that cannot be read spoils the sum, so the answer."""
    listed = whole_list(answer.get("VideoPlayStatisDetails"), "VideoPlayStatisDetail")
    return tuple(map(_day_of_plays, listed))


def _day_of_plays(answer: Answer) -> DayOfPlays:
    day, plays = moment(answer.get("Date")), whole(answer.get("VV"))
    if day is None or plays is None:
        raise UnreadableError("a day without a number of plays")
    return DayOfPlays(day=day, plays=plays, viewers=whole(answer.get("UV")))


def upload_answer(answer: Answer, asked: str) -> Upload | None:
    """GetUploadDetails."""
    for each in records(answer.get("UploadDetails")):
        found = Upload(*(text(each.get(key)) for key in ("UploadSource", "DeviceModel", "UploadIP")))
        if text(each.get("MediaId")) == asked and found != Upload(None, None, None):
            return found
    return None


def account_answer(answer: Answer) -> str:
    """GetCallerIdentity of STS: the id of the account that the caller belongs to."""
    account = text(answer.get("AccountId"))
    if account is None or not ACCOUNT.fullmatch(account):
        raise UnreadableError("no id of an account")
    return account


def delete_answer(answer: Answer, sent: Sequence[str]) -> DeleteAnswer:
    """Any delete. `UnRemoveableVideoIds` is how DeleteMezzanines spells it."""
    refused = _asked_ids(answer, "ForbiddenVideoIds", sent) | _asked_ids(answer, "UnRemoveableVideoIds", sent)
    missing = _asked_ids(answer, "NonExistVideoIds", sent)
    return DeleteAnswer(request_id=str(answer["RequestId"]), missing=missing - refused, refused=refused)


def _by_id(listed: object, key: str, asked: Sequence[str], read: Callable[[Answer, str], T]) -> dict[str, T]:
    """The listed records by id, leaving out what nobody asked for."""
    named = {text(each.get(key)): each for each in records(listed)}
    return {each: read(named[each], each) for each in asked if each in named}


def _asked_ids(answer: Answer, key: str, asked: Sequence[str]) -> frozenset[str]:
    """The ids under a key, leaving out what nobody asked for."""
    return ids(answer.get(key)) & frozenset(asked)
