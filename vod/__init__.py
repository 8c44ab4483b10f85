"""ApsaraVideo VOD as the bot sees it: a typed client over the Alibaba SDK, and nothing of the rules."""

from vod.answers import (
    DeleteAnswer,
    Image,
    ImageAnswer,
    ImageKind,
    Media,
    MediaAnswer,
    Snapshot,
    SnapshotSet,
    Source,
    Stream,
    Video,
    VideoAnswer,
)
from vod.client import VodClient
from vod.credentials import AccessKey, Credentials, EcsRole, RamRole, StsToken
from vod.endpoint import Endpoint
from vod.errors import (
    Ambiguous,
    Denied,
    IllegalStatus,
    NotFound,
    NotSent,
    Rejected,
    Throttled,
    VodError,
)
from vod.gate import Gate, Send, WithheldError, gated, pass_gate
from vod.images import image_is_served

__all__ = [
    "AccessKey",
    "Ambiguous",
    "Credentials",
    "DeleteAnswer",
    "Denied",
    "EcsRole",
    "Endpoint",
    "Gate",
    "IllegalStatus",
    "Image",
    "ImageAnswer",
    "ImageKind",
    "Media",
    "MediaAnswer",
    "NotFound",
    "NotSent",
    "RamRole",
    "Rejected",
    "Send",
    "Snapshot",
    "SnapshotSet",
    "Source",
    "Stream",
    "StsToken",
    "Throttled",
    "Video",
    "VideoAnswer",
    "VodClient",
    "VodError",
    "WithheldError",
    "gated",
    "image_is_served",
    "pass_gate",
]
