"""The JSON that the page gets about messages, people, channels and media."""

import json
import re
from functools import cache
from pathlib import Path

from sandbox.json_types import Json
from sandbox.slack.control.mrkdwn import plain, visible
from sandbox.slack.methods.records import file_record, message_record
from sandbox.slack.model.directory import BOT_USER_ID, Channel, Person
from sandbox.slack.model.messages import Message
from sandbox.slack.model.notifications import Notification
from sandbox.slack.model.workspace import Workspace
from sandbox.vod.model.media import Image, Removed, Video

_LINK = re.compile(r"<https?://[^<>|]*\|([^<>]*)>")
_MARKS = str.maketrans("", "", "*`")


@cache
def commands() -> list[Json]:
    """The commands that the composer completes, with their usage."""
    return _read("commands.json")


@cache
def cast() -> dict[str, str]:
    """What each person of the workspace is in the story, by first name, in the order they are offered."""
    return {one["person"]: one["role"] for one in _read("cast.json")}


def _read(name: str) -> list[Json]:
    found: list[Json] = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return found


def person_of(person: Person, notified: int) -> Json:
    """A person as the switcher and mentions show them, and of how much they were notified."""
    return {
        "key": person.key,
        "id": person.id,
        "name": person.real_name,
        "label": person.label,
        "role": cast().get(person.key, ""),
        "locale": person.locale,
        "is_bot": person.is_bot,
        "is_stranger": person.is_stranger,
        "deleted": person.deleted,
        "notified": notified,
    }


def notification_of(notification: Notification, workspace: Workspace) -> Json:
    """A notification as a device shows it: why it came, where it leads, and what it says."""
    return {
        "why": str(notification.why),
        "channel": notification.channel,
        "ts": notification.ts,
        "text": visible(plain(_LINK.sub(r"\1", notification.text).translate(_MARKS), workspace))[:200],
    }


def channel_of(channel: Channel) -> Json:
    """A channel; `direct_to` is a user id when it is the direct message with the bot."""
    return {
        "id": channel.id,
        "name": channel.name,
        "members": sorted(channel.members),
        "is_archived": channel.is_archived,
        "direct_to": channel.direct_to,
    }


def message_of(message: Message) -> Json:
    """A message with its blocks as they were sent, and what the page needs to place it."""
    return {
        **message_record(message),
        "key": f"{message.channel} {message.ts}",
        "channel": message.channel,
        "is_app": message.user == BOT_USER_ID,
        "ephemeral_to": message.ephemeral_to,
        "is_reply": message.is_reply,
        "broadcast": message.broadcast,
        "files": [file_record(file) for file in message.files],
        "version": message.edits,
    }


def medium_of(medium: Video | Image, url: str) -> Json:
    """A video or an image as the library shows it; `url` is where VOD serves pictures."""
    if isinstance(medium, Image):
        return {
            "kind": "image",
            "id": medium.image_id,
            "title": medium.title,
            "status": medium.status,
            "size": medium.size,
            "picture": f"{url}{medium.path}",
            "created": medium.created.timestamp(),
            "streams": [],
        }
    return {
        "kind": "video",
        "id": medium.video_id,
        "title": medium.title,
        "status": medium.status,
        "size": medium.size,
        "duration": medium.duration,
        "picture": f"{url}{medium.cover_path}" if medium.has_cover else None,
        "created": medium.created.timestamp(),
        "source": medium.source.status if medium.source else None,
        "streams": [[one.definition, one.format, one.job_id, one.size] for one in medium.streams],
    }


def removed_of(removed: Removed) -> Json:
    """Something that is gone: a whole video or image, or the part of a video named by `part`."""
    return {
        "level": str(removed.level),
        "id": removed.media_id,
        "part": removed.part,
        "title": removed.title,
        "size": removed.size,
        "at": removed.at.timestamp(),
    }
