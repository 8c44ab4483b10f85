"""Plays a scene on the local Slack and VOD: acts as its people, waits for what should follow, notes what did."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sandbox.json_types import Json
from sandbox.slack import Delivery, Message, SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.vod.model.media import Video
from sandbox.workbench.cards import APPROVE, PENDING, STOP, button_of, is_card, number_in, payload_of
from sandbox.workbench.handle import BotHandle

APPROVALS = "vod-deletions"
AUDIT = "vod-audit"
WAIT_LIMIT_S = 20.0
LOOK_S = 0.25
UNCHANGED_S = 2.0
"""Nothing happens this long: a click that counted would have shown by then."""

_BUTTONS = {APPROVE: "Approve", STOP: "Stop"}


@dataclass(frozen=True)
class Step:
    """A line of a scene. `held` None: something that was done, or a check not settled yet."""

    words: str
    held: bool | None = None
    is_check: bool = False


@dataclass(frozen=True)
class Scene:
    """Something to try. `play` acts and checks; `ends_as` is whose eyes to look through at the end."""

    title: str
    expect: str
    play: Callable[["Director"], None]
    ends_as: str = "ana"
    needs_bot: bool = False


@dataclass(frozen=True)
class Performance:
    """How a scene went so far: `idle`, `playing`, `held` or `broken`."""

    outcome: str = "idle"
    steps: tuple[Step, ...] = ()


class BrokenSceneError(Exception):
    """A check failed on which everything after it rests."""


@dataclass
class Director:
    """Given to a scene while it is played."""

    slack: SlackSandbox
    vod: VodSandbox
    handle: BotHandle | None
    outage_s: float
    tell: Callable[[tuple[Step, ...]], None]
    steps: list[Step] = field(default_factory=list)

    @property
    def bot(self) -> BotHandle:
        """The bot's process. Raises BrokenSceneError when the workbench was not given it."""
        if self.handle is None:
            raise BrokenSceneError("Whoever started this workbench did not hand over the bot's process.")
        return self.handle

    def does(self, words: str) -> None:
        """Note what is done now."""
        self._note(Step(words))

    def holds(self, words: str, check: Callable[[], bool], within_s: float = WAIT_LIMIT_S) -> None:
        """Note whether something becomes so in time. Raises BrokenSceneError if it does not."""
        self._note(Step(words, is_check=True))
        held = self.wait(check, within_s)
        self.steps[-1] = replace(self.steps[-1], held=held)
        self.tell(tuple(self.steps))
        if not held:
            raise BrokenSceneError(words)

    def stays(self, words: str, check: Callable[[], bool], for_s: float = UNCHANGED_S) -> None:
        """Note whether something is so all the time. Raises BrokenSceneError if it is not."""
        self.holds(words, lambda: check() and not self.wait(lambda: not check(), for_s))

    def wait(self, check: Callable[[], bool], within_s: float) -> bool:
        """Wait until something is so; VOD wakes nobody, so it is looked at a few times a second."""
        until = time.monotonic() + within_s
        while not self.slack.wait_until(check, LOOK_S):
            if time.monotonic() > until:
                return False
        return True

    def untouched(self, count: int) -> list[Video]:
        """Ordinary videos that no message has named yet; first those whose titles every machine has letters for."""
        said = "\n".join(str(message.blocks) + message.text for message in self.slack.workspace.everything())
        found = [video for video in self.vod.library.videos() if _is_ordinary(video) and video.video_id not in said]
        if len(found) < count:
            raise BrokenSceneError("There are not enough videos left that nobody has proposed yet.")
        return sorted(found, key=lambda video: not video.title.isascii())[:count]

    def propose(self, videos: list[Video], reason: str) -> int:
        """Let Ana propose to delete videos; return the proposal's number once its card is there."""
        number = self.ask(videos, reason)
        self.holds(f"The card of #{number} is posted", lambda: self.state(number) == PENDING)
        return number

    def ask(self, videos: list[Video], reason: str) -> int:
        """Let Ana type the command; return the number she is told."""
        ids = " ".join(video.video_id for video in videos)
        titles = ", ".join(f"“{video.title}”" for video in videos)
        self.does(f"Ana proposes to delete {titles}")
        delivery = self.slack.say("ana", f'/vod delete video {ids} --reason "{reason}"', channel=APPROVALS)
        number = number_in(delivery.reply.text) if delivery.reply else None
        if number is None:
            raise BrokenSceneError("The bot did not take the proposal.")
        return number

    def click(self, person: str, action_id: str, number: int) -> Delivery:
        """Let somebody press a button of a proposal's card, and confirm."""
        card = self.cards(number)[-1]
        if button_of(card.blocks, action_id) is None:
            raise BrokenSceneError(f"The card of #{number} has no button {action_id}.")
        self.does(f"{person.capitalize()} clicks {_BUTTONS[action_id]} on #{number} and confirms")
        return self.slack.click_message(person, APPROVALS, card.ts, action_id)

    def pass_time(self, seconds: float) -> None:
        """Move the sandbox's clock, which the bot's follows."""
        self.slack.clock.advance(seconds)
        self.slack.workspace.notify()

    def cards(self, number: int) -> list[Message]:
        """Every card of a proposal; more than one is a fault."""
        return [
            message for message in self.slack.messages(APPROVALS) if is_card(payload_of(message.metadata), number)
        ]

    def state(self, number: int) -> str:
        """Where a proposal stands by its newest card; "" while there is none."""
        return str(self._card_facts(number).get("state", ""))

    def is_frozen(self, number: int) -> bool:
        """Say whether a proposal's card shows that everything is frozen."""
        return bool(self._card_facts(number).get("frozen"))

    def outcomes(self, number: int) -> dict[str, int]:
        """How many items of a proposal ended in which way, by its newest card."""
        return dict(self._card_facts(number).get("outcomes", {}))

    def answers(self, person: str, since: str) -> list[Message]:
        """What the bot answered somebody privately after `since` (a message's ts)."""
        found = self.slack.ephemerals(person)
        return [each for each in found if each.ts > since and each.user == self.slack.bot_user_id]

    def announcements(self, since: str) -> list[Message]:
        """What the bot told the approvals channel of no single proposal after `since`."""
        return [
            message
            for message in self.slack.messages(APPROVALS)
            if message.ts > since and (payload := payload_of(message.metadata)) and "proposal_id" not in payload
        ]

    def _card_facts(self, number: int) -> Json:
        return payload_of(cards[-1].metadata) if (cards := self.cards(number)) else {}

    def is_there(self, video: Video) -> bool:
        """Say whether a video is in the library."""
        return self.vod.library.video(video.video_id) is not None

    def times_sent(self, video: Video) -> int:
        """How many delete calls named a video."""
        return self.vod.ledger.ids().count(video.video_id)

    def _note(self, step: Step) -> None:
        self.steps.append(step)
        self.tell(tuple(self.steps))


class Theatre:
    """The scenes and how each went; one is played at a time, in a thread."""

    def __init__(
        self,
        slack: SlackSandbox,
        vod: VodSandbox,
        bot: BotHandle | None,
        scenes: Mapping[str, Scene],
        outage_s: float,
    ) -> None:
        self.slack = slack
        self.vod = vod
        self.bot = bot
        self.changed: Callable[[], None] = lambda: None
        self._outage_s = outage_s
        self._scenes = scenes
        self._performances = {key: Performance() for key in scenes}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def shown(self) -> list[Json]:
        """Every scene as the page shows it."""
        with self._lock:
            return [
                {
                    "key": key,
                    "title": scene.title,
                    "expect": scene.expect,
                    "ends_as": scene.ends_as,
                    "possible": self.bot is not None or not scene.needs_bot,
                    "outcome": self._performances[key].outcome,
                    "steps": [vars(step) for step in self._performances[key].steps],
                }
                for key, scene in self._scenes.items()
            ]

    def play(self, key: str) -> Json:
        """Begin a scene. Raises LookupError for an unknown one, ValueError while another one is played."""
        if key not in self._scenes:
            raise LookupError(f"there is no scene {key!r}")
        with self._lock:
            if any(one.outcome == "playing" for one in self._performances.values()):
                raise ValueError("Another scene is being played. Wait until it has ended.")
            self._performances[key] = Performance("playing")
        self._thread = threading.Thread(target=self._perform, args=(key,), name=f"scene-{key}", daemon=True)
        self._thread.start()
        return {"playing": key}

    def stop(self) -> None:
        """Wait for the scene that is being played."""
        if self._thread is not None:
            self._thread.join()

    def _perform(self, key: str) -> None:
        def tell(steps: tuple[Step, ...]) -> None:
            self._note(key, Performance("playing", steps))

        director = Director(self.slack, self.vod, self.bot, self._outage_s, tell)
        try:
            self._scenes[key].play(director)
            outcome = "held"
        except BrokenSceneError as exc:
            outcome = "broken"
            if not director.steps or director.steps[-1].held is not False:
                director.steps.append(Step(str(exc), held=False, is_check=True))
        except (LookupError, ValueError, RuntimeError) as exc:  # what the sandboxes raise when an act is impossible
            outcome = "broken"
            director.steps.append(Step(f"The scene could not go on: {exc}", held=False, is_check=True))
        finally:
            self._tidy()
        self._note(key, Performance(outcome, tuple(director.steps)))

    def _tidy(self) -> None:
        """Leave no fault and a running bot behind."""
        self.slack.faults.clear()
        self.vod.faults.clear()
        if self.bot is not None and not self.bot.is_running():
            self.bot.start()

    def _note(self, key: str, performance: Performance) -> None:
        with self._lock:
            self._performances[key] = performance
        self.changed()


def _is_ordinary(video: Video) -> bool:
    return (
        video.status == "Normal"
        and not video.forbidden
        and video.source is not None
        and not video.source.serves_as_stream
        and bool(video.streams)
        and video.storage_class == "Standard"
        and len(video.title) < 80
        and video.title.isprintable()
    )
