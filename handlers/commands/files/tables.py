"""Text as rows of cells: its separator found, quotes undone, with the line that each row begins in. Pure."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deletion.terms.requests.list_files import WrongList
from handlers.commands.files.bounds import Meter, UnreadableError

SEPARATORS = ("\t", ";", ",", "|")

_SAMPLE = 64 * 1024
"""Characters from which the separator is told."""

_AGREE = 0.6
"""How many of the rows have to be of one width for their separator to be one."""

_DECLARED = re.compile(r"\A\ufeff?sep=(.)\r?\n?", re.IGNORECASE)
"""The line by which Excel tells Excel the separator."""

LONGEST_CELL = 131_072


@dataclass(frozen=True)
class Row:
    """One row: the line, or the number, that a person finds it by, and its cells."""

    line: int
    cells: tuple[str, ...]

    def cell(self, at: int) -> str:
        """Return a cell; '' where the row is shorter."""
        return self.cells[at] if at < len(self.cells) else ""

    @property
    def is_blank(self) -> bool:
        """Say whether there is nothing in it."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """A table; ``rows`` reads it from its beginning, as often as it is asked to. A text has no name."""

    name: str
    rows: Callable[[], Iterator[Row]]
    is_hidden: bool = False


def lines(text: str, meter: Meter) -> Sheet:
    """Return a text as a table of one column."""

    def rows() -> Iterator[Row]:
        for number, line in enumerate(io.StringIO(text, newline=None), 1):
            meter.row(1)
            yield Row(number, (line.rstrip("\n"),))

    return Sheet("", rows)


def table(text: str, meter: Meter) -> Sheet:
    """Return a text as a table; of one column where nothing separates cells.

    While it is read: UnreadableError where quotes do not end, or something stands behind one.
    """
    declared = _DECLARED.match(text)
    separator = declared[1] if declared else _separator(text)
    if separator is None:
        return lines(text, meter)
    skipped, body = (1, text[declared.end() :]) if declared else (0, text)

    def rows() -> Iterator[Row]:
        # Line ends of any kind are one kind from here on; within quotes too, where they are white space to us.
        source = io.StringIO(body, newline=None)
        reader = csv.reader(source, delimiter=separator, strict=True)
        while True:
            line = reader.line_num + 1 + skipped
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise UnreadableError(WrongList.QUOTES, number=line) from None
            meter.row(len(cells))
            yield Row(line, tuple(cells))

    return Sheet("", rows)


def _separator(text: str) -> str | None:
    """Return what separates cells: what makes most rows, or all, of one width; None where nothing does."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample.rpartition("\n")[0] or sample
    best, found = (0.0, 0), None
    for separator in SEPARATORS:
        widths = _widths(sample, separator)
        if not widths:
            continue
        width, rows = max(widths.items(), key=lambda each: (each[1], each[0]))
        score = (rows / widths.total(), width)
        if width > 1 and score[0] >= _AGREE and score > best:
            best, found = score, separator
    return found


def _widths(sample: str, separator: str) -> Counter[int]:
    try:
        rows = csv.reader(io.StringIO(sample, newline=None), delimiter=separator)
        return Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    except csv.Error:
        return Counter()
