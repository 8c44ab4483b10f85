"""What reading VOD found: what is left out, what spoils a request, what changed. Pure."""

from enum import StrEnum
from typing import NamedTuple


class LeftOut(StrEnum):
    """Why something that was asked for is not in the plan."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    ALREADY_DELETED = "already deleted"
    UNSENDABLE = "unsendable"
    NOT_MATCHING = "not matching"


class Problem(StrEnum):
    """Why a request as a whole cannot become a plan."""

    NO_SUCH_VIDEO = "no such video"
    NO_SUCH_STREAM = "no such stream"
    STREAMS_HIDDEN = "streams hidden"


class LeftOutItem(NamedTuple):
    """One thing that was asked for and is not in the plan."""

    name: str
    why: LeftOut


class ProblemFound(NamedTuple):
    """One thing that spoils a request."""

    problem: Problem
    name: str


class Difference(NamedTuple):
    """One field of one target that is no longer what was shown; values as people read them."""

    target: str
    field: str
    before: str
    after: str


class FieldChange(NamedTuple):
    """One field of an item that is no longer what was approved."""

    field: str
    before: str
    after: str
