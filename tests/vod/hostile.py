"""A server that answers with the bytes it is told, and then keeps, closes, resets or stalls the connection."""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Then(Enum):
    KEEP = auto()
    CLOSE = auto()
    RESET = auto()
    STALL = auto()


@dataclass(frozen=True)
class Script:
    """What is sent: at once, or a byte each ``pause_s`` from byte ``drip_from`` on; then ``endless``.

    ``takes_s`` is the pause before each part of a request's body is taken in, before any of that; None: none is.
    """

    data: bytes
    then: Then = Then.KEEP
    pause_s: float = 0
    drip_from: int = 0
    endless: bytes = b""
    takes_s: float | None = None


def http(status: int, body: bytes, *, length: int | None = None, then: Then = Then.KEEP) -> Script:
    head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    return Script(head.encode() + body, then)


def http_json(status: int, value: object) -> Script:
    return http(status, json.dumps(value).encode())


def refusal(status: int, code: object, message: str = "No.") -> Script:
    return http_json(status, {"RequestId": "7B3A-11", "HostId": "vod", "Code": code, "Message": message})


class HostileServer:
    """A thread per connection on a free port of 127.0.0.1; `requests` are the query parameters received."""

    def __init__(self, answer: Script | Callable[[dict[str, str]], Script]) -> None:
        self.answer = answer
        self.requests: list[dict[str, str]] = []
        self.heads: list[str] = []
        self.connections = 0
        self.taken = 0
        self.tls: ssl.SSLContext | None = None
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._spawn(self._accept)

    def stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            _shut(connection)
        for thread in self._threads:
            thread.join(10)

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            while self._exchange(connection):
                pass
        except OSError:
            pass
        finally:
            connection.close()

    def _exchange(self, connection: socket.socket) -> bool:
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(65536)
            if not part:
                return False
            head += part
        text = head.decode()
        self.heads.append(text)
        parameters = {name: values[0] for name, values in parse_qs(urlsplit(text.split(" ")[1]).query).items()}
        self.requests.append(parameters)
        script = self.answer if isinstance(self.answer, Script) else self.answer(parameters)
        if script.takes_s is not None:
            self._take(connection, head, script.takes_s)
        self._send(connection, script)
        if script.then is Then.STALL:
            self._stopping.wait(30)
        if script.then is Then.RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return script.then is Then.KEEP

    def _take(self, connection: socket.socket, begun: bytes, pause_s: float) -> None:
        head, _, body = begun.partition(b"\r\n\r\n")
        (length,) = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        taken = len(body)
        while taken < length and not self._stopping.wait(pause_s):
            taken += len(connection.recv(65536))
        self.taken = taken

    def _send(self, connection: socket.socket, script: Script) -> None:
        if not script.pause_s:
            connection.sendall(script.data)
        else:
            connection.sendall(script.data[: script.drip_from])
            for byte in script.data[script.drip_from :]:
                connection.sendall(bytes([byte]))
                if self._stopping.wait(script.pause_s):
                    return
        while script.endless and not self._stopping.is_set():
            connection.sendall(script.endless)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RDWR)
