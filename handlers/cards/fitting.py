"""A card that Slack takes: how much its blocks weigh, and texts cut to a weight."""

from collections.abc import Iterable
from typing import Any

from handlers.text.blocks import Block
from handlers.text.escaping import ELLIPSIS, escape

ROOM = 10_000
"""What the blocks of a card may weigh.

Slack refuses a message (``msg_blocks_too_long``) whose blocks hold more than about 12,000 characters in all,
containers included, which it does not document (slackapi/bolt-js, issues 2509 and 2867). What is left is for names
that are longer than the mentions that they stand for.
"""

CONTAINER = 50
"""What a block weighs without its texts."""


def weight(blocks: Iterable[Block]) -> int:
    """Return what blocks weigh: every character that Slack may count, escaped as it stores them."""
    return sum(CONTAINER + _characters(block) for block in blocks)


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
