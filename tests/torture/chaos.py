"""What befalls the bots: killed, stopped for longer than a lease, and bad weather at VOD and Slack."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from sandbox.slack import FaultKind as SlackFault
from sandbox.vod import FaultKind as VodFault
from tests.torture.arena import LEASE_S, Arena
from tests.torture.workers import Process

MARGIN_S = 0.7

RESENT_AFTER_S = 6.0
"""How long after a lease has run out another may have sent the same items again."""

LONG_STOP_S = 65.0
"""Longer than the announcer holds a channel."""

DELETES = ("DeleteVideo", "DeleteVideo", "DeleteVideo", "DeleteMezzanines", "DeleteImage", "DeleteStream")

VOD_WEATHER = (
    VodFault.RESET_BEFORE,
    VodFault.RESET_AFTER,
    VodFault.UNAVAILABLE,
    VodFault.DELETED_BUT_503,
    VodFault.THROTTLE,
)

READS = ("BatchGetMediaInfos", "GetImageInfos", "GetPlayInfo", "GetMezzanineInfo")
READ_WEATHER = (VodFault.THROTTLE, VodFault.UNAVAILABLE, VodFault.RESET_BEFORE)

POSTS = ("chat.postMessage", "chat.postMessage", "chat.update", "files.completeUploadExternal")
SLACK_WEATHER = (
    SlackFault.RATELIMITED,
    SlackFault.RESET_BEFORE,
    SlackFault.RESET_AFTER,
    SlackFault.FATAL_ERROR_AFTER,
    SlackFault.HTTP_503,
    SlackFault.INTERNAL_ERROR,
)


@dataclass
class Chaos:
    """Strikes at random moments, every ``gap_s`` on average, until it has done all that it was asked for."""

    arena: Arena
    crew: list[Process]
    rng: random.Random
    kills: int
    stops: int
    long_stops: int
    gap_s: float
    done: Counter[str] = field(default_factory=Counter)
    weather: Counter[str] = field(default_factory=Counter)
    _asleep: list[tuple[float, float, Process]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Do all of it; every process is awake afterwards."""
        acts = ["kill"] * self.kills + ["stop"] * self.stops + ["long stop"] * self.long_stops
        self.rng.shuffle(acts)
        try:
            for act in acts:
                self._pause(self.rng.expovariate(1 / self.gap_s))
                self._change_the_weather()
                if self._over.is_set() or not self._strike(act):
                    return
            while self._asleep and not self._over.is_set():
                self._pause(0.1)
        finally:
            for _, _, process in self._asleep:
                process.resume()

    def end(self) -> None:
        """Give up early."""
        self._over.set()

    def clear_up(self) -> int:
        """Call off the weather that did not strike yet; return how much that was."""
        left = len(self.arena.vod.faults.pending()) + len(self.arena.slack.faults.pending())
        self.arena.vod.faults.clear()
        self.arena.slack.faults.clear()
        return left

    def _strike(self, act: str) -> bool:
        victim = self._victim()
        if victim is None:
            return False
        if act == "kill":
            victim.kill()
            victim.start()
            self.done["kill"] += 1
            return True
        past_lease_s = self.rng.choice((0.0, RESENT_AFTER_S))
        seconds = LONG_STOP_S if act == "long stop" else LEASE_S + MARGIN_S + past_lease_s + self.rng.random()
        victim.stop()
        self._asleep.append((time.monotonic() + seconds, seconds, victim))
        return True

    def _victim(self) -> Process | None:
        """Choose among those that are at work; one that is still starting teaches nothing."""
        for _ in range(600):
            awake = [process for process in self.crew if process.is_up and not process.is_stopped]
            # Somebody has to be there to take over.
            if len(awake) > 1:
                return self.rng.choice(awake)
            if self._over.is_set():
                return None
            self._pause(0.1)
        return None

    def _pause(self, seconds: float) -> None:
        """Let time pass, and wake whoever has stood still long enough."""
        until = time.monotonic() + seconds
        while not self._over.is_set():
            self._wake()
            due = min([until, *(moment for moment, _, _ in self._asleep)])
            if time.monotonic() >= until:
                return
            self._over.wait(max(0.001, due - time.monotonic()))

    def _wake(self) -> None:
        now = time.monotonic()
        for each in [each for each in self._asleep if each[0] <= now]:
            self._asleep.remove(each)
            _, seconds, process = each
            process.resume()
            self.done["long stop" if seconds == LONG_STOP_S else "stop"] += 1

    def _change_the_weather(self) -> None:
        """Let one of the next calls to VOD go wrong, and one to Slack."""
        if self.rng.random() < 0.5:
            delete = self.rng.random() < 0.7
            kind = self.rng.choice(VOD_WEATHER if delete else READ_WEATHER)
            action = self.rng.choice(DELETES if delete else READS)
            self._spoil(kind, action)
        if self.rng.random() < 0.5:
            fault, method = self.rng.choice(SLACK_WEATHER), self.rng.choice(POSTS)
            self.arena.slack.faults.add(fault, method)
            self.weather[f"{method} {fault}"] += 1

    def _spoil(self, kind: VodFault, action: str) -> None:
        """Let one call to VOD go wrong; not so many in a row that an item is given up: that takes ten minutes."""
        waiting = any(fault.action == action for fault in self.arena.vod.faults.pending())
        is_rare = action in DELETES and action != "DeleteVideo"
        if waiting or (is_rare and self.weather[f"{action} {kind}"]):
            return
        self.arena.vod.faults.set(kind, action, times=1)
        self.weather[f"{action} {kind}"] += 1
