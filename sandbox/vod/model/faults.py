"""Faults on demand: what the local VOD does wrong, to which calls, and how often."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ANY_ACTION = "*"
PICTURE = "Picture"
"""Not an operation: the serving of an image at its own address. Struck only by what is aimed at it by name."""


class FaultKind(StrEnum):
    """What goes wrong. "Done" means the operation really happened."""

    THROTTLE = "throttle"  # 400 Throttling.User, not done
    UNAVAILABLE = "unavailable"  # 503, not done
    INTERNAL = "internal"  # 500, not done
    RESET_BEFORE = "reset_before"  # connection reset, not done
    RESET_AFTER = "reset_after"  # done, then the connection is reset
    TIMEOUT = "timeout"  # done, the answer comes `seconds` later (real time)
    KEPT = "kept"  # 200, but nothing was removed
    DELETED_BUT_503 = "deleted_but_503"  # done, answers 503
    LATE = "late"  # 200 now, removed `seconds` later (sandbox clock) or at library.settle()
    PARTIAL = "partial"  # 200, but only the first half (rounded down) was removed
    PARTIAL_BUT_503 = "partial_but_503"  # only the first half (rounded down) was removed, answers 503
    NOT_FOUND = "not_found"  # 404 in the operation's own words, not done, whatever there is
    FORBIDDEN_RAM = "forbidden_ram"  # 403 Forbidden, not done
    SUSPENDED = "suspended"  # 403 OperationDenied.Suspended, not done
    REJECTED = "rejected"  # 400 InvalidParameter, not done
    KEY_UNKNOWN = "key_unknown"  # 404 InvalidAccessKeyId.NotFound, not done
    CLOCK_OFF = "clock_off"  # 400 InvalidTimeStamp.Expired, not done
    SIGNATURE_ODD = "signature_odd"  # 400 SignatureDoesNotMatch without the ":" the SDK looks for, not done
    NONCE_USED = "nonce_used"  # done, 400 SignatureNonceUsed: something on the way sent the request twice
    GARBAGE = "garbage"  # done, 200 with a body that is not JSON
    EMPTY_BODY = "empty_body"  # done, 200 with no body
    REDIRECT = "redirect"  # 302, not done
    PAGE_404 = "page_404"  # 404 with a page of HTML, as a proxy on the way says it, not done
    BAD_GATEWAY = "bad_gateway"  # done, 502 with a page of HTML, as a proxy on the way says it
    NOT_UTF8 = "not_utf8"  # done, 500 with a body in another encoding
    LIST_AS_STRING = "list_as_string"  # id lists as one bare id, or as JSON inside a string
    LIST_NULL = "list_null"  # empty id lists are null
    LIST_MISSING = "list_missing"  # empty id lists are left out
    LISTS_LOST = "lists_lost"  # done, 200, but every list in the answer is null, full ones too
    STALE = "stale"  # 200, tells of what the last removal took as if it were still there


ONLY_FOR_DELETES = frozenset(
    {
        FaultKind.KEPT,
        FaultKind.DELETED_BUT_503,
        FaultKind.LATE,
        FaultKind.PARTIAL,
        FaultKind.PARTIAL_BUT_503,
        FaultKind.NOT_FOUND,
    }
)
ONLY_FOR_ID_LISTS = frozenset({FaultKind.LIST_AS_STRING, FaultKind.LIST_NULL, FaultKind.LIST_MISSING})
FOR_PICTURES = frozenset(
    {
        FaultKind.UNAVAILABLE,
        FaultKind.INTERNAL,
        FaultKind.RESET_BEFORE,
        FaultKind.RESET_AFTER,
        FaultKind.TIMEOUT,
        FaultKind.FORBIDDEN_RAM,
        FaultKind.GARBAGE,
        FaultKind.EMPTY_BODY,
        FaultKind.REDIRECT,
        FaultKind.PAGE_404,
        FaultKind.BAD_GATEWAY,
        FaultKind.NOT_UTF8,
        FaultKind.STALE,
    }
)
ANSWERS_WITH_ID_LISTS = frozenset(
    {"BatchGetMediaInfos", "DeleteMezzanines", "DeleteVideo", "GetImageInfos", "GetVideoInfos"}
)


def suits(kind: FaultKind, action: str) -> bool:
    """Whether an operation can go wrong in this way at all."""
    if kind in ONLY_FOR_DELETES:
        return is_delete(action)
    if kind in ONLY_FOR_ID_LISTS:
        return action in ANSWERS_WITH_ID_LISTS
    if action == PICTURE:
        return kind in FOR_PICTURES
    return kind is not FaultKind.STALE or not is_delete(action)


@dataclass
class Fault:
    """One order to misbehave. `times` counts down, None lasts until cleared; empty `ids` means any call.

    With `after` it sleeps until a call of that operation has arrived: the reading back of a delete, say.
    """

    kind: FaultKind
    action: str = ANY_ACTION
    times: int | None = None
    ids: frozenset[str] = frozenset()
    seconds: float = 0.0
    after: str = ""

    def fits(self, action: str, ids: Iterable[str]) -> bool:
        """Whether it strikes a call of `action` that names `ids`."""
        if self.times == 0 or self.after or not suits(self.kind, action):
            return False
        aimed = self.action == action or (self.action == ANY_ACTION and action != PICTURE)
        return aimed and (not self.ids or not self.ids.isdisjoint(ids))


class Faults:
    """The orders in force, first set first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def set(
        self,
        kind: FaultKind | str,
        action: str = ANY_ACTION,
        *,
        times: int | None = None,
        ids: Iterable[str] = (),
        seconds: float = 0.0,
        after: str = "",
    ) -> Fault:
        """Order a fault. Raises ValueError for an unknown kind or one that the action cannot have."""
        fault = Fault(FaultKind(kind), action, times, frozenset(ids), seconds, after)
        if action != ANY_ACTION and not suits(fault.kind, action):
            known = "delete operations" if fault.kind in ONLY_FOR_DELETES else "other operations"
            raise ValueError(f"{fault.kind} is for {known}, not for {action}")
        with self._lock:
            self._faults.append(fault)
        return fault

    def take(self, action: str, ids: Iterable[str]) -> Fault | None:
        """The fault that strikes this call, used up once; None if the call goes well."""
        wanted = list(ids)
        with self._lock:
            fault = next((one for one in self._faults if one.fits(action, wanted)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
            for sleeper in self._faults:
                if sleeper.after == action:
                    sleeper.after = ""
            return fault

    def pending(self) -> tuple[Fault, ...]:
        """The orders that still have strikes left."""
        with self._lock:
            return tuple(fault for fault in self._faults if fault.times != 0)

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._faults.clear()


def is_delete(action: str) -> bool:
    """Whether an operation removes media."""
    return action.startswith("Delete")
