"""Threads that do an event loop's work, each lane its own: what crowds one lane does not keep another waiting."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Lane:
    """So many threads, started with the first work. They are daemons: no work can keep the process from ending."""

    def __init__(self, name: str, threads: int) -> None:
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(threads)
        ]
        self._started = False

    async def run(self, work: Callable[[], T]) -> T:
        """Do ``work`` in one of the threads; return, or raise, what it does. Call from one loop only."""
        self._start()
        done: Future[T] = Future()
        self._queue.put((done, work))
        return await asyncio.wrap_future(done)

    def end(self, timeout_s: float) -> None:
        """Let the threads end after what they are doing; return when they have, or after the time-out each."""
        if not self._started:
            return
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout_s)

    def _start(self) -> None:
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        for done, work in iter(self._queue.get, None):
            if not done.set_running_or_notify_cancel():
                continue
            try:
                found = work()
            except BaseException as exc:  # noqa: BLE001 - it belongs to whoever awaits it
                done.set_exception(exc)
            else:
                done.set_result(found)


SHARE = 0.2
"""Of the time that a shared question may be worked at, however often it is asked."""

LONGEST_PAUSE_S = 1.0


class SharedQuestion:
    """A question that many may ask at once, and that is put once: all who ask meanwhile get the same answer.

    Asked again and again, it is worked at for a fifth of the time.
    """

    def __init__(self, lane: Lane, question: Callable[[], T]) -> None:
        self._lane = lane
        self._question = question
        self._asked: asyncio.Task[T] | None = None
        self._not_before_s = 0.0

    async def ask(self) -> Any:
        """Return the answer, or raise what the question raised."""
        if self._asked is None:
            self._asked = asyncio.create_task(self._put())
            self._asked.add_done_callback(self._forget)
        return await asyncio.shield(self._asked)

    async def _put(self) -> Any:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._not_before_s - loop.time()))
        begun_s = loop.time()
        try:
            return await self._lane.run(self._question)
        finally:
            took_s = loop.time() - begun_s
            self._not_before_s = loop.time() + min(LONGEST_PAUSE_S, took_s * (1 / SHARE - 1))

    def _forget(self, _answered: object) -> None:
        self._asked = None
