"""Reads single values of VOD's JSON, defensively: numbers come as strings, lists wrapped, keys or no keys."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Answer = Mapping[str, Any]
MOST_DIGITS = 18
LARGEST_PLAIN = 10**MOST_DIGITS - 1


class UnreadableError(ValueError):
    """A part of the answer that decides something has a shape nobody has described."""


def records(value: object, wrapper: str = "") -> list[Answer]:
    """The objects of a list, bare or wrapped as `{"PlayInfo": [...]}`; anything else is passed over."""
    if isinstance(value, dict):
        value = value.get(wrapper)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def whole_list(value: object, wrapper: str) -> list[Answer]:
    """As `records`, but for lists that prove absence: no list is not an empty one, and nothing is passed over."""
    inner = value.get(wrapper) if isinstance(value, dict) else value
    if not isinstance(inner, list) or not all(isinstance(each, dict) for each in inner):
        raise UnreadableError("a list in an unknown shape")
    return inner


def record(value: object) -> Answer:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def ids(value: object) -> frozenset[str]:
    """A list of ids in any of the shapes VOD's pages show: list, bare string, JSON in a string, null, nothing.

    Raises UnreadableError for any other: which ids VOD refused must not be guessed.
    """
    if value is None:
        return frozenset()
    if isinstance(value, str):
        return _ids_of_text(value.strip())
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return frozenset(value)
    raise UnreadableError("a list of ids in an unknown shape")


def _ids_of_text(value: str) -> frozenset[str]:
    if not value.startswith("["):
        return frozenset(part.strip() for part in value.split(",") if part.strip())
    try:
        inner = json.loads(value)
    except ValueError:
        raise UnreadableError("a list of ids in an unknown shape") from None  # the cause would quote the answer
    if not isinstance(inner, list):
        raise UnreadableError("a list of ids in an unknown shape")
    return ids(inner)


def text(value: object) -> str | None:
    """A string that is not empty; numbers are written out (ids of categories come as either)."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def whole(value: object, scale: int = 1) -> int | None:
    """`value * scale` as a whole number that is not negative, from a number or a string of one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int) and 0 <= value <= LARGEST_PLAIN:
        return value * scale
    plain = str(value)
    if plain.isdecimal() and plain.isascii() and len(plain) <= MOST_DIGITS:
        return int(plain) * scale
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0 or number.adjusted() > MOST_DIGITS:
        return None
    return round(number * scale)


def milliseconds(value: object) -> int | None:
    """Seconds, as VOD gives durations ("3.1667"), in milliseconds."""
    return whole(value, 1000)


def moment(value: object) -> datetime | None:
    """`yyyy-MM-ddTHH:mm:ssZ`. A time without a zone is no time."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        return read.astimezone(UTC) if read.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def tags(value: object) -> tuple[str, ...]:
    """Tags come as one comma-separated string (or as a list)."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())
