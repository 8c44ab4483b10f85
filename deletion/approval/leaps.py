"""What a clock that was put forward must not end: a hold lasts as long as people were promised.

Record time goes on evenly over a leap (``SteadyClock``), and follows it when no hold would be over by it that
people have not had. The same at a start: time that nobody saw pass may be a leap.
"""

from deletion.jobs.record import Record, SteadyClock, Tx
from storage.tables import audit_log, proposals

MOST_OF_A_HOLD = 20
"""A leap that takes less than this part of what is left of a hold is followed at once."""

SHORT_MS = 10_000
"""A start that comes no later than this after the newest event is like a pause."""


def settle(record: Record, clock: SteadyClock) -> bool:
    """Follow a leap unless a hold would be over too early by it; say whether the clock was followed."""
    leap_ms = clock.off_ms
    if leap_ms <= 0:
        return False

    def work(tx: Tx) -> bool:
        # A hold begins with an event: while the head is locked none does.
        audit_log.head(tx, locked=True)
        if _takes_too_much(tx, tx.now_ms(), leap_ms):
            return False
        clock.follow()
        return True

    return record.write(work)


def resume(record: Record, clock: SteadyClock) -> None:
    """At a start, go on from the newest event if a hold ran then that may be over only because a clock was set.

    And never from before it: a clock may have been set back meanwhile.
    """
    seen_ms, now_ms = record.read(lambda tx: (audit_log.newest_ms(tx), tx.now_ms()))
    if seen_ms is None:
        return
    gap_ms = now_ms - seen_ms
    if gap_ms < 0:
        clock.at_least(seen_ms)
    elif gap_ms > SHORT_MS and record.read(lambda tx: _takes_too_much(tx, seen_ms, gap_ms)):
        clock.resume(seen_ms)


def _takes_too_much(tx: Tx, at_ms: int, leap_ms: int) -> bool:
    left_ms = proposals.shortest_hold_left_ms(tx, at_ms=at_ms)
    return left_ms is not None and leap_ms * MOST_OF_A_HOLD > left_ms
