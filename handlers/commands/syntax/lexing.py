"""The words of a typed command: quotes, links, dashes that phones make, options. Pure, and linear in its length."""

import difflib
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from deletion.terms.blank import without_unseen

_QUOTES = {
    '"': '"',
    "\u201c": "\u201d",
    "\u201d": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
    "'": "'",
    "\u2018": "\u2019",
    "\u201a": "\u2018\u2019",
    "\u2039": "\u203a",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "\uff02": "\uff02",
}
"""What opens a quote and what closes it; keyboards and phones put the curly ones in unasked."""

_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")
_LONG_DASHES = frozenset("\u2012\u2013\u2014\u2015\ufe58")
"""Dashes, and those that phones make of two hyphens."""

_EQUALS = ("=", "\uff1d")

WHERE = "where"
"""The option whose conditions may have a quote right behind their operator: ``title~"Old trailers"``."""

OPERATORS = "=~<>\uff1d\uff5e\uff1c\uff1e\u2264\u2265"
"""What compares in a condition, as keyboards write it."""

_LINK = re.compile(r"<(https?://[^|<>\s]++)(?:\|[^<>]*+)?>")
"""A link as Slack writes it. It never goes back over what it read: the quantifiers are possessive."""


class Quoted(str):
    """A word that stood in quotes, which is never an option: a reason may begin with a dash."""

    __slots__ = ()


class UnclosedQuoteError(ValueError):
    """A quote was opened and never closed; ``start`` is how it begins."""

    def __init__(self, start: str) -> None:
        super().__init__(start)
        self.start = start


def unescape(text: str) -> str:
    """Undo what Slack does to typed text: entities, and links in angle brackets."""
    unlinked = _LINK.sub(r"\1", text)
    return unlinked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def tokenize(text: str, *, are_conditions: bool = False) -> list[str]:
    """Split at white space, except within quotes; a quote counts where a word begins, or after an option's ``=``.

    Typographic quotes count too. What stood in quotes is a ``Quoted``. Raises UnclosedQuoteError. After
    ``--where``, or if these ``are_conditions``, a quote counts behind an operator too.
    """
    return _Scanner(text, are_conditions=are_conditions).words()


class _Scanner:
    """Goes through a text once, from left to right."""

    def __init__(self, text: str, *, are_conditions: bool) -> None:
        self._text = text
        self._at = 0
        self._conditions = are_conditions
        self._next: dict[str, int] = {}

    def words(self) -> list[str]:
        found: list[str] = []
        while self._skip():
            found.append(self._quoted() if self._text[self._at] in _QUOTES else self._bare())
            name = option(found[-1])
            self._conditions = name == WHERE if name is not None else self._conditions
        return found

    def _skip(self) -> bool:
        """Go on to the next word; False at the end."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _quoted(self) -> str:
        start, opening = self._at, self._text[self._at]
        ends = [end for char in {opening, *_QUOTES[opening]} if (end := self._find(char, start + 1)) >= 0]
        if not ends:
            raise UnclosedQuoteError(self._text[start : start + 20])
        self._at = min(ends) + 1
        return Quoted(self._text[start + 1 : self._at - 1])

    def _bare(self) -> str:
        start = self._at
        may_be_option = self._text[start] in _DASHES
        while self._at < len(self._text) and not self._text[self._at].isspace():
            self._at += 1
            if (
                may_be_option
                and self._text[self._at - 1] in _EQUALS
                and self._text[self._at : self._at + 1] in _QUOTES
            ):
                return self._text[start : self._at - 1]
            if (
                self._conditions
                and self._text[self._at - 1] in OPERATORS
                and self._text[self._at : self._at + 1] in _QUOTES
            ):
                break
        return self._text[start : self._at]

    def _find(self, char: str, start: int) -> int:
        """Find a character, and remember where: nothing is looked through twice for the same one."""
        known = self._next.get(char)
        if known is None or 0 <= known < start:
            known = self._next[char] = self._text.find(char, start)
        return known


class Takes(Enum):
    """What follows an option: nothing, one word, or every word up to the next option."""

    NOTHING = auto()
    WORD = auto()
    WORDS = auto()


@dataclass(frozen=True)
class Words:
    """The words of a command, sorted.

    ``given`` maps options to their values, "" where there is none; ``repeated`` counts the options with a value
    that are there several times; ``unknown`` are those that there are not.
    """

    names: tuple[str, ...]
    given: Mapping[str, str]
    repeated: tuple[tuple[str, int], ...]
    unknown: tuple[str, ...]


def sort(tokens: Sequence[str], options: Mapping[str, Takes]) -> Words:
    """Tell names from options and their values."""
    names: list[str] = []
    given: dict[str, str] = {}
    unknown: list[str] = []
    times: Counter[str] = Counter()
    queue = deque(tokens)
    while queue:
        word = queue.popleft()
        name, value = _named(word)
        if name is None:
            names.append(word)
        elif name not in options or (value is not None and options[name] is Takes.NOTHING):
            unknown.append(word)
        else:
            times[name] += 1
            if value is not None:
                queue.appendleft(Quoted(value))
            given[name] = _value(queue, options[name])
    repeated = [(n, times[n]) for n, takes in options.items() if takes is not Takes.NOTHING and times[n] > 1]
    return Words(tuple(names), given, tuple(repeated), tuple(unknown))


def option(word: str) -> str | None:
    """Return the name of an option, without ``=`` and its value; every kind of dash counts."""
    return _named(word)[0]


def value_of(word: str) -> str:
    """Return what follows the first ``=`` of an option, '' where there is none."""
    return _named(word)[1] or ""


def _named(word: str) -> tuple[str | None, str | None]:
    """Return the name of an option and the value behind ``=``; None for what is none, or has none."""
    if isinstance(word, Quoted):
        return None, None
    seen = without_unseen(word[:MOST_OF_AN_OPTION]) + word[MOST_OF_AN_OPTION:]
    rest = seen.lstrip("".join(_DASHES))
    dashes = len(seen) - len(rest)
    if not rest or not dashes or (dashes == 1 and seen[0] not in _LONG_DASHES):
        return None, None
    name, equals, value = rest.replace(_EQUALS[1], _EQUALS[0], 1).partition(_EQUALS[0])
    return name.lower(), value if equals else None


MOST_OF_AN_OPTION = 100
"""Characters of a word in which an option's name stands."""


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known word that a typed one resembles most, or None; ``cutoff`` as difflib's."""
    if len(word) > MOST_OF_AN_OPTION:
        return None
    return next(iter(difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=cutoff)), None)


def _value(queue: deque[str], takes: Takes) -> str:
    most = {Takes.NOTHING: 0, Takes.WORD: 1, Takes.WORDS: len(queue)}[takes]
    taken: list[str] = []
    while queue and len(taken) < most and option(queue[0]) is None:
        taken.append(queue.popleft())
    return " ".join(taken)
