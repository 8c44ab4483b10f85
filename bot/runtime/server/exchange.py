"""One HTTP request and its answer, as ASGI brings and takes them: parsed once, its body bounded."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bot.runtime.server.front import CALLER, Caller

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PASSED_OVER = 1_000_000
"""Bytes of a body too long that are read and forgotten, so that whoever sends them gets to read the answer."""


class GoneError(Exception):
    """Whoever asked has gone, or was too slow and sent away."""


class TooLargeError(Exception):
    """The body is longer than it may be."""


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: HTTPStatus
    body: bytes = b""
    headers: Iterable[tuple[str, str]] = field(default=())


class Exchange:
    """One request: its head, parsed; its body, read on demand; its connection."""

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: str = scope["query_string"].decode("latin-1")
        self.head_size = sum(len(name) + len(value) for name, value in scope["headers"])
        self.header_count = len(scope["headers"])
        self.headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            known = self.headers.get(name.decode("latin-1"))
            text = value.decode("latin-1")
            # One that comes twice is not what either says.
            self.headers[name.decode("latin-1")] = text if known is None else f"{known}, {text}"
        self.caller: Caller = scope["state"][CALLER]
        self._receive = receive
        self._send = send

    async def body(self, most: int) -> bytes:
        """Read the body; TooLargeError when it is longer than ``most`` bytes, GoneError when it does not come."""
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most + PASSED_OVER:
            raise TooLargeError
        found, passed_over, more = bytearray(), 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise GoneError
            part, more = message.get("body", b""), message.get("more_body", False)
            if passed_over or len(found) + len(part) > most:
                passed_over += len(part)
                self.caller.room.hold(self.caller, -len(found))
                found.clear()
            else:
                found += part
                self.caller.room.hold(self.caller, len(part))
            if passed_over > most + PASSED_OVER:
                break
        if passed_over:
            raise TooLargeError
        return bytes(found)

    async def answer(self, answer: Answer) -> None:
        """Send the answer; of one to HEAD the server leaves the body out."""
        headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": answer.status.value, "headers": sent})
        await self._send({"type": "http.response.body", "body": answer.body})
