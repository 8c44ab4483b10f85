"""Watches the local Slack and VOD and lets open pages know that there is something new."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

from sandbox.slack import SlackSandbox
from sandbox.slack.model.messages import Message
from sandbox.vod import VodSandbox
from sandbox.vod.model.media import Image, Video
from sandbox.workbench.feed import Feed

# VOD does not say when something changes, so it is looked at this often; Slack wakes the watch at once.
LOOK_S = 0.25
HEARTBEAT_S = 15.0


class Watch:
    """Keeps the feeds up to date in a thread, and counts what happened."""

    def __init__(self, slack: SlackSandbox, vod: VodSandbox, state: Callable[[], object]) -> None:
        self.messages: Feed[Message] = Feed()
        self.media: Feed[Video | Image] = Feed()
        self._slack = slack
        self._vod = vod
        self._state = state
        self._last_state: object = None
        self._lock = threading.Lock()
        self._number = 0
        self._listeners: set[Callable[[], None]] = set()
        self._ended = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._run, name="workbench-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self._slack.workspace.notify()
        self._thread.join()

    def refresh(self) -> None:
        """Look once; tell the listeners if anything changed."""
        with self._lock:
            changed = [self._look_at_slack(), self._look_at_vod(), self._look_at_state()]
            if not any(changed):
                return
            self._number += 1
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    async def news(self) -> AsyncIterator[int | None]:
        """Yield a number at once and after every change; None now and then, when there is nothing to tell."""
        loop, fresh = asyncio.get_running_loop(), asyncio.Event()

        def listener() -> None:
            loop.call_soon_threadsafe(fresh.set)

        self._listeners.add(listener)
        try:
            yield self._number
            while True:
                try:
                    await asyncio.wait_for(fresh.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield None
                    continue
                fresh.clear()
                yield self._number
        finally:
            self._listeners.discard(listener)

    def _run(self) -> None:
        while not self._ended.is_set():
            with self._slack.workspace.changed:
                self._slack.workspace.changed.wait(LOOK_S)
            self.refresh()

    def _look_at_slack(self) -> bool:
        everything = self._slack.workspace.everything()
        return self.messages.update({f"{each.channel} {each.ts}": each for each in everything})

    def _look_at_vod(self) -> bool:
        library = self._vod.library
        with library.locked():
            media: dict[str, Video | Image] = {each.video_id: each for each in library.videos()}
            media |= {each.image_id: each for each in library.images()}
        return self.media.update(media)

    def _look_at_state(self) -> bool:
        state = self._state()
        changed = state != self._last_state
        self._last_state = state
        return changed
