"""How long whoever asks can wait for the others that write: somebody who clicked is answered in three seconds.

Set around a piece of work, and looked at by the engines wherever they wait. Without one they wait for long.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let this thread wait for others no longer than this, all of its waiting together."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def left_s(most: float) -> float:
    """Return how many seconds may still be waited, at most ``most``."""
    ends = _ends.get()
    return most if ends is None else min(most, max(0.0, ends - time.monotonic()))


def is_over() -> bool:
    """Say whether there was a deadline, and it has passed."""
    return left_s(1) == 0
