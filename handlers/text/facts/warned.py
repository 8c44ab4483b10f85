"""Warnings at a glance: the name of each kind, and how many there are of it."""

from collections.abc import Iterable

from deletion.plan.facts import GRAVEST_FIRST, Warn
from deletion.plan.plan import Plan
from handlers.text.language import Language, sentence

NAMES: dict[Warn, str] = {
    Warn.FORCE_NEEDED: sentence("needs --force"),
    Warn.UNPLAYABLE: sentence("may become unplayable"),
    Warn.LAST_STREAM: sentence("last stream"),
    Warn.OTHER_APPLICATION: sentence("other application"),
    Warn.NOT_WRITABLE: sentence("no write permission"),
    Warn.NOT_NORMAL: sentence("not in status Normal"),
    Warn.RECENT: sentence("recent"),
    Warn.COLD_STORAGE: sentence("cold storage"),
    Warn.LEGAL_WORDS: sentence("to be kept"),
    Warn.UNSEEN: sentence("known by URL only"),
    Warn.SAME_TITLE: sentence("same title"),
}


def counted(lang: Language, plan: Plan) -> str:
    """Count the warnings of a plan by kind, the gravest first: ``1 last stream, 3 recent``; '' for none."""
    found = dict(plan.totals.warnings)
    return lang.series(
        lang.say("{n} {kind}", n=lang.number(found[warn]), kind=lang.say(name))
        for warn, name in ((each, NAMES[each]) for each in GRAVEST_FIRST)
        if warn in found
    )


def named(lang: Language, warnings: Iterable[Warn]) -> str:
    """Name some kinds of warnings: ``recent, last stream``."""
    return lang.series(lang.say(NAMES[warn]) for warn in warnings)
