"""The words of a typed command: quotes, links, dashes that phones make, options. Pure."""

import difflib
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

_QUOTES = {
    '"': '"',
    "\u201c": "\u201d",
    "\u201d": "\u201d",
    "\u201e": "\u201c",
    "\u00ab": "\u00bb",
    "'": "'",
    "\u2018": "\u2019",
}
"""What opens a quote and what closes it; phones put the curly ones in unasked."""

_DASHES = ("--", "\u2014", "\u2013")
"""Two hyphens, and the long dashes that phones make of them."""


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
    unlinked = re.sub(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>", r"\1", text)
    return unlinked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def tokenize(text: str) -> list[str]:
    """Split at white space, except within quotes; a quote counts only where a word begins.

    Typographic quotes count too. What stood in quotes is a ``Quoted``. Raises UnclosedQuoteError.
    """
    tokens: list[str] = []
    rest = text.strip()
    while rest:
        close = _QUOTES.get(rest[0])
        if close is None:
            word, *tail = rest.split(maxsplit=1)
        else:
            end = next((n for n, char in enumerate(rest[1:], 1) if char in {close, rest[0]}), None)
            if end is None:
                raise UnclosedQuoteError(rest[:20])
            word, tail = Quoted(rest[1:end]), [rest[end + 1 :]]
        tokens.append(word)
        rest = tail[0].strip() if tail else ""
    return tokens


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
    queue = deque(tokens)
    while queue:
        word = queue.popleft()
        name = option(word)
        if name is None:
            names.append(word)
        elif name in options:
            given[name] = _value(queue, options[name])
        else:
            unknown.append(word)
    times = Counter(filter(None, map(option, tokens)))
    repeated = [(n, times[n]) for n, takes in options.items() if takes is not Takes.NOTHING and times[n] > 1]
    return Words(tuple(names), given, tuple(repeated), tuple(unknown))


def option(word: str) -> str | None:
    """Return the name of an option; phones turn ``--`` into a dash, which counts as well."""
    if isinstance(word, Quoted):
        return None
    for dash in _DASHES:
        if word.startswith(dash) and len(word) > len(dash):
            return word.removeprefix(dash).lower()
    return None


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known word that a typed one resembles most, or None; ``cutoff`` as difflib's."""
    return next(iter(difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=cutoff)), None)


def _value(queue: deque[str], takes: Takes) -> str:
    most = {Takes.NOTHING: 0, Takes.WORD: 1, Takes.WORDS: len(queue)}[takes]
    taken: list[str] = []
    while queue and len(taken) < most and option(queue[0]) is None:
        taken.append(queue.popleft())
    return " ".join(taken)
