"""What became of every item of a deletion, as a CSV file for a spreadsheet, a row at a time."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from deletion.ended import Ended
from deletion.terms.requests.targets import Request
from deletion.terms.results.outcomes import Outcome
from deletion.terms.seen import is_blank
from handlers.cards.asset_list import BYTE_ORDER_MARK, cell, line
from handlers.text import reasons, words
from handlers.text.language import Language

COLUMNS = (
    "number",
    "id",
    "title",
    "video_id",
    "outcome",
    "why",
    "size_bytes",
    "call_id",
    "vod_request_id",
    "settled_utc",
)


def file_name(number: int) -> str:
    """Return what the file is called."""
    return f"proposal-{number}-outcomes.csv"


def title(lang: Language, number: int, count: int) -> str:
    """Return the title of the file in the thread of a card."""
    return lang.say_n(
        "What became of #{number} ({n} item)", "What became of #{number} ({n} items)", count, number=number
    )


def comment(lang: Language, number: int) -> str:
    """Return the message that the file comes with."""
    return lang.say("What became of every item of #{number}.", number=number)


def lines(lang: Language, request: Request, ended: Iterable[Ended]) -> Iterator[bytes]:
    """Yield the file line by line: UTF-8 with a byte order mark, so that Excel reads Chinese titles right."""
    yield BYTE_ORDER_MARK
    yield line(COLUMNS)
    for each in ended:
        yield line(tuple(map(cell, _row(lang, request, each))))


def _row(lang: Language, request: Request, each: Ended) -> tuple[object, ...]:
    planned = each.planned
    return (
        each.number,
        planned.target,
        lang.say(words.NO_TITLE) if is_blank(planned.title) else planned.title,
        planned.video_id,
        lang.say(words.OUTCOMES[each.outcome]) if each.outcome else lang.say("waiting"),
        _why(lang, request, each),
        planned.bytes,
        each.call_id,
        each.request_id,
        None if each.settled_ms is None else _instant(each.settled_ms),
    )


def _why(lang: Language, request: Request, each: Ended) -> str:
    """Say why an item is not gone, and what to do: what troubled a call on the way no longer matters if it is."""
    if each.outcome is Outcome.DELETED:
        return ""
    told = reasons.of_item(lang, each.note)
    if each.outcome is Outcome.REFUSED and not told:
        return words.why_refused(lang, request)
    return told


def _instant(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
