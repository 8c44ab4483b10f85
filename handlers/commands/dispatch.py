"""``/vod``: understood, done in one transaction, answered at once. Never calls VOD, never posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.commands import explanations
from handlers.commands.every_verb import BY_WORD, FORMS
from handlers.commands.syntax import lexing
from handlers.commands.syntax.problems import Problem, Problems, Wrong
from handlers.commands.verb import Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, said, section
from handlers.text.escaping import clip, unformatted
from handlers.text.language import Language

SUGGESTED = 0.65
"""How much an unknown word has to resemble a command for that to be suggested (difflib's ratio)."""

SURELY_MEANT = 0.75
"""How much it has to resemble a command that only reads for that to be carried out."""


FIRST_MOST = 100
"""Characters of a text that hold its first word, if that is a command."""


@dataclass(frozen=True)
class Understood:
    """A command that can be carried out; ``instead`` is what was typed and what was meant, where the two differ."""

    verb: Verb[Any]
    command: Any
    instead: tuple[str, str] | None = None


def respond(call: Invocation, text: str) -> Message | None:
    """Do what a command says and return the private answer, or None where a view says everything.

    Who may not is told so before the rest is read.
    """
    verb = named(text)
    refusal = verb.turns_away(call) if verb else None
    if refusal:
        return said(words.refusal(call.lang, refusal))
    match understand(text):
        case Problems() as problems:
            return explanations.page(call.lang, problems, FORMS)
        case Understood(understood, command, instead):
            if understood is not verb and (refusal := understood.turns_away(call)):
                return said(words.refusal(call.lang, refusal))
            message = understood.run(call, command)
            return _as_meant(call.lang, message, *instead) if instead else message


def named(text: str) -> Verb[Any] | None:
    """Return the command that the first word of a text means, as far as that can be told without reading on."""
    first = text[:FIRST_MOST].split(maxsplit=1)[:1]
    return BY_WORD.get(first[0].lower()) if first else None


def understand(text: str) -> Understood | Problems:
    """Find the command that a text means and read the rest of it. Pure."""
    typed = lexing.unescape(text)
    first = typed.split(maxsplit=1)[0].lower() if typed.strip() else "help"
    split = BY_WORD[first].split if first in BY_WORD else lexing.tokenize
    try:
        tokens = split(typed) or [first]
    except lexing.UnclosedQuoteError as exc:
        return Problems((Problem(Wrong.QUOTE_OPEN, exc.start),), first if first in BY_WORD else None)
    name, rest = tokens[0], tokens[1:]
    verb = BY_WORD.get(name.lower())
    return _read(verb, rest) if verb else _misspelt(name, rest)


def _read(verb: Verb[Any], rest: Sequence[str], *, instead: tuple[str, str] | None = None) -> Understood | Problems:
    command = verb.parse(rest)
    return command if isinstance(command, Problems) else Understood(verb, command, instead)


def _misspelt(name: str, rest: Sequence[str]) -> Understood | Problems:
    """Carry out what was surely meant if it only reads; whatever writes is suggested, never done."""
    meant = lexing.nearest(name, BY_WORD, cutoff=SUGGESTED)
    unknown = Problem(Wrong.UNKNOWN_COMMAND, name, known=tuple(BY_WORD), nearest=meant)
    if meant is None or not BY_WORD[meant].only_reads or not lexing.nearest(name, [meant], cutoff=SURELY_MEANT):
        return Problems((unknown,))
    read = _read(BY_WORD[meant], rest, instead=(name, meant))
    return Problems((unknown, *read.found), read.topic) if isinstance(read, Problems) else read


def _as_meant(lang: Language, message: Message | None, typed: str, meant: str) -> Message:
    """Say first what is shown, and in place of what."""
    opening = lang.say("Unknown command “{word}”. Showing `{meant}`:", word=unformatted(typed, 60), meant=meant)
    if message is None:
        return said(opening)
    blocks = message.blocks or (section(message.text),)
    return Message(clip(f"{opening} {message.text}", 3900), (section(opening), *blocks))
