"""The sheets of an .xlsx workbook as values: no formula is run, no link followed, no bomb unpacked. Pure."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from deletion.terms import canonical
from deletion.terms.requests.list_files import WrongList
from handlers.commands.files.bounds import LARGEST_INSIDE, MOST_PARTS, Meter, UnreadableError
from handlers.commands.files.tables import LONGEST_CELL, Row, Sheet

_PIECE = 256 * 1024
_OVERLAP = 4_096

_TYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
"""What declares a document type, with which little XML becomes much."""

_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ENCODINGS = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii", b"utf-16"})
"""Encodings in which a document type is found where there is one."""

LAST_ROW = 1_048_576
"""No sheet has more rows."""

_MOST_COLUMNS = 256
"""Columns of a row that are read."""

_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\b[^<>]*\bhidden\s*=\s*["'](?:1|true)["']""")

_ANY = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, OSError, EOFError, SyntaxError),
    *(ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, AssertionError),
)
"""What comes out of the reader of workbooks on files that are none; XML's own errors are SyntaxErrors."""


def is_package(content: bytes) -> bool:
    """Say whether a file is a package, as every workbook is."""
    return content.startswith(b"PK\x03\x04")


@contextmanager
def sheets(content: bytes, meter: Meter, *, formulas: bool = False) -> Iterator[list[Sheet]]:
    """Open a workbook; UnreadableError for what is none, also while its rows are read.

    Of a cell with a formula there is what was stored as its result, or with ``formulas`` the formula.
    """
    with _in_words():
        _check(content, meter)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=not formulas, keep_links=False)
    try:
        yield [_sheet(each, content, meter) for each in book.worksheets]
    finally:
        book.close()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except _ANY:
        raise UnreadableError(WrongList.BROKEN) from None


def _check(content: bytes, meter: Meter) -> None:
    """Hold that a package is a workbook, is not too large unpacked, and declares no document types.

    What a part says of its size is all that Python unpacks of it.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_INSIDE:
            raise UnreadableError(WrongList.TOO_LARGE_INSIDE, most=LARGEST_INSIDE)
        names = {part.filename for part in parts}
        if "xl/workbook.xml" not in names and not any(name.endswith("workbook.xml") for name in names):
            raise UnreadableError(WrongList.OTHER_TABLE, _kind(names))
        for part in parts:
            with package.open(part) as opened:
                _refuse_document_types(opened, meter)


def _refuse_document_types(part: IO[bytes], meter: Meter) -> None:
    piece = part.read(_PIECE)
    encoding = _ENCODING.match(piece)
    if encoding and encoding[1].lower() not in _ENCODINGS:
        raise UnreadableError(WrongList.BROKEN)
    tail = b""
    while piece:
        if any(declaration in tail + piece for declaration in _TYPES):
            raise UnreadableError(WrongList.BROKEN)
        tail, piece = piece[-_OVERLAP:], part.read(_PIECE)
        meter.look()


def _kind(names: set[str]) -> str:
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        return "Numbers"
    if "word/document.xml" in names:
        return "Word"
    if "ppt/presentation.xml" in names:
        return "PowerPoint"
    if "xl/workbook.bin" in names:
        return "XLSB"
    return "ODS" if "content.xml" in names else "ZIP"


def _sheet(sheet: Any, content: bytes, meter: Meter) -> Sheet:
    part = str(getattr(sheet, "_worksheet_path", ""))

    def rows() -> Iterator[Row]:
        with _in_words():
            _refuse_hidden_rows(content, part, meter)
            # What a file says of its own size is often wrong.
            sheet.reset_dimensions()
            for number, cells in enumerate(islice(sheet.iter_rows(values_only=True), LAST_ROW), 1):
                shown = tuple(_text(cell) for cell in cells[:_MOST_COLUMNS])
                meter.row(len(shown))
                if shown:
                    yield Row(number, shown)

    return Sheet(str(sheet.title), rows, sheet.sheet_state != "visible")


def _refuse_hidden_rows(content: bytes, part: str, meter: Meter) -> None:
    """Refuse a sheet of which a filter hides rows: whoever saved it does not see them."""
    with zipfile.ZipFile(io.BytesIO(content)) as package, package.open(part.lstrip("/")) as opened:
        tail = b""
        while piece := opened.read(_PIECE):
            if _HIDDEN_ROW.search(tail + piece):
                raise UnreadableError(WrongList.HIDDEN_ROWS)
            tail = piece[-_OVERLAP:]
            meter.look()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    # A workbook can write out what no text may hold.
    return canonical.clean(str(value)[:LONGEST_CELL])
