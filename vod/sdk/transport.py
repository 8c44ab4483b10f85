"""Carries the SDK's requests through the gate, and says of a failure what it proves.

What the SDK would say repeats the signed address.
"""

import ssl
from enum import StrEnum
from typing import Any

from aliyunsdkcore.vendored.requests.adapters import HTTPAdapter
from aliyunsdkcore.vendored.requests.exceptions import RequestException
from aliyunsdkcore.vendored.requests.packages.urllib3.connection import HTTPConnection, VerifiedHTTPSConnection
from aliyunsdkcore.vendored.requests.packages.urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from aliyunsdkcore.vendored.requests.packages.urllib3.exceptions import ConnectTimeoutError, HTTPError
from aliyunsdkcore.vendored.requests.packages.urllib3.exceptions import ReadTimeoutError as BodyTimeoutError

from vod.sdk.gate import pass_gate

POOLED_HOSTS = 4
POOLED_CONNECTIONS = 16
LONGEST_CHAIN = 10


class Outcome(StrEnum):
    """How far a request got. `NOT_CONNECTED` and `NOT_TRUSTED` prove that not one byte of it was sent."""

    NOT_CONNECTED = "NotConnected"
    NOT_TRUSTED = "CertificateNotTrusted"
    TIMED_OUT = "TimedOut"
    LOST = "ConnectionLost"


class TransportError(OSError):
    """What the SDK puts into its exception and its log: the name of an `Outcome` and nothing else."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)


class _Gated(HTTPConnection):  # type: ignore[misc]  # the SDK ships no types
    """A connection that is open before the gate is asked, so that behind the gate nothing waits for the network."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send one request through the gate; a body as small as the SDK's fits into the socket's buffer."""
        if self.sock is None:
            self.connect()
        pass_gate(lambda: super(_Gated, self).request(*args, **kwargs))


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
        """Send and read the whole answer; any failure leaves as a `TransportError`."""
        try:
            response = super().send(request, *args, **kwargs)
            _read_whole(response)
        except (RequestException, HTTPError, OSError) as error:
            outcome = sort(error)
        else:
            return response
        # Outside the except block, so that the foreign exception is not even a context of ours.
        raise TransportError(outcome)


def _read_whole(response: Any) -> None:
    """Read the body where a failure is still sorted, and miss no end of it: the vendored requests would."""
    length = response.headers.get("Content-Length", "")
    plain = "Content-Encoding" not in response.headers
    body = response.content
    if plain and length.isdecimal() and len(body) != int(length):
        raise TransportError(Outcome.LOST)


def sort(error: BaseException) -> Outcome:
    """What a failure proves. Only the connecting phase proves that nothing was sent (the SDK retries 0 times)."""
    chain = _chain(error)
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
