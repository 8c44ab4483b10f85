"""What somebody typed after ``/vod``, understood or explained. Pure; every problem is found, not just the first."""

import difflib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from deletion.terms.targets import Images, ImagesOf, ImageUrls, Mezzanines, Request, Streams, VideoImages, Videos
from handlers.text.escaping import sentence_list

SUBCOMMANDS = ("delete", "status", "list", "withdraw", "stop", "freeze", "thaw", "help")
LEVELS = ("video", "stream", "mezzanine", "image")
DEFINITIONS = ("FD", "LD", "SD", "HD", "OD", "2K", "4K", "SQ", "HQ", "AUTO")
"""Stream definitions, from VOD's GetPlayInfo."""

ID = re.compile(r"[0-9A-Za-z]{32}")
"""Every id in VOD's documentation is 32 characters long; no grammar is published."""

REASON_MOST = 500
"""Characters of a reason: enough to say why, short enough to be read on the card."""

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


@dataclass(frozen=True)
class Delete:
    """``/vod delete …``."""

    request: Request
    reason: str


@dataclass(frozen=True)
class Status:
    """``/vod status <n>``."""

    number: int


@dataclass(frozen=True)
class Withdraw:
    """``/vod withdraw <n>``."""

    number: int


@dataclass(frozen=True)
class Stop:
    """``/vod stop <n>``."""

    number: int


@dataclass(frozen=True)
class Freeze:
    """``/vod freeze``, with or without a reason."""

    why: str


@dataclass(frozen=True)
class Thaw:
    """``/vod thaw``."""


@dataclass(frozen=True)
class Listing:
    """``/vod list``."""


@dataclass(frozen=True)
class Help:
    """``/vod help``, or nothing at all."""


@dataclass(frozen=True)
class Problems:
    """What is wrong, one sentence each, in plain text; ``topic`` is the subcommand it was about, if known."""

    found: tuple[str, ...]
    topic: str | None = None


Command = Delete | Status | Withdraw | Stop | Freeze | Thaw | Listing | Help | Problems


@dataclass
class _Words:
    """The words of a command, sorted into names, switches and the reason."""

    names: list[str] = field(default_factory=list)
    reason: str | None = None
    force: bool = False
    of: str | None = None
    problems: list[str] = field(default_factory=list)


def parse(text: str) -> Command:
    """Understand the text of a ``/vod`` command."""
    try:
        tokens = _tokens(_unescape(text))
    except UnclosedQuoteError as exc:
        return Problems((f"The quote that begins with {exc.start} is never closed.",))
    if not tokens:
        return Help()
    head, rest = tokens[0].lower(), tokens[1:]
    readers: dict[str, Callable[[list[str]], Command]] = {
        "delete": _delete,
        "status": lambda words: _numbered("status", words, Status),
        "withdraw": lambda words: _numbered("withdraw", words, Withdraw),
        "stop": lambda words: _numbered("stop", words, Stop),
        "freeze": _freeze,
        "thaw": lambda words: _bare("thaw", words, Thaw()),
        "list": lambda words: _bare("list", words, Listing()),
        "help": lambda _: Help(),
    }
    if head not in readers:
        return Problems((_unknown("command", tokens[0], SUBCOMMANDS),))
    return readers[head](rest)


def _tokens(text: str) -> list[str]:
    """Split a command; one that freezes is understood whatever its reason looks like, a stray quote included."""
    plain = text.split()
    return plain if plain and plain[0].lower() == "freeze" else tokenize(text)


def _freeze(tokens: list[str]) -> Command:
    """Take everything else for the reason; ``--reason`` is not needed, nor in the way."""
    words = tokens[1:] if tokens and _option(tokens[0]) == "reason" else tokens
    return Freeze(" ".join(words).strip("\"'")[:REASON_MOST])


class Quoted(str):
    """A word that stood in quotes, which is never an option: a reason may begin with a dash."""

    __slots__ = ()


class UnclosedQuoteError(ValueError):
    """A quote was opened and never closed."""

    def __init__(self, start: str) -> None:
        super().__init__(start)
        self.start = start


def tokenize(text: str) -> list[str]:
    """Split at white space, except within quotes; a quote counts only where a word begins.

    Typographic quotes count too. What stood in quotes is a ``Quoted``.
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


def _unescape(text: str) -> str:
    """Undo what Slack does to typed text: entities, and links in angle brackets."""
    unlinked = re.sub(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>", r"\1", text)
    return unlinked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _delete(tokens: list[str]) -> Command:
    if not tokens:
        return Problems((f"Say what to delete: {sentence_list(list(LEVELS))}.",), "delete")
    level = tokens[0].lower()
    readers = {"video": _videos, "stream": _streams, "mezzanine": _mezzanines, "image": _images}
    singular = level.removesuffix("s")
    if singular not in readers:
        return Problems((_unknown("kind of media", tokens[0], LEVELS),), "delete")
    words = _sort(tokens[1:])
    request = readers[singular](words)
    _check_options(words, singular)
    if not (words.reason or "").strip() and not any("--reason" in problem for problem in words.problems):
        words.problems.append('Say why, so that the approver can decide: add --reason "…".')
    if words.reason and len(words.reason) > REASON_MOST:
        words.problems.append(
            f"The reason has {len(words.reason)} characters; at most {REASON_MOST} fit on the card."
        )
    if words.problems or request is None or words.reason is None:
        return Problems(tuple(words.problems), f"delete {singular}")
    return Delete(request, words.reason.strip())


def _sort(tokens: list[str]) -> _Words:
    words = _Words()
    queue = list(tokens)
    options = Counter(filter(None, map(_option, tokens)))
    words.problems += [
        f"--{name} is there {options[name]} times; give it once." for name in ("reason", "of") if options[name] > 1
    ]
    while queue:
        word = queue.pop(0)
        option = _option(word)
        if option is None:
            words.names.append(word)
        elif option == "force":
            words.force = True
        elif option == "reason":
            words.reason = _until_option(queue)
        elif option == "of":
            words.of = queue.pop(0) if queue and _option(queue[0]) is None else ""
        else:
            words.problems.append(_unknown("option", word, ("--reason", "--force", "--of")))
    return words


def _option(word: str) -> str | None:
    """Return the name of an option; phones turn ``--`` into a dash, which counts as well."""
    if isinstance(word, Quoted):
        return None
    for dash in _DASHES:
        if word.startswith(dash) and len(word) > len(dash):
            return word.removeprefix(dash).lower()
    return None


def _until_option(queue: list[str]) -> str:
    """Take words up to the next option, so that a reason needs no quotes."""
    taken: list[str] = []
    while queue and _option(queue[0]) is None:
        taken.append(queue.pop(0))
    return " ".join(taken)


def _check_options(words: _Words, level: str) -> None:
    if words.force and level != "mezzanine":
        words.problems.append("--force is only for mezzanine.")
    if words.of is not None and level != "image":
        words.problems.append("--of is only for image.")


def _videos(words: _Words) -> Request | None:
    _check_ids(words, words.names, "video id")
    return Videos(tuple(words.names))


def _mezzanines(words: _Words) -> Request | None:
    _check_ids(words, words.names, "video id")
    return Mezzanines(tuple(words.names), force=words.force)


def _streams(words: _Words) -> Request | None:
    if not words.names:
        words.problems.append("Name the video, then its streams by definition (such as HD) or job id.")
        return None
    video_id, *wanted = words.names
    _check_ids(words, [video_id], "video id")
    if not wanted:
        words.problems.append("Name at least one stream of the video, by definition (such as HD) or job id.")
    names = tuple(word.upper() if word.upper() in DEFINITIONS else word for word in wanted)
    _check_repeated(words, list(names))
    for word in names:
        if word not in DEFINITIONS and not ID.fullmatch(word):
            kinds = sentence_list(list(DEFINITIONS))
            words.problems.append(
                f"“{_short(word)}” is neither a definition ({kinds}) nor a job id (32 characters)."
            )
    return Streams(video_id, names)


def _images(words: _Words) -> Request | None:
    if words.of is not None:
        return _images_of(words, words.of)
    urls = [name for name in words.names if name.lower().startswith(("http://", "https://"))]
    if urls and len(urls) != len(words.names):
        words.problems.append("Name images by id or by URL, not both in one proposal: VOD deletes them apart.")
    if urls:
        _check_repeated(words, urls)
        return ImageUrls(tuple(urls))
    _check_ids(words, words.names, "image id")
    return Images(tuple(words.names))


def _images_of(words: _Words, video_id: str) -> Request | None:
    if not video_id:
        words.problems.append("--of wants a video id.")
    else:
        _check_ids(words, [video_id], "video id")
    choices = (*VideoImages, "all")
    named = [name.lower() for name in words.names]
    words.problems += [_unknown("kind of image", name, choices) for name in named if name not in choices]
    if not named:
        words.problems.append(f"Say which images of the video: {', '.join(choices)}.")
    _check_repeated(words, named)
    every = tuple(VideoImages) if "all" in named else tuple(VideoImages(n) for n in named if n in choices)
    return ImagesOf(video_id, every)


def _check_ids(words: _Words, ids: list[str], what: str) -> None:
    if not ids:
        words.problems.append(f"Name at least one {what}.")
    for name in ids:
        if not ID.fullmatch(name):
            words.problems.append(f"“{_short(name)}” is not {_one(what)}: {_what_is_wrong(name)}.")
    _check_repeated(words, ids)


def _check_repeated(words: _Words, names: list[str]) -> None:
    words.problems += [
        f"“{_short(name)}” is there {times} times; name it once."
        for name, times in Counter(names).items()
        if times > 1
    ]


def _one(what: str) -> str:
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"


def _what_is_wrong(name: str) -> str:
    if len(name) != 32:
        return f"it has {len(name)} character{'s' if len(name) != 1 else ''}, ids have 32"
    return "ids are made of digits and letters only"


def _numbered(name: str, words: list[str], make: Callable[[int], Command]) -> Command:
    digits = words[0].removeprefix("#") if words else ""
    if len(words) != 1 or not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return Problems((f"Name one proposal by its number, such as: /vod {name} 4",), name)
    return make(int(digits))


def _bare(name: str, words: list[str], command: Command) -> Command:
    return Problems((f"/vod {name} takes nothing after it.",), name) if words else command


def _unknown(what: str, word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
    return f"There is no {what} “{_short(word)}”.{hint}"


def _short(word: str) -> str:
    return word if len(word) <= 60 else word[:59] + "…"
