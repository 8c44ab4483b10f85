"""Alibaba Cloud's RPC signature (version 1.0, HMAC-SHA1), calculated here independently of any SDK."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    """METHOD & %2F & the sorted, RFC 3986-encoded query, encoded once more. `Signature` itself is left out."""
    signed = sorted((name, value) for name, value in parameters.items() if name != "Signature")
    canonical = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in signed)
    return f"{method}&{_encoded('/')}&{_encoded(canonical)}"


def sign(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """The Base64 signature of a request with these parameters (query and form together)."""
    text = string_to_sign(method, parameters)
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def matches(method: str, parameters: Mapping[str, str], secret: str) -> bool:
    """Whether the request's `Signature` is the right one."""
    given = parameters.get("Signature", "")
    return hmac.compare_digest(given.encode(), sign(method, parameters, secret).encode())


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
