"""When approvers are reminded of what waits for them: at growing intervals, in their own working hours. Pure."""

from datetime import datetime, time, timedelta, tzinfo
from fractions import Fraction

SHARES = (Fraction(1, 3), Fraction(5, 6))
"""After which parts of a proposal's time people are reminded: twice, the second time before it expires."""

SOON_MS = 60 * 60 * 1000
"""For so long after the card nobody is reminded of it."""

LATEST_MS = 15 * 60 * 1000
"""With less time left nobody is reminded any more."""

BEGINS, ENDS = time(9), time(18)
"""Working hours, from Monday to Friday."""

LAST = time(17)
"""When people are reminded of what expires before they work again."""

FRIDAY = 4

WEEK = range(8)


def due(now_ms: int, *, begun_ms: int, expires_ms: int, zone: tzinfo, ahead_ms: int = 0) -> tuple[int, ...]:
    """Return the numbers of the reminders, from 0, whose moment has come or comes within ``ahead_ms``.

    None so soon after the card, and none once there is no time left.
    """
    if not begun_ms + SOON_MS <= now_ms <= expires_ms - LATEST_MS:
        return ()
    moments = (moment(share, begun_ms=begun_ms, expires_ms=expires_ms, zone=zone) for share in SHARES)
    return tuple(number for number, at_ms in enumerate(moments) if at_ms is not None and at_ms <= now_ms + ahead_ms)


def is_working_time(now_ms: int, zone: tzinfo) -> bool:
    """Say whether somebody in this time zone is at work."""
    local = _local(now_ms, zone)
    return local.weekday() <= FRIDAY and BEGINS <= local.time() < ENDS


def moment(share: Fraction, *, begun_ms: int, expires_ms: int, zone: tzinfo) -> int | None:
    """Return when to remind after this part of the time: the next working hour, or the last one before it.

    None where people do not work in between.
    """
    wanted_ms = begun_ms + round((expires_ms - begun_ms) * share)
    later_ms = _next(wanted_ms, zone)
    if later_ms <= expires_ms - LATEST_MS:
        return later_ms
    earlier_ms = _last(wanted_ms, zone)
    return earlier_ms if earlier_ms >= begun_ms + SOON_MS else None


def _next(at_ms: int, zone: tzinfo) -> int:
    if is_working_time(at_ms, zone):
        return at_ms
    local = _local(at_ms, zone)
    mornings = (_at(local, days, BEGINS) for days in WEEK)
    return next(each for each in mornings if each >= at_ms and is_working_time(each, zone))


def _last(at_ms: int, zone: tzinfo) -> int:
    local = _local(at_ms, zone)
    evenings = (_at(local, -days, LAST) for days in WEEK)
    return next(each for each in evenings if each <= at_ms and is_working_time(each, zone))


def _local(at_ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, zone)


def _at(local: datetime, days: int, hour: time) -> int:
    there = datetime.combine(local.date() + timedelta(days=days), hour, local.tzinfo)
    return round(there.timestamp() * 1000)
