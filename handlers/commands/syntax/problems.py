"""What can be wrong with a typed command: codes with what was typed, which ``explanations`` has sentences for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from deletion.terms.ids import ProposalNumber


class Wrong(StrEnum):
    """Every kind of problem."""

    # any command
    QUOTE_OPEN = "quote open"
    UNKNOWN_COMMAND = "unknown command"
    NUMBER_WANTED = "number wanted"
    ARGUMENTS_UNWANTED = "arguments unwanted"
    # options
    UNKNOWN_OPTION = "unknown option"
    OPTION_REPEATED = "option repeated"
    FORCE_MISPLACED = "force misplaced"
    OF_MISPLACED = "of misplaced"
    SINCE = "since"
    # what to delete
    UNKNOWN_LEVEL = "unknown level"
    REPEATED = "repeated"
    VIDEO_ID_MISSING = "video id missing"
    VIDEO_ID_LENGTH = "video id length"
    VIDEO_ID_CHARACTERS = "video id characters"
    IMAGE_ID_MISSING = "image id missing"
    IMAGE_ID_LENGTH = "image id length"
    IMAGE_ID_CHARACTERS = "image id characters"
    STREAM_UNNAMED = "stream unnamed"
    STREAMS_MISSING = "streams missing"
    STREAM_UNKNOWN = "stream unknown"
    IDS_AND_URLS = "ids and urls"
    URL_UNREADABLE = "url unreadable"
    URL_TOO_LONG = "url too long"
    OF_WITHOUT_VIDEO = "of without video"
    IMAGES_MISSING = "images missing"
    UNKNOWN_IMAGES = "unknown images"
    # a file
    LEVEL_NOT_FROM_FILE = "level not from file"
    NAMES_AND_FILE = "names and file"
    MADE_A_NUMBER = "made a number"
    FORMULA_WITHOUT_RESULT = "formula without result"
    # conditions
    LEVEL_WITHOUT_QUERY = "level without query"
    NAMES_AND_WHERE = "names and where"
    WHERE_EMPTY = "where empty"
    WHERE_UNREADABLE = "where unreadable"
    WHERE_CONDITION = "where condition"
    WHERE_OR = "where or"
    WHERE_FIELD = "where field"
    WHERE_PLAYS = "where plays"
    WHERE_OPERATOR = "where operator"
    WHERE_VALUE = "where value"
    WHERE_NUMBER = "where number"
    WHERE_WORD = "where word"
    WHERE_SIZE = "where size"
    WHERE_SIZE_TOO_LARGE = "where size too large"
    WHERE_DATE = "where date"
    WHERE_TIME = "where time"
    WHERE_MANY = "where many"
    WHERE_LONG = "where long"
    WHERE_TWICE = "where twice"
    WHERE_NOT_IMAGE = "where not image"
    WHERE_NOTHING = "where nothing"
    # a search
    SEARCH_LONG = "search long"
    ASSET_WANTED = "asset wanted"
    # why
    REASON_MISSING = "reason missing"
    REASON_TOO_LONG = "reason too long"


@dataclass(frozen=True)
class Problem:
    """One problem: ``word`` is what it is about, ``number`` how many there are, ``most`` how many there may be.

    ``known`` are the words that are understood in that place, ``nearest`` the one that was probably meant.
    """

    code: Wrong
    word: str = ""
    number: int = 0
    most: int = 0
    known: tuple[str, ...] = ()
    nearest: str | None = None


@dataclass(frozen=True)
class Problems:
    """Everything that is wrong with a command; ``topic`` is the form of a command it is about, if known."""

    found: tuple[Problem, ...]
    topic: str | None = None


def one_number(command: str, words: Sequence[str]) -> ProposalNumber | Problems:
    """Read the number of one proposal, with or without ``#``."""
    digits = words[0].removeprefix("#") if words else ""
    if len(words) != 1 or not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return Problems((Problem(Wrong.NUMBER_WANTED, command),), command)
    return ProposalNumber(int(digits))


def no_arguments(command: str, words: Sequence[str]) -> Problems | None:
    """Hold that nothing follows."""
    return Problems((Problem(Wrong.ARGUMENTS_UNWANTED, command),), command) if words else None
