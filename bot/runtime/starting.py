"""While the program is put together: whoever asks for health is told that it starts, and what it waits for."""

from collections.abc import Callable

from bot.runtime.health import Report
from bot.runtime.server.exchange import Message, Receive, Send
from bot.runtime.server.web import WebApp
from bot.runtime.worker import Stop


class Starting:
    """How far the start is. ``stop`` is what a signal asks by."""

    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self._waits_for: str | None = None

    def waits_for(self, cause: str) -> None:
        """Note in a sentence what the start waits for."""
        self._waits_for = cause

    def go_on(self) -> None:
        """Raise StopRequestedError if the end was asked for."""
        self.stop.sleep(0)

    def report(self) -> Report:
        """Return what is answered: not well yet."""
        cause = self._waits_for
        return False, {"status": "starting", **({"causes": [f"start: {cause}"]} if cause else {})}


class Door:
    """One ASGI application after another: until ``open`` is called, one that only says that the program starts."""

    def __init__(self, report: Callable[[], Report]) -> None:
        self._closed = WebApp(None, health=report, metrics=bytes)
        self._app = self._closed

    def open(self, app: WebApp) -> None:
        """Let requests through."""
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        await self._app(scope, receive, send)

    def end(self, timeout_s: float) -> None:
        """Let the threads of both end, once the server has."""
        for app in {self._closed, self._app}:
            app.end(timeout_s)
