"""Asks an image's own address whether it is still served: the only proof for images known by address alone."""

import ssl
from functools import cache

import httpx

from vod.sdk.silence import silence_httpx

DEFAULT_PORTS = {"http": 80, "https": 443}
GONE = frozenset({404, 410})


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
    silence_httpx()
    try:
        status = _status(address, timeout_s)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return None
    if 200 <= status < 300:
        return True
    return False if status in GONE else None


def _status(address: httpx.URL, timeout_s: float) -> int:
    local = address.host == "localhost" or address.host.startswith("127.")
    headers = {"Cache-Control": "no-cache", "Accept": "image/*", "Accept-Encoding": "identity"}
    with (
        httpx.Client(verify=_trusted(), timeout=timeout_s, follow_redirects=False, trust_env=not local) as client,
        client.stream("GET", address, headers=headers) as answer,
    ):
        return answer.status_code


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust, read once: that takes a hundred times as long as all else about a client."""
    return httpx.create_ssl_context()


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
