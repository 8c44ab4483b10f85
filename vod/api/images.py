"""Asks an image's own address whether it is still served: the only proof for images known by address alone."""

from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request

import httpx

from vod.sdk import bounded

DEFAULT_PORTS = {"http": 80, "https": 443}
GONE = frozenset({404, 410})

LARGEST_HEAD = 256 * 1024
"""Bytes of status and headers, and of what arrives with them; of the picture nothing is read."""


def image_is_served(url: str, *, allowed_domains: frozenset[str], timeout_s: float) -> bool | None:
    """True when the address answers 2xx, False when it answers 404 or 410, None when neither is proven.

    None is for everything else: 403 (an expired signature says the same of pictures that are there),
    redirects (not followed: they may lead to a stand-in), 5xx, no answer within `timeout_s` seconds, and
    addresses not allowed, for which nothing is sent. `allowed_domains` holds `host` or `host:port`, compared
    exactly. Only headers are read. A cache on the way (CDN) may still answer for a picture that is deleted.
    """
    address = _allowed(url, allowed_domains)
    if address is None:
        return None
    try:
        status = _status(address, timeout_s)
    except (HTTPException, OSError, ValueError):
        return None
    if 200 <= status < 300:
        return True
    return False if status in GONE else None


def _status(address: httpx.URL, timeout_s: float) -> int:
    local = address.host == "localhost" or address.host.startswith("127.")
    headers = {"Cache-Control": "no-cache", "Accept": "image/*", "Accept-Encoding": "identity"}
    request = Request(str(address.copy_with(fragment=None)), headers=headers)  # noqa: S310 - http or https: see _allowed
    if request.host != address.netloc.decode("ascii"):
        raise ValueError("two readers of one address find two hosts in it")
    way = bounded.opener(None, _NoRedirects(), *([ProxyHandler({})] if local else []))
    with bounded.limited(total_s=timeout_s, largest=LARGEST_HEAD):
        try:
            with way.open(request, timeout=timeout_s) as answer:
                return int(answer.status)
        except HTTPError as refused:
            with refused:
                return refused.code


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nothing: a redirect may lead to a stand-in."""


def _allowed(url: str, allowed_domains: frozenset[str]) -> httpx.URL | None:
    """The parsed address if it may be asked; parsed by what will send it, so that both see the same host."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        return None
    if address.scheme not in DEFAULT_PORTS or address.userinfo or not address.host:
        return None
    host = address.raw_host.decode("ascii").lower()
    port = address.port
    names = {f"{host}:{port or DEFAULT_PORTS[address.scheme]}"}
    if port is None or port == DEFAULT_PORTS[address.scheme]:
        names.add(host)
    return address if names & allowed_domains else None
