"""Files in Slack: bytes sent to where Slack takes them, and read back with the bot's token from Slack alone.

A file takes longer than a call, and more so the longer it is. Whoever moves one passes ``keep``, which is called
again and again meanwhile, so that nobody else takes over what is still under way; what it raises ends the transfer.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TypeAlias, cast
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request

from slack_sdk import WebClient

from vod.sdk.bounded import Limit, TooLargeError, limited, opener

TOO_MANY = 429

IN_MEMORY = 1024 * 1024
"""Bytes of a file that are kept in memory until it is sent; a longer one is kept on the disk."""

AT_ONCE = 64 * 1024
"""Bytes of a file that are compared at once."""

LARGEST_ACKNOWLEDGEMENT = 256 * 1024
"""Bytes of an answer besides the file that is read: its headers, or the word that a file was taken."""

SLOWEST = 64 * 1024
"""Bytes a second of the slowest line that a file is still moved over."""

LONGEST_S = 1800.0
"""No transfer takes longer, however long the file is."""

UNSEEN = 4 * 1024 * 1024
"""Bytes that can be on their way when the last one was handed to the operating system (Linux: tcp_wmem)."""

Keep: TypeAlias = Callable[[], None]


class _NoRedirects(HTTPRedirectHandler):
    """Follows nothing: a redirect would take the token, or the list, to another host."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Return no further request, so that the redirect is an error."""


@dataclass(frozen=True)
class Content:
    """A file to be sent, or compared: ``length`` bytes, read from the beginning."""

    file: IO[bytes]
    length: int

    @classmethod
    def of(cls, content: bytes) -> "Content":
        """Return bytes as a file."""
        return cls(BytesIO(content), len(content))


@contextmanager
def spooled(chunks: Iterable[bytes]) -> Iterator[Content]:
    """Collect a file that may be long: on the disk, but for a short one."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        for chunk in chunks:
            file.write(chunk)
        yield Content(cast("IO[bytes]", file), file.tell())


class _Pace:
    """The time that one file has: a call's time-out for each part of it, and by its length for the whole."""

    def __init__(self, limit: Limit, length: int, *, part_s: float, keep: Keep) -> None:
        self._limit = limit
        self._part_s = part_s
        self._keep = keep
        self._kept = time.monotonic()
        self._ends = self._kept + part_s + min(length / SLOWEST, LONGEST_S)
        limit.waiting = self.kept
        keep()

    def moved(self, *, unseen: int = 0) -> None:
        """Let the next part have its time; ``unseen`` bytes may still be on their way. TimeoutError at the end."""
        self.kept()
        part_s = self._part_s + min(unseen, UNSEEN) / SLOWEST
        self._limit.ends = min(self._ends, time.monotonic() + part_s)
        self._limit.left_s()

    def kept(self) -> None:
        """Keep what is under way, at most twice in the time of a call."""
        now = time.monotonic()
        if now - self._kept >= self._part_s / 2:
            self._kept = now
            self._keep()


class _Outgoing:
    """A file as it is read to be sent, part by part."""

    def __init__(self, content: Content, pace: _Pace) -> None:
        content.file.seek(0)
        self._content = content
        self._pace = pace

    def read(self, size: int = -1, /) -> bytes:
        """Return the next part."""
        self._pace.moved(unseen=self._content.length)
        return self._content.file.read(size)


def send(client: WebClient, address: str, content: Content, keep: Keep) -> None:
    """Send a file to an address that ``files.getUploadURLExternal`` gave; OSError when it is not taken."""
    if urlsplit(address).scheme not in {"https", "http"}:
        raise OSError("an address for a file that is no address of the web")
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(content.length)}
    with _limited(client, content.length, LARGEST_ACKNOWLEDGEMENT, keep) as pace:
        data = _Outgoing(content, pace)
        request = Request(address, data=data, headers=headers, method="POST")  # noqa: S310 - Slack gave it
        with _opened(client, request):
            return


def holds(client: WebClient, address: str, content: Content, keep: Keep) -> bool:
    """Say whether exactly these bytes are at a file's private address.

    False for an address that is not Slack's own, which is not asked, and where Slack does not show us the file;
    OSError or HTTPException when nothing can be said now. No more is read than it takes to tell.
    """
    if not is_slacks_own(address, client.base_url):
        return False
    request = Request(address, headers={"Authorization": f"Bearer {client.token}"})  # noqa: S310 - checked above
    try:
        with (
            _limited(client, content.length, LARGEST_ACKNOWLEDGEMENT + content.length, keep) as pace,
            _opened(client, request) as answer,
        ):
            return _is_same(answer, content, pace)
    except HTTPError as exc:
        with exc:
            if exc.code >= 500 or exc.code == TOO_MANY:
                raise
        return False


def _is_same(answer: HTTPResponse, content: Content, pace: _Pace) -> bool:
    content.file.seek(0)
    while ours := content.file.read(AT_ONCE):
        pace.moved()
        if answer.read(len(ours)) != ours:
            return False
    return not answer.read(1)


class NotShownError(Exception):
    """Slack does not show us a file, or it is nowhere that the token may be sent to."""


def fetch(client: WebClient, address: str, keep: Keep, *, largest: int) -> bytes:
    """Return the bytes at a file's private address, at most ``largest``.

    NotShownError where Slack shows them to others only, which is what a redirect to its login means, and for an
    address that is not Slack's own; TooLargeError; OSError or HTTPException when it cannot be said now.
    """
    if not is_slacks_own(address, client.base_url):
        raise NotShownError
    request = Request(address, headers={"Authorization": f"Bearer {client.token}"})  # noqa: S310 - checked above
    try:
        with (
            _limited(client, largest, LARGEST_ACKNOWLEDGEMENT + largest, keep) as pace,
            _opened(client, request) as answer,
        ):
            content = _read(answer, pace, largest + 1)
    except HTTPError as exc:
        if exc.code >= 500 or exc.code == TOO_MANY:
            raise
        exc.close()
        raise NotShownError from None
    if len(content) > largest:
        raise TooLargeError
    return content


def is_slacks_own(address: str, base_url: str) -> bool:
    """Say whether an address is at the Slack that ``base_url`` is the Web API of, so that it may see the token."""
    base = urlsplit(base_url)
    try:
        there = urlsplit(address)
        scheme, host, port = _origin(there)
    except ValueError:
        return False
    is_below = host.endswith(f".{base.hostname}") and scheme == base.scheme == "https" and port in {None, 443}
    return is_below or (scheme, host, port) == _origin(base)


def _origin(address: SplitResult) -> tuple[str, str, int | None]:
    return address.scheme, address.hostname or "", address.port


def _read(answer: HTTPResponse, pace: _Pace, most: int) -> bytes:
    found = bytearray()
    while len(found) < most:
        pace.moved()
        part = answer.read(min(AT_ONCE, most - len(found)))
        if not part:
            break
        found += part
    return bytes(found)


@contextmanager
def _limited(client: WebClient, length: int, largest: int, keep: Keep) -> Iterator[_Pace]:
    """Give a transfer of ``length`` bytes its end in time, and its answer one of ``largest`` bytes."""
    with limited(total_s=client.timeout, largest=largest) as limit:
        yield _Pace(limit, length, part_s=client.timeout, keep=keep)


@contextmanager
def _opened(client: WebClient, request: Request) -> Iterator[HTTPResponse]:
    """Open an address the way of all calls to Slack."""
    way = opener(client.ssl, _NoRedirects(), proxy=client.proxy)
    with way.open(request, timeout=client.timeout) as answer:
        yield answer
