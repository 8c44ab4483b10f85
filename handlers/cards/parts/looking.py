"""What helps to see what a proposal is about: a strip of pictures, and where to look at it in VOD's console."""

import re
from collections.abc import Iterator

from deletion.plan.plan import Plan
from deletion.terms.requests.targets import Images, ImagesOf, ImageUrls, Mezzanines, Streams, Videos
from handlers.cards.parts import targets
from handlers.cards.parts.fitting import weight
from handlers.text import links
from handlers.text.blocks import Block, context
from handlers.text.language import Language

STRIP = 8
"""Pictures of a strip; a context block holds ten elements."""

LEAST = 2
"""A single picture stands beside its item anyway."""

CONTEXT_MOST = 2_000
"""Characters of a context's text that Slack takes; links are not cut."""

_ID = re.compile("[0-9A-Za-z]{1,64}")


def pictures(lang: Language, plan: Plan, *, room: int) -> Iterator[Block]:
    """Yield a strip of pictures, where it fits into ``room``: first of what the card shows no row of."""
    shown = targets.chosen(plan)
    others = [each for each in plan.entries if each not in shown]
    found = (targets.picture(lang, each.target) for each in (*others, *shown))
    strip = [each for each in found if each][:STRIP]
    if len(strip) < LEAST:
        return
    told = lang.say("Pictures of {n} of {total}", n=lang.number(len(strip)), total=lang.number(plan.count))
    block: Block = {"type": "context", "elements": [*strip, {"type": "mrkdwn", "text": told, "verbatim": True}]}
    if weight([block]) <= room:
        yield block


def in_console(lang: Language, plan: Plan, *, room: int) -> Iterator[Block]:
    """Yield where the items whose rows are shown can be looked at in VOD's console, where that fits into ``room``.

    Images have no page of their own there that is known.
    """
    match plan.request:
        case Streams(video_id=video_id) | ImagesOf(video_id=video_id):
            found = _link(lang.say("Open the video in the VOD console"), video_id)
        case Videos() | Mezzanines() if plan.count == 1 and plan.entries:
            found = _link(lang.say("Open in the VOD console"), plan.entries[0].target.id)
        case Videos() | Mezzanines():
            numbered = [_link(str(each.number), each.target.id) for each in targets.chosen(plan)]
            told = lang.say("Open in the VOD console: {links}", links=" · ".join(filter(None, numbered)))
            found = told if any(numbered) else ""
        case Images() | ImageUrls():
            return
    block = context(found) if found and len(found) <= CONTEXT_MOST else None
    if block is not None and weight([block]) <= room:
        yield block


def _link(name: str, video_id: str) -> str:
    """Return a link, '' where an id is none of VOD's: it would be markup of somebody else's."""
    return f"<{links.vod_console(video_id)}|{name}>" if _ID.fullmatch(video_id) else ""
