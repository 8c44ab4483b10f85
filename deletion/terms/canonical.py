"""Canonical JSON: one text per value, so that a hash over the text is a hash over the value.

RFC 8785 restricted to what needs no number formatting: ASCII keys, strings, integers below 2**53, booleans,
null, lists and objects. Floats are refused. Within that, sorted compact ``json.dumps`` is RFC 8785 byte for
byte; the tests compare the two.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

MALFORMED: tuple[type[Exception], ...] = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError),
)
"""What reading a stored text may raise, when somebody else wrote it than we."""

_UNSOUND = re.compile("[\0\ud800-\udfff]")

LARGEST = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 7493)."""


class NotCanonicalError(ValueError):
    """A value that has no canonical text: a float, a huge integer, a key that is not ASCII, a lone surrogate."""


def dumps(value: Json) -> str:
    """Return the canonical text of a value."""
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def loads(text: str) -> Any:
    """Read a canonical text back."""
    return json.loads(text)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def clean(text: str) -> str:
    """Replace what a database or a hash cannot carry: NUL and lone surrogates become U+FFFD."""
    return _UNSOUND.sub("\ufffd", text)


def _check(value: Json) -> None:
    match value:
        case None | bool():
            return
        case str():
            _check_text(value)
        case int():
            if abs(value) > LARGEST:
                raise NotCanonicalError(f"the integer {value} is beyond 2**53")
        case Mapping():
            for key, inner in value.items():
                if not key.isascii():
                    raise NotCanonicalError(f"the key {key!r} is not ASCII")
                _check(inner)
        case list() | tuple():
            for inner in value:
                _check(inner)
        case _:
            raise NotCanonicalError(f"a {type(value).__name__} has no canonical form")


def _check_text(value: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise NotCanonicalError("the text holds a lone surrogate") from exc
