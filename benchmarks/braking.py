"""Stops and freezes of a running bot that deletes, and what VOD and the record show of them afterwards."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import storage
from benchmarks.attacks import FROM_OUTSIDE, Attack, Size, Target, attacked
from benchmarks.stand import wait_for
from deletion.terms.requests.targets import BATCH
from demo import play
from demo.bot_process import BotProcess
from sandbox.slack import Delivery, SlackSandbox
from sandbox.vod import FaultKind, VodSandbox
from storage.tables import audit_log
from storage.tables.audit_log import AuditRow

VOD_TAKES_S = 0.4
"""For every call."""

BEGINS_WITHIN_S = 3.0
"""A deletion that nothing holds up sends its next call."""

ON_ITS_WAY_S = 0.25
"""How long after it left the bot a call may reach the local VOD, which shares two cores with everything here."""

SETTLED_AFTER_S = 3.0
"""After the last brake, what should not be sent any more would have been."""

STOPS = frozenset({"proposal.stopped", "execution.stopped"})
INTENT = "call.intent"


class Transport(StrEnum):
    """How Slack reaches the bot."""

    HTTP = "HTTP"
    SOCKET_MODE = "Socket Mode"


@dataclass(frozen=True)
class Pressed:
    """A brake that somebody used: a stop of ``number``, or a freeze (0). Times are seconds since 1970."""

    number: int
    person: str
    user: str
    at: float
    answered_at: float
    delivery: Delivery


@dataclass(frozen=True)
class Braked:
    """What became of it. Seconds from pressing; None: never.

    ``answered_s``: until Slack had its answer, ``seen_s``: until the person saw one, ``in_effect_s``: until it was
    recorded. ``journalled`` are calls written down after that. ``arrived`` are calls that reached VOD after the
    answer, ``late`` those of them that cannot have been on their way already.
    """

    number: int
    answered_s: float | None
    seen_s: float | None
    in_effect_s: float | None
    left: int = 0
    journalled: int = 0
    arrived: int = 0
    late: int = 0


class Scene:
    """A bot in a process of its own, with deletions under way, and people who want to stop them."""

    def __init__(self, target: Target, size: Size) -> None:
        self.target = target
        self.slack, self.vod, self.database = target.slack, target.vod, target.database
        self.size = size
        self.ids: dict[int, frozenset[str]] = {}
        self.pressed: list[Pressed] = []

    def propose_all(self, number: int, videos: int) -> None:
        """Let Ana propose so many deletions of so many videos; return once each card can be approved."""
        for n in range(number):
            added = [self.vod.library.add_video(title=f"{n}/{m}", has_cover=False) for m in range(videos)]
            ids = [video.video_id for video in added]
            delivery = self.slack.say("ana", f"/vod delete video {' '.join(ids)} --reason measured")
            if delivery.reply is None:
                raise RuntimeError(f"no proposal: {delivery.error}")
            self.ids[int(delivery.reply.text.split()[1].removeprefix("#"))] = frozenset(ids)
        cards = "SELECT count(*) AS n FROM proposals WHERE state = 'pending' AND card_ts IS NOT NULL"
        self._until(cards, len(self.ids))
        # Nothing can be approved while its list is not in the thread.
        self._until("SELECT CASE count(*) WHEN 0 THEN 1 ELSE 0 END AS n FROM outbox WHERE state <> 'sent'", 1)

    def approve_all(self) -> None:
        """Let Bo approve all of them; return once each can be stopped."""
        for number in self.ids:
            delivery = self.slack.click("bo", "Approve", match=f"#{number}")
            if delivery.error is not None:
                raise RuntimeError(f"no approval of #{number}: {delivery.error}")
        self._until("SELECT count(*) AS n FROM proposals WHERE hold_until_ms IS NOT NULL", len(self.ids))

    def under_way(self) -> int:
        """Return the deletion of which a call reaches VOD next, of those that can still be stopped.

        Any of these when none does: what keeps the bot from deleting is no reason not to stop it.
        """
        before = len(self.vod.ledger.calls())

        def found() -> list[int]:
            reached = {one for call in self.vod.ledger.calls()[before:] for one in call.ids}
            return [number for number in self.waiting() if not reached.isdisjoint(self.ids[number])]

        with suppress(TimeoutError):
            wait_for(lambda: bool(found()), "something is deleted", timeout_s=BEGINS_WITHIN_S)
        return next(iter(found() or self.waiting() or self.ids))

    def waiting(self) -> list[int]:
        """Return the deletions of several calls that can still be stopped, those first of which most is left."""
        query = """
            SELECT p.id FROM proposals p LEFT JOIN items i ON i.proposal_id = p.id AND i.state = 'pending'
            WHERE p.state = 'approved' OR (p.state = 'executing' AND p.halted IS NULL AND i.id IS NOT NULL)
            GROUP BY p.id ORDER BY count(i.id) DESC, p.id
            """
        found = [int(row["id"]) for row in self.database.read(lambda tx: tx.rows(query))]
        return [number for number in found if len(self.ids.get(number, ())) > BATCH]

    def calls(self, number: int) -> list[float]:
        """Return when delete calls of a proposal, or of any (0), reached VOD."""
        about = self.ids.get(number)
        return [
            call.at.timestamp()
            for call in self.vod.ledger.calls()
            if about is None or not about.isdisjoint(call.ids)
        ]

    def stop(self, number: int, *, by_button: bool) -> None:
        """Stop a deletion: its proposer with the button on its card, or an approver with the command."""
        begun = time.time()
        if by_button:
            person, delivery = "ana", self.slack.click("ana", "Stop", match=f"#{number}")
        else:
            person, delivery = "bo", self.slack.say("bo", f"/vod stop {number}")
        self._note(number, person, begun, delivery)

    def freeze(self) -> None:
        """Freeze everything."""
        begun = time.time()
        self._note(0, "cy", begun, self.slack.say("cy", "/vod freeze measured"))

    def unfreeze(self) -> None:
        """Let two people end the freeze; return as soon as it is over."""
        before = len(self.events("freeze.ended"))
        for person in ("bo", "cy"):
            self.slack.say(person, "/vod unfreeze")
        wait_for(lambda: len(self.events("freeze.ended")) > before, "it is unfrozen", timeout_s=30)

    def until_it_goes_on(self) -> None:
        """Return when another delete call has reached VOD."""
        before = len(self.calls(0))
        wait_for(lambda: len(self.calls(0)) > before, "it deletes", timeout_s=60)

    def events(self, *actions: str) -> list[AuditRow]:
        """Return the log's events of these kinds."""
        last = self.database.read(audit_log.head).seq
        rows = self.database.read(lambda tx: audit_log.between(tx, 1, last))
        return [row for row in rows if row.action in actions]

    def seen_by_all(self) -> None:
        """Wait until everybody has seen an answer, but not for ever."""
        self.slack.wait_until(lambda: all(self._seen_at(each) for each in self.pressed), self.size.seen_within_s)

    def braked(self) -> list[Braked]:
        """Say what became of every brake."""
        log = self.events(*STOPS, INTENT, "freeze.begun", "freeze.ended")
        return [self._braked(each, log) for each in self.pressed]

    def _braked(self, pressed: Pressed, log: Sequence[AuditRow]) -> Braked:
        seen_at = self._seen_at(pressed)
        answered_s = None if pressed.delivery.error else pressed.delivery.elapsed_s
        seen_s = seen_at - pressed.at if seen_at else None
        event = next((row for row in log if _is_of(row, pressed)), None)
        if event is None:
            return Braked(pressed.number, answered_s, seen_s, None)
        thaws = [row for row in log if row.action == "freeze.ended" and row.seq > event.seq]
        thaw = thaws[0] if thaws and not pressed.number else None
        until_seq, until = (thaw.seq, thaw.at_ms / 1000) if thaw else (log[-1].seq + 1, time.time())
        intents = [row for row in log if row.action == INTENT and event.seq < row.seq < until_seq]
        arrived = [at for at in self.calls(pressed.number) if pressed.answered_at < at < until]
        effect = event.at_ms / 1000
        return Braked(
            pressed.number,
            answered_s,
            seen_s,
            max(0.0, effect - pressed.at),
            left=_left(event, len(self.ids.get(pressed.number, ()))),
            journalled=sum(not pressed.number or row.ref == event.ref for row in intents),
            arrived=len(arrived),
            late=sum(at > effect + ON_ITS_WAY_S for at in arrived),
        )

    def _seen_at(self, pressed: Pressed) -> float | None:
        """Return when the person saw the answer: what came with the acknowledgement, or a message after it."""
        if pressed.delivery.reply is not None:
            return pressed.answered_at
        about = re.compile(rf"#{pressed.number}\b")
        found = [
            float(message.ts)
            for message in self.slack.ephemerals(pressed.person)
            if float(message.ts) > pressed.at and about.search(message.text)
        ]
        return min(found, default=None)

    def _note(self, number: int, person: str, begun: float, delivery: Delivery) -> None:
        self.pressed.append(Pressed(number, person, self.slack.user(person).id, begun, time.time(), delivery))

    def _until(self, count: str, number: int) -> None:
        def holds() -> bool:
            row = self.database.read(lambda tx: tx.one(count))
            return row is not None and int(row["n"]) >= number

        try:
            wait_for(holds, f"{number} of: {count}", timeout_s=60)
        except TimeoutError as exc:
            said = [message.text for message in self.slack.ephemerals("bo")]
            raise RuntimeError(f"{exc}; Bo was told: {said}") from exc


def _is_of(row: AuditRow, pressed: Pressed) -> bool:
    """Say whether an event is what a brake did. Its clock is read in milliseconds."""
    if row.at_ms < int(pressed.at * 1000) or pressed.user not in row.actor:
        return False
    if not pressed.number:
        return row.action == "freeze.begun"
    return row.action in STOPS and row.ref == f"proposal/{pressed.number}"


def _left(event: AuditRow, whole: int) -> int:
    """Return how many items a stop kept: of a deletion on hold, all of them."""
    return whole if event.action == "proposal.stopped" else int(json.loads(event.payload)["data"].get("count", 0))


def measure(attack: Attack, transport: Transport, database_url: str, size: Size) -> list[Braked]:
    """Let a bot delete, attack it, stop and freeze, and see what came of that."""
    with _scene(attack, transport, database_url, size) as scene:
        scene.propose_all(size.deletions, size.videos)
        if attack is Attack.MANY:
            scene.propose_all(size.many - size.deletions, BATCH)
        scene.approve_all()
        scene.vod.faults.set(FaultKind.TIMEOUT, seconds=VOD_TAKES_S)
        if attack is Attack.THAW:
            _after_thaws(scene)
        else:
            _while_attacked(scene, attack)
        return scene.braked()


def _while_attacked(scene: Scene, attack: Attack) -> None:
    """Stop some deletions and freeze the rest, under most attacks while they delete.

    A crowd of strangers takes a while to come together, and does so during the hold. What is read instead keeps the
    deletions from beginning: they are stopped while they wait for a thread.
    """
    stops = scene.size.stops
    with ExitStack() as stack:
        on_hold = list(scene.ids)[: stops // 2 + 1] if attack is Attack.MANY else []
        is_early = attack in {Attack.MANY, Attack.COLLECTING, *FROM_OUTSIDE}
        if is_early:
            stack.enter_context(attacked(attack, scene.target, scene.size))
        for place, number in enumerate(on_hold):
            scene.stop(number, by_button=place % 2 == 0)
        if attack is not Attack.COLLECTING:
            scene.until_it_goes_on()
        if not is_early:
            stack.enter_context(attacked(attack, scene.target, scene.size))
        for place in range(stops - len(on_hold)):
            scene.stop(scene.under_way(), by_button=place % 2 == 0)
        scene.under_way()
        scene.freeze()
        time.sleep(SETTLED_AFTER_S)
        if attack is not Attack.AWAY:
            scene.seen_by_all()


def _after_thaws(scene: Scene) -> None:
    """Freeze, unfreeze, stop one and freeze again: at once, or when the next call has reached VOD."""
    scene.until_it_goes_on()
    scene.freeze()
    for place in range(scene.size.stops):
        scene.unfreeze()
        scene.stop(scene.under_way() if place % 2 else scene.waiting()[0], by_button=False)
        scene.freeze()
    time.sleep(SETTLED_AFTER_S)


@contextmanager
def _scene(attack: Attack, transport: Transport, database_url: str, size: Size) -> Iterator[Scene]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        slack = stack.enter_context(SlackSandbox.start(environ={}))
        vod = stack.enter_context(VodSandbox.start(seed_library=False))
        slack.rate.enabled = False
        settings = play.environment(slack, vod) | {
            "DATABASE_URL": database_url,
            "COUNTERSIGN_HOLD_SECONDS": str(size.many_hold_s if attack is Attack.MANY else size.hold_s),
            "COUNTERSIGN_LEASE_SECONDS": "30",
            "COUNTERSIGN_MAX_ITEMS": "10000",
            "COUNTERSIGN_MAX_GIGABYTES": "1000000",
            "COUNTERSIGN_CANARY_FROM": "100000",
            "COUNTERSIGN_TYPED_FROM": "100000",
        }
        connect = slack.connect
        if transport is Transport.SOCKET_MODE:
            del settings["SLACK_SIGNING_SECRET"]
            settings["SLACK_APP_TOKEN"] = slack.app_token
        bot = BotProcess(connect, settings, folder / "bot.log")
        stack.callback(bot.kill)
        bot.start()
        if transport is Transport.SOCKET_MODE:
            slack.connect_sockets()
            wait_for(lambda: slack.sockets.count > 0, "the bot is connected", timeout_s=30)
        url = f"http://127.0.0.1:{bot.until('http.listening')['address'][1]}"
        database = storage.parse(settings["DATABASE_URL"]).open()
        stack.callback(database.close)
        yield Scene(Target(url, slack, vod, database), size)
