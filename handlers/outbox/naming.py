"""People named in messages without being pinged: a mention becomes the name that the workspace shows for them.

Slack has no silent mention: a posted ``<@U…>`` notifies. A name is what somebody chose to be called, so it is made
safe like any other outside text, and whatever proves something says the id as well.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from handlers.text.blocks import TEXT_MOST, Message
from handlers.text.escaping import clip, code, unformatted

Name: TypeAlias = Callable[[str], str | None]
"""Returns what a Slack user is called; None when that cannot be told now."""

NAME_MOST = 40
"""Characters of a name that are shown."""

_MENTION = re.compile(r"<@([A-Z0-9]+)>")
"""A mention: outside text cannot hold one, its ``<`` is escaped."""


def unpinged(message: Message, name: Name, *, with_ids: bool = False, but: frozenset[str] = frozenset()) -> Message:
    """Return a message that names people without notifying them; ``with_ids`` adds who they are for certain.

    ``but`` are Slack user ids of those who have to act, and are notified.
    """

    def named(found: re.Match[str]) -> str:
        user = found[1]
        if user in but:
            return found[0]
        called = name(user)
        if called is None:
            return code(user)
        # Not as code: that would look like an id of ours.
        shown = unformatted(called, NAME_MOST)
        return f"{shown} ({code(user)})" if with_ids else shown

    def in_markup(text: str, most: int) -> str:
        return clip(_MENTION.sub(named, text), most)

    return Message(
        in_markup(message.text, TEXT_MOST), tuple(_replaced(block, in_markup) for block in message.blocks)
    )


def _replaced(node: Any, in_markup: Callable[[str, int], str]) -> Any:
    """Return a block, or a part of one, with the mentions in its mrkdwn texts replaced: plain texts hold none."""
    if isinstance(node, list):
        return [_replaced(each, in_markup) for each in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "mrkdwn":
        return {**node, "text": in_markup(node["text"], 3000)}
    return {key: _replaced(value, in_markup) for key, value in node.items()}
