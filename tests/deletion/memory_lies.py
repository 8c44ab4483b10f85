"""The ways in which the VOD in memory fails and lies."""

from enum import StrEnum

import vod


class Lie(StrEnum):
    """What VOD does instead of what it was asked. The first five go for readings too."""

    THROTTLED = "throttled"
    NOT_SENT = "not sent"
    RESET_BEFORE = "reset before"
    DENIED = "denied"
    REJECTED = "rejected"
    HIDES = "hides"
    RESET_AFTER = "reset after"
    RESET_LATE = "reset, done later"
    NOT_FOUND = "not found"
    LATE = "done later"
    KEPT = "not done"
    REFUSED = "one refused"


READING_LIES = (Lie.THROTTLED, Lie.NOT_SENT, Lie.RESET_BEFORE, Lie.DENIED, Lie.REJECTED, Lie.HIDES)
DELETING_LIES = tuple(lie for lie in Lie if lie is not Lie.HIDES)

ERRORS: dict[Lie, type[vod.VodError]] = {
    Lie.THROTTLED: vod.Throttled,
    Lie.NOT_SENT: vod.NotSent,
    Lie.RESET_BEFORE: vod.Ambiguous,
    Lie.DENIED: vod.Denied,
    Lie.REJECTED: vod.Rejected,
    Lie.RESET_AFTER: vod.Ambiguous,
    Lie.RESET_LATE: vod.Ambiguous,
    Lie.NOT_FOUND: vod.NotFound,
}

DONE_LATER = frozenset({Lie.RESET_LATE, Lie.LATE})
NOT_DONE = frozenset(
    {Lie.THROTTLED, Lie.NOT_SENT, Lie.RESET_BEFORE, Lie.DENIED, Lie.REJECTED, Lie.NOT_FOUND, Lie.KEPT}
)


def error(kind: type[vod.VodError], action: str, code: str = "Lie") -> vod.VodError:
    """Return one of the client's errors."""
    return kind(action, code, advice=vod.Advice.TRY_AGAIN)
