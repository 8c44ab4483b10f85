"""Files in Slack: bytes sent to where Slack takes them, and read back with the bot's token from Slack alone."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request

from slack_sdk import WebClient

from vod.sdk.bounded import TooLargeError, limited, opener

TOO_MANY = 429

IN_MEMORY = 1024 * 1024
"""Bytes of a file that are kept in memory until it is sent; a longer one is kept on the disk."""

AT_ONCE = 64 * 1024
"""Bytes of a file that are compared at once."""

LARGEST_ACKNOWLEDGEMENT = 256 * 1024
"""Bytes of an answer besides the file that is read: its headers, or the word that a file was taken."""


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


def send(client: WebClient, address: str, content: Content) -> None:
    """Send a file to an address that ``files.getUploadURLExternal`` gave; OSError when it is not taken."""
    if urlsplit(address).scheme not in {"https", "http"}:
        raise OSError("an address for a file that is no address of the web")
    content.file.seek(0)
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(content.length)}
    request = Request(address, data=content.file, headers=headers, method="POST")  # noqa: S310 - Slack gave it
    with _opened(client, request, LARGEST_ACKNOWLEDGEMENT):
        return


def holds(client: WebClient, address: str, content: Content) -> bool:
    """Say whether exactly these bytes are at a file's private address.

    False for an address that is not Slack's own, which is not asked, and where Slack does not show us the file;
    OSError or HTTPException when nothing can be said now. No more is read than it takes to tell.
    """
    if not is_slacks_own(address, client.base_url):
        return False
    request = Request(address, headers={"Authorization": f"Bearer {client.token}"})  # noqa: S310 - checked above
    try:
        with _opened(client, request, LARGEST_ACKNOWLEDGEMENT + content.length) as answer:
            return _is_same(answer, content)
    except HTTPError as exc:
        with exc:
            if exc.code >= 500 or exc.code == TOO_MANY:
                raise
        return False


def _is_same(answer: HTTPResponse, content: Content) -> bool:
    content.file.seek(0)
    while ours := content.file.read(AT_ONCE):
        if answer.read(len(ours)) != ours:
            return False
    return not answer.read(1)


class NotShownError(Exception):
    """Slack does not show us a file, or it is nowhere that the token may be sent to."""


def fetch(client: WebClient, address: str, *, largest: int) -> bytes:
    """Return the bytes at a file's private address, at most ``largest``.

    NotShownError where Slack shows them to others only, which is what a redirect to its login means, and for an
    address that is not Slack's own; TooLargeError; OSError or HTTPException when it cannot be said now.
    """
    if not is_slacks_own(address, client.base_url):
        raise NotShownError
    request = Request(address, headers={"Authorization": f"Bearer {client.token}"})  # noqa: S310 - checked above
    try:
        with _opened(client, request, LARGEST_ACKNOWLEDGEMENT + largest) as answer:
            content = answer.read(largest + 1)
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


@contextmanager
def _opened(client: WebClient, request: Request, largest: int) -> Iterator[HTTPResponse]:
    """Open an address the way of all calls to Slack, with an end in time and in bytes."""
    way = opener(client.ssl, _NoRedirects(), proxy=client.proxy)
    with limited(total_s=client.timeout, largest=largest), way.open(request, timeout=client.timeout) as answer:
        yield answer
