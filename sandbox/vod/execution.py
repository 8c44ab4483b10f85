"""Carries out one admitted call, honestly or as a fault orders, and says what to answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.vod import errors
from sandbox.vod.call import Call, Delete, Json, Operation, Read
from sandbox.vod.errors import ApiError
from sandbox.vod.faults import Fault, FaultKind
from sandbox.vod.media import Removal

RESET = "reset"


@dataclass(frozen=True)
class Outcome:
    """What goes back. `status` None: the connection is reset. `body` a JSON object, or raw bytes.

    `code` is the error code, "" for success; `removed` the ids, as asked for, of what was removed by now.
    """

    status: int | None
    body: Json | bytes
    code: str = ""
    removed: tuple[str, ...] = ()


_REFUSALS: Mapping[FaultKind, Callable[[str], ApiError]] = {
    FaultKind.THROTTLE: lambda _action: errors.throttled(),
    FaultKind.UNAVAILABLE: errors.unavailable,
    FaultKind.INTERNAL: lambda _action: errors.internal(),
    FaultKind.FORBIDDEN_RAM: lambda _action: errors.forbidden_by_ram(),
    FaultKind.SUSPENDED: lambda _action: errors.suspended(),
}


def carry_out(call: Call, operation: Operation, fault: Fault | None) -> Outcome:
    """Do it, or not. An error of the operation itself is answered as such, whatever the fault had in mind."""
    kind = None if fault is None else fault.kind
    if kind is not None and kind in _REFUSALS:
        return refused(_REFUSALS[kind](call.action))
    if kind is FaultKind.RESET_BEFORE:
        return Outcome(None, b"", RESET)
    try:
        with call.library.locked():
            match operation:
                case Read():
                    done = Outcome(200, operation.answer(call))
                case Delete():
                    done = _delete(call, operation, fault)
    except ApiError as error:
        return refused(error)
    return done if kind is None else _spoilt(done, kind, call.action)


def refused(error: ApiError, removed: tuple[str, ...] = ()) -> Outcome:
    """The outcome that tells of an error. VOD's body also has HostId and RequestId, added on the wire."""
    recommend = f"https://api.aliyun.com/troubleshoot?q={error.code}&product=vod"
    body = {"Code": error.code, "Message": error.message, "Recommend": recommend}
    return Outcome(error.status, body, error.code, removed)


def _delete(call: Call, operation: Delete, fault: Fault | None) -> Outcome:
    verdict = operation.judge(call)
    going = _going(call, verdict.removals, fault)
    gone = [removal.asked for removal in going if call.library.remove(removal)]
    return Outcome(200, verdict.answer, removed=tuple(dict.fromkeys(gone)))


def _going(call: Call, removals: tuple[Removal, ...], fault: Fault | None) -> tuple[Removal, ...]:
    match fault:
        case Fault(kind=FaultKind.KEPT):
            return ()
        case Fault(kind=FaultKind.LATE, seconds=seconds):
            call.library.remove_later(removals, seconds)
            return ()
        case Fault(kind=FaultKind.PARTIAL):
            return removals[: len(removals) // 2]
        case _:
            return removals


def _spoilt(done: Outcome, kind: FaultKind, action: str) -> Outcome:
    match kind:
        case FaultKind.RESET_AFTER:
            return replace(done, status=None, body=b"", code=RESET)
        case FaultKind.DELETED_BUT_503:
            return refused(errors.unavailable(action), done.removed)
        case FaultKind.GARBAGE:
            return replace(done, body=b"<html><body>It works!</body></html>")
        case FaultKind.EMPTY_BODY:
            return replace(done, body=b"")
        case FaultKind.LIST_AS_STRING | FaultKind.LIST_NULL | FaultKind.LIST_MISSING:
            return replace(done, body=_odd_lists(done.body, kind))
        case _:
            return done


def _odd_lists(body: Json | bytes, kind: FaultKind) -> Json | bytes:
    if isinstance(body, bytes):
        return body
    if kind is FaultKind.LIST_MISSING:
        return {name: value for name, value in body.items() if value != []}
    return {name: _odd(value, kind) for name, value in body.items()}


def _odd(value: Any, kind: FaultKind) -> Any:
    if not isinstance(value, list):
        return value
    if kind is FaultKind.LIST_NULL:
        return value or None
    return value[0] if len(value) == 1 else json.dumps(value)
