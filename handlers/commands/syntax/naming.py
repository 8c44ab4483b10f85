"""What people paste for ids: lists with separators, quotes, marks, addresses of the console. Pure, and linear."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from deletion.terms.blank import without_unseen

_BETWEEN = ",;|\u3001\uff0c\uff1b\uff5c"
_AROUND = (
    "`*_~<>[](){}\"'\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb\u2039\u203a\u300c\u300d\u300e\u300f\uff02"
    "\u2022\u00b7\u25e6\u25aa\u2023"
)

_SPLIT = re.compile(f"[{re.escape(_BETWEEN)}]++")
_NUMBERED = re.compile(r"[0-9]{1,3}[.)]")
_BULLETS = frozenset({"-", "\u2013", "\u2014", "+"})
_ID = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])")

SCHEMES = ("http://", "https://")


class Tidied(StrEnum):
    """What was done to what was pasted, which its author is told."""

    MARKS = "marks left out"
    ADDRESS = "id read from an address"
    QUERY = "signature left out"
    REPEATED = "taken once"


@dataclass(frozen=True)
class Names:
    """What was named, each once, and what was done to find it; ``repeated`` are those that stood there again."""

    names: tuple[str, ...]
    tidied: frozenset[Tidied] = frozenset()
    repeated: tuple[str, ...] = ()


def read_ids(words: Iterable[str]) -> Names:
    """Read ids; an address that holds exactly one id where Alibaba's console or a player has it stands for that."""
    return _once(_ids(words))


def read_urls(words: Iterable[str]) -> Names:
    """Read ids or addresses of images; what follows ``?`` is not part of which image it is, and may be a secret."""
    return _once(_urls(words))


def _once(found: Iterable[tuple[str, frozenset[Tidied]]]) -> Names:
    names: dict[str, None] = {}
    repeated: dict[str, None] = {}
    tidied: set[Tidied] = set()
    for name, how in found:
        (repeated if name in names else names)[name] = None
        tidied |= how
    if repeated:
        tidied.add(Tidied.REPEATED)
    return Names(tuple(names), frozenset(tidied), tuple(repeated))


def _ids(words: Iterable[str]) -> Iterator[tuple[str, frozenset[Tidied]]]:
    for piece, how in _pieces(words):
        inside = _inside(piece) if is_address(piece) else None
        # What follows "?" in any other address may be a secret, which is not repeated to anybody.
        yield (inside, how | {Tidied.ADDRESS}) if inside else (_bare(piece), how)


def _urls(words: Iterable[str]) -> Iterator[tuple[str, frozenset[Tidied]]]:
    for piece, how in _pieces(words):
        bare = _bare(piece)
        yield (bare, how | {Tidied.QUERY}) if bare != piece else (piece, how)


def _bare(piece: str) -> str:
    """Return an address without what follows its path."""
    return piece.partition("#")[0].partition("?")[0] if is_address(piece) else piece


def is_address(name: str) -> bool:
    """Say whether this is a web address."""
    return name[:8].lower().startswith(SCHEMES)


def _pieces(words: Iterable[str]) -> Iterator[tuple[str, frozenset[Tidied]]]:
    for word in words:
        for part in str(word).split():
            yield from _parts(part)


def _parts(part: str) -> Iterator[tuple[str, frozenset[Tidied]]]:
    seen = without_unseen(part)
    if seen in _BULLETS or _NUMBERED.fullmatch(seen):
        return
    if not seen.strip(_AROUND + _BETWEEN):
        if seen and not set(seen) <= set(_AROUND + _BETWEEN):
            yield part, frozenset()
        return
    bare = seen.strip(_AROUND + _BETWEEN)
    pieces = [bare] if is_address(bare) else [piece.strip(_AROUND) for piece in _SPLIT.split(bare)]
    how = frozenset() if pieces == [part] else frozenset({Tidied.MARKS})
    yield from ((piece, how) for piece in pieces if piece)


def _inside(address: str) -> str | None:
    """Return the one id of an address of Alibaba's console, or the media id that leads the path of a player's."""
    host, _, rest = address.partition("://")[2].partition("/")
    path = rest.partition("?")[0]
    if host.lower().endswith((".aliyun.com", ".alibabacloud.com")):
        found = set(_ID.findall(rest))
        return found.pop() if len(found) == 1 else None
    first, slash, _ = path.partition("/")
    return first if slash and _ID.fullmatch(first) else None
