"""The record of every delete call that reached the local VOD: what was asked, answered and really removed."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DeleteCall:
    """One delete call as received.

    `ids` are as the caller named them (video, job or image ids, URLs, or the one video of DeleteImage);
    `extras` the other parameters; `status` None and `code` "reset" mean that no answer was sent; `code` is ""
    for success; `removed` are those of `ids` of which something was removed before the answer.
    """

    action: str
    ids: tuple[str, ...]
    extras: Mapping[str, str]
    at: datetime
    status: int | None
    code: str
    removed: tuple[str, ...]
    fault: str = ""


class Ledger:
    """Append-only (but for `clear`, between tests). Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[DeleteCall] = []

    def add(self, call: DeleteCall) -> None:
        """Record one call. Done before its answer is sent."""
        with self._lock:
            self._calls.append(call)

    def calls(self, action: str | None = None) -> tuple[DeleteCall, ...]:
        """All calls in the order received, or those of one action."""
        with self._lock:
            return tuple(call for call in self._calls if action in {None, call.action})

    def ids(self, action: str | None = None) -> list[str]:
        """Every id received, in order, repeated if it came repeatedly."""
        return [one for call in self.calls(action) for one in call.ids]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._calls.clear()
