"""The options of a list: ``--mine --done --since 7d``, in any order and combination. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.commands.syntax import lexing
from handlers.commands.syntax.lexing import Takes
from handlers.commands.syntax.problems import Problem, Problems, Wrong
from handlers.commands.syntax.where import span

MINE, DONE, SINCE = "mine", "done", "since"
OPTIONS: Mapping[str, Takes] = {MINE: Takes.NOTHING, DONE: Takes.NOTHING, SINCE: Takes.WORD}
KNOWN = tuple(f"--{name}" for name in OPTIONS)

_UNITS_MS = {"h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_AGO = re.compile(r"(?P<number>[0-9]{1,5})\s?(?P<unit>[hdw])[a-z]*", re.IGNORECASE)


@dataclass(frozen=True)
class Since:
    """From when on: a moment (UTC ms), or so many milliseconds ago."""

    at_ms: int | None = None
    ago_ms: int = 0

    def moment_ms(self, now_ms: int) -> int:
        """Return the moment."""
        return self.at_ms if self.at_ms is not None else max(0, now_ms - self.ago_ms)


@dataclass(frozen=True)
class Listed:
    """What a list is to be of: of one's own or all, of what has ended or is open, from when on."""

    mine: bool = False
    done: bool = False
    since: Since | None = None


def parse(words: Sequence[str]) -> Listed | Problems:
    """Read the options of a list; ``mine`` and ``done`` are understood without dashes as well."""
    bare = frozenset((MINE, DONE))
    tokens = [f"--{word.lower()}" if word.lower() in bare else word for word in words]
    found = lexing.sort(tokens, OPTIONS)
    problems = [
        Problem(Wrong.UNKNOWN_OPTION, word, known=KNOWN, nearest=_nearest(word))
        for word in (*found.unknown, *found.names)
    ]
    problems += [Problem(Wrong.OPTION_REPEATED, f"--{name}", number=times) for name, times in found.repeated]
    since = _since(found.given[SINCE]) if SINCE in found.given else None
    if SINCE in found.given and since is None:
        problems.append(Problem(Wrong.SINCE, found.given[SINCE]))
    if problems:
        return Problems(tuple(problems), "list")
    return Listed(MINE in found.given, DONE in found.given, since)


def _nearest(word: str) -> str | None:
    name = lexing.nearest(word.lstrip("-"), OPTIONS)
    return f"--{name}" if name else None


def _since(text: str) -> Since | None:
    """Read a number of hours, days or weeks, or a day or moment as conditions take it."""
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return Since(ago_ms=int(ago["number"]) * _UNITS_MS[ago["unit"].lower()])
    found = span(text.strip())
    return Since(at_ms=max(0, found[0]) * 1000) if found else None
