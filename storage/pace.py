"""One queue of turns per remote operation, shared by every instance, so that a quota is never overrun.

The rate adapts: when the remote side says that it is too much, everybody slows down, and recovers little by little.
"""

import json
from dataclasses import dataclass

from storage.database import StorageError, Tx

FULL = 100
"""Percent of an operation's documented rate."""

LEAST = 10

SLOWER = 90
"""Percent of the rate so far that is left after the remote side complained."""

ONCE = 95
"""Percent that are left after a complaint out of the blue: some request was on its way for longer than others."""

BLUE_AFTER_MS = 10_000
"""How long nobody complained before a complaint counts as one out of the blue: it is shown a short quiet only."""

AHEAD_MS = 1_000

BRIEFLY = 5
"""The part of the quiet that is kept then: one of so many."""

STEP = 5
"""Percent of the documented rate that come back at a time."""

STEP_AFTER_MS = 3_000
"""How long no complaint was heard before the rate is raised by a step."""

ONE_COMPLAINT_MS = 1_000
"""Complaints that arrive together are about one burst, and slow down once."""


@dataclass(frozen=True)
class _Pace:
    """When the next turn is, at which rate (percent) since when, and when requests were sent (a JSON list)."""

    next_us: int
    percent: int
    changed_ms: int
    sent: str


def take_turn(tx: Tx, name: str, *, interval_us: int) -> int:
    """Take the next turn; return how many milliseconds to wait for it.

    Turns are ``interval_us`` microseconds apart at full rate, further while the rate is lowered.
    """
    now = tx.now_ms()
    row = tx.one(
        """
        UPDATE quotas SET next_us = :interval + CASE WHEN next_us > :now_us THEN next_us ELSE :now_us END
        WHERE name = :name AND percent = :full
        RETURNING next_us
        """,
        name=name,
        interval=interval_us,
        now_us=now * 1000,
        full=FULL,
    )
    if row is not None:
        return max(0, (int(row["next_us"]) - interval_us) // 1000 - now)
    return _take_slower_turn(tx, name, now, interval_us)


def _take_slower_turn(tx: Tx, name: str, now: int, interval_us: int) -> int:
    """Take the first turn of all, or one while the rate is lowered."""
    pace = _locked(tx, name, now)
    percent, changed_ms = pace.percent, pace.changed_ms
    if percent < FULL and now - changed_ms >= STEP_AFTER_MS:
        percent, changed_ms = min(FULL, percent + STEP), now
    turn_us = max(pace.next_us, now * 1000)
    tx.run(
        "UPDATE quotas SET next_us = :next, percent = :percent, changed_ms = :changed WHERE name = :name",
        name=name,
        next=turn_us + interval_us * FULL // percent,
        percent=percent,
        changed=changed_ms,
    )
    return max(0, turn_us // 1000 - now)


def lock_wire(tx: Tx) -> None:
    """Keep every instance from sending, and from freezing, until this transaction ends."""
    if tx.one("SELECT name FROM quotas WHERE name = 'the wire' {lock}") is None:
        raise StorageError("The database lacks the row that keeps sending and freezing apart. Nothing is sent.")


def pass_wire(tx: Tx, name: str, *, most: int, within_ms: int) -> int:
    """Note that a request is being sent now, or, when ``most`` were sent in the last ``within_ms``, do not.

    Returns 0, or how many milliseconds to wait before asking again. Turns are planned; whoever is late with theirs
    would meet those that are in time.
    """
    now = tx.now_ms()
    noted = json.loads(_locked(tx, name, now).sent)
    # Another instance may read the clock a little ahead; what is far ahead was noted before the clock was set back.
    earlier = [min(ms, now) for ms in noted if now - within_ms < ms <= now + AHEAD_MS]
    if len(earlier) >= most:
        return int(earlier[-most]) + within_ms - now
    tx.run("UPDATE quotas SET sent = :sent WHERE name = :name", name=name, sent=json.dumps([*earlier, now]))
    return 0


def slow_down(tx: Tx, name: str, *, quiet_ms: int) -> None:
    """Let nobody have a turn for ``quiet_ms``, and fewer afterwards: the remote side said that it is too much."""
    now = tx.now_ms()
    pace = _locked(tx, name, now)
    percent, changed_ms = pace.percent, pace.changed_ms
    if percent == FULL and now - changed_ms >= BLUE_AFTER_MS:
        percent, changed_ms, quiet_ms = ONCE, now, quiet_ms // BRIEFLY
    elif now - changed_ms >= ONE_COMPLAINT_MS or percent == FULL:
        percent, changed_ms = max(LEAST, percent * SLOWER // 100), now
    tx.run(
        "UPDATE quotas SET next_us = :next, percent = :percent, changed_ms = :changed WHERE name = :name",
        name=name,
        next=max(pace.next_us, (now + quiet_ms) * 1000),
        percent=percent,
        changed=changed_ms,
    )


def percent_of(tx: Tx, name: str) -> int:
    """Return the rate that is used now, in percent of the documented one."""
    row = tx.one("SELECT percent FROM quotas WHERE name = :name", name=name)
    return int(row["percent"]) if row else FULL


def _locked(tx: Tx, name: str, now: int) -> _Pace:
    sql = "SELECT next_us, percent, changed_ms, sent FROM quotas WHERE name = :name {lock}"
    row = tx.one(sql, name=name)
    if row is None:
        tx.run(
            "INSERT INTO quotas (name, next_us) VALUES (:name, :us) ON CONFLICT DO NOTHING",
            name=name,
            us=now * 1000,
        )
        row = tx.one(sql, name=name)
    return _Pace(**row) if row else _Pace(now * 1000, FULL, 0, "[]")
