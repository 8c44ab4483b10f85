"""Carries the SDK's requests through the gate, and says of a failure what it proves.

What the SDK would say repeats the signed address.
"""

import ssl
import zlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from aliyunsdkcore.vendored.requests.adapters import HTTPAdapter
from aliyunsdkcore.vendored.requests.exceptions import RequestException
from aliyunsdkcore.vendored.requests.packages.urllib3.connection import HTTPConnection, VerifiedHTTPSConnection
from aliyunsdkcore.vendored.requests.packages.urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from aliyunsdkcore.vendored.requests.packages.urllib3.exceptions import ConnectTimeoutError, HTTPError
from aliyunsdkcore.vendored.requests.packages.urllib3.exceptions import ReadTimeoutError as BodyTimeoutError

from vod.sdk import bounded
from vod.sdk.bounded import TooLargeError, limited
from vod.sdk.gate import pass_gate

POOLED_HOSTS = 4
POOLED_CONNECTIONS = 16
LONGEST_CHAIN = 10

LARGEST_ANSWER = 4 * 2**20
"""Bytes of an answer, unpacked. Twenty videos with twenty streams each and the longest titles are about 700 kB."""

MOST_VALUES = 100_000
"""Values in an answer: commas and brackets are counted, before anything is parsed. That answer has about 15,000.

A value takes up to 100 bytes of memory, and as little as two of an answer.
"""

LARGEST_HEAD = 256 * 1024
"""Bytes of status, headers and chunk lengths."""

CHUNK = 64 * 1024

PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class Outcome(StrEnum):
    """How far a request got. `NOT_CONNECTED` and `NOT_TRUSTED` prove that not one byte of it was sent."""

    NOT_CONNECTED = "NotConnected"
    NOT_TRUSTED = "CertificateNotTrusted"
    TIMED_OUT = "TimedOut"
    LOST = "ConnectionLost"
    TOO_LARGE = "AnswerTooLarge"


class TransportError(OSError):
    """What the SDK puts into its exception and its log: the name of an `Outcome` and nothing else."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)


class _Gated(HTTPConnection):  # type: ignore[misc]  # the SDK ships no types
    """A connection that is open before the gate is asked, so that behind the gate nothing waits for the network."""

    response_class = bounded.Response

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send one request through the gate; a body as small as the SDK's fits into the socket's buffer."""
        if self.sock is None:
            self.connect()
        pass_gate(lambda: super(_Gated, self).request(*args, **kwargs))

    def _new_conn(self) -> Any:
        """Connect within the time-out, however many addresses the host has."""
        try:
            return bounded.connect((self._dns_host, self.port), self.timeout, options=self.socket_options or ())
        except OSError as exc:
            raise ConnectTimeoutError(self, str(exc)) from exc


class _GatedTls(_Gated, VerifiedHTTPSConnection):  # type: ignore[misc]  # as above
    """The same over TLS."""


class _Pool(HTTPConnectionPool):  # type: ignore[misc]  # as above
    ConnectionCls = _Gated


class _TlsPool(HTTPSConnectionPool):  # type: ignore[misc]  # as above
    ConnectionCls = _GatedTls


_POOLS = {"http": _Pool, "https": _TlsPool}


class Carrier(HTTPAdapter):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's own HTTP adapter with failures sorted and a present-day TLS context.

    The vendored urllib3 asks Python for a deprecated protocol constant and, without a context of ours,
    matches host names by a function Python 3.12 no longer has. A shared context is safe: nothing in it
    changes from call to call.
    """

    def __init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(POOLED_HOSTS, POOLED_CONNECTIONS)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give every direct connection the context, and the gate."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Give every connection through a proxy the same."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Send and read the whole answer within the two time-outs together; failures leave as `TransportError`."""
        response = None
        try:
            with limited(total_s=sum(kwargs["timeout"]), largest=LARGEST_ANSWER + LARGEST_HEAD):
                response = super().send(request, *args, **kwargs)
                _read_whole(response)
        except (RequestException, HTTPError, OSError) as error:
            outcome = sort(error)
        else:
            return response
        if response is not None:
            response.close()
        # Outside the except block, so that the foreign exception is not even a context of ours.
        raise TransportError(outcome)


def _read_whole(response: Any) -> None:
    """Read the body where a failure is still sorted, and miss no end of it: the vendored requests would."""
    length = response.headers.get("Content-Length", "")
    arrived = 0

    def arriving() -> Iterable[bytes]:
        nonlocal arrived
        for part in response.raw.stream(CHUNK, decode_content=False):
            arrived += len(part)
            yield part

    body = b"".join(_unpacked(arriving(), response.headers.get("Content-Encoding", "identity").strip().lower()))
    if length.isdecimal() and arrived != int(length):
        raise TransportError(Outcome.LOST)
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        raise TooLargeError("the answer has too many values")
    response._content, response._content_consumed = body, True  # noqa: SLF001 - where requests keeps what was read


def _unpacked(parts: Iterable[bytes], encoding: str) -> Iterable[bytes]:
    """Unpack step by step: TooLargeError once it is too much, TransportError for what cannot be unpacked."""
    if encoding == "identity":
        yield from _measured(parts)
    elif encoding in PACKED:
        yield from _measured(_inflated(parts))
    else:
        raise TransportError(Outcome.LOST)


def _measured(parts: Iterable[bytes]) -> Iterable[bytes]:
    left = LARGEST_ANSWER
    for part in parts:
        left -= len(part)
        if left < 0:
            raise TooLargeError("the answer is too long")
        yield part


def _inflated(parts: Iterable[bytes]) -> Iterable[bytes]:
    """Unpack gzip or zlib in pieces of a bounded size: a thousandfold is nothing special."""
    machine = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        for part in parts:
            waiting = part
            while waiting and not machine.eof:
                yield machine.decompress(waiting, CHUNK)
                waiting = machine.unconsumed_tail
        yield machine.flush()
    except zlib.error:
        raise TransportError(Outcome.LOST) from None
    if not machine.eof:
        raise TransportError(Outcome.LOST)


def sort(error: BaseException) -> Outcome:
    """What a failure proves. Only the connecting phase proves that nothing was sent (the SDK retries 0 times)."""
    chain = _chain(error)
    if any(isinstance(link, TooLargeError) for link in chain):
        return Outcome.TOO_LARGE
    if any(isinstance(link, TransportError) for link in chain):
        return Outcome.LOST
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in chain):
        return Outcome.NOT_TRUSTED
    if any(isinstance(link, ConnectTimeoutError) for link in chain):  # refused, no such host, no answer to SYN
        return Outcome.NOT_CONNECTED
    if any(isinstance(link, TimeoutError | BodyTimeoutError) for link in chain):
        return Outcome.TIMED_OUT
    return Outcome.LOST


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it wraps: requests and urllib3 keep causes in `args` and `reason`, not in `__cause__`."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting and len(found) < LONGEST_CHAIN:
        link = waiting.pop(0)
        found.append(link)
        inner = [*link.args, getattr(link, "reason", None)]
        waiting += [each for each in inner if isinstance(each, BaseException) and each not in found]
    return found
