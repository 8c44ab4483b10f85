"""What must be true of media to be proposed for deletion: conditions that all hold. Pure.

A condition on what VOD does not say of something is not met by it. ``OPERATORS`` says what can be asked of what.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from deletion.terms.canonical import Json


class Field(StrEnum):
    """What there is to ask about; the words people type."""

    TITLE = "title"
    CATEGORY = "category"
    CATEGORY_ID = "category-id"
    TAG = "tag"
    STATUS = "status"
    CREATED = "created"
    SIZE = "size"
    STORAGE = "storage"


class Op(StrEnum):
    """How a value is compared; what people type."""

    IS = "="
    HAS = "~"
    LESS = "<"
    MOST = "<="
    MORE = ">"
    LEAST = ">="


OPERATORS: Mapping[Field, tuple[Op, ...]] = {
    Field.TITLE: (Op.IS, Op.HAS),
    Field.CATEGORY: (Op.IS,),
    Field.CATEGORY_ID: (Op.IS,),
    Field.TAG: (Op.IS,),
    Field.STATUS: (Op.IS,),
    Field.CREATED: (Op.IS, Op.LESS, Op.MOST, Op.MORE, Op.LEAST),
    Field.SIZE: (Op.IS, Op.LESS, Op.MOST, Op.MORE, Op.LEAST),
    Field.STORAGE: (Op.IS,),
}
"""What people may type. A stored query has times as ``>=`` and ``<`` alone."""

COUNTED_BY_VOD = frozenset({Field.CATEGORY_ID, Field.STATUS, Field.CREATED, Field.SIZE})
"""Fields that VOD itself compares exactly: of a query of these alone VOD's own count is the number of matches."""

VIDEO_ONLY = frozenset({Field.SIZE, Field.STORAGE})
"""Fields that VOD does not tell of images when it searches."""

STATUSES = (
    *("Uploading", "UploadFail", "UploadSucc", "Transcoding", "TranscodeFail"),
    *("Checking", "Blocked", "Normal", "ProduceFail"),
)
STORAGE_CLASSES = (
    *("Standard", "IA", "Archive", "ColdArchive", "SourceIA", "SourceArchive", "SourceColdArchive"),
    *("Changing", "SourceChanging"),
)

LATEST = 253_402_300_799
"""The last second of the year 9999: no later one can be written."""

_SAFE = re.compile(r"[\w\-./ ]+")
"""What can stand in a quoted value of VOD's search language, whose rules for escaping nobody has written down."""

_UNITS = {"TB": 10**12, "GB": 10**9, "MB": 10**6, "kB": 10**3}
_QUOTES = (('"', '"'), ("'", "'"), ("\u300c", "\u300d"), ("\u00ab", "\u00bb"))


class Facts(Protocol):
    """What is known of something that a search found, or that was read."""

    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str | None: ...  # noqa: D102
    @property
    def size(self) -> int | None: ...  # noqa: D102
    @property
    def created(self) -> datetime | None: ...  # noqa: D102
    @property
    def category(self) -> str | None: ...  # noqa: D102
    @property
    def category_id(self) -> str | None: ...  # noqa: D102
    @property
    def tags(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def storage_class(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, order=True)
class Condition:
    """One condition. The value is text, bytes for SIZE, seconds since 1970 for CREATED."""

    field: Field
    op: Op
    value: str | int

    def text(self) -> str:
        """Return it as it can be typed; times in UTC."""
        value = self.value
        if self.field is Field.CREATED and isinstance(value, int):
            value = stamp(value)
        if self.field is Field.SIZE and isinstance(value, int):
            value = _shortened(value)
        return f"{self.field}{self.op}{_quoted(str(value))}"

    def holds(self, facts: Facts) -> bool:
        """Say whether it is true."""
        return _TESTS[self.field](facts, self)


@dataclass(frozen=True)
class Query:
    """Conditions that all hold; at least one."""

    conditions: tuple[Condition, ...]

    def text(self) -> str:
        """Return it as it can be typed."""
        return " ".join(each.text() for each in self.conditions)

    def matches(self, facts: Facts) -> bool:
        """Say whether every condition holds."""
        return all(each.holds(facts) for each in self.conditions)

    @property
    def is_counted_by_vod(self) -> bool:
        """Say whether VOD's own count is the number of matches, not only as many as there can be."""
        return all(each.field in COUNTED_BY_VOD for each in self.conditions)

    def bounds(self, field: Field) -> tuple[int | None, int | None]:
        """Return from where (inclusive) to where (exclusive) a number may lie."""
        mine = [(each.op, each.value) for each in self.conditions if each.field is field]
        values = [(op, value) for op, value in mine if isinstance(value, int)]
        lows = [value + (op is Op.MORE) for op, value in values if op in {Op.IS, Op.MORE, Op.LEAST}]
        highs = [value + (op is not Op.LESS) for op, value in values if op in {Op.IS, Op.LESS, Op.MOST}]
        return max(lows, default=None), min(highs, default=None)

    def expression(self, since: datetime | None = None) -> str:
        """Return what VOD can look for by itself, in its search language; what it finds has to be looked at again.

        ``since``: nothing older. Of a typed text only letters, digits and a few harmless signs get into it.
        """
        parts = [*filter(None, map(_expression, self.conditions))]
        low, high = self.bounds(Field.CREATED)
        if since is not None:
            low = max(low or 0, int(since.timestamp()))
        if low is not None or high is not None:
            parts.append(f"CreationTime = {_interval(_moment(low), _moment(high))}")
        least, below = self.bounds(Field.SIZE)
        if least is not None or below is not None:
            parts.append(f"Size = {_interval(*('' if end is None else str(end) for end in (least, below)))}")
        return " and ".join(parts)

    def to_json(self) -> Json:
        """Return it as a value for canonical JSON."""
        return [[each.field, each.op, each.value] for each in self.conditions]

    @classmethod
    def from_json(cls, value: Iterable[Any]) -> "Query":
        """Read back what ``to_json`` made."""
        return cls(tuple(Condition(Field(field), Op(op), what) for field, op, what in value))


def stamp(seconds: int) -> str:
    """Return a time as VOD writes it; one that it cannot write, as seconds from 1970."""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return f"1970-01-01T00:00:00Z{seconds:+}s"


def _shortened(size: int) -> str:
    unit = next((unit for unit in _UNITS if size and size % _UNITS[unit] == 0), "B")
    return f"{size // _UNITS.get(unit, 1)}{unit}"


def _interval(low: str, high: str) -> str:
    """Return an interval that an end of '' leaves open; its beginning belongs to it, its end does not."""
    return f"{'[' if low else '('}{low},{high})"


def _moment(seconds: int | None) -> str:
    return "" if seconds is None else f"'{stamp(seconds)}'"


def _expression(condition: Condition) -> str:
    value = str(condition.value)
    match condition.field:
        case Field.TITLE | Field.TAG:
            harmless = max((part.strip() for part in _SAFE.findall(value)), key=len, default="")
            name = "Title" if condition.field is Field.TITLE else "Tags"
            return f"{name} = '{harmless}'" if harmless else ""
        case Field.STATUS if value in STATUSES:
            return f"Status in ('{value}')"
        case Field.CATEGORY_ID if value.isascii() and value.isdigit():
            return f"CateId = {value}"
        case _:
            return ""


def _quoted(value: str) -> str:
    if re.fullmatch(r"[\w\-.:+/]+", value):
        return value
    opening, closing = next((pair for pair in _QUOTES if not set(pair) & set(value)), _QUOTES[0])
    return f"{opening}{value}{closing}"


def _number(value: int, condition: Condition) -> bool:
    wanted = condition.value
    if not isinstance(wanted, int):
        return False
    tests = {
        Op.IS: value == wanted,
        Op.LESS: value < wanted,
        Op.MOST: value <= wanted,
        Op.MORE: value > wanted,
        Op.LEAST: value >= wanted,
    }
    return tests.get(condition.op, False)


def _title(facts: Facts, condition: Condition) -> bool:
    wanted = str(condition.value)
    return wanted.casefold() in facts.title.casefold() if condition.op is Op.HAS else facts.title == wanted


_TESTS: Mapping[Field, Callable[[Facts, Condition], bool]] = {
    Field.TITLE: _title,
    Field.CATEGORY: lambda facts, one: facts.category == one.value,
    Field.CATEGORY_ID: lambda facts, one: facts.category_id == one.value,
    Field.TAG: lambda facts, one: one.value in facts.tags,
    Field.STATUS: lambda facts, one: facts.status == one.value,
    Field.CREATED: lambda facts, one: facts.created is not None and _number(int(facts.created.timestamp()), one),
    Field.SIZE: lambda facts, one: facts.size is not None and _number(facts.size, one),
    Field.STORAGE: lambda facts, one: facts.storage_class == one.value,
}
