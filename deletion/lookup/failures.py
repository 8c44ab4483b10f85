"""Why something could not be looked up: a code, and what VOD said where it was VOD. Pure."""

from dataclasses import dataclass
from enum import StrEnum

import vod
from deletion.plan.library.reading import reading_fault
from deletion.terms.results.faults import VodFault


class Why(StrEnum):
    """Every reason; what to do about each is for the words."""

    THROTTLED = "throttled"
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no answer"
    TOO_SLOW = "too slow"
    CROWDED = "crowded"
    RECORD_BUSY = "record busy"
    STATUS = "status"
    REGION = "region"


@dataclass(frozen=True)
class Unread:
    """Something that could not be read: that is not the same as that it is not there."""

    why: Why
    fault: VodFault | None = None


class LookupFailedError(Exception):
    """A look-up ended without an answer."""

    def __init__(self, why: Why, fault: VodFault | None = None) -> None:
        super().__init__(why)
        self.unread = Unread(why, fault)


def failure_of(exc: vod.VodError) -> LookupFailedError:
    """Return what a failed call to VOD means for whoever waits."""
    match exc:
        case vod.Throttled():
            why = Why.THROTTLED
        case vod.Denied():
            why = Why.DENIED
        case vod.NotSent():
            why = Why.UNREACHABLE
        case vod.IllegalStatus():
            why = Why.STATUS
        case _:
            why = Why.NO_ANSWER
    return LookupFailedError(why, reading_fault(exc))
