"""The conditions after ``--where``: ``category="Old trailers" created<2024-01-01 size>1GB``. Pure.

All of them hold at once. A day is meant in UTC unless it has an offset; sizes count in thousands, as shown.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from deletion.terms import canonical
from deletion.terms.blank import is_blank, without_unseen
from deletion.terms.requests.query import (
    LATEST,
    OPERATORS,
    STATUSES,
    STORAGE_CLASSES,
    VIDEO_ONLY,
    Condition,
    Field,
    Op,
    Query,
)
from handlers.commands.syntax import lexing
from handlers.commands.syntax.lexing import Quoted, UnclosedQuoteError
from handlers.commands.syntax.problems import Problem, Wrong

MOST_CONDITIONS = 20
LONGEST_VALUE = 200
LONGEST_QUERY = 1_000
"""Characters of a query that a card shows."""

FIELDS = tuple(Field)
PLAYS = frozenset({"plays", "views", "vv", "played"})
"""What people call a number that VOD's search does not know."""

LIKE = 0.5
"""How much a word must look like a field to be taken for a misspelt one: they are short."""

UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9, "t": 10**12}
UNITS |= {"tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}

MOST_TB = canonical.LARGEST // UNITS["tb"]
"""Terabytes that a size may have: the record keeps no larger number, nor VOD anything near it."""

DAY_S = 86_400

_JOINERS = frozenset({"and", "&&", "&", ","})
_ORS = frozenset({"or", "||", "|"})
_PLAIN = str.maketrans({"\uff1d": "=", "\uff5e": "~", "\uff1c": "<", "\uff1e": ">", "\u2264": "<=", "\u2265": ">="})
_SIGNS = re.escape(lexing.OPERATORS + "!")
_SHAPE = re.compile(f"(?P<field>[^{_SIGNS}]*)(?P<op>[{_SIGNS}]*)(?P<value>.*)", re.DOTALL)
_SIZE = re.compile(r"(?P<number>[0-9]{1,30}(?:\.[0-9]{1,6})?) ?(?P<unit>[a-z]*)", re.IGNORECASE)
_DAY = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?")
_OFFSET = re.compile(r"(Z|[+-][0-9]{2}:?[0-9]{2})$")
_NAMES = "|".join((*FIELDS, "tags", "titles", *PLAYS))
_ANOTHER = re.compile(rf"(?:^|[,;&|])\s*(?:{_NAMES})[{_SIGNS}]", re.IGNORECASE)
"""Where another condition begins in a value that has no blanks."""

Found = list[Problem]


def parse(tokens: Sequence[str], *, is_image: bool, found: Found) -> Query | None:
    """Read conditions; what is wrong with them is added to ``found``."""
    if len(tokens) == 1 and isinstance(tokens[0], Quoted):
        try:
            tokens = lexing.tokenize(str(tokens[0]), are_conditions=True)
        except UnclosedQuoteError as error:
            found.append(Problem(Wrong.QUOTE_OPEN, error.start))
            return None
    before = len(found)
    conditions: list[Condition] = []
    for word, op, value in _split(tokens, found):
        conditions += _conditions(word, op, value, found)
    found += _clashes(conditions, is_image=is_image)
    if not conditions and len(found) == before:
        found.append(Problem(Wrong.WHERE_EMPTY))
    return Query(tuple(sorted(set(conditions)))) if len(found) == before else None


def _split(tokens: Sequence[str], found: Found) -> Iterator[tuple[str, str, str]]:
    """Tell field, operator and value; they may stand apart."""
    rest = list(reversed(tokens))
    while rest:
        token = rest.pop()
        if _is_bare(token, _JOINERS):
            continue
        if _is_bare(token, _ORS):
            found.append(Problem(Wrong.WHERE_OR))
            continue
        parts = None if isinstance(token, Quoted) else _SHAPE.fullmatch(without_unseen(token))
        field, op, value = (parts["field"], parts["op"], parts["value"]) if parts else ("", "", "")
        if field and not op and rest and not isinstance(rest[-1], Quoted):
            behind = _SHAPE.fullmatch(rest[-1])
            if behind and not behind["field"] and behind["op"]:
                rest.pop()
                op, value = behind["op"], behind["value"]
        is_condition = bool(_ANOTHER.search(value))
        if field and op and not value and rest and not _is_bare(rest[-1], _JOINERS | _ORS):
            following = rest.pop()
            value, is_condition = str(following), _compares(following)
        if is_condition:
            found.append(Problem(Wrong.WHERE_CONDITION, value))
            continue
        if field.lower() == Field.SIZE and _is_number(value) and rest and _is_bare(rest[-1], UNITS):
            value += rest.pop()
        if not field or not op or not value:
            found.append(Problem(Wrong.WHERE_UNREADABLE, str(token)))
            continue
        yield field, op.translate(_PLAIN), canonical.clean(value)


def _is_bare(token: str, known: Container[str]) -> bool:
    """Say whether this is one of these words, and not a quoted text that reads like one."""
    return not isinstance(token, Quoted) and token != "" and token.lower() in known


def _compares(token: str) -> bool:
    """Say whether this compares something, unless it is a quoted text."""
    parts = None if isinstance(token, Quoted) else _SHAPE.fullmatch(token)
    return parts is not None and parts["op"] != ""


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isdigit()


def _conditions(word: str, op: str, value: str, found: Found) -> Sequence[Condition]:
    field = word.lower().replace("_", "-").removesuffix("s" if word.lower() in {"tags", "titles"} else "\0")
    if field in PLAYS:
        found.append(Problem(Wrong.WHERE_PLAYS, word))
    elif field not in set(FIELDS):
        known = lexing.nearest(field, FIELDS, cutoff=LIKE)
        found.append(Problem(Wrong.WHERE_FIELD, word, known=FIELDS, nearest=known))
    elif op not in OPERATORS[Field(field)]:
        found.append(Problem(Wrong.WHERE_OPERATOR, f"{field}{op}", known=OPERATORS[Field(field)]))
    elif len(value) > LONGEST_VALUE or is_blank(value):
        found.append(Problem(Wrong.WHERE_VALUE, word, most=LONGEST_VALUE))
    else:
        return _READERS[Field(field)](Field(field), Op(op), value.strip(), found)
    return ()


def _clashes(conditions: Sequence[Condition], *, is_image: bool) -> Iterator[Problem]:
    """Find what cannot be true of anything, or is not known of images."""
    if len(conditions) > MOST_CONDITIONS:
        yield Problem(Wrong.WHERE_MANY, number=len(conditions), most=MOST_CONDITIONS)
    for field in sorted({each.field for each in conditions}):
        mine = {each.value for each in conditions if each.field is field and each.op is Op.IS}
        if len(mine) > 1 and field is not Field.TAG:
            yield Problem(Wrong.WHERE_TWICE, field, number=len(mine))
        if is_image and field in VIDEO_ONLY:
            yield Problem(Wrong.WHERE_NOT_IMAGE, field)
    query = Query(tuple(conditions))
    if len(query.text()) > LONGEST_QUERY:
        yield Problem(Wrong.WHERE_LONG, number=len(query.text()), most=LONGEST_QUERY)
    for field in (Field.CREATED, Field.SIZE):
        low, high = query.bounds(field)
        if low is not None and high is not None and low >= high:
            yield Problem(Wrong.WHERE_NOTHING, field)


def _text(field: Field, op: Op, value: str, _: Found) -> Sequence[Condition]:
    return (Condition(field, op, value),)


def _number(field: Field, op: Op, value: str, found: Found) -> Sequence[Condition]:
    if value.isascii() and value.isdigit() and len(value) <= 18:
        return (Condition(field, op, str(int(value))),)
    found.append(Problem(Wrong.WHERE_NUMBER, value))
    return ()


def _one_of(known: Sequence[str]) -> Callable[[Field, Op, str, Found], Sequence[Condition]]:
    """Return a reader of words of a closed set, however they are capitalised."""

    def read(field: Field, op: Op, value: str, found: Found) -> Sequence[Condition]:
        by_name = {each.lower(): each for each in known}
        if value.lower() in by_name:
            return (Condition(field, op, by_name[value.lower()]),)
        nearest = lexing.nearest(value, list(by_name))
        found.append(
            Problem(Wrong.WHERE_WORD, value, known=tuple(known), nearest=by_name[nearest] if nearest else None)
        )
        return ()

    return read


def _size(field: Field, op: Op, value: str, found: Found) -> Sequence[Condition]:
    parts = _SIZE.fullmatch(value)
    unit = UNITS.get(parts["unit"].lower()) if parts else None
    if parts is None or unit is None:
        found.append(Problem(Wrong.WHERE_SIZE, value))
        return ()
    size = int(Decimal(parts["number"]) * unit)
    if size >= canonical.LARGEST:
        found.append(Problem(Wrong.WHERE_SIZE_TOO_LARGE, value, most=MOST_TB))
        return ()
    return (Condition(field, op, size),)


def _created(field: Field, op: Op, value: str, found: Found) -> Sequence[Condition]:
    """Read a day, or a moment with its offset; both become moments, from one (inclusive) to another (exclusive)."""
    found_span = span(value)
    if found_span is None:
        found.append(Problem(Wrong.WHERE_DATE, value))
        return ()
    first, after = found_span
    low, high = {
        Op.IS: (first, after),
        Op.LESS: (None, first),
        Op.MOST: (None, after),
        Op.MORE: (after, None),
        Op.LEAST: (first, None),
    }[op]
    ends = [(op, end) for op, end in ((Op.LEAST, low), (Op.LESS, high)) if end is not None]
    if not all(0 <= end <= LATEST for _, end in ends):
        found.append(Problem(Wrong.WHERE_TIME, value))
        return ()
    return tuple(Condition(field, op, end) for op, end in ends)


def span(value: str) -> tuple[int, int] | None:
    """Return where a day, or a second, begins and ends (seconds since 1970); None for what is neither."""
    day = _DAY.fullmatch(value)
    try:
        if day:
            start = datetime.fromisoformat(day["day"]).replace(tzinfo=_zone(day["offset"]))
            return int(start.timestamp()), int(start.timestamp()) + DAY_S
        if not _OFFSET.search(value):
            return None
        moment = int(datetime.fromisoformat(value).timestamp())
    except (ValueError, OverflowError):
        return None
    return moment, moment + 1


def _zone(offset: str | None) -> timezone:
    if offset in {None, "Z"}:
        return UTC
    zone = datetime.fromisoformat(f"2000-01-01T00:00{offset}").utcoffset()
    return timezone(zone or timedelta())


_READERS: Mapping[Field, Callable[[Field, Op, str, Found], Sequence[Condition]]] = {
    Field.TITLE: _text,
    Field.CATEGORY: _text,
    Field.CATEGORY_ID: _number,
    Field.TAG: _text,
    Field.STATUS: _one_of(STATUSES),
    Field.CREATED: _created,
    Field.SIZE: _size,
    Field.STORAGE: _one_of(STORAGE_CLASSES),
}
