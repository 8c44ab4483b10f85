"""One queue of turns per remote operation, shared by every instance, so that a quota is never overrun.

The rate adapts: when the remote side says that it is too much, everybody slows down, and recovers little by little.
"""

import json
from dataclasses import dataclass

from storage.engine.database import StorageError, Tx

FULL = 100
"""Percent of an operation's documented rate."""

LEAST = 10

SLOWER = 90
"""Percent of the rate so far that is left after the remote side complained."""

ISOLATED_THROTTLE_MS = 3_000
"""Time at the full rate without throttling after which a single Throttling response counts as noise.

Some request was on its way for longer than others. The pause is short then: where the rate really is too high, the
next such response follows.
"""

CLOCK_AHEAD_MS = 1_000
"""How far the clock of another instance may be ahead."""

ISOLATED_PAUSE_DIVISOR = 10
"""By how much the pause after such a single response is shorter."""

STEP = 5
"""Percent of the documented rate that come back at a time."""

STEP_AFTER_MS = 3_000
"""How long no complaint was heard before the rate is raised by a step."""

ONE_COMPLAINT_MS = 1_000
"""Complaints that arrive together are about one burst, and slow down once."""


RAMP = "ramp "
"""How the names of turns begin that are no operation's, but a deletion's own."""

LOOKING = "looking "
"""How the names of turns begin that are the share of an operation for those who only look."""


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
    return _take_turn_of(tx, name, _locked(tx, name, now), now, interval_us)


def _take_turn_of(tx: Tx, name: str, pace: _Pace, now: int, interval_us: int) -> int:
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


def take_turn_within(tx: Tx, name: str, *, interval_us: int, within_ms: int) -> int | None:
    """Take the next turn if it comes within so many milliseconds; return how long to wait for it, or None."""
    now = tx.now_ms()
    pace = _locked(tx, name, now)
    if pace.next_us > (now + within_ms) * 1000:
        return None
    return _take_turn_of(tx, name, pace, now, interval_us)


def forget(tx: Tx, name: str) -> None:
    """Forget turns that nobody takes any more."""
    tx.run("DELETE FROM quotas WHERE name = :name", name=name)


def lock_wire(tx: Tx) -> None:
    """Keep every instance from sending, and from freezing, until this transaction ends.

    By writing: a record that was moved, or that cannot be written, refuses it before anything is sent.
    """
    if tx.run("UPDATE quotas SET next_us = next_us WHERE name = 'the wire'") != 1:
        raise StorageError("The database lacks the row that keeps sending and freezing apart. Nothing is sent.")


def touch(tx: Tx) -> None:
    """Write something that changes nothing: whoever asks for health wants to know whether it can be done."""
    tx.run("UPDATE quotas SET changed_ms = changed_ms WHERE name = 'the wire'")


@dataclass(frozen=True)
class SendWindow:
    """When requests of an operation were sent lately (milliseconds), and how long to wait before the next."""

    name: str
    earlier: tuple[int, ...]
    wait_ms: int


def check_send_window(tx: Tx, name: str, *, most: int, within_ms: int) -> SendWindow:
    """Say whether a request may be sent now: when fewer than ``most`` were in the last ``within_ms``.

    Turns are planned; whoever is late with theirs would meet those that are in time.
    """
    now = tx.now_ms()
    noted = json.loads(_locked(tx, name, now).sent)
    # Another instance may read the clock a little ahead; what is far ahead was noted before the clock was set back.
    earlier = tuple(min(int(ms), now) for ms in noted if now - within_ms < ms <= now + CLOCK_AHEAD_MS)
    wait_ms = earlier[-most] + within_ms - now if len(earlier) >= most else 0
    return SendWindow(name, earlier, wait_ms)


def note_sent(tx: Tx, window: SendWindow) -> None:
    """Note that a request was sent just now, in the transaction that looked."""
    sent = json.dumps([*window.earlier, tx.now_ms()])
    tx.run("UPDATE quotas SET sent = :sent WHERE name = :name", name=window.name, sent=sent)


def slow_down(tx: Tx, name: str, *, quiet_ms: int) -> None:
    """Let nobody have a turn for ``quiet_ms``, and fewer afterwards: the remote side said that it is too much."""
    now = tx.now_ms()
    pace = _locked(tx, name, now)
    percent, changed_ms = pace.percent, pace.changed_ms
    is_same = now - changed_ms < ONE_COMPLAINT_MS
    if percent == FULL and (is_same or now - changed_ms >= ISOLATED_THROTTLE_MS):
        changed_ms, quiet_ms = changed_ms if is_same else now, quiet_ms // ISOLATED_PAUSE_DIVISOR
    elif not is_same:
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


def percents(tx: Tx) -> dict[str, int]:
    """Return the rate that is used now of every operation that was called, in percent of the documented one."""
    found = tx.rows("SELECT name, percent FROM quotas WHERE name <> 'the wire'")
    shares = (RAMP, LOOKING)
    return {str(row["name"]): int(row["percent"]) for row in found if not str(row["name"]).startswith(shares)}


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
