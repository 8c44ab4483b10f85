"""Turns at VOD's operations, so that all instances together stay under the documented calls per second."""

from collections.abc import Callable

from storage import Database, pace

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
}
"""Calls per second and account, from VOD's pages on QPS limits; where none was found, the general 30."""

QUIET_MS = 1_000
"""How long everybody keeps quiet after VOD said Throttling; the quotas are per second."""


class Quota:
    """Waits for a turn. ``wait`` sleeps for seconds and may raise to end the program early."""

    def __init__(self, database: Database, wait: Callable[[float], None]) -> None:
        self._database = database
        self._wait = wait

    def turn(self, action: str) -> None:
        """Return when a call of this operation may be made."""
        interval_ms = -(-1000 // PER_SECOND[action])
        delay_ms = self._database.write(lambda tx: pace.take_turn(tx, action, interval_ms=interval_ms))
        if delay_ms > 0:
            self._wait(delay_ms / 1000)

    def throttled(self, action: str) -> None:
        """Note that VOD asked for quiet."""
        self._database.write(
            lambda tx: pace.push_back(tx, action, until_ms=tx.now_ms() + QUIET_MS),
        )
