"""Files as people make them: what each program writes, made here, and what has to come of it."""

import csv
import io
import uuid
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import openpyxl

from deletion.terms.requests.list_files import ListForm, WrongList
from deletion.terms.requests.targets import Kind

MANY = 100_000


def ids_of(count: int, seed: int = 1) -> list[str]:
    """Return ids as VOD has them."""
    random = Random(seed)  # noqa: S311 - nothing here is a secret
    return [uuid.UUID(int=random.getrandbits(128)).hex for _ in range(count)]


A, B, C, D, E, F = IDS = ids_of(6)
PICTURE = "https://img.example.com/cover/one.png"


def form(level: Kind = Kind.VIDEO, column: str = "", *, force: bool = False) -> ListForm:
    """Return what somebody asks for of a file."""
    return ListForm("F1", "list", level, force, "rights expired", column)


def workbook(
    *sheets: Sequence[Sequence[Any]], names: Sequence[str] = (), change: Callable[[Any], None] | None = None
) -> bytes:
    """Return an .xlsx with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(names[number] if names else f"Sheet{number + 1}")
        for row in rows:
            sheet.append(list(row))
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes | None) -> bytes:
    """Return a package with parts replaced, added or (None) left out; ``__`` in a name stands for ``/``."""
    changed = {name.replace("__", "/").replace("_xml", ".xml"): part for name, part in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename not in changed:
                new.writestr(item.filename, old.read(item.filename))
        for name, part in changed.items():
            if part is not None:
                new.writestr(name, part)
    return out.getvalue()


def package(**parts: bytes) -> bytes:
    """Return a package of another program."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_iwa", ".iwa"), part)
    return out.getvalue()


def table(rows: Iterable[Sequence[str]], separator: str = ",", end: str = "\r\n", *, quoted: bool = False) -> str:
    """Return a text table as a spreadsheet program writes it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    if quoted:
        writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return out.getvalue()


ROWS = [("video_id", "title", "created"), (A, "Teaser, spring", "2025-01-01"), (B, "Tour", "2025-01-02")]
GERMAN = [("Video-ID", "Titel", "Größe"), (A, "Frühling; Teil 1", "1,5"), (B, "Führung", "2,5")]
CHINESE = [("序号", "视频ID", "标题"), ("1", A, "春季预告"), ("2", B, "仓库导览")]


@dataclass(frozen=True)
class Case:
    """A file, and what has to come of it: names, or what is wrong, or the lines that are."""

    name: str
    made: bytes | Callable[[], bytes]
    names: Sequence[str] = ()
    why: WrongList | None = None
    lines: Sequence[int] = ()
    form: ListForm = field(default_factory=form)
    facts: dict[str, Any] = field(default_factory=dict)
    told: Sequence[str] = ()

    @property
    def content(self) -> bytes:
        """Return the file; a big one is made when it is wanted."""
        return self.made if isinstance(self.made, bytes) else self.made()


def _merged(book: Any) -> None:
    sheet = book.active
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A2:C2")


def _hide_row(book: Any) -> None:
    book.active.row_dimensions[3].hidden = True


def _hide_sheet(book: Any) -> None:
    book.worksheets[1].sheet_state = "hidden"


def _far_cell(book: Any) -> None:
    book.active["A1048576"] = " "


def _bomb() -> bytes:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return repacked(workbook(ROWS), xl__worksheets__sheet1_xml=sheet + b" " * (120 * 2**20))


def _entities() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "ha">{laughs}]><sst>&l9;</sst>'
    return repacked(workbook(ROWS), xl__sharedStrings_xml=text.encode())


def _sheet(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def _inline() -> bytes:
    cells = (
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{name}</t></is></c></row>'
        for n, name in enumerate(("id", A, B), 1)
    )
    return repacked(workbook(ROWS), xl__worksheets__sheet1_xml=_sheet("".join(cells)))


PAGE = f"<html><table><tr><td>{A}</td></tr></table></html>"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

TEXTS = [
    Case("one id", A.encode(), [A]),
    Case("one id and a line end", f"{A}\r\n".encode(), [A]),
    Case("a column of ids", "\n".join(IDS).encode(), IDS),
    Case("a heading in another language", "\n".join(["Kennung", *IDS]).encode(), IDS, facts={"heading": "Kennung"}),
    Case(
        "a sentence above",
        f"Please delete these:\n\n{A}\n{B}\n".encode(),
        [A, B],
        facts={"heading": "Please delete these:"},
    ),
    Case("mixed line ends", f"{A}\r\n{B}\n{C}\r{D}".encode(), [A, B, C, D]),
    Case("ids in one line", f"{A}, {B}; {C}".encode(), [A, B, C]),
    Case("ids in lines of different lengths", f"{A}, {B}\n{C}\n".encode(), [A, B, C]),
    Case("JSON", f'["{A}","{B}"]'.encode(), [A, B]),
    Case("JSON in lines", f'[\n  "{A}",\n  "{B}"\n]\n'.encode(), [A, B]),
    Case("numbered", f"1. {A}\n2. {B}\n".encode(), [A, B]),
    Case("bullets and typographic quotes", f"• “{A}”\n• „{B}“\n".encode(), [A, B]),
    Case("invisible characters", f"\u200b{A}\u200b\n{B}\u00a0\n".encode(), [A, B]),
    Case("named twice", f"{A}\n{B}\n{A}\n".encode(), [A, B], facts={"repeated": (A,), "repeated_count": 1}),
    Case(
        "console addresses",
        f"https://vod.console.aliyun.com/?spm=1#/media/video/detail/{A}\n{B}\n".encode(),
        [A, B],
    ),
    Case(
        "play addresses",
        f"https://outin-1.oss-cn-shanghai.aliyuncs.com/{A}/x.m3u8\nhttps://play.example.com/{B}/1.mp4\n".encode(),
        [A, B],
    ),
    Case("blank lines", f"\n\n{A}\n\n\n{B}\n\n".encode(), [A, B]),
    Case("a first line that is a slip", f"{A[:31]}\n{B}\n".encode(), why=WrongList.LINES, lines=[1]),
    Case("no ids", b"id\n", why=WrongList.NO_NAMES),
    Case("words", b"dear all\nplease see the list\n", why=WrongList.NO_NAMES),
    Case("nothing", b"", why=WrongList.EMPTY),
    Case("spaces", b"  \r\n \n", why=WrongList.EMPTY),
    Case("100,000 ids", lambda: "\n".join(ids_of(MANY)).encode(), ids_of(MANY)),
    Case("100,001 ids", lambda: "\n".join(ids_of(MANY + 1)).encode(), why=WrongList.TOO_MANY_NAMES),
    Case(
        "40 bad lines",
        "\n".join(f"{A[:30]}{n:02}x" for n in range(40)).encode(),
        why=WrongList.LINES,
        lines=range(1, 41),
    ),
    Case(
        "one bad line among many",
        "\n".join([*ids_of(40), "not one", *ids_of(9, 2)]).encode(),
        why=WrongList.LINES,
        lines=[41, 41],
    ),
]
TABLES = [
    Case("Excel, English", table(ROWS).encode("cp1252"), [A, B], facts={"place": "A", "heading": "video_id"}),
    Case("Excel, UTF-8 with a mark", b"\xef\xbb\xbf" + table(ROWS).encode(), [A, B]),
    Case("Excel, German", table(GERMAN, ";").encode("cp1252"), [A, B], facts={"place": "A"}),
    Case("Excel, Chinese", table(CHINESE).encode("gb18030"), [A, B], facts={"place": "B", "encoding": "GB18030"}),
    Case(
        "Excel, French, UTF-8",
        b"\xef\xbb\xbf" + table([("Identifiant", "Titre"), (A, "Été; 1"), (B, "L'hiver")], ";").encode(),
        [A, B],
        facts={"heading": "Identifiant"},
    ),
    Case("Excel, Unicode text", b"\xff\xfe" + table(CHINESE, "\t").encode("utf-16-le"), [A, B]),
    Case("UTF-16, big end first", b"\xfe\xff" + table(ROWS, "\t").encode("utf-16-be"), [A, B]),
    Case("UTF-16 without a mark", table(ROWS, "\t").encode("utf-16-le"), [A, B]),
    Case("the separator declared", b"sep=;\r\n" + table(ROWS, ";").encode(), [A, B], facts={"place": "A"}),
    Case("Sheets", table(ROWS, end="\n").encode(), [A, B]),
    Case("Numbers", table(ROWS, ";", "\n", quoted=True).encode(), [A, B]),
    Case("WPS", b"\xef\xbb\xbf" + table(CHINESE, quoted=True).encode(), [A, B]),
    Case("TSV", table(ROWS, "\t", "\n").encode(), [A, B]),
    Case("bars", table(ROWS, "|", "\n").encode(), [A, B]),
    Case("trailing separators", f"video_id,title,,\r\n{A},x,,\r\n{B},y,,\r\n,,,\r\n".encode(), [A, B]),
    Case("text protected from Excel", f'id,title\r\n"=""{A}""",x\r\n"=""{B}""",y\r\n'.encode(), [A, B]),
    Case("apostrophes", f"id,title\r\n'{A},x\r\n'{B},y\r\n".encode(), [A, B]),
    Case(
        "a title with a line end",
        table([("id", "title"), (A, "two\nlines"), ("slip", "x"), (B, "y")]).encode(),
        why=WrongList.LINES,
        lines=[4],
    ),
    Case(
        "a total below",
        table([*ROWS, ("", "Total", "2")]).encode(),
        [A, B],
        facts={"blank": 1, "blank_lines": (4,)},
    ),
    Case(
        "a title above",
        f"Clean-up, third quarter,,\r\n,,,\r\nNo,Video ID,Title,\r\n1,{A},x,\r\n2,{B},y,\r\n".encode(),
        [A, B],
        facts={"heading": "Video ID"},
    ),
    Case(
        "an id that became a number",
        table([("id", "title"), (A, "x"), ("1.23457E+31", "y")]).encode(),
        why=WrongList.LINES,
        lines=[3],
    ),
    Case("two columns of ids, one called so", table([("video_id", "cover_id"), (A, C), (B, D)]).encode(), [A, B]),
    Case(
        "two columns of ids",
        table([("first", "second"), (A, C), (B, D)]).encode(),
        why=WrongList.SEVERAL_COLUMNS,
        told=["A (first)", "B (second)"],
    ),
    Case(
        "two columns and one row",
        table([("a", "b"), (A, B)]).encode(),
        why=WrongList.SEVERAL_COLUMNS,
        told=["A (a), B (b)"],
    ),
    Case("ids in one line below a sentence", f"Please delete: now\n{A}, {B}\n".encode(), [A, B]),
    Case(
        "two columns of ids without headings",
        table([(A, C), (B, D)]).encode(),
        why=WrongList.SEVERAL_COLUMNS,
        told=["A, B"],
    ),
    Case(
        "the column by its heading",
        table([("first", "second"), (A, C), (B, D)]).encode(),
        [C, D],
        form=form(column="Second"),
    ),
    Case("the column by its letter", table([(A, C), (B, D)]).encode(), [C, D], form=form(column="b")),
    Case("the column by its number", table([(A, C), (B, D)]).encode(), [C, D], form=form(column="2")),
    Case(
        "a column that is not there",
        table(ROWS).encode(),
        why=WrongList.NO_SUCH_COLUMN,
        form=form(column="vid"),
        told=["vid", "A (video_id)"],
    ),
    Case("an open quote", f'id,title\r\n{A},"x\r\n{B},y\r\n'.encode(), why=WrongList.QUOTES, told=["2"]),
    Case("something behind a quote", f'id,title\r\n{A},"x" y\r\n'.encode(), why=WrongList.QUOTES, told=["2"]),
    Case("only a heading", table(ROWS[:1]).encode(), why=WrongList.NO_NAMES),
    Case("no column of ids", table([("name", "title"), ("one", "x")]).encode(), why=WrongList.NO_NAMES),
    Case("source files by force", table(ROWS).encode(), [A, B], form=form(Kind.MEZZANINE, force=True)),
    Case("images by id", table([("imageId", "title"), (A, "x")]).encode(), [A], form=form(Kind.IMAGE)),
    Case(
        "images by address",
        f"url\n{PICTURE}?auth_key=secret\nHTTPS://IMG.example.com/two.png\n".encode(),
        [PICTURE, "https://img.example.com/two.png"],
        form=form(Kind.IMAGE),
    ),
    Case("images by id and by address", f"{A}\n{PICTURE}\n".encode(), why=WrongList.MIXED, form=form(Kind.IMAGE)),
]
WORKBOOKS = [
    Case("a workbook", workbook(ROWS), [A, B], facts={"place": "Sheet1!A", "heading": "video_id"}),
    Case(
        "merged headings",
        workbook(
            [("Clean-up", None, None), ("2025", None, None), ("No", "视频ID", "Title"), (1, A, "x"), (2, B, "y")],
            change=_merged,
        ),
        [A, B],
        facts={"place": "Sheet1!B"},
    ),
    Case(
        "a formula with a result",
        repacked(
            workbook([("id", "n"), ("x", 1)]),
            xl__worksheets__sheet1_xml=_sheet(
                f'<row r="1"><c r="A1" t="str"><f>HYPERLINK("x")</f><v>{A}</v></c></row>'
            ),
        ),
        [A],
    ),
    Case(
        "formulas that nobody ran",
        workbook([("id", "title"), (A, "x"), ("=B2", "y")]),
        why=WrongList.LINES,
        lines=[3],
        told=["=B2"],
    ),
    Case(
        "ids on the second sheet",
        workbook([("Notes",), ("read me",)], ROWS, names=("Notes", "Videos")),
        [A, B],
        facts={"place": "Videos!A"},
    ),
    Case(
        "ids on two sheets",
        workbook(ROWS, [("id",), (C,)]),
        why=WrongList.SEVERAL_COLUMNS,
        told=["Sheet1!A (video_id)", "Sheet2!A (id)"],
    ),
    Case("the sheet named", workbook(ROWS, [("id",), (C,)]), [C], form=form(column="Sheet2!A")),
    Case("the sheet named by a heading", workbook(ROWS, [("id",), (C,)]), [C], form=form(column="sheet2!ID")),
    Case("a sheet that is not there", workbook(ROWS), why=WrongList.NO_SUCH_COLUMN, form=form(column="Sheet9!A")),
    Case("a hidden sheet beside", workbook(ROWS, [("id",), (C,)], change=_hide_sheet), [A, B]),
    Case(
        "ids on a hidden sheet alone",
        workbook([("Notes",)], [("id",), (C,)], change=_hide_sheet),
        why=WrongList.SEVERAL_COLUMNS,
        told=["Sheet2!A"],
    ),
    Case("filtered rows", workbook(ROWS, change=_hide_row), why=WrongList.HIDDEN_ROWS),
    Case("ids as numbers", workbook([("id",), (A,), (1.2345678901234567e31,)]), why=WrongList.LINES, lines=[3]),
    Case("errors in cells", workbook([("id", "t"), (A, "x"), ("#N/A", "y")]), why=WrongList.LINES, lines=[3]),
    Case("strings in the cells themselves", _inline(), [A, B]),
    Case("a cell far below", workbook(ROWS, change=_far_cell), [A, B]),
    Case("an empty sheet", workbook([]), why=WrongList.EMPTY),
    Case(
        "100,000 rows",
        lambda: workbook([("id", "title"), *((name, f"title {n}") for n, name in enumerate(ids_of(MANY)))]),
        ids_of(MANY),
    ),
    Case("a bomb", _bomb, why=WrongList.TOO_LARGE_INSIDE),
    Case("entities", _entities(), why=WrongList.BROKEN),
    Case("a workbook cut short", workbook(ROWS)[:-200], why=WrongList.BROKEN),
    Case(
        "a workbook without its sheet",
        repacked(workbook(ROWS), xl__worksheets__sheet1_xml=None),
        why=WrongList.EMPTY,
    ),
]
OTHERS = [
    Case("Numbers' own file", package(Index__Document_iwa=b"x"), why=WrongList.OTHER_TABLE, told=["Numbers"]),
    Case("OpenDocument", package(mimetype=b"x", content_xml=b"<x/>"), why=WrongList.OTHER_TABLE, told=["ODS"]),
    Case("a Word document", package(word__document_xml=b"<x/>"), why=WrongList.OTHER_TABLE, told=["Word"]),
    Case("an old workbook", OLD + b"\0" * 2000, why=WrongList.OLD_WORKBOOK),
    Case("a PDF", b"%PDF-1.7\n" + A.encode(), why=WrongList.NOT_A_LIST, told=["PDF"]),
    Case("a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, why=WrongList.NOT_A_LIST, told=["PNG"]),
    Case("a web page called .xls", PAGE.encode(), why=WrongList.WEB_PAGE),
    Case("bytes", bytes(range(256)) * 40, why=WrongList.NOT_A_LIST),
    Case("more than a file may have", lambda: b"x" * (10 * 2**20 + 1), why=WrongList.TOO_LARGE),
    Case("too many cells", lambda: b"\n".join([b",".join([b"x"] * 1000)] * 2_100), why=WrongList.TOO_MANY_CELLS),
    Case("too many rows", lambda: b"a;b\n" * 200_001, why=WrongList.TOO_MANY_ROWS),
]  # fmt: skip

CASES = [*TEXTS, *TABLES, *WORKBOOKS, *OTHERS]
