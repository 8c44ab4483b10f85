"""Somebody who clicks and types once a second, whatever the bot is at, and how soon they are answered."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from handlers.cards import ids
from sandbox.slack import Delivery, Message, SlackSandbox

EVERY_S = 1.0

PATIENCE_S = 10.0
"""How long the words of an answer are waited for."""

CHANNEL = "vod-deletions"
WHO = "cy"
"""Who proposes, and so may not approve."""


@dataclass(frozen=True)
class Answer:
    """A click, or a command, and after how many seconds Slack had its answer and the person saw words.

    ``during`` is what the bot was at; ``seen_s`` is None where nobody saw any.
    """

    what: str
    during: str
    answered_s: float
    seen_s: float | None


@dataclass
class Clicker:
    """Asks how proposal ``number`` stands, in turn with clicks that would approve it, once its card is there."""

    slack: SlackSandbox
    during: str = ""
    number: int = 0
    answers: list[Answer] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _card: Message | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    def shown(self, card: Message) -> None:
        """Take note of a card that can be approved; its button is pressed from now on, also once it has gone."""
        self._card = card

    def work(self) -> None:
        """Click until told to end."""
        turn = 0
        while not self._over.wait(EVERY_S):
            turn += 1
            if self._card is not None and turn % 2:
                self._approve(self._card)
            else:
                self._ask(f"/vod status {self.number}" if self.number else "/vod list")

    def end(self) -> None:
        """Click no more."""
        self._over.set()

    def _ask(self, command: str) -> None:
        during = self.during
        delivery = self.slack.say(WHO, command)
        seen_s = delivery.elapsed_s if delivery.reply is not None else None
        self._note(" ".join(command.split()[:2]), during, delivery, seen_s)

    def _approve(self, card: Message) -> None:
        before, during, begun = len(self.slack.ephemerals(WHO)), self.during, time.monotonic()
        delivery = self.slack.click_message(WHO, CHANNEL, card.ts, ids.APPROVE)
        seen = self.slack.wait_until(lambda: len(self.slack.ephemerals(WHO)) > before, PATIENCE_S)
        self._note("Approve", during, delivery, time.monotonic() - begun if seen else None)

    def _note(self, what: str, during: str, delivery: Delivery, seen_s: float | None) -> None:
        if delivery.error is not None:
            self.faults.append(f"{what} while it was {during}: {delivery.error}")
        self.answers.append(Answer(what, during, delivery.elapsed_s, seen_s))


@contextmanager
def clicking(slack: SlackSandbox) -> Iterator[Clicker]:
    """Let somebody click until the block ends."""
    clicker = Clicker(slack)
    thread = threading.Thread(target=clicker.work, name="clicker", daemon=True)
    thread.start()
    try:
        yield clicker
    finally:
        clicker.end()
        thread.join(2 * PATIENCE_S)


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the value that so large a share of the others does not exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
