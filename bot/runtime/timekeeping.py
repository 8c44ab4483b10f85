"""Watches the clock that the record goes by: follows it, and says when it was set."""

import structlog

from deletion.approval.holds import leaps
from storage import Record, SteadyClock

log = structlog.get_logger()

FAR_MS = 10_000
"""How far the clock may be from the record's time without anybody being told."""


class Timekeeper:
    """Keeps one process's time. ``whose`` says whose clock it is, for people."""

    def __init__(self, record: Record, clock: SteadyClock, whose: str) -> None:
        self._record = record
        self._clock = clock
        self._whose = whose
        self._said = False

    def step(self) -> bool:
        """Look at the clock once; False, since there is never more to do at once."""
        leaps.keep(self._record, self._clock)
        off_ms = self._clock.off_ms
        if off_ms > 0 and leaps.settle(self._record, self._clock):
            log.warning("clock.followed", leap_s=off_ms // 1000)
            off_ms = 0
        is_far = abs(off_ms) > FAR_MS
        if is_far and not self._said:
            log.warning("clock.set", ahead_s=off_ms // 1000, clock=self._whose)
        self._said = is_far
        return False

    def trouble(self) -> str | None:
        """Say what is wrong with the clock; None when nothing is."""
        off_s = self._clock.off_ms // 1000
        if off_s * 1000 > FAR_MS:
            return (
                f"{self._whose} was put forward by {off_s} s while a deletion is on hold; the hold lasts as long "
                "as it was to last, then the clock is followed. See that it is set right (NTP)"
            )
        if -off_s * 1000 > FAR_MS:
            return (
                f"{self._whose} was set back, or was ahead before: it is {-off_s} s behind the record's time, "
                "which goes at half speed until the clock has caught up. See that it is set right (NTP)"
            )
        return None
