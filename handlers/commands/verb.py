"""What a command is: the words it takes, how it is written, what it means, how it is read and what it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from deletion.approval.people import readers
from deletion.approval.proposal import SlackAction
from deletion.jobs.record import Tx
from deletion.terms.refusals import Refusal
from deletion.terms.requests.query import Query
from handlers.commands.syntax import lexing
from handlers.commands.syntax.problems import Problems
from handlers.services import Services
from handlers.text.blocks import Message
from handlers.text.language import Language

C = TypeVar("C")
T = TypeVar("T")

PREFIX = "/vod "


@dataclass(frozen=True)
class Invocation:
    """One command that somebody typed: who, in which channel, and the language they read.

    ``open_form`` opens the form that proposes, with the level, whether by force, and the reason that were typed; it
    returns why it is not there, or None. ``find`` and ``show`` open views of what is looked up in VOD, for a query
    and for an id or an address; they return the same.
    """

    services: Services
    lang: Language
    action: SlackAction
    channel: str
    open_form: Callable[[str, bool, str], Message | None]
    find: Callable[[Query], Message | None]
    show: Callable[[str], Message | None]

    @property
    def approvals(self) -> str:
        """Return the mention of the channel with the cards (mrkdwn)."""
        return f"<#{self.services.approvals_channel}>"

    def read(self, work: Callable[[Tx], T]) -> T:
        """Read the record."""
        return self.services.database.read(work)

    def write(self, work: Callable[[Tx], T]) -> T:
        """Write to the record in one transaction, and tell the worker."""
        done = self.services.database.write(work)
        self.services.wake()
        return done


def for_anybody(_: Invocation) -> None:
    """Turn nobody away: whether they may is decided on what they typed."""


def for_readers(call: Invocation) -> Refusal | None:
    """Turn away, with a line in the log, whoever may not read what is proposed."""
    services = call.services
    return readers.refuse_unless_reader(services.database, services.config, services.directory, call.action)


@dataclass(frozen=True)
class Form:
    """One way to write a command. ``topic`` names it; ``meaning`` is a sentence of the catalogues."""

    topic: str
    usage: str
    meaning: str


@dataclass(frozen=True)
class Verb(Generic[C]):
    """A command. ``words`` are what it is called by, the first one in all that is written about it.

    ``parse`` reads what follows and finds every problem; ``run`` does it and returns the private answer, or None
    where a view says everything. One that
    ``only_reads`` changes nothing, so it is carried out even when its name is misspelt. ``hint`` stands in Slack's
    list of commands. ``turns_away`` says who may not even be read, before what they typed is. ``split`` makes words
    of what was typed.
    """

    words: tuple[str, ...]
    forms: tuple[Form, ...]
    parse: Callable[[Sequence[str]], C | Problems]
    run: Callable[[Invocation, C], Message | None]
    only_reads: bool
    hint: str = ""
    turns_away: Callable[[Invocation], Refusal | None] = for_anybody
    split: Callable[[str], list[str]] = lexing.tokenize

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.words[0]
