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
    STOPPED = "stopped"
    FAILED = "failed"
    UNKNOWN = "unknown"


GONE = frozenset({Outcome.DELETED, Outcome.ALREADY_GONE})
"""Outcomes after which an item is no longer in VOD."""

NOT_DELETED = frozenset({Outcome.FAILED, Outcome.REFUSED, Outcome.CHANGED, Outcome.STOPPED})
"""Outcomes after which an item was certainly not deleted here; after the others nobody knows."""


LEFT = frozenset(Outcome) - GONE
"""Outcomes after which an item is, or may be, still in VOD: what has one of these may be proposed again."""


class Presence(StrEnum):
    """Whether a thing is there: only ABSENT, which VOD itself says, proves by itself that it is gone.

    NOT_SERVED is what an address says that answers 404: a proxy or a cache may say so of what is still there.
    """

    PRESENT = "present"
    ABSENT = "absent"
    NOT_SERVED = "not served"
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
    """How long an item has been waited for since it was last sent (ms), and how often it was sent, with the limits.

    ``called_gone``: VOD answered some call by saying that there is no such thing. ``never_done``: every call was
    answered, and each time by saying that nothing was done.
    """

    waited_ms: int
    sends: int
    resend_after_ms: int
    give_up_ms: int
    give_up_unread_ms: int
    called_gone: bool = False
    never_done: bool = False


def after_look(said: Outcome, presence: Presence, waiting: Waiting) -> tuple[Next, Outcome]:
    """Decide on an item whose call was answered ``said`` and that was then read as ``presence``.

    ``said`` is accepted, already gone (no call of ours did anything) or unknown (no answer that can be relied on).
    Only the first of these says that VOD will do it; the other two may be sent again while the item is there.
    """
    agreed = said is Outcome.ACCEPTED or waiting.called_gone
    match presence:
        case Presence.ABSENT:
            return _gone(said)
        case Presence.NOT_SERVED if agreed:
            return _gone(said)
        case Presence.UNKNOWN:
            if waiting.waited_ms < waiting.give_up_unread_ms:
                return Next.LOOK_AGAIN, said
            return Next.SETTLE, Outcome.ACCEPTED if said is Outcome.ACCEPTED else Outcome.UNKNOWN
        case Presence.PRESENT if said is Outcome.ACCEPTED:
            late = waiting.waited_ms >= waiting.give_up_ms
            return (Next.SETTLE if late else Next.LOOK_AGAIN), said
        case Presence.PRESENT | Presence.NOT_SERVED:
            return _again_or_never(presence, said, waiting)
        case _:
            assert_never(presence)


def _gone(said: Outcome) -> tuple[Next, Outcome]:
    return Next.SETTLE, Outcome.ALREADY_GONE if said is Outcome.ALREADY_GONE else Outcome.DELETED


def _again_or_never(presence: Presence, said: Outcome, waiting: Waiting) -> tuple[Next, Outcome]:
    """Decide on an item that no answer vouches for: send it again a few times, then wait, then say what is known.

    The last reading may be as stale as the ones before it, so what was sent last is waited for, too: unless there
    is nothing to wait for, because VOD itself said each time that it did nothing, and shows the item.
    """
    if waiting.waited_ms < waiting.resend_after_ms:
        return Next.LOOK_AGAIN, said
    if waiting.sends < MOST_SENDS:
        return Next.SEND_AGAIN, said
    last = Outcome.UNKNOWN if waiting.called_gone or presence is Presence.NOT_SERVED else Outcome.FAILED
    certain = last is Outcome.FAILED and waiting.never_done
    if waiting.waited_ms < waiting.give_up_ms and not certain:
        return Next.LOOK_AGAIN, said
    return Next.SETTLE, last
