"""A local ApsaraVideo VOD: same wire, same limits, same finality, plus faults on demand."""

from sandbox.vod.faults import PICTURE, Fault, FaultKind, suits
from sandbox.vod.ledger import DeleteCall
from sandbox.vod.library import Library
from sandbox.vod.media import Image, SnapshotKind, Source, Stream, Video
from sandbox.vod.service import UnknownCall, VodSandbox

__all__ = [
    "PICTURE",
    "DeleteCall",
    "Fault",
    "FaultKind",
    "Image",
    "Library",
    "SnapshotKind",
    "Source",
    "Stream",
    "UnknownCall",
    "Video",
    "VodSandbox",
    "suits",
]
