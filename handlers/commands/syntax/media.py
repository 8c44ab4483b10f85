"""What somebody wants deleted, and why, as typed after ``/vod delete``. Pure; finds every problem, not just one."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from deletion.terms.blank import is_blank
from deletion.terms.requests import addresses
from deletion.terms.requests.targets import (
    DEFINITIONS,
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)
from handlers.commands.syntax import lexing, naming, where
from handlers.commands.syntax.lexing import Takes, Words
from handlers.commands.syntax.naming import Names, Tidied
from handlers.commands.syntax.problems import Problem, Problems, Wrong

LEVELS = ("video", "stream", "mezzanine", "image")
ID_LENGTH = 32
ID = re.compile(f"[0-9A-Za-z]{{{ID_LENGTH}}}")
"""Every id in VOD's documentation is 32 characters long; no grammar is published."""

REASON_MOST = 500
"""Characters of a reason: enough to say why, short enough to be read on the card."""

OPTIONS = {"reason": Takes.WORDS, "force": Takes.NOTHING, "of": Takes.WORD, "file": Takes.NOTHING}
OPTIONS |= {lexing.WHERE: Takes.WORDS}
OPTIONS_TYPED = tuple(f"--{name}" for name in OPTIONS)

IMAGES_OF = (*VideoImages, "all")
"""The words for images that belong to a video."""

Found = list[Problem]


@dataclass(frozen=True)
class Deletion:
    """What to delete, and why; ``tidied`` is what was done to the names as they were typed."""

    request: Request
    reason: str
    tidied: frozenset[Tidied] = frozenset()
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True)
class ByForm:
    """That the form is to ask; ``level`` is the value of its menu, "" where none was typed."""

    level: str = ""
    force: bool = False
    reason: str = ""


@dataclass(frozen=True)
class _IdKind:
    """The problems of one kind of id."""

    missing: Wrong
    length: Wrong
    characters: Wrong


_VIDEO_ID = _IdKind(Wrong.VIDEO_ID_MISSING, Wrong.VIDEO_ID_LENGTH, Wrong.VIDEO_ID_CHARACTERS)
_IMAGE_ID = _IdKind(Wrong.IMAGE_ID_MISSING, Wrong.IMAGE_ID_LENGTH, Wrong.IMAGE_ID_CHARACTERS)


BY_QUERY = ("video", "mezzanine", "image")
"""The levels of what a query can find."""

FROM_FILE = {"video": "video", "mezzanine": "mezzanine", "image": "image"}
"""The levels whose names can be in a file."""


def parse(tokens: Sequence[str]) -> Deletion | ByForm | Problems:
    """Read what follows ``/vod delete``."""
    typed = lexing.sort(tokens, OPTIONS)
    if not (typed.names or typed.repeated or typed.unknown) and set(typed.given) <= {"reason"}:
        return ByForm(reason=typed.given.get("reason", "").strip())
    if any(lexing.option(token) == "file" for token in tokens):
        return _from_file(tokens)
    if any(lexing.option(token) == lexing.WHERE for token in tokens):
        return _by_query(tokens)
    return parse_names(tokens)


def _by_query(tokens: Sequence[str]) -> Deletion | Problems:
    """Read conditions, and why what meets them is to go; whole videos unless something else is typed."""
    others, conditions = _conditions(tokens)
    typed = lexing.sort(others, OPTIONS)
    level = typed.names[0].lower().removesuffix("s") if typed.names else "video"
    found: Found = [*_options(typed, level)]
    if level not in BY_QUERY:
        found.append(_unknown(Wrong.LEVEL_WITHOUT_QUERY, typed.names[0], tuple(BY_QUERY)))
    elif len(typed.names) > 1:
        found.append(Problem(Wrong.NAMES_AND_WHERE, number=len(typed.names) - 1))
    if "of" in typed.given and level == "image":
        found.append(Problem(Wrong.NAMES_AND_WHERE, number=1))
    query = where.parse(conditions, is_image=level == "image", found=found)
    reason = "" if is_blank(typed.given.get("reason", "")) else typed.given["reason"].strip()
    found += _reason(typed, reason, found)
    if found or query is None:
        return Problems(tuple(found), "delete --where")
    requests: dict[str, Request] = {
        "video": Videos((), query),
        "mezzanine": Mezzanines((), force="force" in typed.given, query=query),
        "image": Images((), query),
    }
    return Deletion(requests[level], reason)


def _conditions(tokens: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell the conditions, which follow ``--where`` up to the next option, from everything else."""
    others: list[str] = []
    conditions: list[str] = []
    is_inside = False
    for token in tokens:
        name = lexing.option(token)
        if name is not None:
            is_inside = name == lexing.WHERE
        if name == lexing.WHERE:
            value = lexing.value_of(token)
            conditions += [value] if value else []
        else:
            (conditions if is_inside else others).append(token)
    return others, conditions


def _from_file(tokens: Sequence[str]) -> ByForm | Problems:
    """Read what is typed with ``--file``: the rest is asked for in the form."""
    typed = lexing.sort(tokens, OPTIONS)
    level = typed.names[0].lower().removesuffix("s") if typed.names else ""
    found: Found = [*_options(typed, level or "mezzanine")]
    if level and level not in FROM_FILE:
        found.append(_unknown(Wrong.LEVEL_NOT_FROM_FILE, typed.names[0], tuple(FROM_FILE)))
    elif len(typed.names) > 1:
        found.append(Problem(Wrong.NAMES_AND_FILE, number=len(typed.names) - 1))
    reason = typed.given.get("reason", "").strip()
    if len(reason) > REASON_MOST:
        found.append(Problem(Wrong.REASON_TOO_LONG, number=len(reason), most=REASON_MOST))
    if found:
        return Problems(tuple(found), "delete --file")
    is_forced = level == "mezzanine" and "force" in typed.given
    return ByForm(level, is_forced, "" if is_blank(reason) else reason)


def parse_names(tokens: Sequence[str]) -> Deletion | Problems:
    """Read names, and why they are to go."""
    level = tokens[0].lower().removesuffix("s")
    if level not in _READERS:
        return Problems((_unknown(Wrong.UNKNOWN_LEVEL, tokens[0], LEVELS),), "delete")
    typed = lexing.sort(tokens[1:], OPTIONS)
    found: Found = [*_options(typed, level)]
    names = _NAMES[level](typed.names)
    words = replace(typed, names=names.names)
    request = _READERS[level](words, found)
    reason = words.given.get("reason", "").strip()
    if is_blank(reason):
        reason = ""
    found += _reason(words, reason, found)
    if found or request is None:
        return Problems(tuple(found), f"delete {level}")
    return Deletion(request, reason, names.tidied, names.repeated)


def _options(words: Words, level: str) -> Iterable[Problem]:
    for name, times in words.repeated:
        yield Problem(Wrong.OPTION_REPEATED, f"--{name}", number=times)
    for word in words.unknown:
        yield _unknown(Wrong.UNKNOWN_OPTION, word, OPTIONS_TYPED)
    if "force" in words.given and level != "mezzanine":
        yield Problem(Wrong.FORCE_MISPLACED)
    if "of" in words.given and level != "image":
        yield Problem(Wrong.OF_MISPLACED)


def _reason(words: Words, reason: str, found: Found) -> Iterable[Problem]:
    is_misspelt = any(problem.nearest == "--reason" for problem in found)
    is_repeated = any(name == "reason" for name, _ in words.repeated)
    if not reason and not is_misspelt and not is_repeated:
        yield Problem(Wrong.REASON_MISSING)
    if len(reason) > REASON_MOST:
        yield Problem(Wrong.REASON_TOO_LONG, number=len(reason), most=REASON_MOST)


def _videos(words: Words, found: Found) -> Request:
    found += _ids(words.names, _VIDEO_ID)
    return Videos(words.names)


def _mezzanines(words: Words, found: Found) -> Request:
    found += _ids(words.names, _VIDEO_ID)
    return Mezzanines(words.names, force="force" in words.given)


def _streams(words: Words, found: Found) -> Request | None:
    if not words.names:
        found.append(Problem(Wrong.STREAM_UNNAMED))
        return None
    video_id, *wanted = words.names
    found += _ids([video_id], _VIDEO_ID)
    if not wanted:
        found.append(Problem(Wrong.STREAMS_MISSING))
    names = tuple(word.upper() if word.upper() in DEFINITIONS else word for word in wanted)
    found += _repeated(names)
    found += [
        Problem(Wrong.STREAM_UNKNOWN, word, known=DEFINITIONS)
        for word in names
        if word not in DEFINITIONS and not ID.fullmatch(word)
    ]
    return Streams(video_id, names)


def _images(words: Words, found: Found) -> Request:
    if "of" in words.given:
        return _images_of(words, found)
    typed = [name for name in words.names if addresses.is_meant(name)]
    if typed and len(typed) != len(words.names):
        found.append(Problem(Wrong.IDS_AND_URLS))
    if typed:
        found += [
            Problem(_wrong_url(url), url, most=addresses.LONGEST) for url in typed if not addresses.normal(url)
        ]
        urls = tuple(addresses.normal(url) or url for url in typed)
        found += _repeated(urls)
        return ImageUrls(urls)
    found += _ids(words.names, _IMAGE_ID)
    return Images(words.names)


def _wrong_url(url: str) -> Wrong:
    return Wrong.URL_TOO_LONG if len(url) > addresses.LONGEST else Wrong.URL_UNREADABLE


def _images_of(words: Words, found: Found) -> Request:
    video_id = " ".join(naming.read_ids([words.given["of"]]).names)
    found += _ids([video_id], _VIDEO_ID) if video_id else [Problem(Wrong.OF_WITHOUT_VIDEO)]
    named = [name.lower() for name in words.names]
    found += [_unknown(Wrong.UNKNOWN_IMAGES, name, IMAGES_OF) for name in named if name not in IMAGES_OF]
    if not named:
        found.append(Problem(Wrong.IMAGES_MISSING, known=IMAGES_OF))
    found += _repeated(named)
    every = tuple(VideoImages) if "all" in named else tuple(VideoImages(n) for n in named if n in IMAGES_OF)
    return ImagesOf(video_id, every)


def _ids(ids: Sequence[str], kind: _IdKind) -> Iterable[Problem]:
    if not ids:
        yield Problem(kind.missing)
    for name in ids:
        if len(name) != ID_LENGTH:
            yield Problem(kind.length, name, number=len(name), most=ID_LENGTH)
        elif not ID.fullmatch(name):
            yield Problem(kind.characters, name)
    yield from _repeated(ids)


def _repeated(names: Sequence[str]) -> Iterable[Problem]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Problem(Wrong.REPEATED, name, number=times)


def _unknown(code: Wrong, word: str, known: tuple[str, ...]) -> Problem:
    return Problem(code, word, known=known, nearest=lexing.nearest(word, known))


_NAMES: dict[str, Callable[[Sequence[str]], Names]] = {
    "video": naming.read_ids,
    "stream": naming.read_ids,
    "mezzanine": naming.read_ids,
    "image": naming.read_urls,
}

_READERS: dict[str, Callable[[Words, Found], Request | None]] = {
    "video": _videos,
    "stream": _streams,
    "mezzanine": _mezzanines,
    "image": _images,
}
