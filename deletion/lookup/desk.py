"""What look-ups work with, and how they wait: for a limited time, and never for long in a queue at VOD."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import vod
from deletion.jobs import record
from deletion.jobs.record import BusyError, Database
from deletion.lookup.failures import LookupFailedError, Unread, Why, failure_of
from deletion.plan.library.quota import Quota

T = TypeVar("T")

WITHIN_S = 10.0
"""How long a person waits for a look-up; a call that is under way then is waited for, within its own time-outs."""

IN_QUEUE_MS = 2_000
"""How far away a turn may be that a look-up waits for."""


@dataclass(frozen=True)
class Desk:
    """VOD and the record, for reading. ``monotonic_s`` tells seconds that nobody sets.

    ``image_is_served`` asks an image's own address; None where that proves nothing or may not be asked.
    """

    client: vod.VodClient
    database: Database
    quota: Quota
    image_is_served: Callable[[str], bool | None]
    monotonic_s: Callable[[], float]

    def close(self) -> None:
        """Close the connections to VOD."""
        self.client.close()

    @contextmanager
    def looking(self, within_s: float = WITHIN_S) -> Iterator["LookingTurns"]:
        """Give a look-up its turns; whatever goes wrong in it comes out as LookupFailedError.

        StopRequestedError comes out as it is: the program ends.
        """
        turns = LookingTurns(self.quota, self.monotonic_s, self.monotonic_s() + within_s)
        try:
            with record.within(within_s):
                yield turns
        except vod.Throttled as exc:
            self.quota.throttled_beside(exc.action)
            raise failure_of(exc) from None
        except vod.VodError as exc:
            raise failure_of(exc) from None
        except BusyError:
            raise LookupFailedError(Why.RECORD_BUSY) from None


class LookingTurns:
    """Turns at VOD until a deadline; LookupFailedError once it is over, or where the next turn is too far away."""

    def __init__(self, quota: Quota, monotonic_s: Callable[[], float], ends_s: float) -> None:
        self._quota = quota
        self._monotonic_s = monotonic_s
        self._ends_s = ends_s

    def turn(self, *actions: str) -> None:
        """Return when one call of each of these operations may be made."""
        for action in actions:
            left_ms = round((self._ends_s - self._monotonic_s()) * 1000)
            if left_ms <= 0:
                raise LookupFailedError(Why.TOO_SLOW)
            if not self._quota.turn_beside(action, within_ms=min(IN_QUEUE_MS, left_ms)):
                raise LookupFailedError(Why.CROWDED)

    def part(self, read: Callable[[], T]) -> T | Unread:
        """Read one part of several: one that cannot be read says why, and the others are read all the same."""
        try:
            return read()
        except LookupFailedError as exc:
            return exc.unread
        except vod.VodError as exc:
            if isinstance(exc, vod.Throttled):
                self._quota.throttled_beside(exc.action)
            return failure_of(exc).unread
