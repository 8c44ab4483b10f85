"""What a proposal amounts to, at a glance: how many, how much, how old, and what still plays afterwards."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from deletion.plan.facts import StreamFact, Warn
from deletion.plan.plan import PLAYABLE, Plan
from deletion.terms.requests.targets import Images, ImagesOf, Mezzanines, Streams, Videos
from handlers.cards.parts import targets
from handlers.text import words
from handlers.text.blocks import Block
from handlers.text.escaping import clip, code, safe
from handlers.text.facts import sizes
from handlers.text.language import Language

STREAMS = 6
"""Streams that are named one by one."""

CATEGORIES = 4
"""Categories that a card counts by name, the largest; those of all others are counted together."""

_FULL_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def blocks(lang: Language, plan: Plan) -> Iterator[Block]:
    """Yield one section with a field for each figure that there is; of a few items the rows name the categories."""
    fields = (
        (lang.say("Items"), words.things(lang, plan.request, plan.count)),
        (lang.say("Size"), sizes.amount(lang, plan)),
        (lang.say("Still plays afterwards"), _stays(lang, plan)),
        (lang.say("Playing time"), _length(lang, plan)),
        (lang.say("Uploaded"), _uploaded(lang, plan)),
        (lang.say("By category"), _categories(lang, plan) if targets.is_long(plan) else ""),
    )
    yield {
        "type": "section",
        "fields": [
            {"type": "mrkdwn", "text": clip(f"*{name}*\n{told}", 2000), "verbatim": True}
            for name, told in fields
            if told
        ],
    }


def _stays(lang: Language, plan: Plan) -> str:
    """Say what players still get when all of it is gone; '' where that is not known, or nothing ever played."""
    match plan.request:
        case Videos():
            return lang.say_n("nothing of it", "nothing of them", plan.count)
        case Streams() if plan.stays is not None:
            return _streams(lang, [each for each in plan.stays if each.status == PLAYABLE])
        case Mezzanines():
            return _without_source(lang, plan)
        case ImagesOf():
            return lang.say("the video; its pictures of these kinds are gone")
        case _:
            return ""


def _streams(lang: Language, left: Sequence[StreamFact]) -> str:
    if not left:
        return lang.say("nothing of the video")
    names = [code(f"{each.definition} {each.format}", 40) for each in left[:STREAMS]]
    return words.more(lang, lang.series(names), len(left) - STREAMS)


def _without_source(lang: Language, plan: Plan) -> str:
    """Say what is left without source files: streams, where there are any besides the source itself."""
    broken = plan.totals.of(Warn.UNPLAYABLE) + plan.totals.of(Warn.FORCE_NEEDED)
    if broken >= plan.count:
        return lang.say("perhaps nothing: players may get the source file itself")
    told = lang.say("the transcoded streams")
    if not broken:
        return told
    return lang.say_n(
        "{streams}; of {n} video perhaps nothing", "{streams}; of {n} videos perhaps nothing", broken, streams=told
    )


def _length(lang: Language, plan: Plan) -> str:
    """Say how long everything plays; of pictures and of streams of one video that says nothing."""
    totals = plan.totals
    if not isinstance(plan.request, Videos | Mezzanines):
        return ""
    if not totals.duration_ms:
        return lang.say("unknown")
    length = lang.lasting(totals.duration_ms // 1000)
    return lang.say("at least {length}", length=length) if totals.durations_untold else length


def _uploaded(lang: Language, plan: Plan) -> str:
    oldest, newest = plan.totals.oldest, plan.totals.newest
    if oldest is None or newest is None or not isinstance(plan.request, Videos | Mezzanines | Images):
        return ""
    if oldest[:10] == newest[:10]:
        return _day(lang, oldest)
    return lang.say("from {oldest} to {newest}", oldest=_day(lang, oldest), newest=_day(lang, newest))


def _day(lang: Language, created: str) -> str:
    """Return the day of one of VOD's times, for each reader in their own way where it is a full time."""
    if not _FULL_TIME.fullmatch(created):
        return safe(created[:10])
    try:
        return lang.day(int(datetime.fromisoformat(created).timestamp() * 1000))
    except ValueError:
        return safe(created[:10])


def _categories(lang: Language, plan: Plan) -> str:
    """Count the largest categories by name, then all others, then what is in none."""
    totals = plan.totals
    if not totals.categories:
        return ""
    others = totals.other_categories + sum(count for _, count in totals.categories[CATEGORIES:])
    told = [
        lang.say("{category} {n}", category=code(name, 40), n=lang.number(count))
        for name, count in totals.categories[:CATEGORIES]
    ]
    if others:
        told.append(lang.say("others {n}", n=lang.number(others)))
    if totals.uncategorized:
        told.append(lang.say("none {n}", n=lang.number(totals.uncategorized)))
    return " · ".join(told)
