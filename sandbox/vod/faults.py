"""Misbehaviour on demand: what the local VOD is told to do wrong, to which calls, and how often."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ANY_ACTION = "*"


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
    FORBIDDEN_RAM = "forbidden_ram"  # 403 Forbidden, not done
    SUSPENDED = "suspended"  # 403 OperationDenied.Suspended, not done
    GARBAGE = "garbage"  # done, 200 with a body that is not JSON
    EMPTY_BODY = "empty_body"  # done, 200 with no body
    LIST_AS_STRING = "list_as_string"  # id lists as one bare id, or as JSON inside a string
    LIST_NULL = "list_null"  # empty id lists are null
    LIST_MISSING = "list_missing"  # empty id lists are left out


ONLY_FOR_DELETES = frozenset(
    {
        FaultKind.KEPT,
        FaultKind.DELETED_BUT_503,
        FaultKind.LATE,
        FaultKind.PARTIAL,
        FaultKind.LIST_AS_STRING,
        FaultKind.LIST_NULL,
        FaultKind.LIST_MISSING,
    }
)


@dataclass
class Fault:
    """One order to misbehave. `times` counts down, None lasts until cleared; empty `ids` means any call."""

    kind: FaultKind
    action: str = ANY_ACTION
    times: int | None = None
    ids: frozenset[str] = frozenset()
    seconds: float = 0.0

    def fits(self, action: str, ids: Iterable[str]) -> bool:
        """Whether it strikes a call of `action` that names `ids`."""
        if self.times == 0 or (self.kind in ONLY_FOR_DELETES and not is_delete(action)):
            return False
        return self.action in {ANY_ACTION, action} and (not self.ids or not self.ids.isdisjoint(ids))


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
    ) -> Fault:
        """Order a fault. Raises ValueError for an unknown kind or one that the action cannot have."""
        fault = Fault(FaultKind(kind), action, times, frozenset(ids), seconds)
        if fault.kind in ONLY_FOR_DELETES and action != ANY_ACTION and not is_delete(action):
            raise ValueError(f"{fault.kind} is for delete operations, not for {action}")
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
