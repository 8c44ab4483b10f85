"""What became of one item: a closed set of words, and the rules for saying them. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Outcome(StrEnum):
    """The word for an item's fate. ``deleted`` is said only after its absence was read back."""

    DELETED = "deleted"
    ALREADY_GONE = "already gone"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CHANGED = "changed"
    PROTECTED = "protected"
    STOPPED = "stopped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Presence(StrEnum):
    """Whether a thing is there: only ABSENT proves that it is gone."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Next(StrEnum):
    """What to do with a sent item after looking at it."""

    SETTLE = "settle"
    LOOK_AGAIN = "look again"
    SEND_AGAIN = "send again"


MOST_SENDS = 3
"""How often one item is sent at the most; each time only after it was read back as still there."""


@dataclass(frozen=True)
class Waiting:
    """How long an item has been waited for (ms) and how often it was sent, with the limits on both."""

    waited_ms: int
    sends: int
    resend_after_ms: int
    give_up_ms: int
    give_up_unread_ms: int


def after_look(said: Outcome, presence: Presence, waiting: Waiting) -> tuple[Next, Outcome]:
    """Decide on an item whose call was answered ``said`` and that was then read as ``presence``.

    ``said`` is accepted, already gone (VOD knows no such thing) or unknown (no answer that can be relied on).
    Only the first of these says that VOD will do it; the other two may be sent again while the item is there.
    """
    match presence:
        case Presence.ABSENT:
            return Next.SETTLE, Outcome.ALREADY_GONE if said is Outcome.ALREADY_GONE else Outcome.DELETED
        case Presence.UNKNOWN:
            if waiting.waited_ms < waiting.give_up_unread_ms:
                return Next.LOOK_AGAIN, said
            return Next.SETTLE, Outcome.ACCEPTED if said is Outcome.ACCEPTED else Outcome.UNKNOWN
        case Presence.PRESENT if said is Outcome.ACCEPTED:
            late = waiting.waited_ms >= waiting.give_up_ms
            return (Next.SETTLE if late else Next.LOOK_AGAIN), said
        case Presence.PRESENT:
            if waiting.waited_ms < waiting.resend_after_ms:
                return Next.LOOK_AGAIN, said
            again = waiting.sends < MOST_SENDS
            return (Next.SEND_AGAIN, said) if again else (Next.SETTLE, Outcome.FAILED)
        case _:
            assert_never(presence)
