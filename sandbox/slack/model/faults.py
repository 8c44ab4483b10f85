"""Faults on demand: which Web API calls fail, how, and how many times; and Slack's posting limits."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sandbox.clock import Clock

EVERY_METHOD = "*"


class FaultKind(StrEnum):
    """How a call goes wrong. The `…_after` kinds carry the call out first, the others never do.

    LATE is of what people do: the app hears of it, and its answer comes when Slack waits no longer.
    """

    RATELIMITED = "ratelimited"
    HTTP_503 = "http_503"
    INTERNAL_ERROR = "internal_error"
    FATAL_ERROR_AFTER = "fatal_error_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SLOW = "slow"
    DRIP_AFTER = "drip_after"
    ERROR = "error"
    DOWN = "down"
    LATE = "late"
    IMAGE_UNFETCHABLE = "image_unfetchable"


@dataclass(frozen=True)
class Fault:
    """A fault to come. `times` None means until cleared; `channel` is an id or None for any.

    `seconds` are those before the answer to a SLOW call, and those between two bytes of one that drips.
    """

    kind: FaultKind
    method: str = EVERY_METHOD
    times: int | None = 1
    channel: str | None = None
    retry_after: int = 1
    error: str = "internal_error"
    seconds: float = 1.0

    def hits(self, method: str, channel: str | None) -> bool:
        """Whether it strikes this call."""
        return self.method in {EVERY_METHOD, method} and self.channel in {None, channel}


class Faults:
    """The faults still to come, taken in the order they were added. Safe between threads."""

    def __init__(self, channel_id: Callable[[str], str]) -> None:
        self._channel_id = channel_id
        self._lock = threading.Lock()
        self._pending: list[Fault] = []

    def add(self, kind: FaultKind | str, method: str = EVERY_METHOD, **settings: Any) -> None:
        """Add one; `settings` are Fault's other fields, the channel by name or id.

        Besides Web API methods, `method` can be `response_url` or `upload`, of LATE what people do: `command`,
        `click`, `submit`, `shortcut` or `suggest`. DOWN lasts until cleared.
        """
        fault = Fault(FaultKind(kind), method, **settings)
        if fault.channel is not None:
            fault = replace(fault, channel=self._channel_id(fault.channel))
        with self._lock:
            self._pending.append(replace(fault, times=None) if fault.kind is FaultKind.DOWN else fault)

    def clear(self) -> None:
        """Remove every fault."""
        with self._lock:
            self._pending.clear()

    def pending(self) -> list[Fault]:
        """What has not struck yet."""
        with self._lock:
            return list(self._pending)

    def take(self, method: str, channel: str | None, *, images: bool = False) -> Fault | None:
        """The first fault that strikes this call (or, with `images`, its images), used up by one."""
        with self._lock:
            for index, fault in enumerate(self._pending):
                if fault.kind is FaultKind.LATE or images != (fault.kind is FaultKind.IMAGE_UNFETCHABLE):
                    continue
                if fault.hits(method, channel):
                    self._use(index, fault)
                    return fault
            return None

    def is_late(self, what: str) -> bool:
        """Whether the app's answer to what a person did comes too late; one fault is used up by that."""
        with self._lock:
            for index, fault in enumerate(self._pending):
                if fault.kind is FaultKind.LATE and fault.hits(what, None):
                    self._use(index, fault)
                    return True
            return False

    def _use(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._pending[index] = replace(fault, times=fault.times - 1)
        else:
            del self._pending[index]


@dataclass
class Rate:
    """Posting limits: about one message a second and channel with a burst; updates a minute if set.

    Slack documents "1 message per second per channel, short bursts allowed" and Tier 3 (50 a minute) for
    chat.update; how large a burst may be is not documented, so it is settable.
    """

    clock: Clock
    enabled: bool = True
    per_second: float = 1.0
    burst: int = 5
    updates_per_minute: int | None = None
    _levels: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, method: str, channel: str | None) -> bool:
        """Count a call; False if it is one too many now."""
        if not self.enabled:
            return True
        if method == "chat.postMessage" and channel:
            return self._draw(f"post {channel}", self.per_second, self.burst)
        if method == "chat.update" and self.updates_per_minute is not None:
            return self._draw("update", self.updates_per_minute / 60, self.updates_per_minute)
        return True

    def _draw(self, bucket: str, per_second: float, size: int) -> bool:
        now = self.clock.now().timestamp()
        with self._lock:
            level, since = self._levels.get(bucket, (float(size), now))
            level = min(float(size), level + (now - since) * per_second)
            allowed = level >= 1
            self._levels[bucket] = (level - 1 if allowed else level, now)
            return allowed
