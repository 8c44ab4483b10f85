"""The text in a file's bytes, whatever it is encoded in; what is no text is told from what it begins with. Pure."""

from dataclasses import dataclass

from deletion.terms.requests.list_files import WrongList
from handlers.commands.files.bounds import UnreadableError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Byte order marks, the longer one first where one begins with another."""

UNICODE = ""
"""The name of an encoding that nobody has to be told of."""

_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
)
"""What files begin with that are no lists."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What an .xls begins with, and an .xlsx that a password protects."""

_SAMPLE = 4_096


@dataclass(frozen=True)
class Decoded:
    """The text of a file, and the encoding's name where it is none of Unicode."""

    text: str
    encoding: str = UNICODE


def decode(content: bytes) -> Decoded:
    """Return the text of a file; UnreadableError where there is none."""
    for start, kind in _KINDS:
        if content.startswith(start):
            raise UnreadableError(WrongList.NOT_A_LIST, kind)
    decoded = _decoded(content)
    if "\0" in decoded.text:
        raise UnreadableError(WrongList.NOT_A_LIST, "")
    if decoded.text.lstrip()[:100].lower().startswith(("<!doctype html", "<html", "<head", "<table")):
        raise UnreadableError(WrongList.WEB_PAGE)
    if not decoded.text.strip():
        raise UnreadableError(WrongList.EMPTY)
    return decoded


def _decoded(content: bytes) -> Decoded:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return Decoded(_strictly(content[len(mark) :], encoding))
    if guessed := _sixteen_bits(content):
        return Decoded(_strictly(content, guessed))
    try:
        return Decoded(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    try:
        return Decoded(content.decode("gb18030"), "GB18030")
    except UnicodeDecodeError:
        # Names are of ASCII, which every encoding of one byte has where this one has it.
        return Decoded(content.decode("cp1252", "replace"), "Windows-1252")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableError(WrongList.BROKEN) from None


def _sixteen_bits(content: bytes) -> str | None:
    """Tell UTF-16 without a mark: text that is mostly ASCII has a zero in every other byte."""
    sample = content[:_SAMPLE]
    half = len(sample) // 2
    if half < 2 or len(content) % 2:
        return None
    zeros_first, zeros_second = sample[0::2].count(0), sample[1::2].count(0)
    if zeros_second >= half * 0.6 and not zeros_first:
        return "utf-16-le"
    if zeros_first >= half * 0.6 and not zeros_second:
        return "utf-16-be"
    return None
