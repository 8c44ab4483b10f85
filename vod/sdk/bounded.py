"""HTTP that ends: a limit in time and in bytes for whole answers, however slowly they come or long they are.

A socket's own time-out begins anew with every byte. Here everything from the first connection attempt to the last
byte of the answer has one end, by the monotonic clock. Looking up a host name is the one thing that Python cannot
cut off: the resolver's own time-outs bound it (resolv.conf(5): `timeout` and `attempts`).
"""

import http.client
import io
import selectors
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

SocketOption = tuple[int, int, int]

LEAST_S = 0.001
"""A time-out of 0 would make a socket non-blocking."""

LOOK_UP_EVERY_S = 1.0
"""How often somebody who waits for bytes for long is given a turn."""


class TooLargeError(OSError):
    """An answer is longer than anything that is answered in good faith."""


@dataclass
class Limit:
    """How long one exchange may last (until ``ends``, monotonic seconds), and how many bytes it may still bring.

    ``waiting`` is called about every second in which nothing comes; what it raises ends the exchange.
    """

    ends: float
    bytes_left: int
    waiting: Callable[[], None] | None = None

    def left_s(self, most: float | None = None) -> float:
        """Return the seconds left, at most ``most``; TimeoutError when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the exchange took too long")
        return max(LEAST_S, left if most is None else min(left, most))

    def take(self, count: int) -> None:
        """Note that bytes came; TooLargeError when they are too many."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise TooLargeError("the answer is too long")


_limit: ContextVar[Limit | None] = ContextVar("limit", default=None)


@contextmanager
def limited(*, total_s: float, largest: int) -> Iterator[Limit]:
    """Let what this thread exchanges meanwhile end within ``total_s``, and bring at most ``largest`` bytes.

    A body that is read later is still under the limit it was begun with. The limit may be moved meanwhile.
    """
    limit = Limit(time.monotonic() + total_s, largest)
    token = _limit.set(limit)
    try:
        yield limit
    finally:
        _limit.reset(token)


def connect(
    address: tuple[str, int],
    timeout: float | None = None,
    source_address: tuple[str, int] | None = None,
    *,
    options: Iterable[SocketOption] = (),
) -> socket.socket:
    """Connect as `socket.create_connection` does, but within ``timeout`` for all addresses of a host together.

    What is left of it is the socket's time-out: a TLS handshake that follows has no more. Raises OSError.
    """
    limit = _limit.get()
    if limit is None and timeout is None:
        return socket.create_connection(address, timeout, source_address)
    within = Limit(time.monotonic() + (limit.left_s(timeout) if limit else timeout or 0), 0)
    failed: OSError = OSError("the host has no address")
    for family, kind, protocol, _, place in socket.getaddrinfo(*address, 0, socket.SOCK_STREAM):
        made = socket.socket(family, kind, protocol)
        try:
            for option in options:
                made.setsockopt(*option)
            if source_address:
                made.bind(source_address)
            made.settimeout(within.left_s())
            made.connect(place)
            made.settimeout(within.left_s())
        except OSError as exc:
            made.close()
            failed = exc
        else:
            return made
    raise failed


class Response(http.client.HTTPResponse):
    """An answer under the limit that was set when its reading began."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        limit = _limit.get()
        if limit is not None:
            self.fp = io.BufferedReader(_Metered(self.fp.detach(), sock, limit))


class _Metered(io.RawIOBase):
    """Reads from a socket, each time for no longer and no more than is left."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, limit: Limit) -> None:
        self._raw = raw
        self._sock = sock
        self._limit = limit
        self._idle_s = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any, /) -> int | None:
        self._wait()
        self._sock.settimeout(self._limit.left_s(self._idle_s))
        count = self._raw.readinto(buffer)
        self._limit.take(count or 0)
        return count

    def _wait(self) -> None:
        """Wait until something comes where the wait may be longer than a socket's time-out."""
        if self._limit.waiting is None or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
            return
        with selectors.DefaultSelector() as incoming:
            incoming.register(self._sock, selectors.EVENT_READ)
            while not incoming.select(self._limit.left_s(LOOK_UP_EVERY_S)):
                self._limit.waiting()

    def close(self) -> None:
        self._raw.close()
        super().close()


class Connection(http.client.HTTPConnection):
    """A connection of the standard library whose connecting and answers are under the limit."""

    response_class = Response

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._create_connection = connect


class TlsConnection(http.client.HTTPSConnection):
    """The same over TLS."""

    response_class = Response

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._create_connection = connect


class _Plain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(Connection, req)


class _Tls(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._trusted = context

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(TlsConnection, req, context=self._trusted)


@cache
def trusted() -> ssl.SSLContext:
    """Return the certificates to trust: this machine's, or those of SSL_CERT_FILE. They are read once."""
    return ssl.create_default_context()


def opener(
    context: ssl.SSLContext | None = None, *more: urllib.request.BaseHandler, proxy: str | None = None
) -> urllib.request.OpenerDirector:
    """Return what opens addresses under the limit that is set then, by ``proxy`` or the environment's proxies."""
    through = [urllib.request.ProxyHandler({"http": proxy, "https": proxy})] if proxy is not None else []
    return urllib.request.build_opener(_Plain(), _Tls(context or trusted()), *through, *more)
