"""The worker: threads that do jobs, send messages and look people up, woken by a bell or by the clock."""

import threading
import time
from collections.abc import Callable

import structlog

from deletion import work
from deletion.approval.holds import anchoring
from deletion.audit.messages.delivery import Share
from deletion.jobs.context import Context
from deletion.plan.library.quota import StopRequestedError
from handlers.outbox.announcer import Announcer
from handlers.slack.api.profiles import Profiles

log = structlog.get_logger()

POLL_S = 0.5
"""How soon work is seen that another process has queued."""

SENDERS = 2
"""Threads that send messages: a slow channel must not keep the other waiting.

One more sends files and nothing else: however many of them are slow, no message waits behind one. Another sends
private answers and nothing else: however slow both channels are, who pressed a button does not wait for them.
"""


class Bell:
    """Wakes every waiting thread; one that was busy meanwhile does not miss the ring."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        """Wake everybody."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def heard(self) -> int:
        """Return how often it rang so far."""
        with self._condition:
            return self._rings

    def wait(self, heard: int, timeout_s: float) -> None:
        """Return when it rang more often than ``heard`` times, or after the time-out."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings != heard, timeout_s)


class Stop:
    """Says that the program is ending, and lets sleepers know at once."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def request(self) -> None:
        """Ask everybody to end."""
        self._event.set()

    @property
    def requested(self) -> bool:
        """Say whether the end was asked for."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Sleep; StopRequestedError when the program ends first."""
        if self._event.wait(seconds):
            raise StopRequestedError

    def wait(self) -> None:
        """Return when the end is asked for."""
        self._event.wait()


class Turns:
    """When each thread of the worker began its turn, or last said that a long one gets somewhere."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._since_s: dict[str, float] = {}

    def begin(self, thread: str) -> None:
        """Note that a thread begins a turn."""
        self._since_s[thread] = time.monotonic()

    def go_on(self) -> bool:
        """Note that the turn of this thread gets somewhere; False when it is to end with the program."""
        name = threading.current_thread().name
        if name in self._since_s:
            self.begin(name)
        return not self._stop.requested

    @property
    def idle_s(self) -> float:
        """Return how long ago the thread that is longest at its turn was heard of."""
        since = list(self._since_s.values())
        return time.monotonic() - min(since) if since else 0.0


class Worker:
    """Runs jobs and sends messages until it is stopped."""

    def __init__(  # noqa: PLR0913 - what its threads share
        self,
        ctx: Context,
        announcer: Announcer,
        *,
        profiles: Profiles,
        bell: Bell,
        stop: Stop,
        turns: Turns,
        threads: int,
    ) -> None:
        self._bell = bell
        self._stop = stop
        self._turns = turns
        self._jobs = [self._thread(f"job-{n}", lambda: work.run_one(ctx)) for n in range(threads)]
        self._senders = [self._thread(f"send-{n}", lambda: announcer.step(Share.MESSAGES)) for n in range(SENDERS)]
        self._senders.append(self._thread("files", lambda: announcer.step(Share.FILES)))
        self._senders.append(self._thread("answers", lambda: announcer.step(Share.ANSWERS)))
        self._senders.append(self._thread("profiles", profiles.look_up_one))
        self._senders.append(self._thread("anchors", lambda: anchoring.watch(ctx)))

    def also(self, name: str, step: Callable[[], bool]) -> None:
        """Take turns at something else as well, whether this process does jobs or not; before the start."""
        self._senders.append(self._thread(name, step))

    def start(self, *, jobs: bool) -> None:
        """Start the threads that send and look people up, and with ``jobs`` those that work.

        A process that only listens sends too: whoever clicks is answered even while no worker runs.
        """
        for thread in [*self._senders, *(self._jobs if jobs else [])]:
            thread.start()

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads to end what they are doing; False when one has not."""
        self._bell.ring()
        until = time.monotonic() + timeout_s
        started = [thread for thread in [*self._jobs, *self._senders] if thread.ident is not None]
        for thread in started:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in started)

    @property
    def works(self) -> bool:
        """Say whether this process does jobs, or only listens and sends."""
        return any(thread.ident is not None for thread in self._jobs)

    @property
    def idle_s(self) -> float:
        """Return how long ago the thread that is longest at its turn was heard of."""
        return self._turns.idle_s

    def _thread(self, name: str, step: Callable[[], bool]) -> threading.Thread:
        return threading.Thread(target=self._loop, args=(name, step), name=name, daemon=True)

    def _loop(self, name: str, step: Callable[[], bool]) -> None:
        while not self._stop.requested:
            heard = self._bell.heard()
            self._turns.begin(name)
            try:
                worked = step()
            except Exception:
                # The outermost edge: a database that is busy or away for a moment must not end the worker.
                log.exception("worker.turn_failed", thread=name)
                worked = False
            if worked:
                self._bell.ring()
            else:
                self._bell.wait(heard, POLL_S)
