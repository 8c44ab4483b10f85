"""What strangers sent in vain, counted by reason: one short log line at once, then one in ten seconds."""

import asyncio
from collections import Counter
from enum import StrEnum

import structlog

log = structlog.get_logger()

LINE_EVERY_S = 10.0


class Reason(StrEnum):
    """Why a request was turned away."""

    UNSIGNED = "unsigned"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    NO_ROOM = "no_room"


class Refused:
    """Counts and logs; of one event loop."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._quiet: asyncio.TimerHandle | None = None

    def note(self, reason: Reason) -> None:
        """Count a request that was turned away."""
        self._counts[str(reason)] += 1
        if self._quiet is None:
            self._tell()

    def close(self) -> None:
        """Log what was counted since the last line."""
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None
        if self._counts:
            log.warning("http.refused", requests=dict(self._counts))
            self._counts.clear()

    def _tell(self) -> None:
        self._quiet = None
        if self._counts:
            log.warning("http.refused", requests=dict(self._counts))
            self._counts.clear()
            self._quiet = asyncio.get_running_loop().call_later(LINE_EVERY_S, self._tell)
