"""What a file asks to delete: the names in its one column of names, or everything that is wrong with it. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from deletion.terms.requests import addresses
from deletion.terms.requests.list_files import (
    BadList,
    FoundList,
    LineProblem,
    ListFacts,
    ListForm,
    WrongList,
)
from deletion.terms.requests.targets import Images, ImageUrls, Kind, Mezzanines, Request, Videos
from handlers.cards import asset_list, outcome_list
from handlers.commands.files import columns, tables, texts, workbooks
from handlers.commands.files.bounds import (
    LARGEST,
    MOST_NAMES,
    MOST_PROBLEMS,
    GoOn,
    Meter,
    UnreadableError,
)
from handlers.commands.files.columns import Profile
from handlers.commands.files.tables import Row, Sheet
from handlers.commands.syntax.media import ID, ID_LENGTH
from handlers.commands.syntax.naming import Tidied
from handlers.commands.syntax.problems import Wrong

NAMED = 5
"""Lines and names of which there are many that are named."""

LONGEST_WORD = 100
"""Characters of what stands in a line that are kept."""

_MADE_A_NUMBER = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}")
"""What a spreadsheet makes of an id that is of digits."""


@dataclass(frozen=True)
class Chosen:
    """Which column is read: ``at`` None for every cell of a table that is nothing but names.

    ``headings`` is the row above the names, if its heading is known, or was asked for.
    """

    sheet: Sheet
    at: int | None
    headings: Row | None


def read(content: bytes, form: ListForm, go_on: GoOn = lambda: None) -> FoundList | BadList:
    """Return what a file asks to delete, or what is wrong with it; ``go_on`` raises when there is no time left."""
    if len(content) > LARGEST:
        return BadList(WrongList.TOO_LARGE, number=len(content), most=LARGEST)
    try:
        meter = Meter(go_on)
        with _opened(content, form, meter) as (sheets, encoding):
            chosen = _choose(sheets, form)
            meter.again()
            return _Reading(form, chosen, encoding).read(content, meter)
    except UnreadableError as exc:
        return exc.bad


@contextmanager
def _opened(content: bytes, form: ListForm, meter: Meter) -> Iterator[tuple[list[Sheet], str]]:
    if not content:
        raise UnreadableError(WrongList.EMPTY)
    if content.startswith(texts.OLE):
        raise UnreadableError(WrongList.OLD_WORKBOOK)
    if workbooks.is_package(content):
        with workbooks.sheets(content, meter) as sheets:
            yield sheets, texts.UNICODE
        return
    decoded = texts.decode(content)
    is_plain = _is_plain_list(decoded.text, form.level, meter)
    meter.again()
    if is_plain:
        yield [tables.lines(decoded.text, meter)], decoded.encoding
        return
    yield [tables.table(decoded.text, meter)], decoded.encoding


def _is_plain_list(text: str, level: Kind, meter: Meter) -> bool:
    """Say whether every line, but perhaps a first one, is names and nothing else, as people paste them.

    Lines that all have the same number of names, more than one, may be a table with several columns of them.
    """
    counts: Counter[int] = Counter()
    words, has_headings = 0, False
    for row in tables.lines(text, meter).rows():
        line = row.cells[0]
        if ID.fullmatch(line):
            counts[1] += 1
            continue
        names = columns.names_in(line, level).names
        if names and not all(columns.is_name(name, level) for name in names):
            words += 1
            has_headings |= any(separator in line for separator in tables.SEPARATORS)
            if counts or words > 1 or columns.is_attempt(line):
                return False
        elif names:
            counts[len(names)] += 1
    if has_headings and set(counts) != {1}:
        return False
    return bool(counts) and (counts.total() == 1 or set(counts) == {1} or len(counts) > 1)


def _choose(sheets: list[Sheet], form: ListForm) -> Chosen:
    named, _, column = form.column.rpartition("!")
    wanted = [sheet for sheet in sheets if not named or columns.simplified(sheet.name) == columns.simplified(named)]
    profiles = [columns.profile(sheet, form.level) for sheet in wanted]
    if form.column.strip():
        return _asked_for(profiles, form, column)
    shown = [each for each in profiles if not each.sheet.is_hidden]
    holding = [each for each in shown if each.columns]
    if not holding:
        hidden = [columns.place(each.sheet, c.at) for each in profiles for c in each.candidates]
        if hidden:
            raise UnreadableError(WrongList.SEVERAL_COLUMNS, *hidden)
        if not any(each.first for each in profiles):
            raise UnreadableError(WrongList.EMPTY)
        return _only_column(shown, form)
    if len(holding) == 1 and (chosen := _meant(holding[0], form.level)):
        return chosen
    raise UnreadableError(WrongList.SEVERAL_COLUMNS, *(_titles(each, form.level) for each in holding))


def _titles(found: Profile, level: Kind) -> str:
    headings = columns.heading_row(found.first, level) or found.first[0]
    named = []
    for column in found.candidates:
        heading = headings.cell(column.at).strip()
        where = columns.place(found.sheet, column.at)
        is_heading = heading and not columns.is_attempt(heading)
        named.append(f"{where} ({heading[:LONGEST_WORD]})" if is_heading else where)
    return ", ".join(named)


def _meant(found: Profile, level: Kind) -> Chosen | None:
    """Return the one column of a table that can be meant; None where there are several."""
    candidates, headings = found.candidates, columns.heading_row(found.first, level)
    if headings is not None and _is_ours(headings):
        return _meant_in_ours(found, level, headings)
    if len(candidates) == 1:
        return Chosen(found.sheet, candidates[0].at, headings)
    if found.is_plain_list:
        return Chosen(found.sheet, None, None)
    bare = [column for column in candidates if column.bare]
    if len(bare) == 1:
        return Chosen(found.sheet, bare[0].at, headings)
    if headings is not None:
        best = columns.by_heading(candidates, headings, level)
        # "id" alone does not say of what where another column has ids as well.
        if len(best) == 1 and columns.simplified(headings.cell(best[0].at)) not in {"id", "url"}:
            return Chosen(found.sheet, best[0].at, headings)
    return None


OURS = (asset_list.COLUMNS, outcome_list.COLUMNS)
"""The headings of the lists that this program makes: of plans, and of what became of them."""


def _is_ours(headings: Row) -> bool:
    """Say whether these are the headings of a list that this program made."""
    return any(headings.cells[: len(each)] == each for each in OURS)


def _meant_in_ours(found: Profile, level: Kind, headings: Row) -> Chosen | None:
    """Return the column of what was listed; None where that is parts of videos, and whole ones are asked for."""
    at, of = headings.cells.index("id"), headings.cells.index("video_id")
    if at not in found.columns:
        return None
    listed = (row for row in found.sheet.rows() if row.line > headings.line)
    if level is not Kind.IMAGE and any(row.cell(of) not in {"", row.cell(at)} for row in listed):
        return None
    return Chosen(found.sheet, at, headings)


def _only_column(shown: list[Profile], form: ListForm) -> Chosen:
    """Return the column that is read where none has names in it, for the sake of what is wrong with it."""
    written = [each for each in shown if each.first]
    if len(written) == 1:
        found = written[0]
        headings = columns.heading_row(found.first, form.level)
        width = max(len(row.cells) for row in found.first)
        if headings is not None:
            every = [columns.Column(at) for at in range(width)]
            best = columns.by_heading(every, headings, form.level)
            if best:
                return Chosen(found.sheet, best[0].at, headings)
        if width == 1:
            return Chosen(found.sheet, 0, None)
    raise UnreadableError(WrongList.NO_NAMES)


def _asked_for(profiles: list[Profile], form: ListForm, column: str) -> Chosen:
    found: list[Chosen] = []
    for each in profiles:
        width = max((len(row.cells) for row in each.first), default=0)
        for at in columns.asked_for(each.first, column, width):
            wanted = columns.simplified(column)
            headings = next((row for row in each.first if columns.simplified(row.cell(at)) == wanted), None)
            found.append(Chosen(each.sheet, at, headings or columns.heading_row(each.first, form.level)))
    if len(found) > 1:
        holding = {(each.sheet.name, c.at) for each in profiles for c in each.candidates}
        found = [each for each in found if (each.sheet.name, each.at) in holding] or found
    if len(found) == 1:
        return found[0]
    if found:
        places = [columns.place(each.sheet, each.at or 0) for each in found]
        raise UnreadableError(WrongList.SEVERAL_COLUMNS, *places)
    raise UnreadableError(WrongList.NO_SUCH_COLUMN, form.column, *_headings(profiles))


def _headings(profiles: list[Profile]) -> list[str]:
    return [
        f"{columns.place(each.sheet, at)} ({cell.strip()[:LONGEST_WORD]})"
        for each in profiles
        for row in each.first[:1]
        for at, cell in enumerate(row.cells)
        if cell.strip()
    ]


@dataclass
class _Reading:
    """Reads the chosen column from top to bottom."""

    form: ListForm
    chosen: Chosen
    encoding: str
    names: dict[str, int] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    tidied: set[Tidied] = field(default_factory=set)
    problems: list[LineProblem] = field(default_factory=list)
    total: int = 0
    blank: list[int] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    urls: int = 0

    def read(self, content: bytes, meter: Meter) -> FoundList | BadList:
        headings = self.chosen.headings
        for row in self.chosen.sheet.rows():
            if headings is not None and row.line <= headings.line:
                self.above += [""] if not row.is_blank and row.line < headings.line else []
            elif not row.is_blank:
                self._row(row)
        self._formulas(content, meter)
        if self.total:
            return BadList(WrongList.LINES, problems=tuple(self.problems), total=self.total)
        if not self.names:
            return BadList(WrongList.NO_NAMES)
        if 0 < self.urls < len(self.names):
            return BadList(WrongList.MIXED, number=self.urls, most=len(self.names))
        return FoundList(self._request(), self._facts())

    def _row(self, row: Row) -> None:
        at = self.chosen.at
        cells = row.cells if at is None else (row.cell(at),)
        if not any(cell.strip() for cell in cells):
            self._nothing(row.line)
            return
        for cell in cells:
            if cell.strip():
                self._cell(row.line, cell)

    def _nothing(self, line: int) -> None:
        """Note a line with nothing but marks, or something elsewhere; above the first name it is a heading's."""
        if self._is_above() and len(self.above) < columns.FIRST_ROWS:
            self.above.append("")
        else:
            self.blank.append(line)

    def _is_above(self) -> bool:
        return self.chosen.headings is None and not self.names and not self.total

    def _cell(self, line: int, cell: str) -> None:
        level = self.form.level
        if ID.fullmatch(cell):
            self._take(line, cell)
            return
        found = columns.names_in(cell, level)
        is_good = bool(found.names) and all(columns.is_name(name, level) for name in found.names)
        if not is_good and self._is_above() and _is_heading(cell) and len(self.above) < columns.FIRST_ROWS:
            self.above.append(cell.strip()[:LONGEST_WORD])
            return
        self.tidied |= found.tidied - {Tidied.REPEATED}
        if columns.undone(cell) != cell.strip():
            self.tidied.add(Tidied.MARKS)
        for name in found.repeated:
            self.repeated[name] += 1
        if _is_number(cell):
            self._problem(line, Wrong.MADE_A_NUMBER, cell.strip())
        elif not found.names:
            self._nothing(line)
        else:
            for name in found.names:
                self._take(line, name)

    def _take(self, line: int, name: str) -> None:
        level = self.form.level
        if not columns.is_name(name, level):
            self._wrong(line, name)
            return
        if level is Kind.IMAGE and addresses.is_meant(name):
            name = addresses.normal(name) or name
            self.urls += name not in self.names
        if name in self.names:
            self.repeated[name] += 1
        self.names[name] = line
        if len(self.names) > MOST_NAMES:
            raise UnreadableError(WrongList.TOO_MANY_NAMES, most=MOST_NAMES)

    def _wrong(self, line: int, name: str) -> None:
        is_image = self.form.level is Kind.IMAGE
        if is_image and addresses.is_meant(name):
            code = Wrong.URL_TOO_LONG if len(name) > addresses.LONGEST else Wrong.URL_UNREADABLE
            self._problem(line, code, name, most=addresses.LONGEST)
        elif len(name) != ID_LENGTH:
            code = Wrong.IMAGE_ID_LENGTH if is_image else Wrong.VIDEO_ID_LENGTH
            self._problem(line, code, name, number=len(name), most=ID_LENGTH)
        else:
            self._problem(line, Wrong.IMAGE_ID_CHARACTERS if is_image else Wrong.VIDEO_ID_CHARACTERS, name)

    def _problem(self, line: int, code: Wrong, word: str, *, number: int = 0, most: int = 0) -> None:
        self.total += 1
        if len(self.problems) < MOST_PROBLEMS:
            shown = word[:LONGEST_WORD]
            self.problems.append(LineProblem(line, code, shown, number, most, self.chosen.sheet.name))

    def _formulas(self, content: bytes, meter: Meter) -> None:
        """Find cells that look empty because nobody stored what their formula comes to."""
        at, sheet = self.chosen.at, self.chosen.sheet
        if at is None or not self.blank or not workbooks.is_package(content):
            return
        blank = set(self.blank)
        meter.again()
        with workbooks.sheets(content, meter, formulas=True) as sheets:
            for row in next(each for each in sheets if each.name == sheet.name).rows():
                if row.line in blank and row.cell(at).startswith("="):
                    self._problem(row.line, Wrong.FORMULA_WITHOUT_RESULT, row.cell(at))

    def _request(self) -> Request:
        names = tuple(self.names)
        match self.form.level:
            case Kind.MEZZANINE:
                return Mezzanines(names, force=self.form.force)
            case Kind.IMAGE:
                return ImageUrls(names) if self.urls else Images(names)
            case _:
                return Videos(names)

    def _facts(self) -> ListFacts:
        chosen = self.chosen
        heading = chosen.headings.cell(chosen.at or 0).strip() if chosen.headings else ""
        if chosen.headings is None and self.above:
            heading = self.above[-1]
        facts = ListFacts(
            place="" if chosen.at is None else columns.place(chosen.sheet, chosen.at),
            heading=heading[:LONGEST_WORD],
            above=len(self.above) + bool(chosen.headings),
            blank=len(self.blank),
            blank_lines=tuple(self.blank[:NAMED]),
            repeated=tuple(list(self.repeated)[:NAMED]),
            repeated_count=len(self.repeated),
            tidied=tuple(sorted(self.tidied)),
            encoding=self.encoding,
        )
        return replace(facts, place="") if not chosen.sheet.name and not _has_columns(chosen) else facts


def _has_columns(chosen: Chosen) -> bool:
    """Say whether a text is a table of several columns, so that it helps to know which one was read."""
    return any(len(row.cells) > 1 for row, _ in zip(chosen.sheet.rows(), range(columns.FIRST_ROWS), strict=False))


def _is_number(cell: str) -> bool:
    return bool(_MADE_A_NUMBER.fullmatch(cell.strip()))


def _is_heading(cell: str) -> bool:
    """Say whether what stands above the first name is meant as words, not as a name."""
    return not columns.is_attempt(cell) and not _is_number(cell)
