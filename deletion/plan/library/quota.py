"""Turns at VOD's operations, so that all instances together stay under the documented calls per second."""

from collections.abc import Callable
from typing import Protocol

from storage import Database, Tx
from storage.tables import rate_limits

PER_SECOND = {
    "DeleteVideo": 30,
    "DeleteStream": 50,
    "DeleteMezzanines": 50,
    "DeleteImage": 50,
    "GetVideoInfos": 100,
    "BatchGetMediaInfos": 30,
    "GetPlayInfo": 300,
    "GetMezzanineInfo": 100,
    "GetImageInfos": 30,
    "ListSnapshots": 30,
    "SearchMedia": 50,
    "DescribePlayVideoStatis": 30,
    "GetUploadDetails": 100,
}
"""Calls per second and account, from VOD's pages on QPS limits; where none was found, the general 30."""

QUIET_MS = 1_000
"""How long everybody keeps quiet after VOD said Throttling; the quotas are per second."""

MARGIN_PERCENT = 2
"""How far below the documented rate turns are given out: calls do not arrive as evenly as they are sent."""


WINDOW_MS = 1_020
"""Within so long no more requests are sent than VOD takes in a second. VOD counts in a sliding second, and some
requests are on their way for a little longer than others."""


WAIT_MS = 2_000
"""How long a thread waits for the turn of a deletion that goes slowly before it does something else."""


LOOKING_SHARE = 10
"""Of so many turns of an operation, one is for those who only look: what reads for deletions has the others."""


class StopRequestedError(Exception):
    """The program is ending; whatever was begun is put back and picked up later."""


class Turns(Protocol):
    """Where one waits for a turn at VOD."""

    def turn(self, *actions: str) -> None:
        """Return when one call of each of these operations may be made."""


class Quota:
    """Waits for a turn. ``wait`` sleeps for seconds, or raises StopRequestedError to end the program early."""

    def __init__(self, database: Database, wait: Callable[[float], None]) -> None:
        self._database = database
        self._wait = wait

    def turn(self, *actions: str) -> None:
        """Return when one call of each of these operations may be made."""
        # Always in the same order: two that want the same turns must not wait for each other.
        delay_ms = self._database.write(lambda tx: max(_take_turn(tx, action) for action in sorted(actions)))
        # Also when there is nothing to wait for: a program that is ending ends here.
        self._wait(delay_ms / 1000)

    def turn_within(self, name: str, interval_us: int) -> bool:
        """Return True when one call of a deletion that goes slowly may be made; False when that takes too long."""
        delay_ms = self._database.write(
            lambda tx: rate_limits.take_turn_within(tx, name, interval_us=interval_us, within_ms=WAIT_MS)
        )
        if delay_ms is not None:
            self._wait(delay_ms / 1000)
        return delay_ms is not None

    def turn_beside(self, action: str, *, within_ms: int) -> bool:
        """Return True when somebody who only looks may make one call; False when that takes too long.

        They have a small share of the operation's turns, and stand in no long queue: what a deletion reads goes on
        nearly as fast as without them.
        """
        delay_ms = self._database.write(lambda tx: _take_turn_beside(tx, action, within_ms))
        if delay_ms is not None:
            self._wait(delay_ms / 1000)
        return delay_ms is not None

    def throttled_beside(self, action: str) -> None:
        """Note that VOD asked somebody who only looks for quiet: they all pause, and nobody else."""
        name = f"{rate_limits.LOOKING}{action}"
        self._database.write(lambda tx: rate_limits.slow_down(tx, name, quiet_ms=QUIET_MS))

    def check_send_window(self, tx: Tx, action: str) -> rate_limits.SendWindow:
        """Say whether a request may be sent now, or how many milliseconds too early that would be."""
        return rate_limits.check_send_window(tx, action, most=PER_SECOND[action], within_ms=WINDOW_MS)

    def rest(self, milliseconds: int) -> None:
        """Wait; StopRequestedError when the program ends first."""
        self._wait(milliseconds / 1000)

    def throttled(self, action: str) -> None:
        """Note that VOD asked for quiet: everybody pauses, and then goes on more slowly for a while."""
        self._database.write(lambda tx: rate_limits.slow_down(tx, action, quiet_ms=QUIET_MS))


def _take_turn(tx: Tx, action: str) -> int:
    return rate_limits.take_turn(tx, action, interval_us=_interval_us(action))


def _take_turn_beside(tx: Tx, action: str, within_ms: int) -> int | None:
    """Take a turn of the share for looking, and one of the operation's own; None when either is too far away."""
    interval_us = _interval_us(action)
    share = rate_limits.take_turn_within(
        tx, f"{rate_limits.LOOKING}{action}", interval_us=LOOKING_SHARE * interval_us, within_ms=within_ms
    )
    if share is None:
        return None
    own = rate_limits.take_turn_within(tx, action, interval_us=interval_us, within_ms=within_ms)
    return None if own is None else max(share, own)


def _interval_us(action: str) -> int:
    return (100 + MARGIN_PERCENT) * 10_000 // PER_SECOND[action]
