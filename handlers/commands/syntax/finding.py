"""What somebody looks for: words of a title, and conditions as ``category:Trailers before:2024-01-01``. Pure.

All of it holds at once. Conditions may be written as after ``--where`` as well.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from deletion.terms import canonical
from deletion.terms.blank import is_blank
from deletion.terms.requests.query import Condition, Field, Op, Query
from handlers.commands.syntax import lexing, where
from handlers.commands.syntax.lexing import Quoted
from handlers.commands.syntax.problems import Problem, Problems, Wrong

TOPIC = "find"

LONGEST = 1_000
"""Characters of a search as a view keeps it from page to page."""

KEYS: Mapping[str, str] = {
    "title": "title~",
    "category": "category=",
    "category-id": "category-id=",
    "tag": "tag=",
    "tags": "tag=",
    "status": "status=",
    "storage": "storage=",
    "created": "created=",
    "size": "size=",
    "before": "created<",
    "after": "created>=",
    "since": "created>=",
    "larger": "size>",
    "smaller": "size<",
    "标题": "title~",
    "分类": "category=",
    "标签": "tag=",
    "状态": "status=",
    "存储类型": "storage=",
    "早于": "created<",
    "晚于": "created>=",
    "大于": "size>",
    "小于": "size<",
}
"""What may stand before a colon, and the condition that it begins."""

_NAMES = "|".join(sorted(map(re.escape, KEYS), key=len, reverse=True))
_KEY = re.compile(
    rf"(?P<quoted>\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u300c[^\u300d]*\u300d|\u00ab[^\u00bb]*\u00bb)"
    rf"|(?<!\S)(?P<key>{_NAMES})[ \t]*[:\uff1a][ \t]*",
    re.IGNORECASE,
)


def split(text: str) -> list[str]:
    """Make words of what was typed; what stands in quotes is one word, behind a colon too."""
    return lexing.tokenize(_KEY.sub(_as_condition, text), are_conditions=True)


def _as_condition(found: re.Match[str]) -> str:
    return found["quoted"] or KEYS[found["key"].lower()]


def parse(tokens: Sequence[str]) -> Query | Problems:
    """Read what follows ``/vod find``; nothing finds everything."""
    words, typed = _sorted(tokens)
    found: list[Problem] = []
    conditions = where.parse(typed, is_image=False, found=found) if typed else Query(())
    found += [
        Problem(Wrong.WHERE_VALUE, Field.TITLE, most=where.LONGEST_VALUE)
        for word in words
        if len(word) > where.LONGEST_VALUE
    ]
    if found or conditions is None:
        return Problems(tuple(found), TOPIC)
    titles = (Condition(Field.TITLE, Op.HAS, word) for word in words)
    query = Query(tuple(sorted({*conditions.conditions, *titles})))
    length = len(canonical.dumps(query.to_json()))
    if length > LONGEST:
        return Problems((Problem(Wrong.SEARCH_LONG, number=length, most=LONGEST),), TOPIC)
    return query


def _sorted(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell the words of a title from the words of conditions."""
    words: list[str] = []
    conditions: list[str] = []
    rest = deque(token for token in tokens if lexing.option(token) != lexing.WHERE)
    while rest:
        token = rest.popleft()
        if _compares(token) or (not isinstance(token, Quoted) and rest and _compares(rest[0][:1])):
            conditions += (token, *_rest_of_condition(token, rest))
        elif not is_blank(token):
            words.append(canonical.clean(str(token)).strip())
    return words, conditions


def _rest_of_condition(token: str, rest: deque[str]) -> Iterator[str]:
    """Take the words that belong to a condition that has begun: operator, value, unit."""
    if not _compares(token):
        yield (token := rest.popleft())
    if token[-1] in lexing.OPERATORS and rest:
        yield (token := rest.popleft())
    if rest and token[-1:].isdigit() and not isinstance(rest[0], Quoted) and rest[0].lower() in where.UNITS:
        yield rest.popleft()


def _compares(token: str) -> bool:
    return not isinstance(token, Quoted) and any(sign in token for sign in lexing.OPERATORS)
