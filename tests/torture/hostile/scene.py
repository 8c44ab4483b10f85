"""A stage for hostile rounds: bots on a record that may be put back, people who act, and notes of what was done."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sandbox.slack import Delivery, Message, SlackSandbox
from sandbox.vod import Fault, FaultKind, VodSandbox
from sandbox.vod.model.faults import Faults
from tests.torture.arena import Arena
from tests.torture.hostile.evidence import FOREVER, Approval, Brake, Span
from tests.torture.hostile.records import Keeper
from tests.torture.workers import Process, wait_for

PROPOSER, APPROVER, OTHER = "ana", "bo", "cy"
CHANNEL = "vod-deletions"
STOP = "Stop the deletion"
TRUE_ONE = "This record is the true one"

BIG, SMALL = 160, 2
"""Videos in a deletion that is to be under way for a while, and in others."""

TAKES_S = 0.35
"""How long each delete call takes."""

BRAKED = re.compile(r"You stopped #\d+|Everything is frozen")
"""What is said to whoever stops or freezes, and nothing else that people type."""

HEAD = re.compile(r"Head of the log: event (\d+)")

OPEN = ("collecting", "pending", "approved", "executing")


class Slow(Faults):
    """The faults of a VOD whose delete calls take their time; what they remove is gone at once."""

    def take(self, action: str, ids: object) -> Fault | None:
        """Return what was ordered, otherwise a little delay."""
        ordered = super().take(action, ids)  # type: ignore[arg-type] # as the real one
        if ordered is None and action == "DeleteVideo":
            return Fault(FaultKind.TIMEOUT, action, seconds=TAKES_S)
        return ordered


@dataclass
class Deletion:
    """A proposal that somebody made: its number and card, and what was clicked."""

    number: int
    ids: frozenset[str]
    began: float
    card_ts: set[str] = field(default_factory=set)
    approvals: list[Approval] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return how people name it."""
        return f"#{self.number}"


@dataclass
class Scene:
    """All that a round acts on, and what it notes down."""

    arena: Arena
    keeper: Keeper
    bots: list[Process]
    port: int
    hold_s: float
    deletions: list[Deletion] = field(default_factory=list)
    brakes: list[Brake] = field(default_factory=list)
    anew: list[float] = field(default_factory=list)
    old: list[Span] = field(default_factory=list)
    away: list[Span] = field(default_factory=list)
    gone: list[Span] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    stuck: list[str] = field(default_factory=list)

    @property
    def clock(self) -> Path:
        """The file that says by how many seconds the clock is off."""
        return self.arena.folder / "clock"

    @property
    def slack(self) -> SlackSandbox:
        """The local Slack."""
        return self.arena.slack

    @property
    def vod(self) -> VodSandbox:
        """The local VOD."""
        return self.arena.vod

    # --- people -------------------------------------------------------------------------------------------

    def propose(self, count: int = SMALL) -> Deletion:
        """Let a person propose some videos of their own, and wait for the card."""
        began = time.time()
        ids = [self.vod.library.add_video(title=f"Take {n}", has_cover=False).video_id for n in range(count)]
        number = self._typed(f'/vod delete video {" ".join(ids)} --reason "hostile {len(self.deletions) + 1}"')
        made = Deletion(number, frozenset(ids), began)
        self.deletions.append(made)
        self.until(lambda: self.card(made) is not None, f"the card of {made.name}")
        return made

    def _typed(self, command: str) -> int:
        told: list[Delivery] = []

        def taken() -> bool:
            told.append(self.slack.say(PROPOSER, command))
            reply = told[-1].reply
            return reply is not None and re.search(r"#(\d+)", reply.text) is not None

        self.until(taken, "a proposal", every_s=1.0)
        reply = told[-1].reply
        found = re.search(r"#(\d+)", reply.text) if reply else None
        return int(found[1]) if found else 0

    def approve(self, deletion: Deletion, who: str = APPROVER) -> None:
        """Let somebody approve it, once more if that does not come to count: a list may not be attached yet."""
        user = self.slack.user(who).id

        def taken() -> bool:
            at = time.time()
            if self._click(who, "Approve", deletion):
                deletion.approvals.append(Approval(at, user))
            return self._comes_to_count(deletion, user)

        self.until(taken, f"{who} approves {deletion.name}", timeout_s=40)

    def _click(self, who: str, button: str, deletion: Deletion) -> bool:
        try:
            return self.slack.click(who, button, match=deletion.name).error is None
        except LookupError:
            return False

    def _comes_to_count(self, deletion: Deletion, user: str) -> bool:
        with suppress(TimeoutError):
            self.until(lambda: self._is_cast(deletion, user), "the vote", timeout_s=2)
            return True
        return False

    def _is_cast(self, deletion: Deletion, user: str) -> bool:
        query = """
            SELECT id FROM votes WHERE subject_kind = 'proposal' AND subject_id = :id AND voter = :who
              AND state IN ('cast', 'counted')
            """
        return self.arena.rows(query, id=deletion.number, who=user) != []

    def hold(self, deletion: Deletion, who: str = APPROVER) -> None:
        """Let somebody approve it, and wait for the card with the Stop button."""
        self.approve(deletion, who)
        self.until(lambda: offers_stop(self.card(deletion)), f"Stop on {deletion.name}")

    def stop(self, deletion: Deletion, who: str = OTHER) -> Brake:
        """Let somebody type a stop."""
        return self._brake(f"/vod stop {deletion.number}", deletion.ids, who)

    def freeze(self) -> Brake:
        """Let somebody freeze everything."""
        return self._brake("/vod freeze hostile", None, OTHER)

    def _brake(self, command: str, ids: frozenset[str] | None, who: str) -> Brake:
        asked = time.time()
        delivery = self.slack.say(who, command)
        said = delivery.reply.text if delivery.reply is not None else ""
        is_done = delivery.error is None and BRAKED.search(said) is not None
        if not is_done and delivery.error is None:
            # "It is finished already" is an answer as well, and promises nothing.
            return Brake(asked, asked + delivery.elapsed_s, frozenset())
        brake = Brake(asked, asked + delivery.elapsed_s if is_done else None, ids)
        self.brakes.append(brake)
        self.done["stops and freezes"] += 1
        return brake

    def thaw(self) -> None:
        """Let two people end the freeze; what it kept is let go on from the second vote on."""
        self.slack.say(PROPOSER, "/vod unfreeze")
        self.let_go()
        self.slack.say(APPROVER, "/vod unfreeze")

    def let_go(self) -> None:
        """Note that what was held may go on from now on, and that nothing braked keeps it."""
        now = time.time()
        self.anew.append(now)
        self.brakes = [
            Brake(b.asked, b.answered, b.ids, now) if b.ids is None and b.until == FOREVER else b
            for b in self.brakes
        ]

    # --- bots ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the bots that do not live."""
        waking = [bot for bot in self.bots if not bot.is_alive]
        for bot in waking:
            bot.start()
        self.until(lambda: all(bot.is_up for bot in self.bots), "every bot is up", timeout_s=60)

    def change(self, **settings: str) -> None:
        """Let the bots' next lives be told something else."""
        for bot in self.bots:
            bot.change(**settings)

    def kill(self) -> None:
        """Kill the bots."""
        for bot in self.bots:
            bot.kill()

    def end(self) -> None:
        """Ask the bots to end."""
        for bot in self.bots:
            bot.end()

    def recover(self) -> None:
        """Bring the world back to how it should be, after a round that went wrong."""
        self.slack.faults.clear()
        self.clock.write_text("0")
        now = time.time()
        for spans in (self.away, self.old, self.gone):
            spans[:] = [replace(span, ends=min(span.ends, now)) for span in spans]
        self.start()

    # --- looking ------------------------------------------------------------------------------------------

    def card(self, deletion: Deletion) -> Message | None:
        """Return its newest card as it stands in the approvals channel."""
        found = [m for m in self.slack.messages(CHANNEL) if is_card(m, deletion)]
        deletion.card_ts |= {message.ts for message in found}
        return found[-1] if found else None

    def state(self, deletion: Deletion) -> str:
        """Return where it stands in the record."""
        rows = self.arena.rows("SELECT state FROM proposals WHERE id = :id", id=deletion.number)
        return str(rows[0]["state"]) if rows else "unknown"

    def calls(self) -> int:
        """Return how many delete calls VOD received."""
        return len(self.vod.ledger.calls())

    def events(self) -> int:
        """Return how many events the record has."""
        return self.arena.number("SELECT seq AS n FROM audit_head")

    def newest_head(self) -> int:
        """Return the number of the newest event that a head in the audit channel names."""
        heads = (HEAD.search(message.text) for message in self.slack.messages("vod-audit"))
        return max((int(head[1]) for head in heads if head), default=0)

    def until_posted(self, event: int) -> None:
        """Wait until a head in the audit channel covers this event: an older record is known from then on."""
        self.until(lambda: self.newest_head() >= event, f"a head of event {event}")

    @staticmethod
    def now() -> float:
        """Return the clock that sandboxes and bots share."""
        return time.time()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        threading.Event().wait(seconds)

    def until(self, holds: Callable[[], bool], what: str, *, timeout_s: float = 40, every_s: float = 0.05) -> None:
        """Wait until something is so; TimeoutError when it does not come."""
        wait_for(holds, what, timeout_s=timeout_s, every_s=every_s)

    def finish(self, deletions: Sequence[Deletion], *, timeout_s: float = 40) -> None:
        """Wait until all of these are at an end and all is told; note what is not."""

        def over() -> bool:
            return all(self.state(each) not in OPEN for each in deletions) and self.arena.is_told()

        try:
            self.until(over, "the end", timeout_s=timeout_s, every_s=0.2)
        except TimeoutError:
            self.stuck += [f"{d.name} is {self.state(d)}" for d in deletions if self.state(d) in OPEN] or [
                "messages are owed"
            ]

    @contextmanager
    def without(
        self, what: str, go: Callable[[], object], back: Callable[[], object], *, hides: bool
    ) -> Iterator[None]:
        """Let something be away while the block lasts; ``hides``: so that nobody can see and stop deletions."""
        go()
        begins = time.time()
        try:
            yield
        finally:
            self.away.append(Span(what, begins, time.time(), hides))
            back()


def is_card(message: Message, deletion: Deletion) -> bool:
    """Say whether a message is the card of this proposal, and not of an older one of the same number."""
    if float(message.ts) < deletion.began - 1 or re.search(rf"{re.escape(deletion.name)}\b", message.text) is None:
        return False
    # The question whether a record is the true one names what it would release, and has a button as well.
    buttons = [str(block) for each in message.history for block in each.blocks if block.get("type") == "actions"]
    return bool(buttons) and not any("countersign_anchor" in button for button in buttons)


def offers_stop(message: Message | None) -> bool:
    """Say whether a card has the Stop button."""
    return message is not None and has_stop(message.blocks)


def has_stop(blocks: Sequence[dict[str, object]]) -> bool:
    """Say whether blocks have the Stop button."""
    return "countersign_stop" in str(list(blocks))
