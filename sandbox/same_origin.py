"""Keeps other web pages out: a browser on this machine must not carry their requests to the sandbox.

A page from anywhere can make a browser ask 127.0.0.1, and by DNS rebinding it can even read the answers.
Browsers say in headers what they were told to ask and by whom; programs send no `Origin`, and name the address
they connected to.
"""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


class SameOrigin:
    """An application that answers 403 to what came by another name or from another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        why = refusal(scope) if scope["type"] in {"http", "websocket"} else None
        if why is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": why})  # before accepting: HTTP's 403
        else:
            await PlainTextResponse(f"{why}\n", 403)(scope, receive, send)


def refusal(scope: Scope) -> str | None:
    """Say why a request is none of this machine's programs' or of our own pages'; None when it is."""
    headers = Headers(scope=scope)
    host, origin = headers.get("host", ""), headers.get("origin")
    if not _LOOPBACK.fullmatch(host):
        return f"The sandbox answers to 127.0.0.1 and localhost, not to the host {host[:100]!r}."
    if origin is not None and not _is_ours(origin, host):
        return f"The sandbox takes nothing from pages of another origin ({origin[:100]!r})."
    if headers.get("sec-fetch-site") == "cross-site" and not _opens_the_page(scope, headers):
        return "The sandbox takes nothing from pages of another site."
    return None


def _is_ours(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


def _opens_the_page(scope: Scope, headers: Headers) -> bool:
    """Somebody follows a link from elsewhere to the page itself."""
    return (
        scope.get("method") == "GET"
        and scope["path"] == "/"
        and not scope["query_string"]
        and headers.get("sec-fetch-mode") == "navigate"
    )
