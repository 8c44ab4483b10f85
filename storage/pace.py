"""One queue of turns per remote operation, shared by every instance, so that a quota is never overrun."""

from storage.database import Tx


def take_turn(tx: Tx, name: str, *, interval_ms: int, burst_ms: int = 0) -> int:
    """Take the next turn; return how many milliseconds to wait for it.

    Turns are ``interval_ms`` apart; unused turns of the last ``burst_ms`` may be taken at once.
    """
    now = tx.now_ms()
    tx.run("INSERT INTO pace (name, next_ms) VALUES (:name, :now) ON CONFLICT DO NOTHING", name=name, now=now)
    row = tx.one(
        """
        UPDATE pace SET next_ms = CASE WHEN next_ms > :floor THEN next_ms ELSE :floor END + :interval
        WHERE name = :name RETURNING next_ms
        """,
        name=name,
        floor=now - burst_ms,
        interval=interval_ms,
    )
    turn = int(row["next_ms"]) - interval_ms if row else now
    return max(0, turn - now)


def push_back(tx: Tx, name: str, *, until_ms: int) -> None:
    """Let nobody have a turn before ``until_ms``: the remote side has asked for quiet."""
    tx.run("UPDATE pace SET next_ms = :until WHERE name = :name AND next_ms < :until", name=name, until=until_ms)
