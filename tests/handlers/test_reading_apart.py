"""Files that would keep a whole process at work, or fill its memory, are read where that harms nobody."""

import io
import os
import resource
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from deletion.terms.requests.list_files import BadList, FoundList, ListFacts, ListForm, WrongList
from deletion.terms.requests.targets import ImageUrls, Kind, Mezzanines, Videos
from handlers.commands.files import reading
from handlers.commands.files.bounds import UnreadableError
from handlers.slack.api import reading_apart

ID = "0123456789abcdef0123456789abcdef"
FORM = ListForm("F1", "list.xlsx", Kind.VIDEO, force=False, reason="expired")
SHEET = "xl/worksheets/sheet1.xml"
SOON_S = 2.0
ENOUGH_S = 10.0


def workbook(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one id, of which one part is changed."""
    plain, out = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["video_id"])
    book.active.append([ID])
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            content = old.read(each)
            new.writestr(each.filename, change(content) if each.filename == part else content)
    return out.getvalue()


def children() -> list[str]:
    """Return the numbers of the processes that this thread's process began and that were not waited for."""
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return [pid for task in tasks for pid in (task / "children").read_text(encoding="ascii").split()]


def command_of(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")


def until(end_s: float) -> Callable[[], None]:
    """Return what lets a reading go on until then."""

    def go_on() -> None:
        if time.monotonic() > end_s:
            raise UnreadableError(WrongList.TOO_SLOW, most=round(ENOUGH_S))

    return go_on


def test_what_is_found_apart_is_what_is_found_here() -> None:
    content = workbook(SHEET, lambda sheet: sheet)
    found = reading_apart.read(content, FORM, lambda: None)
    assert found == reading.read(content, FORM)
    assert isinstance(found, FoundList)
    assert found.request == Videos((ID,))
    assert isinstance(found.facts, ListFacts)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (f"video_id\n{ID}\n{ID}\n", ListForm("F1", "l.csv", Kind.MEZZANINE, force=True, reason="x")),
        ("https://img.example.com/a.png\n", ListForm("F1", "l.txt", Kind.IMAGE, force=False, reason="x")),
        (f"视频ID,标题\n{ID},\u201c标题\u201d\n{ID[:-1]},b\n", FORM),
        ("", FORM),
    ],
)
def test_every_answer_comes_back_whole(text: str, form: ListForm) -> None:
    content = text.encode()
    assert reading_apart.read(content, form, lambda: None) == reading.read(content, form)


def test_levels_stay_what_they_are() -> None:
    for level, kind in ((Kind.MEZZANINE, Mezzanines), (Kind.IMAGE, ImageUrls)):
        text = ID if level is Kind.MEZZANINE else "https://img.example.com/a.png"
        form = ListForm("F1", "l.txt", level, force=False, reason="x")
        found = reading_apart.read(text.encode(), form, lambda: None)
        assert isinstance(found, FoundList)
        assert isinstance(found.request, kind)


def test_rows_that_begin_and_never_end_are_looked_through_once() -> None:
    """What looks for hidden rows must not take the square of a sheet's length: nothing else runs meanwhile."""
    opened = b"<!-- " + b"<row " * 20_000 + b" -->"
    content = workbook(SHEET, lambda sheet: sheet.replace(b"</worksheet>", opened + b"</worksheet>"))
    began = time.monotonic()
    assert isinstance(reading.read(content, FORM), FoundList)
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize(
    ("part", "before", "more"), [("xl/styles.xml", b"</cellXfs>", b"<xf/>"), (SHEET, b"</sheetData>", b"<c/>")]
)
def test_a_workbook_that_would_fill_the_memory_is_refused_and_the_bot_goes_on(
    part: str, before: bytes, more: bytes
) -> None:
    count = 90 * 2**20 // len(more)
    content = workbook(part, lambda xml: xml.replace(before, b"<row>" * (part == SHEET) + more * count + before))
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    standstill, done = [0.0], threading.Event()

    def tick() -> None:
        last = time.monotonic()
        while not done.wait(0.01):
            now = time.monotonic()
            standstill[0], last = max(standstill[0], now - last), now

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        found = reading_apart.read(content, FORM, until(time.monotonic() + ENOUGH_S))
    finally:
        done.set()
        ticker.join()
    assert isinstance(found, BadList)
    assert found.why in {WrongList.TOO_LARGE_INSIDE, WrongList.BROKEN, WrongList.TOO_SLOW}
    assert standstill[0] < SOON_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - here < 50 * 1024


def test_who_may_not_go_on_ends_it() -> None:
    looks = 0

    def go_on() -> None:
        nonlocal looks
        looks += 1
        if looks > 1:
            raise UnreadableError(WrongList.TOO_SLOW, most=60)

    content = workbook(
        "xl/styles.xml", lambda xml: xml.replace(b"</cellXfs>", b"<xf/>" * 2_000_000 + b"</cellXfs>")
    )
    found = reading_apart.read(content, FORM, go_on)
    assert found == BadList(WrongList.TOO_SLOW, most=60)
    assert not [pid for pid in children() if reading_apart.__name__ in command_of(pid)]


def test_a_process_that_cannot_be_begun_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(RuntimeError):
        reading_apart.read(ID.encode(), FORM, lambda: None)


def test_a_long_list_is_read_however_long_it_takes_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is longer than what a pipe takes up, and is looked for before anything of it was taken."""
    monkeypatch.setattr(reading_apart, "LOOK_EVERY_S", 0.001)
    names = [f"{n:032x}" for n in range(5_000)]
    found = reading_apart.read("\n".join(names).encode(), FORM, until(time.monotonic() + ENOUGH_S))
    assert isinstance(found, FoundList)
    assert found.request == Videos(tuple(names))
