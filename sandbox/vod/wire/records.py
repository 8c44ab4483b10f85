"""VOD's JSON for videos, streams, sources, images and snapshots. Nothing here decides anything."""

from datetime import datetime
from urllib.parse import quote

from sandbox.json_types import Json
from sandbox.vod.model.media import Image, SnapshotKind, Source, Stream, UploadFacts, Video

_REGION = "cn-shanghai"
_MOST_SNAPSHOTS_IN_INFO = 8


def moment(at: datetime) -> str:
    """UTC as `yyyy-MM-ddTHH:mm:ssZ`."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def video_info(video: Video, base_url: str) -> Json:
    """An entry of GetVideoInfos' `VideoList`: `Snapshots` is not wrapped."""
    info: Json = {
        "VideoId": video.video_id,
        "Title": video.title,
        "Description": video.description,
        "Status": video.status,
        "Size": video.size,
        "Duration": video.duration,
        "CoverURL": base_url + video.cover_path if video.has_cover else "",
        "CreationTime": moment(video.created),
        "ModificationTime": moment(video.modified),
        "Tags": ",".join(video.tags),
        "AppId": video.app_id,
        "StorageLocation": video.storage_location,
        "StorageClass": video.storage_class,
        "DownloadSwitch": "on",
        "TemplateGroupId": "VOD_NO_TRANSCODE" if _doubles(video) else "6a5d1d0b4f2e9c33a71e5c2d8f90b7e4",
        "Snapshots": _snapshot_urls(video, base_url),
    }
    if video.category_id:
        info |= {"CateId": video.category_id, "CateName": video.category}
    return info


def single_video_info(video: Video, base_url: str) -> Json:
    """GetVideoInfo's `Video`: as above, but `Snapshots.Snapshot[]`, and with AuditStatus and RegionId."""
    info = video_info(video, base_url)
    info["Snapshots"] = {"Snapshot": info["Snapshots"]}
    return info | {
        "AuditStatus": "Blocked" if video.status == "Blocked" else "Normal",
        "RegionId": _REGION,
    }


def media_info(video: Video, base_url: str) -> Json:
    """BatchGetMediaInfos' `MediaInfo`: neither size nor duration, which are in `MezzanineInfo`."""
    info = video_info(video, base_url)
    for elsewhere in ("VideoId", "Size", "Duration"):
        del info[elsewhere]
    return info | {"MediaId": video.video_id}


def found_video(video: Video, base_url: str) -> Json:
    """SearchMedia's `Video`."""
    info = video_info(video, base_url)
    del info["TemplateGroupId"]
    return info


def video_base(video: Video, base_url: str) -> Json:
    """GetPlayInfo's `VideoBase`; Duration is a string here."""
    return {
        "VideoId": video.video_id,
        "Title": video.title,
        "Duration": _seconds(video.duration),
        "CoverURL": base_url + video.cover_path if video.has_cover else "",
        "Status": video.status,
        "MediaType": "video",
        "CreationTime": moment(video.created),
        "StorageClass": video.storage_class,
    }


def play_info(video: Video, stream: Stream, base_url: str) -> Json:
    """A `PlayInfo`; Duration, Bitrate and Fps are strings, Size, Width and Height numbers."""
    info: Json = {
        "JobId": stream.job_id,
        "Definition": stream.definition,
        "Format": stream.format,
        "CodecName": stream.codec,
        "Size": stream.size,
        "Width": stream.width,
        "Height": stream.height,
        "Duration": _seconds(video.duration),
        "Bitrate": f"{stream.bitrate:g}",
        "Fps": f"{stream.fps:g}",
        "StreamType": stream.stream_type,
        "Status": stream.status,
        "Encrypt": 1 if stream.encrypted else 0,
        "NarrowBandType": "0",
        "Specification": "H264.HD",
        "JobType": 1,
        "BitDepth": 8,
        "PlayURL": f"{base_url}/streams/{video.video_id}/{stream.job_id}.{stream.format}",
        "CreationTime": moment(video.created),
        "ModificationTime": moment(video.modified),
    }
    return info | ({"EncryptType": "AliyunVoDEncryption"} if stream.encrypted else {})


def mezzanine(video: Video, source: Source, base_url: str) -> Json:
    """GetMezzanineInfo's `Mezzanine`."""
    return mezzanine_info(video, source, base_url, id_as="VideoId") | {"OutputType": "cdn"}


def mezzanine_info(video: Video, source: Source, base_url: str, *, id_as: str = "MediaId") -> Json:
    """BatchGetMediaInfos' `MezzanineInfo`; FileURL is empty once deleted."""
    gone = source.status == "Deleted"
    return {
        id_as: video.video_id,
        "FileName": quote(source.file_name),
        "FileURL": "" if gone else f"{base_url}/sources/{video.video_id}/{quote(source.file_name)}",
        "Size": video.size,
        "Duration": _seconds(video.duration),
        "Width": source.width,
        "Height": source.height,
        "Bitrate": "8192.4",
        "Fps": "25.0",
        "Status": source.status,
        "CreationTime": moment(video.created),
        "VideoStreamList": [{"Index": "0", "CodecName": "h264", "Duration": _seconds(video.duration)}],
        "AudioStreamList": [{"Index": "1", "CodecName": "aac", "Channels": "2"}],
    }


def image_info(image: Image, base_url: str) -> Json:
    """An image of GetImageInfo(s), its file under `Mezzanine`."""
    url = base_url + quote(image.path, safe="/,")  # a comma is legal in a path, and a trap in a list of URLs
    info: Json = {
        "ImageId": image.image_id,
        "Title": image.title,
        "ImageType": image.image_type,
        "Status": image.status,
        "URL": url,
        "StorageLocation": image.storage_location,
        "AppId": image.app_id,
        "Tags": ",".join(image.tags),
        "CreationTime": moment(image.created),
        "Mezzanine": {
            "OriginalFileName": image.file_name,
            "FileURL": url,
            "FileSize": str(image.size),
            "Width": image.width,
            "Height": image.height,
        },
    }
    if image.category_id:
        info |= {"CateId": image.category_id, "CateName": image.category}
    return info


def found_image(image: Image, base_url: str) -> Json:
    """SearchMedia's `Image`."""
    info = image_info(image, base_url)
    for elsewhere in ("ImageType", "Mezzanine"):
        del info[elsewhere]
    return info


def plays_of_day(video: Video, day: datetime, plays: int) -> Json:
    """An entry of DescribePlayVideoStatis; its numbers are strings."""
    return {
        "Date": moment(day),
        "Title": video.title,
        "VV": str(plays),
        "UV": str(-(-plays // 2)),
        "PlayDuration": str(round(plays * video.duration * 600)),
        "PlayRange": "full",
    }


def upload_details(video: Video, upload: UploadFacts) -> Json:
    """An entry of GetUploadDetails' `UploadDetails`."""
    return {
        "MediaId": video.video_id,
        "Title": video.title,
        "FileSize": video.size,
        "Status": video.status,
        "UploadStatus": "Success",
        "UploadSize": video.size,
        "UploadRatio": 1.0,
        "UploadIP": upload.ip,
        "UploadSource": upload.source,
        "DeviceModel": upload.device,
        "CreationTime": moment(video.created),
        "ModificationTime": moment(video.modified),
        "CompletionTime": moment(video.created),
    }


def snapshot(video: Video, kind: SnapshotKind, index: int, base_url: str) -> Json:
    """An entry of ListSnapshots (`Url`, not `URL`)."""
    return {"Index": index, "Url": base_url + video.snapshot_path(kind, index)}


def _snapshot_urls(video: Video, base_url: str) -> list[str]:
    number = min(video.snapshots.get(SnapshotKind.COVER, 0), _MOST_SNAPSHOTS_IN_INFO)
    return [base_url + video.snapshot_path(SnapshotKind.COVER, index) for index in range(1, number + 1)]


def _doubles(video: Video) -> bool:
    return video.source is not None and video.source.serves_as_stream


def _seconds(duration: float) -> str:
    return f"{duration:.4f}".rstrip("0").rstrip(".")
