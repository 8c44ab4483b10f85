"""The grammar of SearchMedia's `Match`: conditions joined by "and"; those joined by "or" stand in parentheses."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.vod.model.media import Image, Video
from sandbox.vod.wire import errors

Media = Video | Image
Test = Callable[[Media], bool]

_TOKEN = re.compile(
    r"\s*(?:'(?P<text>[^']*)'|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z]+)|(?P<sign>[=,()\[\]]))\s*"
)
_MOST_VIDEO_IDS = 100


@dataclass(frozen=True)
class _Field:
    """A field, how it is read, and what may be asked of it; `range` is what its intervals are of."""

    read: Callable[[Media], str | float | datetime]
    exact: bool = False
    fuzzy: bool = False
    multi: bool = False
    range: type | None = None


def _shared() -> dict[str, _Field]:
    return {
        "AppId": _Field(lambda one: one.app_id, multi=True),
        "CateId": _Field(lambda one: float(one.category_id), exact=True),
        "StorageLocation": _Field(lambda one: one.storage_location, exact=True, multi=True),
        "Title": _Field(lambda one: one.title, fuzzy=True, multi=True),
        "Tags": _Field(lambda one: ",".join(one.tags), fuzzy=True, multi=True),
        "Status": _Field(lambda one: one.status, multi=True),
        "CreationTime": _Field(lambda one: one.created, range=datetime),
    }


_FIELDS: Mapping[type, Mapping[str, _Field]] = {
    Video: _shared()
    | {
        "VideoId": _Field(lambda one: one.video_id if isinstance(one, Video) else "", exact=True, multi=True),
        "Description": _Field(
            lambda one: one.description if isinstance(one, Video) else "", fuzzy=True, multi=True
        ),
        "Size": _Field(lambda one: float(one.size), range=float),
        "Duration": _Field(lambda one: one.duration if isinstance(one, Video) else 0.0, range=float),
        "ModificationTime": _Field(
            lambda one: one.modified if isinstance(one, Video) else one.created, range=datetime
        ),
    },
    Image: _shared()
    | {
        "ImageId": _Field(lambda one: one.image_id if isinstance(one, Image) else "", exact=True),
        "FileName": _Field(lambda one: one.file_name if isinstance(one, Image) else "", fuzzy=True, multi=True),
    },
}


@dataclass(frozen=True)
class Span:
    """An interval; None is an open end, `closed` says whether an end belongs to it."""

    low: Any
    high: Any
    closed: tuple[bool, bool]

    def holds(self, value: Any) -> bool:
        """Whether a value lies within."""
        low, high = self.low, self.high
        over = low is None or value > low or (self.closed[0] and value == low)
        return over and (high is None or value < high or (self.closed[1] and value == high))


@dataclass(frozen=True)
class Match:
    """A whole expression. `created` are its intervals of CreationTime, which are not in `test`.

    `rest` is the expression without them: two with the same rest find the same within an interval.
    """

    created: tuple[Span, ...]
    test: Test
    rest: str


def read(match: str, kind: type) -> Match:
    """Read an expression about videos or images. Raises ErrorMatchSyntax."""
    return _Reader(match, _FIELDS[kind]).whole()


class _Reader:
    """Reads from left to right; what it does not expect is an error."""

    def __init__(self, match: str, fields: Mapping[str, _Field]) -> None:
        self._fields = fields
        self._tokens: list[tuple[str, str]] = []
        at, text = 0, match.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise errors.wrong_match()
            self._tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            at = found.end()
        self._at = 0

    def whole(self) -> Match:
        created: list[Span] = []
        tests: list[Test] = []
        rest: list[str] = []
        while self._tokens:
            start = self._at
            term = self._term()
            if isinstance(term, Span):
                created.append(term)
            else:
                tests.append(term)
                rest.append(repr(self._tokens[start : self._at]))
            if self._at == len(self._tokens):
                break
            self._expect("word", "and")
        return Match(tuple(created), lambda one: all(test(one) for test in tests), " ".join(rest))

    def _term(self) -> Test | Span:
        if self._next() != ("sign", "("):
            return self._condition()
        self._expect("sign", "(")
        tests = [_as_test(self._condition())]
        while self._next() == ("word", "or"):
            self._expect("word", "or")
            tests.append(_as_test(self._condition()))
        self._expect("sign", ")")
        return lambda one: any(test(one) for test in tests)

    def _condition(self) -> Test | Span:
        name = self._expect("word")
        field = self._fields.get(name)
        if field is None:
            raise errors.wrong_match()
        if self._next() == ("word", "in"):
            return self._among(name, field)
        self._expect("sign", "=")
        if self._next() in {("sign", "("), ("sign", "[")}:
            span = self._span(field)
            return span if name == "CreationTime" else lambda one: span.holds(field.read(one))
        if not (field.exact or field.fuzzy or field.multi):
            raise errors.wrong_match()
        return _one_of(field, [self._value(field)])

    def _among(self, name: str, field: _Field) -> Test:
        self._expect("word", "in")
        self._expect("sign", "(")
        values = [self._value(field)]
        while self._next() == ("sign", ","):
            self._expect("sign", ",")
            values.append(self._value(field))
        self._expect("sign", ")")
        if not field.multi or (name == "VideoId" and len(values) > _MOST_VIDEO_IDS):
            raise errors.wrong_match()
        return _one_of(field, values)

    def _span(self, field: _Field) -> Span:
        opening = self._expect("sign")
        low = None if self._next() == ("sign", ",") else self._bound()
        self._expect("sign", ",")
        high = None if self._next()[1] in {")", "]"} else self._bound()
        closing = self._expect("sign")
        ends = [end for end in (low, high) if end is not None]
        if field.range is None or not ends or not all(isinstance(end, field.range) for end in ends):
            raise errors.wrong_match()
        if closing not in {")", "]"}:
            raise errors.wrong_match()
        return Span(low, high, (opening == "[", closing == "]"))

    def _bound(self) -> float | datetime:
        kind, value = self._take()
        if kind == "number":
            return float(value)
        try:
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise errors.wrong_match() from None

    def _value(self, field: _Field) -> str | float:
        kind, value = self._take()
        if kind == "text":
            return value
        if kind == "number" and field.exact:
            return float(value)
        raise errors.wrong_match()

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        found = self._next()
        self._at += 1
        return found

    def _expect(self, kind: str, value: str | None = None) -> str:
        found = self._take()
        if found[0] != kind or (value is not None and found[1] != value):
            raise errors.wrong_match()
        return found[1]


def _as_test(term: Test | Span) -> Test:
    return (lambda one: term.holds(one.created)) if isinstance(term, Span) else term


def _one_of(field: _Field, values: list[str | float]) -> Test:
    if field.fuzzy:
        parts = [str(value).casefold() for value in values]
        return lambda one: any(part in str(field.read(one)).casefold() for part in parts)
    return lambda one: field.read(one) in values
