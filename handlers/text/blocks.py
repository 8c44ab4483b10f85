"""Slack messages and the blocks they are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.text.escaping import clip, escape

Block = dict[str, Any]

TEXT_MOST = 3_900
"""Characters of a message's top-level text; Slack advises 4,000."""


@dataclass(frozen=True)
class Message:
    """A Slack message. ``text`` says everything that matters: it is all a screen reader reads."""

    text: str
    blocks: tuple[Block, ...] = ()

    def without_images(self) -> "Message":
        """Return the message with no picture in it, for when Slack cannot fetch one: no strip of them either."""
        kept = (block for block in self.blocks if not any(_is_image(each) for each in block.get("elements", ())))
        bare = ({key: value for key, value in block.items() if key != "accessory"} for block in kept)
        return Message(self.text, tuple(bare))


def _is_image(element: Block) -> bool:
    return element.get("type") == "image"


def said(mrkdwn: str) -> Message:
    """Return a message of our own words."""
    return Message(clip(mrkdwn, TEXT_MOST), (section(mrkdwn),))


def in_paragraphs(paragraphs: Sequence[str]) -> Message:
    """Return a message of our own words, a section for each paragraph."""
    return Message(clip("\n".join(paragraphs), TEXT_MOST), tuple(map(section, paragraphs)))


def listing(opening: str, lines: Iterable[str]) -> Message:
    """Return a message of our own words with lines of outside words under them."""
    plain, blocks = list(lines), [section(opening)]
    if plain:
        blocks.append(plain_section("\n".join(plain)))
    text = f"{opening.replace('*', '')} {escape('; '.join(plain))}"
    return Message(clip(text.strip(), TEXT_MOST), tuple(blocks))


def header(text: str) -> Block:
    """Return a header block."""
    return {"type": "header", "text": {"type": "plain_text", "text": clip(text, 150), "emoji": False}}


def section(mrkdwn: str) -> Block:
    """Return a section of our own words; whatever came from outside was made safe before."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(mrkdwn, 3000), "verbatim": True}}


def plain_section(text: str) -> Block:
    """Return a section of outside words, which nothing in them can format, link or mention out of."""
    return {"type": "section", "text": {"type": "plain_text", "text": clip(text, 3000), "emoji": False}}


def context(mrkdwn: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clip(mrkdwn, 2000), "verbatim": True}]}
