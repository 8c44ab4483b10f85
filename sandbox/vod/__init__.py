"""A local ApsaraVideo VOD: same wire, same limits, same finality, plus faults on demand."""

from sandbox.vod.control.sandbox import UnknownCall, VodSandbox
from sandbox.vod.model import seed
from sandbox.vod.model.faults import PICTURE, Fault, FaultKind, suits
from sandbox.vod.model.ledger import DeleteCall
from sandbox.vod.model.library import Library
from sandbox.vod.model.media import Image, SnapshotKind, Source, Stream, Video

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
    "seed",
    "suits",
]
