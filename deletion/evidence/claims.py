"""What the log says that a column holds, and whether it does. Pure."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from deletion.terms import canonical

SHOWN = 80
"""Characters of a value that are shown: enough to see which it is."""


class Claim(Protocol):
    """What the log says of one column."""

    def allows(self, value: object) -> bool:
        """Say whether a stored value is what the log says."""
        ...

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Exactly:
    """One value and no other."""

    value: str | int | None

    def allows(self, value: object) -> bool:
        """Compare types too: a text that looks like a number is not that number."""
        return isinstance(value, str) == isinstance(self.value, str) and value == self.value

    def __str__(self) -> str:
        return shown(self.value)


@dataclass(frozen=True)
class OneOf:
    """One of several values: the log does not say which."""

    values: tuple[str | int | None, ...]

    def allows(self, value: object) -> bool:
        """Say whether it is one of them."""
        return any(Exactly(each).allows(value) for each in self.values)

    def __str__(self) -> str:
        return " or ".join(map(shown, self.values))


@dataclass(frozen=True)
class Means:
    """A stored text that ``read`` reads as this meaning, whatever else it notes; ``text`` shows it."""

    meaning: object
    read: Callable[[str], object]
    text: str

    def allows(self, value: object) -> bool:
        """Read the stored text; one that cannot be read means nothing."""
        if not isinstance(value, str):
            return False
        try:
            return self.read(value) == self.meaning
        except canonical.MALFORMED:
            return False

    def __str__(self) -> str:
        return shown(self.text)


@dataclass(frozen=True)
class HasDigest:
    """A text whose SHA-256 is this."""

    digest: str

    def allows(self, value: object) -> bool:
        """Hash the stored text."""
        return isinstance(value, str) and canonical.sha256(canonical.clean(value)) == self.digest

    def __str__(self) -> str:
        return f"a text with the SHA-256 {self.digest}"


@dataclass(frozen=True)
class IsSet:
    """Any value: an earlier version did not write which."""

    def allows(self, value: object) -> bool:
        """Say whether there is one."""
        return value is not None

    def __str__(self) -> str:
        return "a time"


def json_of(value: Any) -> Means:
    """Return the claim that a stored text is this value as JSON."""
    text = canonical.dumps(value)
    return Means(canonical.loads(text), canonical.loads, text)


Said: TypeAlias = Mapping[str, Claim]
"""What the log says of a row, by column; it says nothing of the others."""

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Mismatch:
    """A place where a table does not hold what the log says."""

    table: str
    row: str
    column: str
    log: str
    found: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}, {self.column}: the log says {self.log}, the table says {self.found}"


@dataclass(frozen=True)
class Stray:
    """A row that the log says nothing of, or one that it speaks of and that is not there."""

    table: str
    row: str
    missing: bool

    def __str__(self) -> str:
        if self.missing:
            return f"{self.table} {self.row}: it is in the log, but there is no such row in the table"
        return f"{self.table} {self.row}: the row is in the table, but it is not in the log"


Finding: TypeAlias = Mismatch | Stray


def compared(table: str, name: str, row: Row, ways: Sequence[Said]) -> Iterator[Mismatch]:
    """Compare a row with the ways in which the log allows it to stand; yield how it differs from the nearest."""
    wrong: list[tuple[Said, list[str]]] = []
    for said in ways:
        columns = [column for column, claim in said.items() if not claim.allows(row.get(column))]
        if not columns:
            return
        wrong.append((said, columns))
    nearest, differing = min(wrong, key=lambda each: len(each[1]))
    for column in differing:
        yield Mismatch(table, name, column, str(nearest[column]), shown(row.get(column)))


def strays(table: str, names: Iterable[str], *, missing: bool) -> Iterator[Stray]:
    """Yield rows that are in one of both only."""
    for name in names:
        yield Stray(table, name, missing)


def shown(value: object) -> str:
    """Return a stored value for people: short, in quotation marks, without anything a terminal would obey."""
    match value:
        case None:
            return "nothing"
        case bool() | int():
            return str(value)
        case str():
            text = value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
            return json.dumps(text, ensure_ascii=False)
        case _:
            return f"a {type(value).__name__}"
