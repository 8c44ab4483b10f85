"""A long list the whole way: from a file, read, shown, approved by its number, deleted, listed; by a running bot.

Each stretch is told next to what VOD's quotas allow, with the memory of both processes and the answers to somebody
who clicks meanwhile.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.clicks import CHANNEL, WHO, Answer, Clicker, clicking
from benchmarks.deleting import Run, minimum
from benchmarks.stand import Bot, Record, Vod, peak_megabytes, running_bot, wait_for
from deletion.audit.messages.places import MessageKind
from deletion.plan.library.quota import PER_SECOND
from deletion.terms.requests.targets import BATCH
from deletion.terms.states import State
from handlers.views import approve
from sandbox.slack import Delivery, Message, SlackSandbox
from storage.engine.database import Row
from storage.tables import items

READ_BOUND = PER_SECOND["BatchGetMediaInfos"] * BATCH
"""Videos that may be read in a second."""

STRETCHES = (
    ("taken in", "asked_ms", "created_ms"),
    ("read", "created_ms", "planned_ms"),
    ("shown", "planned_ms", "shown_ms"),
    ("counted", "cast_ms", "settled_ms"),
    ("begun", "settled_ms", "started_ms"),
    ("deleted", "started_ms", "finished_ms"),
    ("listed", "finished_ms", "listed_ms"),
)
"""What the bot is at, one after the other, from when to when."""

CLICKS = 3
"""How often somebody presses a button that nothing comes of."""

LISTED_WITHIN_S = 600
"""How long a file of a hundred thousand lines may take."""


@dataclass(frozen=True)
class Stretch:
    """A part of the way: what the bot was at, how long that took, the most memory of both processes by its end."""

    what: str
    seconds: float
    worker_mb: float
    listener_mb: float


@dataclass(frozen=True)
class Way:
    """What came of it. ``run`` is the whole deletion, ``full`` what was deleted after its slow beginning."""

    items: int
    stretches: tuple[Stretch, ...]
    run: Run
    full: Run
    answers: tuple[Answer, ...]
    faults: tuple[str, ...]

    def seconds(self, what: str) -> float:
        """Return how long one stretch took."""
        return next(each.seconds for each in self.stretches if each.what == what)

    @property
    def worker_mb(self) -> float:
        """Return the most memory that the worker had."""
        return max(each.worker_mb for each in self.stretches)

    @property
    def listener_mb(self) -> float:
        """Return the most memory that the listener had."""
        return max(each.listener_mb for each in self.stretches)


def go(slack: SlackSandbox, vod: Vod, record: Record, count: int) -> Way:
    """Let a bot go the whole way with so many new videos; RuntimeError when anything is not deleted."""
    ids = vod.fill(count)
    vod.calls()
    with ExitStack() as stack:
        bot = stack.enter_context(running_bot(slack, vod, record))
        clicker = stack.enter_context(clicking(slack))
        journey = _Journey(slack, bot, clicker, count)
        journey.go(ids)
        made, left = vod.calls(), vod.left(ids)
        if left or journey.tally() != {"deleted": count}:
            raise RuntimeError(f"not everything was deleted: {journey.tally()}, {left} left")
        return journey.way(made)


class _Journey:
    """The people's side of it: they upload, wait for the card, type the number, and wait for the end."""

    def __init__(self, slack: SlackSandbox, bot: Bot, clicker: Clicker, count: int) -> None:
        self._slack, self._bot, self._clicker, self._count = slack, bot, clicker, count
        self._memory: dict[str, tuple[float, float]] = {}

    def go(self, ids: list[str]) -> None:
        """Go all of the way."""
        timeout_s = 120 + 4 * self._count / READ_BOUND
        with self._stretch("taken in"):
            self._propose(ids)
            try:
                wait_for(lambda: bool(self._rows("SELECT id FROM proposals")), "it is proposed", timeout_s=120)
            except TimeoutError as exc:
                said = list(dict.fromkeys(message.text for message in self._slack.ephemerals(WHO)))
                raise RuntimeError(f"{exc}; {WHO} was told: {said}") from exc
        self._clicker.number = 1
        with self._stretch("read"):
            wait_for(lambda: self._is(State.PENDING), "it is read", timeout_s=timeout_s)
        with self._stretch("shown"):
            wait_for(lambda: self._is_sent(MessageKind.MANIFEST), "its list is there", timeout_s=LISTED_WITHIN_S)
        self._clicker.shown(self._card())
        with self._stretch("counted"):
            self._approve()
            wait_for(lambda: not self._is(State.PENDING), "the vote is counted", timeout_s=timeout_s)
        with self._stretch("begun"):
            wait_for(lambda: not self._is(State.APPROVED), "it begins", timeout_s=timeout_s)
        with self._stretch("deleted"):
            wait_for(lambda: self._is(State.FINISHED), "it is deleted", timeout_s=timeout_s)
        with self._stretch("listed"):
            wait_for(lambda: self._is_sent(MessageKind.OUTCOMES), "it is listed", timeout_s=LISTED_WITHIN_S)

    def way(self, made: dict[str, int]) -> Way:
        """Say what came of it; ``made`` are the delete calls that VOD took and throttled."""
        at = self._moments()
        stretches = [
            Stretch(what, (at[until] - at[since]) / 1000, *self._memory[what])
            for what, since, until in STRETCHES
            if what in self._memory
        ]
        seconds = (at["finished_ms"] - at["started_ms"]) / 1000
        whole = Run(self._count, seconds, made["done"], made["throttled"])
        answers, faults = tuple(self._clicker.answers), tuple(self._clicker.faults)
        return Way(self._count, tuple(stretches), whole, self._at_full_rate(at, whole), answers, faults)

    def tally(self) -> dict[str, int]:
        """Count the outcomes."""
        return self._bot.database.read(lambda tx: items.tally(tx, 1))

    @contextmanager
    def _stretch(self, what: str) -> Iterator[None]:
        self._clicker.during = what
        yield
        self._memory[what] = (peak_megabytes(self._bot.worker), peak_megabytes(self._bot.listener))

    def _propose(self, ids: list[str]) -> None:
        """Upload a file as a spreadsheet writes it, choose it in the form, see what would go, and propose it."""
        content = "Title;Video-ID\r\n" + "".join(f"Take {n};{each}\r\n" for n, each in enumerate(ids))
        opened = self._slack.say(WHO, "/vod delete --file")
        file = self._slack.upload(WHO, "clean-up.csv", content.encode())
        _taken(opened, self._slack.submit(WHO, {"file": file.id, "level": "video", "reason": "measured"}))
        _taken(opened, self._slack.submit(WHO, {}))

    def _approve(self) -> None:
        """Press the button, once more if no form opens, and type the number."""
        for _ in range(CLICKS):
            opened = self._slack.click("bo", "Approve", match="#1")
            if opened.modal is not None:
                break
            said = opened.error or [message.text for message in self._slack.ephemerals("bo")][-1:]
            self._clicker.faults.append(f"no form to approve after {opened.elapsed_s:.1f} s: {said}")
        _taken(opened, self._slack.submit("bo", {approve.INPUT_ID: str(self._count)}))

    def _card(self) -> Message:
        return next(each for each in self._slack.messages(CHANNEL) if "#1" in each.text)

    def _is(self, state: State) -> bool:
        return [row["state"] for row in self._rows("SELECT state FROM proposals WHERE id = 1")] == [state]

    def _is_sent(self, kind: MessageKind) -> bool:
        return bool(self._rows("SELECT id FROM outbox WHERE kind = :kind AND state = 'sent'", kind=kind))

    def _moments(self) -> dict[str, int]:
        """Return when what happened (UTC ms), as the record has it."""
        (row,) = self._rows(
            """
            SELECT p.created_ms, p.started_ms, p.finished_ms, p.ramp_since_ms, p.ramp_below,
                   q.created_ms AS planned_ms, v.cast_ms, v.settled_ms, l.created_ms AS asked_ms,
                   (SELECT sent_ms FROM outbox WHERE kind = 'manifest') AS shown_ms,
                   (SELECT sent_ms FROM outbox WHERE kind = 'outcomes') AS listed_ms
            FROM proposals p, plans q, votes v, lists l
            WHERE q.proposal_id = p.id AND q.revision = 1 AND v.subject_kind = 'proposal' AND v.state = 'counted'
            """
        )
        return {name: int(value or 0) for name, value in row.items()}

    def _at_full_rate(self, at: dict[str, int], whole: Run) -> Run:
        """Return the part that came after the slow beginning; of one that did not get there, the whole."""
        since = at["ramp_since_ms"]
        if not since or at["ramp_below"]:
            return whole
        count = self._bot.database.read(lambda tx: items.settled_since(tx, 1, since))
        return Run(count, (at["finished_ms"] - since) / 1000, minimum(count), whole.throttled)

    def _rows(self, sql: str, **params: str) -> list[Row]:
        return self._bot.database.read(lambda tx: tx.rows(sql, **params))


def _taken(*deliveries: Delivery) -> None:
    for each in deliveries:
        if each.error is not None or each.field_errors:
            raise RuntimeError(f"{each.kind} was not taken: {each.error}, {each.field_errors}")
