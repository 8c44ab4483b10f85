"""The full list of a plan as a CSV file that opens in a spreadsheet without running anything."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from deletion.plan.facts import Target
from deletion.plan.plan import Entry, Plan
from deletion.terms.seen import is_blank
from handlers.text import words
from handlers.text.escaping import visible
from handlers.text.language import Language

COLUMNS = (
    "number",
    "id",
    "title",
    "video_id",
    "status",
    "size_bytes",
    "duration_seconds",
    "created_utc",
    "category",
    "tags",
    "storage_class",
    "source_file",
    "streams",
    "images",
    "url",
    "warnings",
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_FORMULA = "[-=+@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV injection); full-width and small forms as well."""

_BEGINS = r"(?:^|(?<=[;,|\t\r\n]))[\s\"]*"
"""Where a cell begins, or would begin for a spreadsheet whose separator is another: half of Europe's is ``;``."""

_AT_RISK = re.compile(f"({_BEGINS})('*)(?={_FORMULA})")
_MADE_SAFE = re.compile(f"({_BEGINS})'('*)(?={_FORMULA})")


def file_name(number: int, revision: int) -> str:
    """Return what the file of a plan's revision is called."""
    return f"proposal-{number}-plan-{revision}.csv"


def title(lang: Language, number: int, plan: Plan) -> str:
    """Return the title of the file in the thread of a card."""
    return lang.say_n(
        "Everything that #{number} would delete ({n} item)",
        "Everything that #{number} would delete ({n} items)",
        plan.count,
        number=number,
    )


def comment(lang: Language, number: int, plan: Plan) -> str:
    """Return the message that the file comes with."""
    return lang.say("The whole list of #{number}, plan {plan}.", number=number, plan=plan.digest[:8])


def lines(lang: Language, plan: Plan, entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the list of these entries line by line; Excel reads Chinese titles right by the byte order mark."""
    yield BYTE_ORDER_MARK
    yield line(COLUMNS)
    for each in entries:
        notes = " ".join(lang.say(words.WARNINGS[warn]) for warn in each.warnings)
        yield line([cell(value) for value in (*_row(lang, plan, each.number, each.target), notes)])


def line(cells: Iterable[str]) -> bytes:
    """Return one line of a list, in UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode("utf-8")


def cell(value: object) -> str:
    """Return a cell of which no spreadsheet takes anything for a formula, whatever separates its cells."""
    text = visible(str(value)) if value is not None else ""
    return _AT_RISK.sub(r"\1'\2", text)


def text_of(cell_: str) -> str:
    """Return the text that a cell was made of."""
    return _MADE_SAFE.sub(r"\1\2", cell_)


def _row(lang: Language, plan: Plan, number: int, target: Target) -> tuple[object, ...]:
    seconds = None if target.duration_ms is None else f"{target.duration_ms / 1000:.3f}"
    return (
        number,
        target.id,
        lang.say(words.NO_TITLE) if is_blank(target.title) else target.title,
        target.video_id,
        target.status,
        plan.bytes_of(target) or None,
        seconds,
        target.created,
        target.category,
        ", ".join(target.tags),
        target.storage_class,
        target.source.file_name if target.source else None,
        "; ".join(f"{s.definition} {s.format} {s.job_id} {s.status}" for s in target.streams),
        "; ".join(target.images),
        target.url,
    )
