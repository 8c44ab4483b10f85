"""The sandbox's clock: real time plus an offset that tests and the control plane can move forward."""

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells aware UTC time. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta()

    def now(self) -> datetime:
        """The sandbox's present moment, aware, in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    @property
    def offset_seconds(self) -> float:
        """How far the sandbox is ahead of real time."""
        with self._lock:
            return self._offset.total_seconds()

    def advance(self, seconds: float) -> None:
        """Jump forward by `seconds`. Raises ValueError if asked to go back."""
        if seconds < 0:
            raise ValueError(f"the clock only goes forward, not by {seconds} seconds")
        with self._lock:
            self._offset += timedelta(seconds=seconds)
