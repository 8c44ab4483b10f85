"""What a clock that was put forward must not end: a hold lasts as long as people were promised.

Record time goes on evenly over a leap (``SteadyClock``), and follows it when no hold would be over by it that
people have not had. The same at a start: time that nobody saw pass may be a leap. While something is on hold each
instance notes how far it saw time pass; so none is behind another, and a start anew is no leap.
"""

from deletion.jobs.record import Record, SteadyClock, Tx
from storage.tables import audit_log, proposal_counts, record_time

MOST_OF_A_HOLD = 20
"""A leap that takes less than this part of what is left of a hold is followed at once."""

SHORT_MS = 10_000
"""A start that comes no later than this after the newest event is like a pause."""


NOTE_EVERY_MS = 3_000
"""How often it is noted how far time has passed; well below ``SHORT_MS``."""


def keep(record: Record, clock: SteadyClock) -> None:
    """Read the clock, keep up with the other instances, and let them keep up with this one."""
    seen_ms, now_ms, is_on_hold = record.read(_times)
    clock.catch_up(seen_ms)
    if is_on_hold and now_ms - seen_ms >= NOTE_EVERY_MS:
        record.write(lambda tx: record_time.note(tx, now_ms))


def _times(tx: Tx) -> tuple[int, int, bool]:
    """Return the time that was noted last, the time now, and whether anything was on hold at the former."""
    seen_ms = record_time.seen_ms(tx)
    return seen_ms, tx.now_ms(), proposal_counts.shortest_hold_left_ms(tx, at_ms=seen_ms) is not None


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
    """At a start, go on from the time that was seen last if a hold ran then that a set clock may have ended.

    And never from before the newest event: a clock may have been set back meanwhile.
    """
    event_ms, noted_ms, now_ms = record.read(
        lambda tx: (audit_log.newest_ms(tx), record_time.seen_ms(tx), tx.now_ms())
    )
    if event_ms is None:
        return
    # What is noted is in no log, so it is believed only as far as the clock says so as well.
    seen_ms = max(event_ms, min(noted_ms, now_ms))
    gap_ms = now_ms - seen_ms
    if gap_ms < 0:
        clock.at_least(seen_ms)
    elif gap_ms > SHORT_MS and record.read(lambda tx: _takes_too_much(tx, seen_ms, gap_ms)):
        clock.resume(seen_ms)


def _takes_too_much(tx: Tx, at_ms: int, leap_ms: int) -> bool:
    left_ms = proposal_counts.shortest_hold_left_ms(tx, at_ms=at_ms)
    return left_ms is not None and leap_ms * MOST_OF_A_HOLD > left_ms
