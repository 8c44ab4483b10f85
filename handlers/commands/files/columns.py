"""Which column of a table holds the names: by what stands in it, by its heading, or as somebody asked. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from deletion.terms.blank import without_unseen
from deletion.terms.requests import addresses
from deletion.terms.requests.targets import Kind
from handlers.commands.files.tables import Row, Sheet
from handlers.commands.syntax import naming
from handlers.commands.syntax.media import ID

HEADINGS: dict[Kind, tuple[str, ...]] = {
    Kind.VIDEO: ("videoid", "视频id", "音视频id", "媒资id", "媒体id", "mediaid", "vid", "id"),
    Kind.MEZZANINE: ("videoid", "视频id", "音视频id", "媒资id", "媒体id", "mediaid", "vid", "id"),
    Kind.IMAGE: ("imageid", "图片id", "imageurl", "图片地址", "图片url", "id", "url", "地址"),
}
"""What people, Alibaba's console and this program write above the names; blanks and marks left out."""

FIRST_ROWS = 20
"""Rows in which a heading is looked for."""

_NOT_LETTERS = re.compile(r"[\W_]+")
_EXCEL_TEXT = re.compile(r'\A="(.*)"\Z', re.DOTALL)
_WRITTEN_OUT = re.compile(r"[0-9A-Za-z]{20}")
_MAY_BE_NAMES = re.compile(r"[0-9A-Za-z]{32}|://")


@dataclass
class Column:
    """What is known of one column: how many of its cells are names, or addresses that hold one, and the first."""

    at: int
    bare: int = 0
    addresses: int = 0

    @property
    def names(self) -> int:
        """Return how many cells hold nothing but names."""
        return self.bare + self.addresses


@dataclass
class Profile:
    """What was seen of a table: its first rows, its columns, and whether anything but names is in it."""

    sheet: Sheet
    first: list[Row] = field(default_factory=list)
    columns: dict[int, Column] = field(default_factory=dict)
    rows: int = 0
    widths: set[int] = field(default_factory=set)
    others: int = 0
    begins_with_words: bool = False

    @property
    def candidates(self) -> list[Column]:
        """Return the columns that have names in them, from left to right."""
        return [self.columns[at] for at in sorted(self.columns)]

    @property
    def is_plain_list(self) -> bool:
        """Say whether it is names and nothing else, in lines of different lengths, or in one: no table at all."""
        is_ragged = self.rows == 1 or len(self.widths) > 1
        return self.others == 0 and not self.begins_with_words and len(self.columns) > 1 and is_ragged


def undone(cell: str) -> str:
    """Return a cell without what Excel writes around text so that it stays text."""
    cell = cell.strip()
    found = _EXCEL_TEXT.match(cell)
    return found[1] if found else cell


def names_in(cell: str, level: Kind) -> naming.Names:
    """Return the names in a cell, of whatever it is made of."""
    return (naming.read_urls if level is Kind.IMAGE else naming.read_ids)([undone(cell)])


def is_name(name: str, level: Kind) -> bool:
    """Say whether a name can be one at this level."""
    if ID.fullmatch(name):
        return True
    return level is Kind.IMAGE and addresses.is_meant(name) and addresses.normal(name) is not None


def is_attempt(cell: str) -> bool:
    """Say whether a cell could be meant as a name, rightly written or not: it is no heading."""
    return bool(_WRITTEN_OUT.search(cell)) or naming.is_address(cell.strip())


def profile(sheet: Sheet, level: Kind) -> Profile:
    """Look through a table once."""
    found = Profile(sheet)
    for row in sheet.rows():
        if row.is_blank:
            continue
        if len(found.first) < FIRST_ROWS:
            found.first.append(row)
        names = 0
        for at, cell in enumerate(row.cells):
            if not cell.strip():
                continue
            if _holds_names(found, at, cell, level):
                names += 1
            elif found.rows or is_attempt(cell):
                found.others += 1
            else:
                found.begins_with_words = True
        found.rows += bool(names) or bool(found.rows)
        if names:
            found.widths.add(names)
    return found


def _holds_names(found: Profile, at: int, cell: str, level: Kind) -> bool:
    if ID.fullmatch(cell):
        found.columns.setdefault(at, Column(at)).bare += 1
        return True
    if not _MAY_BE_NAMES.search(cell):
        return False
    names = names_in(cell, level).names
    if not names or not all(is_name(name, level) for name in names):
        return False
    column = found.columns.setdefault(at, Column(at))
    if naming.is_address(undone(without_unseen(cell))):
        column.addresses += 1
    else:
        column.bare += 1
    return True


def simplified(heading: str) -> str:
    """Return a heading without its blanks and marks, in small letters."""
    return _NOT_LETTERS.sub("", without_unseen(heading)).casefold()


def heading_row(first: Iterable[Row], level: Kind) -> Row | None:
    """Return the row with a heading that is known to stand above names."""
    known = HEADINGS[level]
    return next((row for row in first if any(simplified(cell) in known for cell in row.cells)), None)


def by_heading(columns: Sequence[Column], headings: Row, level: Kind) -> list[Column]:
    """Return those of the columns whose heading says best that they hold names; none where none does."""
    for known in HEADINGS[level]:
        found = [column for column in columns if simplified(headings.cell(column.at)) == known]
        if found:
            return found
    return []


def letters(at: int) -> str:
    """Return a column's letters, as spreadsheets have them: 0 is A, 26 is AA."""
    text, number = "", at + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def place(sheet: Sheet, at: int) -> str:
    """Return where a column is: ``B``, or ``Sheet1!B``."""
    return f"{sheet.name}!{letters(at)}" if sheet.name else letters(at)


def asked_for(first: Iterable[Row], asked: str, width: int) -> list[int]:
    """Return the columns that somebody may have asked for: by heading, else by letters, else by number."""
    wanted = simplified(asked)
    rows = list(first)
    headed = {at for row in rows for at, cell in enumerate(row.cells) if wanted and simplified(cell) == wanted}
    if headed:
        return sorted(headed)
    bare = asked.strip().upper()
    if re.fullmatch("[A-Z]{1,3}", bare):
        return [at for at in range(width) if letters(at) == bare]
    if bare.isascii() and bare.isdigit() and len(bare) < 5 and 1 <= int(bare) <= width:
        return [int(bare) - 1]
    return []
