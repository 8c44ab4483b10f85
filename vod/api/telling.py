"""All that VOD says of a thing besides what has a field of its own: of a change somebody may want to know.

Left out, because it changes by itself or says nothing of the thing:

- addresses (`FileURL`, `PlayURL`, and the query of every other one): CDN authentication signs them anew, some kinds
  of it in the path;
- `OutputType` (what was asked for), and what is another field once more: `CreateTime`, `ModifyTime`;
- a stream's `ModificationTime`: VOD does not say whether it moves when another stream of its video goes.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from vod.sdk.json_values import Answer

VIDEO = (
    "Description",
    "ModificationTime",
    "ReferenceId",
    "CateId",
    "TemplateGroupId",
    "DownloadSwitch",
    "RestoreStatus",
    "RestoreExpiration",
    "UserData",
    "CustomMediaInfo",
    "MediaType",
    "RegionId",
    "AuditStatus",
    "PreprocessStatus",
    "Snapshots",
)
"""GetVideoInfos, and MediaInfo of BatchGetMediaInfos."""

SOURCE = (
    "Width",
    "Height",
    "Duration",
    "Bitrate",
    "Fps",
    "CreationTime",
    "PreprocessStatus",
    "RestoreStatus",
    "RestoreExpiration",
    "VideoStreamList",
    "AudioStreamList",
)
"""MezzanineInfo of BatchGetMediaInfos."""

STREAM = (
    "CodecName",
    "Width",
    "Height",
    "Duration",
    "Bitrate",
    "Fps",
    "StreamType",
    "EncryptType",
    "EncryptMode",
    "NarrowBandType",
    "Specification",
    "HDRType",
    "BitDepth",
    "WatermarkId",
    "JobType",
    "JobExt",
    "CreationTime",
)
"""PlayInfo of GetPlayInfo and of BatchGetMediaInfos."""

IMAGE = ("Description", "ImageType", "StorageLocation", "AppId", "CateId", "ModificationTime")
"""GetImageInfos."""

IMAGE_FILE = ("OriginalFileName", "Width", "Height")
"""Its Mezzanine."""

CODECS = ("CodecName", "Width", "Height", "Bitrate", "Channels", "SampleRate")
"""What counts of the tracks in a source file."""

LONGEST = 2_000
"""Characters of one value: more than VOD takes for a description."""


def told(answer: Answer, names: Iterable[str]) -> str:
    """Return what an answer says under these names, a line `Name=value` each; nothing of what it does not say."""
    found = ((name, _plain(answer.get(name))) for name in names)
    return "\n".join(f"{name}={value[:LONGEST]}" for name, value in found if value)


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return " ".join(value.split())
        case bool() | int() | float():
            return str(value)
        case list():
            return ", ".join(sorted(filter(None, map(_member, value))))
        case dict():
            # A list may be wrapped in an object: `{"Snapshot": [...]}`.
            return ", ".join(filter(None, (_plain(each) for each in value.values() if isinstance(each, list))))
        case _:
            return ""


def _member(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(filter(None, (_plain(value.get(name)) for name in CODECS)))
    return _bare(_plain(value))


def _bare(text: str) -> str:
    """Return an address without its query, where signatures live; anything else as it is."""
    if not text.startswith(("http://", "https://")):
        return text
    try:
        return urlsplit(text)._replace(query="", fragment="").geturl()
    except ValueError:
        return text.partition("?")[0]
