"""What a long list amounts to, at a glance: how many, how much, how long, how old, and in which categories."""

import re
from collections.abc import Iterator
from datetime import datetime

from deletion.plan.plan import Plan
from deletion.terms.targets import Images, Mezzanines, Videos
from handlers.text import sizes, words
from handlers.text.blocks import Block
from handlers.text.escaping import clip, code, safe
from handlers.text.language import Language

CATEGORIES = 4
"""Categories that a card counts by name, the largest; those of all others are counted together."""

_FULL_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def blocks(lang: Language, plan: Plan) -> Iterator[Block]:
    """Yield one section with a field for each figure that there is."""
    fields = (
        (lang.say("Items"), words.things(lang, plan.request, plan.count)),
        (lang.say("Size"), sizes.amount(lang, plan)),
        (lang.say("Playing time"), _length(lang, plan)),
        (lang.say("Uploaded"), _uploaded(lang, plan)),
        (lang.say("By category"), _categories(lang, plan)),
    )
    yield {
        "type": "section",
        "fields": [
            {"type": "mrkdwn", "text": clip(f"*{name}*\n{told}", 2000), "verbatim": True}
            for name, told in fields
            if told
        ],
    }


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
