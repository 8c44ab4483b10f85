"""Lists of media that people keep in files: what is asked of one, what was found in it, what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from deletion.terms.requests.targets import Kind, Request


@dataclass(frozen=True)
class ListForm:
    """What somebody asked for: the file by Slack's id and its name, what its names stand for, and why.

    ``column`` is the one to read, by its heading, its letter or its number, after ``sheet!`` if need be; '' where
    there is one that can be meant.
    """

    file_id: str
    name: str
    level: Kind
    force: bool
    reason: str
    column: str = ""


class WrongList(StrEnum):
    """What can be wrong with a file as a whole; of LINES the lines are what is wrong."""

    LINES = "lines"
    # where it is
    GONE = "gone"
    SCOPE_MISSING = "scope missing"
    ELSEWHERE = "elsewhere"
    UNREACHED = "unreached"
    # its size
    EMPTY = "empty"
    TOO_LARGE = "too large"
    TOO_LARGE_INSIDE = "too large inside"
    TOO_MANY_ROWS = "too many rows"
    TOO_MANY_CELLS = "too many cells"
    TOO_MANY_NAMES = "too many names"
    TOO_SLOW = "too slow"
    # what it is
    NOT_A_LIST = "not a list"
    OLD_WORKBOOK = "old workbook"
    OTHER_TABLE = "other table"
    WEB_PAGE = "web page"
    BROKEN = "broken"
    QUOTES = "quotes"
    # what is in it
    NO_NAMES = "no names"
    NO_SUCH_COLUMN = "no such column"
    SEVERAL_COLUMNS = "several columns"
    HIDDEN_ROWS = "hidden rows"
    MIXED = "mixed"
    # ourselves
    INTERNAL = "internal"


@dataclass(frozen=True)
class LineProblem:
    """What is wrong in one line: ``code`` is that of a typed name's problem, ``word`` what stands there."""

    line: int
    code: str
    word: str
    number: int = 0
    most: int = 0
    sheet: str = ""


@dataclass(frozen=True)
class BadList:
    """Why nothing is proposed. ``problems`` are the first of ``total``; ``names`` are those that there are.

    ``number`` is how many there are, or in which line; ``most`` how many there may be.
    """

    why: WrongList
    names: tuple[str, ...] = ()
    number: int = 0
    most: int = 0
    problems: tuple[LineProblem, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class ListFacts:
    """How a list was read, which whoever proposes it is told.

    ``place`` is the column, ``heading`` what stands above it, ``above`` how many lines were taken for headings.
    ``blank`` lines have something elsewhere and nothing there; of them and of what is ``repeated`` the first are
    named. ``tidied`` are the codes of what was done to names, ``encoding`` is named where it is none of Unicode.
    """

    place: str = ""
    heading: str = ""
    above: int = 0
    blank: int = 0
    blank_lines: tuple[int, ...] = ()
    repeated: tuple[str, ...] = ()
    repeated_count: int = 0
    tidied: tuple[str, ...] = ()
    encoding: str = ""


@dataclass(frozen=True)
class FoundList:
    """What a file amounts to."""

    request: Request
    facts: ListFacts


class ListUnreachedError(Exception):
    """The file cannot be had now, and perhaps later: not before ``retry_after_ms``, if a time was named."""

    def __init__(self, code: str, *, retry_after_ms: int = 0) -> None:
        super().__init__(code)
        self.retry_after_ms = retry_after_ms


class ListWaitsError(Exception):
    """Another file is being read here: this one's turn is still to come."""


class ListFiles(Protocol):
    """Where files are had from, and read."""

    @property
    def is_busy(self) -> bool:
        """Say whether another file is being read here at the moment."""
        ...

    def read(self, form: ListForm, keep: Callable[[], None]) -> FoundList | BadList:
        """Return what is in a file; ``keep`` is called meanwhile.

        ListUnreachedError when it cannot be had now, ListWaitsError when it was not even asked for.
        """
        ...
