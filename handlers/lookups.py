"""Look-ups beside what Slack waits for: a few threads of their own, and no more waiting than they get through."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from slack_sdk.models.views import View

from deletion.lookup.desk import Desk
from deletion.plan.library.quota import StopRequestedError

log = structlog.get_logger()

THREADS = 2
"""Look-ups that go on at once: VOD and the record are there for deletions first."""

WAITING = 16
"""Look-ups that wait; whoever comes then is told so at once."""

EACH = 3
"""Look-ups of one person that wait or go on, one of them at a time: nobody keeps others waiting alone."""

WAITS_S = 8.0
"""How long a look-up waits for its turn; whoever asked is told then, and may ask again."""

AWAITED = 4
"""Look-ups that listeners wait for at once: the other threads of the listeners are for clicks."""

Work = Callable[[Desk], None]


@dataclass(frozen=True)
class LookUp:
    """Something to be looked up for a modal.

    ``waiting`` is shown meanwhile. ``look`` says how what was found is shown, and raises LookupFailedError;
    ``instead`` makes the view that says (mrkdwn) why there is nothing to show.
    """

    waiting: View
    look: Callable[[Desk], View]
    instead: Callable[[str], View]


@dataclass(frozen=True)
class _Waiting:
    """A look-up whose turn has not come. ``late`` is called instead of it when it waited too long."""

    person: str
    work: Work
    late: Callable[[], None]
    since_s: float


class Lookups:
    """Does look-ups in threads of its own, the oldest first, of each person one at a time.

    Nothing is durable: who asked can ask again. The threads begin with the first look-up, and are daemons: none of
    them keeps the process.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._going: set[str] = set()
        self._asked: Counter[str] = Counter()
        self._threads: list[threading.Thread] = []
        self._ended = False
        self._awaited = threading.Semaphore(AWAITED)

    def ask(self, person: str, work: Work, late: Callable[[], None] = lambda: None) -> bool:
        """Queue a look-up for somebody (a Slack user id); return False when there is no room for it.

        ``late`` is called in its place when its turn does not come in time.
        """
        with self._changed:
            if self._ended or len(self._waiting) >= WAITING or self._asked[person] >= EACH:
                return False
            self._asked[person] += 1
            self._waiting.append(_Waiting(person, work, late, time.monotonic()))
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._go_on, name=f"lookup-{n}", daemon=True) for n in range(THREADS)
                ]
                self._threads.append(threading.Thread(target=self._tell_late, name="lookup-late", daemon=True))
                for thread in self._threads:
                    thread.start()
            self._changed.notify_all()
        return True

    def ask_and_wait(self, person: str, work: Work, timeout_s: float) -> bool:
        """Do a look-up for somebody whose request waits for it; False where there is no room, or no time, for it.

        What nobody waits for any more is not begun.
        """
        if not self._awaited.acquire(blocking=False):
            return False
        done, late = threading.Event(), threading.Event()

        def unless_late(desk: Desk) -> None:
            try:
                if not late.is_set():
                    work(desk)
            finally:
                done.set()

        try:
            return self.ask(person, unless_late) and done.wait(timeout_s)
        finally:
            late.set()
            self._awaited.release()

    def settle(self, timeout_s: float) -> bool:
        """Return once no look-up waits or goes on; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._asked.total(), timeout_s)

    def end(self, timeout_s: float) -> None:
        """Take no more, forget those that wait, and return when the threads have ended, or after the time-out.

        Then the connections to VOD are closed.
        """
        with self._changed:
            self._ended = True
            self._waiting.clear()
            self._changed.notify_all()
        ends_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, ends_s - time.monotonic()))
        self._desk.close()

    def _go_on(self) -> None:
        while (found := self._next()) is not None:
            try:
                found.work(self._desk)
            except StopRequestedError:
                return
            except Exception:
                # What is told to people is told by the work; here is only kept that the thread goes on.
                log.exception("lookup.failed")
            finally:
                with self._changed:
                    self._going.discard(found.person)
                    self._is_over(found)

    def _tell_late(self) -> None:
        while (found := self._next_late()) is not None:
            try:
                found.late()
            except Exception:
                # As above.
                log.exception("lookup.failed")
            finally:
                with self._changed:
                    self._is_over(found)

    def _is_over(self, found: _Waiting) -> None:
        self._asked -= Counter((found.person,))
        self._changed.notify_all()

    def _next(self) -> _Waiting | None:
        """Wait for a look-up of somebody for whom nothing is looked up now; None when no more is to be done."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._first() is not None)
            found = self._first()
            if found is not None:
                self._waiting.remove(found)
                self._going.add(found.person)
            return found

    def _first(self) -> _Waiting | None:
        return next((each for each in self._waiting if each.person not in self._going), None)

    def _next_late(self) -> _Waiting | None:
        """Wait for a look-up that waited too long, the oldest; None as above."""
        with self._changed:
            while not self._ended:
                left_s = self._waiting[0].since_s + WAITS_S - time.monotonic() if self._waiting else None
                if left_s is not None and left_s <= 0:
                    return self._waiting.pop(0)
                self._changed.wait(left_s)
        return None
