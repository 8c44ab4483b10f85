"""What the form that proposes a deletion holds: typed by a person, or filled in for whoever opens it."""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deletion.terms import canonical
from deletion.terms.requests.targets import Kind, VideoImages
from handlers.text.escaping import plain

IDS_MOST = 3_000
REASON_MOST = 500
COLUMN_MOST = 100
JOBS_MOST = 660
"""Characters that a field of the form takes."""

FILES_MOST = 20
STREAMS_MOST = 25
"""Files of a message, and streams of a video, that the form offers."""

NAME_MOST = 75
STREAM_MOST = 60

BUTTON_MOST = 2_000
"""Characters that Slack takes for the value of a button."""

VIEW_MOST = 3_000
"""Characters that Slack keeps for an app with a view."""


class Level(StrEnum):
    """What the menu of the form offers; the values are those of its options."""

    VIDEO = "video"
    MEZZANINE = "mezzanine"
    IMAGE = "image"
    IMAGES_OF = "images of"
    STREAM = "stream"

    @property
    def kind(self) -> Kind:
        """Return the level of deletion."""
        return Kind.IMAGE if self is Level.IMAGES_OF else Kind(self.value)

    @property
    def is_of_one_video(self) -> bool:
        """Say whether it is about parts of one video."""
        return self in {Level.IMAGES_OF, Level.STREAM}


@dataclass(frozen=True)
class FileNamed:
    """A file in Slack: its id, what it is called, and its size in bytes (0: not known)."""

    id: str
    name: str
    size: int = 0


@dataclass(frozen=True)
class Choice:
    """What a menu offers: the value that stands for it and the words for it (plain text)."""

    value: str
    text: str


@dataclass(frozen=True)
class Filled:
    """What is in the form. ``channel`` is where the answer goes, '' for a direct message.

    ``found`` are the videos that were chosen by title, ``pictures`` the images. ``files`` are those of a message,
    and ``file`` is what was given or chosen. ``offered`` are the streams that a video is known to have, else there
    is a menu of every definition. ``chosen`` is the reason from the list of the settings, ``reason`` what was
    written. ``without_files``: Slack lets the app take none. ``kept`` counts the views that were made with a file
    already given: Slack fills no field for files in, so it is kept beside a field that is another one each time.
    """

    channel: str = ""
    level: Level | None = None
    ids: str = ""
    found: tuple[Choice, ...] = ()
    pictures: tuple[Choice, ...] = ()
    files: tuple[FileNamed, ...] = ()
    file: FileNamed | None = None
    has_ids_too: bool = False
    column: str = ""
    force: bool = False
    images: tuple[VideoImages, ...] = ()
    offered: tuple[Choice, ...] = ()
    streams: tuple[str, ...] = ()
    jobs: str = ""
    chosen: str = ""
    reason: str = ""
    without_files: bool = False
    kept: int = 0

    @property
    def by_title(self) -> tuple[Choice, ...]:
        """Return what was chosen by title at this level."""
        return self.pictures if self.level is Level.IMAGE else self.found

    @property
    def why(self) -> str:
        """Return the reason: the chosen one, what was written, or the one before the other."""
        return ": ".join(part for part in (self.chosen, self.reason.strip()) if part)


def empty(channel: str, *, level: str = "", force: bool = False, reason: str = "") -> Filled:
    """Return the form with nothing in it but what was typed with the command."""
    return Filled(channel, Level(level) if level else None, force=force, reason=reason[:REASON_MOST])


def of_ids(channel: str, ids: Sequence[str], *, level: str = "", force: bool = False) -> Filled:
    """Return the form for things named by id, one below the other; see ``fits``."""
    return Filled(channel, Level(level) if level else None, ids="\n".join(ids), force=force)


def fits(ids: Sequence[str]) -> bool:
    """Say whether ids fit into the form's field."""
    return len("\n".join(ids)) <= IDS_MOST


def of_files(channel: str, files: Sequence[FileNamed], *, has_ids: bool) -> Filled:
    """Return the form for the files of a message; ``has_ids``: there are ids in its text as well."""
    named = tuple(replace(each, name=plain(each.name, NAME_MOST)) for each in files[:FILES_MOST])
    return Filled(channel, files=named, file=named[0], has_ids_too=has_ids)


def of_streams(
    channel: str, video_id: str, offered: Sequence[tuple[str, str]], chosen: Sequence[str] = ()
) -> Filled:
    """Return the form for streams of one video: those that it has, by job id or definition, with words for each."""
    choices = tuple(Choice(value, plain(text, STREAM_MOST)) for value, text in offered[:STREAMS_MOST])
    streams = tuple(each.value for each in choices if each.value in chosen)
    return Filled(channel, Level.STREAM, ids=video_id, offered=choices, streams=streams)


def of_images(channel: str, video_id: str, which: Sequence[VideoImages] = ()) -> Filled:
    """Return the form for images that belong to one video."""
    return Filled(channel, Level.IMAGES_OF, ids=video_id, images=tuple(which))


def files_of(message: Mapping[str, Any]) -> tuple[FileNamed, ...]:
    """Return the files of a message, those that are gone left out."""
    return tuple(
        file_of(each)
        for each in message.get("files") or ()
        if each.get("mode") not in {"tombstone", "hidden_by_limit"}
    )


def file_of(record: Mapping[str, Any]) -> FileNamed:
    """Read a file as Slack describes it."""
    name = str(record.get("name") or record.get("title") or "")
    return FileNamed(str(record["id"]), canonical.clean(name), int(record.get("size") or 0))


_FILLED: TypeAdapter[Filled] = TypeAdapter(Filled)


def to_json(filled: Filled) -> str:
    """Return it as JSON without what is as it is by default."""
    return _FILLED.dump_json(filled, exclude_defaults=True).decode()


def kept(filled: Filled) -> str:
    """Return what a form keeps beside its fields; what other levels had is forgotten where there is no room."""
    whole = to_json(filled)
    return whole if len(whole) <= VIEW_MOST else to_json(replace(filled, found=(), pictures=(), jobs=""))


def from_json(text: str) -> Filled:
    """Read it back; ValueError for anything else."""
    return _FILLED.validate_json(text)


def packed(text: str) -> str:
    """Return a text in as few ASCII characters as it takes: Slack gives what an app keeps in a view little room."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def unpacked(text: str) -> str:
    """Return what was packed; ValueError for anything else, and for what is larger than any form."""
    try:
        reader = zlib.decompressobj()
        found = reader.decompress(base64.urlsafe_b64decode(text.encode()), 50_000)
        if reader.unconsumed_tail or not reader.eof:
            raise ValueError("not packed by us")
        return found.decode()
    except (binascii.Error, zlib.error, UnicodeError) as exc:
        raise ValueError("not packed by us") from exc


def button_value(filled: Filled) -> str | None:
    """Return what a button carries that opens the form with this in it; None where that is too much for one."""
    value = packed(to_json(filled))
    return value if len(value) <= BUTTON_MOST else None


def read_button(value: str) -> Filled | None:
    """Read a button's value; None when it is not one of ours."""
    try:
        return from_json(unpacked(value))
    except (ValueError, ValidationError):
        return None
