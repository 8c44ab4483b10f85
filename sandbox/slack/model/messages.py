"""A message as the sandbox keeps it: its words, blocks and metadata now, and every version before."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.directory import BOT_USER_ID

_MENTION = re.compile(r"<(?:!(?:channel|here|everyone)|!subteam\^|@[UW])[^<>]*>")
_RICH = {"user": "user_id", "usergroup": "usergroup_id", "broadcast": "range"}


@dataclass(frozen=True)
class Version:
    """What a message said from `at` on."""

    text: str
    blocks: tuple[Json, ...]
    at: datetime


@dataclass(frozen=True)
class File:
    """An uploaded file; `channels` are the ids it has been shared in, `user` is who uploaded it.

    `given`: somebody gave it to the app in a form. `deleted`: it is gone, and where it was there is a tombstone.
    """

    id: str
    name: str
    title: str
    alt_text: str = ""
    content: bytes = b""
    length: int = 0
    uploaded: bool = False
    completed: bool = False
    channels: tuple[str, ...] = ()
    user: str = BOT_USER_ID
    given: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Draft:
    """What somebody wants to post, checked already."""

    user: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    broadcast: bool = False
    files: tuple[File, ...] = ()
    answers: str | None = None


@dataclass(frozen=True)
class Message:
    """A posted message. Blocks are Slack's own JSON; they are not to be changed in place.

    `history` holds every version, the present one last. `answers` is the id of the delivery (a command or a
    click) whose answer or response URL brought this message.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...]
    metadata: Json | None
    thread_ts: str | None
    ephemeral_to: str | None
    broadcast: bool
    files: tuple[File, ...]
    answers: str | None
    history: tuple[Version, ...]
    is_marked_edited: bool = False

    @property
    def is_reply(self) -> bool:
        """In a thread, and not its first message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def edits(self) -> int:
        """How many times it was updated."""
        return len(self.history) - 1

    @property
    def broadcasts(self) -> list[str]:
        """Every live mention in it, as written (`<!channel>`, `<@U0…>`), or `user:U0…` from rich text."""
        return [*_MENTION.findall(self.text), *_live(list(self.blocks))]


def _live(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for entry in node:
            yield from _live(entry)
    elif isinstance(node, dict):
        kind = node.get("type")
        if kind == "mrkdwn" and isinstance(node.get("text"), str):
            yield from _MENTION.findall(node["text"])
        elif kind in _RICH and _RICH[kind] in node:
            yield f"{kind}:{node[_RICH[kind]]}"
        else:
            yield from _live(list(node.values()))
