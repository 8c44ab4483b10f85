"""A proposal in a line of a list: what it is about, where it stands, whose it is and why (mrkdwn)."""

from collections.abc import Iterator
from datetime import timedelta

from babel.dates import format_timedelta

from deletion.approval.holds import holding
from deletion.listed import Listed, Listing
from deletion.terms.requests.targets import query_of
from deletion.terms.states import State
from handlers.text import links, reasons, words
from handlers.text.escaping import code, escape, mention
from handlers.text.facts import sizes
from handlers.text.language import Language
from handlers.text.proposals import headline

TITLE_MOST = 80
REASON_MOST = 80
WHY_MOST = 120
QUERY_MOST = 200
"""Characters of what people and VOD have written, in a line."""


def line(lang: Language, each: Listed, workspace_url: str) -> str:
    """Return number, mark and word, count, size, title, what comes next or how it ended, proposer, reason."""
    return " · ".join(in_two(lang, each, workspace_url))


def in_two(lang: Language, each: Listed, workspace_url: str) -> tuple[str, str]:
    """Return the same in two lines: what it is about, and what there is to know besides."""
    query = query_of(each.request)
    about = [
        f"*{links.to_card(each.number, each.card, workspace_url)}* {standing(lang, each)}",
        *what(lang, each),
    ]
    besides = [
        *next_or_end(lang, each),
        proposed(lang, each),
        code(each.row.reason, REASON_MOST),
        *([lang.say("query {query}", query=code(query.text(), QUERY_MOST))] if query else []),
    ]
    return " · ".join(about), " · ".join(besides)


def standing(lang: Language, each: Listed) -> str:
    """Return where it stands at a glance: the mark and the word of its card."""
    if each.state is State.FINISHED and not each.tally:
        return lang.say("Finished")
    return headline.headline(lang, each)


def what(lang: Language, each: Listed) -> Iterator[str]:
    """Say how many things it is about, how large they are, and which is the first."""
    yield words.things(lang, each.request, each.count)
    if each.totals is not None:
        yield sizes.total(lang, each.request, each.totals)
    if each.first_title:
        first = code(words.title(lang, each.first_title, TITLE_MOST), TITLE_MOST)
        yield words.more(lang, first, each.count - 1)


def proposed(lang: Language, each: Listed) -> str:
    """Say who proposed it, and how long ago."""
    age = format_timedelta(timedelta(milliseconds=max(0, each.now_ms - each.row.created_ms)), locale=lang.locale)
    return lang.say("proposed by {proposer} {age} ago", proposer=mention(each.row.proposer), age=age)


def next_or_end(lang: Language, each: Listed) -> Iterator[str]:
    """Say what comes next, or how it ended and when."""
    row = each.row
    match each.state:
        case State.COLLECTING | State.PENDING:
            if each.state is State.PENDING and each.card is None:
                yield lang.say("its card is not posted yet")
            yield lang.say("expires {time}", time=lang.moment(row.expires_ms))
        case State.APPROVED:
            yield from _hold(lang, each)
        case State.EXECUTING:
            if row.halted is not None:
                yield lang.say("calls already sent are being verified")
        case _:
            yield from _ending(lang, each)
            if row.finished_ms is not None:
                yield lang.say("ended {time}", time=lang.moment(row.finished_ms))


def _hold(lang: Language, each: Listed) -> Iterator[str]:
    until = each.row.hold_until_ms
    if holding.is_awaited(each.row):
        yield lang.say("its hold begins once its card is in the channel")
    elif until is not None and until > each.now_ms and not each.is_frozen:
        yield lang.say("starts {time}", time=lang.instant(until))


def _ending(lang: Language, each: Listed) -> Iterator[str]:
    """Say what became of its items, or who or what ended it before anything was deleted."""
    ending = each.ending
    match each.state:
        case State.FINISHED:
            if each.tally:
                yield words.counts(lang, each.tally)
        case State.REJECTED | State.STOPPED if ending.actor:
            yield lang.say("by {actor}", actor=mention(ending.actor))
            if ending.why:
                yield code(ending.why, WHY_MOST)
        case State.STOPPED | State.STALE if ending.because is not None:
            yield escape(reasons.cause(lang, ending.because)).rstrip(".。")
        case _:
            return


def held(lang: Language, found: Listing) -> str:
    """Say what keeps everything from being deleted now, '' when nothing does."""
    lost = lang.say("*Held*: this record does not lead to the newest head in the audit channel.")
    return lang.sentences(lost if found.lost else "", frozen(lang, found))


def frozen(lang: Language, found: Listing) -> str:
    """Say who froze everything, and how that ends; '' when nothing is frozen."""
    if found.frozen is None:
        return ""
    return lang.say(
        "*Frozen* by {actor}: no further calls will be sent until two people, one of them an approver, type "
        "`/vod unfreeze`.",
        actor=mention(found.frozen.person),
    )
