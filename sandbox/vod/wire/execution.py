"""Carries out one admitted call, honestly or as a fault orders, and says what to answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.json_types import Json
from sandbox.vod.model.faults import PICTURE, Fault, FaultKind
from sandbox.vod.model.library import Library
from sandbox.vod.model.media import Removal
from sandbox.vod.model.pictures import picture
from sandbox.vod.wire import errors
from sandbox.vod.wire.call import Call, Delete, Operation, Read
from sandbox.vod.wire.errors import ApiError

RESET = "reset"
NO_CODE = "none"


@dataclass(frozen=True)
class Outcome:
    """What goes back. `status` None: the connection is reset. `body` a JSON object, or raw bytes of `media_type`.

    `code` is the error code, "" for success; `removed` the ids, as asked for, of what was removed by now.
    """

    status: int | None
    body: Json | bytes
    code: str = ""
    removed: tuple[str, ...] = ()
    media_type: str = "text/html"


_REFUSALS: Mapping[FaultKind, Callable[[str], ApiError]] = {
    FaultKind.THROTTLE: lambda _action: errors.throttled(),
    FaultKind.UNAVAILABLE: errors.unavailable,
    FaultKind.INTERNAL: lambda _action: errors.internal(),
    FaultKind.NOT_FOUND: errors.nothing_found,
    FaultKind.FORBIDDEN_RAM: lambda _action: errors.forbidden_by_ram(),
    FaultKind.SUSPENDED: lambda _action: errors.suspended(),
    FaultKind.REJECTED: lambda _action: errors.invalid("Ids", "it cannot be read"),
    FaultKind.KEY_UNKNOWN: lambda _action: errors.unknown_key(),
    FaultKind.CLOCK_OFF: lambda _action: errors.stale_timestamp(),
    FaultKind.SIGNATURE_ODD: lambda _action: errors.signature_refused(),
}

# Answers of what stands between the caller and VOD, which was not reached.
_TURNED_AWAY: Mapping[FaultKind, Outcome] = {
    FaultKind.RESET_BEFORE: Outcome(None, b"", RESET),
    FaultKind.REDIRECT: Outcome(302, b"<html><body>Moved</body></html>", NO_CODE),
    FaultKind.PAGE_404: Outcome(404, b"<html><body>404 Not Found</body></html>", NO_CODE),
}

# These come from the way back, and do not care what the answer was.
_SPOILS_ANY_ANSWER = frozenset(
    {
        FaultKind.RESET_AFTER,
        FaultKind.NONCE_USED,
        FaultKind.GARBAGE,
        FaultKind.EMPTY_BODY,
        FaultKind.BAD_GATEWAY,
        FaultKind.NOT_UTF8,
    }
)


def carry_out(call: Call, operation: Operation, fault: Fault | None) -> Outcome:
    """Do it, or not. An error of the operation itself hides behind nothing but what spoils any answer."""

    def do() -> Outcome:
        with call.library.locked():
            match operation:
                case Read():
                    stale = fault is not None and fault.kind is FaultKind.STALE
                    seen = replace(call, library=call.library.before()) if stale else call
                    return Outcome(200, operation.answer(seen))
                case Delete():
                    return _delete(call, operation, fault)

    return _under(fault, call.action, do)


def show_image(library: Library, path: str, fault: Fault | None) -> Outcome:
    """Serve an image at its own address, or not. STALE is a cache on the way that still has it."""

    def do() -> Outcome:
        stale = fault is not None and fault.kind is FaultKind.STALE
        found = (library.before() if stale else library).image_at(path)
        if found is None:
            return Outcome(404, b"gone", NO_CODE, media_type="text/plain")
        return Outcome(200, picture(found.image_id, found.title, found.file_name), media_type="image/png")

    return _under(fault, PICTURE, do)


def _under(fault: Fault | None, action: str, do: Callable[[], Outcome]) -> Outcome:
    kind = None if fault is None else fault.kind
    if kind is not None and kind in _REFUSALS:
        return refused(_REFUSALS[kind](action))
    if kind is not None and kind in _TURNED_AWAY:
        return _TURNED_AWAY[kind]
    try:
        done = do()
    except ApiError as error:
        done = refused(error)
    if kind is None or (done.code and kind not in _SPOILS_ANY_ANSWER):
        return done
    return _spoilt(done, kind, action)


def refused(error: ApiError, removed: tuple[str, ...] = ()) -> Outcome:
    """The outcome that tells of an error. VOD's body also has HostId and RequestId, added on the wire."""
    recommend = f"https://api.aliyun.com/troubleshoot?q={error.code}&product=vod"
    body = {"Code": error.code, "Message": error.message, "Recommend": recommend}
    return Outcome(error.status, body, error.code, removed)


def _delete(call: Call, operation: Delete, fault: Fault | None) -> Outcome:
    verdict = operation.judge(call)
    going = _going(call, verdict.removals, fault)
    if going:
        call.library.remember()
    gone = [removal.asked for removal in going if call.library.remove(removal)]
    return Outcome(200, verdict.answer, removed=tuple(dict.fromkeys(gone)))


def _going(call: Call, removals: tuple[Removal, ...], fault: Fault | None) -> tuple[Removal, ...]:
    match fault:
        case Fault(kind=FaultKind.KEPT):
            return ()
        case Fault(kind=FaultKind.LATE, seconds=seconds):
            call.library.remove_later(removals, seconds)
            return ()
        case Fault(kind=FaultKind.PARTIAL | FaultKind.PARTIAL_BUT_503):
            return removals[: len(removals) // 2]
        case _:
            return removals


def _spoilt(done: Outcome, kind: FaultKind, action: str) -> Outcome:
    match kind:
        case FaultKind.RESET_AFTER:
            return replace(done, status=None, body=b"", code=RESET)
        case FaultKind.DELETED_BUT_503 | FaultKind.PARTIAL_BUT_503:
            return refused(errors.unavailable(action), done.removed)
        case FaultKind.NONCE_USED:
            return refused(errors.nonce_used(), done.removed)
        case FaultKind.GARBAGE:
            return _in_bytes(done, b"<html><body>It works!</body></html>")
        case FaultKind.EMPTY_BODY:
            return _in_bytes(done, b"")
        case FaultKind.BAD_GATEWAY:
            return _in_bytes(done, b"<html><body>502 Bad Gateway</body></html>", 502)
        case FaultKind.NOT_UTF8:
            return _in_bytes(done, "\u670d\u52a1\u5668\u9519\u8bef".encode("gbk"), 500)  # "server error"
        case FaultKind.LISTS_LOST:
            return replace(done, body=_without_lists(done.body))
        case FaultKind.LIST_AS_STRING | FaultKind.LIST_NULL | FaultKind.LIST_MISSING:
            return replace(done, body=_odd_lists(done.body, kind))
        case _:
            return done


def _in_bytes(done: Outcome, body: bytes, status: int = 200) -> Outcome:
    return Outcome(status, body, "" if status == 200 else NO_CODE, done.removed)


def _without_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_lists(each) for name, each in value.items()}
    return None if isinstance(value, list) else value


def _odd_lists(body: Json | bytes, kind: FaultKind) -> Json | bytes:
    if isinstance(body, bytes):
        return body
    if kind is FaultKind.LIST_MISSING:
        return {name: value for name, value in body.items() if value != []}
    return {name: _odd(value, kind) for name, value in body.items()}


def _odd(value: Any, kind: FaultKind) -> Any:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return value
    if kind is FaultKind.LIST_NULL:
        return value or None
    return value[0] if len(value) == 1 else json.dumps(value)
