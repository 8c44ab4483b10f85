"""A card that Slack takes: how much its blocks weigh, and texts cut to a weight."""

from collections.abc import Iterable
from typing import Any

from handlers.text.blocks import Block, Message
from handlers.text.escaping import ELLIPSIS, clip, escape

ROOM = 10_000
"""What the blocks of a card may weigh.

Slack refuses a message (``msg_blocks_too_long``) whose blocks hold more than about 12,000 characters in all,
containers included, which it does not document (slackapi/bolt-js, issues 2509 and 2867). What is left is for names
that are longer than the mentions that they stand for.
"""

MOST = 11_500
"""What the blocks of any message may weigh, names included; a heavier one is cut."""

CUTS = (1_500, 800, 400, 200, 100)
"""Characters that its sections are cut to, until it fits."""

CONTAINER = 50
"""What a block weighs without its texts."""


def weight(blocks: Iterable[Block]) -> int:
    """Return what blocks weigh: every character that Slack may count, escaped as it stores them."""
    return sum(CONTAINER + _characters(block) for block in blocks)


def fitted(message: Message, most: int = MOST) -> Message:
    """Return a message that Slack takes: as it is, or without pictures, or cut; its buttons stay."""
    if weight(message.blocks) <= most:
        return message
    bare = message.without_images()
    cuts = (Message(bare.text, tuple(_cut(block, length) for block in bare.blocks)) for length in CUTS)
    buttons = Message(message.text, tuple(block for block in message.blocks if block["type"] == "actions"))
    return next((each for each in (bare, *cuts) if weight(each.blocks) <= most), buttons)


def _cut(block: Block, most: int) -> Block:
    if block["type"] != "section" or "text" not in block:
        return block
    return {**block, "text": {**block["text"], "text": clip(block["text"]["text"], most)}}


def clip_to_weight(text: str, most: int) -> str:
    """Cut a text that is not escaped yet to at most this weight, the last character saying so."""
    if len(escape(text)) <= most:
        return text
    kept = text[: max(most - 1, 0)]
    while kept and len(escape(kept)) + 1 > most:
        kept = kept[: -max((len(escape(kept)) + 1 - most) // len(escape("&")), 1)]
    return kept.rstrip() + ELLIPSIS


def _characters(node: Any) -> int:
    match node:
        case str():
            return len(escape(node))
        case list():
            return sum(map(_characters, node))
        case dict():
            return sum(map(_characters, node.values()))
        case _:
            return 0
