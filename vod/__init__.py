"""ApsaraVideo VOD as the bot sees it: a typed client over the Alibaba SDK, and nothing of the rules."""

from vod.api import deletes
from vod.api.answers import (
    DayOfPlays,
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
    Upload,
    Video,
    VideoAnswer,
)
from vod.api.client import STS, VodClient
from vod.api.deletes import DeleteCall, UnsendableError
from vod.api.images import image_is_served
from vod.api.searching import Found, SearchKind, SearchPage
from vod.sdk.advice import Advice
from vod.sdk.credentials import AccessKey, Credentials, EcsRole, RamRole, StsToken
from vod.sdk.endpoint import Endpoint
from vod.sdk.errors import Ambiguous, Denied, IllegalStatus, NotFound, NotSent, Rejected, Throttled, VodError
from vod.sdk.gate import Gate, Send, WithheldError, gated, pass_gate
from vod.sdk.wire import Heard

__all__ = [
    "STS",
    "AccessKey",
    "Advice",
    "Ambiguous",
    "Credentials",
    "DayOfPlays",
    "DeleteAnswer",
    "DeleteCall",
    "Denied",
    "EcsRole",
    "Endpoint",
    "Found",
    "Gate",
    "Heard",
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
    "SearchKind",
    "SearchPage",
    "Send",
    "Snapshot",
    "SnapshotSet",
    "Source",
    "Stream",
    "StsToken",
    "Throttled",
    "UnsendableError",
    "Upload",
    "Video",
    "VideoAnswer",
    "VodClient",
    "VodError",
    "WithheldError",
    "deletes",
    "gated",
    "image_is_served",
    "pass_gate",
]
