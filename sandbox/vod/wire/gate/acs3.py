"""Alibaba Cloud's newer signature, ACS3-HMAC-SHA256, calculated here independently of any SDK.

What is signed is named in the `Authorization` header; action, version, date and nonce are headers as well.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{{64}})"
)
MUST_BE_SIGNED = frozenset(
    {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
)
"""Headers without whose signature a request could be turned into another one."""


@dataclass(frozen=True)
class Authorization:
    """What the `Authorization` header claims."""

    access_key_id: str
    signed_headers: tuple[str, ...]
    signature: str


def authorization(header: str) -> Authorization | None:
    """Read an `Authorization` header; None for what is not of this algorithm."""
    found = _AUTHORIZATION.fullmatch(header.strip())
    return Authorization(found[1], tuple(found[2].split(";")), found[3]) if found else None


def canonical_request(
    method: str, path: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str], signed: tuple[str, ...]
) -> str:
    """The lines that are hashed and signed. `headers` by lower-case name; the body is in x-acs-content-sha256."""
    pairs = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(query))
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    content = headers.get("x-acs-content-sha256", "")
    return "\n".join((method, path or "/", pairs, lines, ";".join(signed), content))


def string_to_sign(canonical: str) -> str:
    """The algorithm, and the hash of what is signed."""
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def sign(canonical: str, secret: str) -> str:
    """The signature in hexadecimal digits."""
    return hmac.new(secret.encode(), string_to_sign(canonical).encode(), hashlib.sha256).hexdigest()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
