"""What this process has looked at since it began, which a start anew has to look at again. It is never stored."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

FRESH_MS = 10 * 60 * 1000
"""How long people who were looked up for a deletion under way need not be looked up again."""


@dataclass(frozen=True)
class _Called:
    freezes: int
    at_ms: int


class Roll:
    """The roll calls of this process, and whether it counted again what was open when it began. Safe in threads."""

    def __init__(self) -> None:
        self._called: dict[tuple[str, int], _Called] = {}
        self._begun: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, owner: str, first: Callable[[], None]) -> None:
        """Do what comes before anything else, once; whoever comes meanwhile waits. If it raises, it is not done."""
        if owner in self._begun:
            return
        with self._lock:
            if owner not in self._begun:
                first()
                self._begun.add(owner)

    def is_called(self, owner: str, number: int, *, freezes: int, now_ms: int) -> bool:
        """Say whether everybody of a deletion was looked up lately, and after the last of so many freezes."""
        called = self._called.get((owner, number))
        return called is not None and called.freezes == freezes and now_ms - called.at_ms < FRESH_MS

    def call(self, owner: str, number: int, *, freezes: int, now_ms: int) -> None:
        """Note that everybody was looked up, beginning at ``now_ms`` (monotonic), after so many freezes."""
        self._called[owner, number] = _Called(freezes, now_ms)

    def forget(self, owner: str, number: int) -> None:
        """Forget a deletion that is over."""
        self._called.pop((owner, number), None)
