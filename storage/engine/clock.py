"""Time that goes on evenly, whatever is done to the clock on the wall."""

import threading
import time
from collections.abc import Callable

TOLERANCE_MS = 2_000
"""How far a clock may be put forward and simply be followed; NTP steps it by less, and corrects more by slewing."""


def wall_clock_ms() -> int:
    """Return this machine's clock in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class SteadyClock:
    """Follows a wall clock, this machine's or a server's, but neither its leaps nor its steps back.

    Milliseconds since 1970 UTC. It never goes back: after the wall clock was set back it goes at half speed until
    that has caught up, so that what is due soon is still due soon. It does not follow a leap forward until
    ``follow`` says so, and goes on by the monotonic clock meanwhile: nothing is over because somebody set a clock.
    """

    def __init__(
        self,
        wall_ms: Callable[[], int] = wall_clock_ms,
        *,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ms = wall_ms
        self._monotonic_ns = monotonic_ns
        self._lock = threading.Lock()
        self._at_ns: int | None = None
        self._ns = 0
        self._wall_ns = 0
        self._unsure_ns = 0

    def __call__(self) -> int:
        """Return the time, by this machine's clock."""
        return self.read(self._wall_ms())

    def read(self, wall_ms: int, *, unsure_ms: int = 0) -> int:
        """Return the time, where the wall clock says ``wall_ms``, read up to ``unsure_ms`` ago."""
        with self._lock:
            at_ns, wall_ns, unsure_ns = self._monotonic_ns(), wall_ms * 1_000_000, unsure_ms * 1_000_000
            if self._at_ns is None:
                self._ns = wall_ns
            else:
                elapsed_ns = at_ns - self._at_ns
                most_ns = self._ns + elapsed_ns + TOLERANCE_MS * 1_000_000 + unsure_ns + self._unsure_ns
                steady_ns = self._ns + elapsed_ns if wall_ns > most_ns else wall_ns
                self._ns = max(self._ns + elapsed_ns // 2, steady_ns)
            self._at_ns, self._wall_ns, self._unsure_ns = at_ns, wall_ns, unsure_ns
            return self._ns // 1_000_000

    @property
    def off_ms(self) -> int:
        """Return how far the wall clock was ahead of this one, or (negative) behind it, when it was read last."""
        with self._lock:
            return (self._wall_ns - self._ns) // 1_000_000

    def follow(self) -> None:
        """Follow a leap forward: whoever says so has seen to it that nothing is over by it."""
        with self._lock:
            self._ns = max(self._ns, self._wall_ns)

    def at_least(self, ms: int) -> None:
        """Never say a time before this one, which somebody else has seen already."""
        with self._lock:
            self._ns = max(self._ns, ms * 1_000_000)

    def catch_up(self, ms: int) -> None:
        """Go on from a time that another instance has come to, as far as the wall clock says so as well."""
        with self._lock:
            self._ns = max(self._ns, min(ms * 1_000_000, self._wall_ns))

    def resume(self, ms: int) -> None:
        """Go on from a time that was seen last, whatever the wall clock says: from there to it is one leap."""
        with self._lock:
            self._ns, self._at_ns = ms * 1_000_000, self._monotonic_ns()
