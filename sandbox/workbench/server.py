"""Serves the workbench's page, what it shows and what people do on it, on one port of this machine."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.json_types import Json
from sandbox.serving import serve
from sandbox.slack import SlackSandbox
from sandbox.slack.model.modals import wire_view
from sandbox.slack.model.workspace import may_see
from sandbox.vod import VodSandbox
from sandbox.workbench import records
from sandbox.workbench.acts import ACTS
from sandbox.workbench.director import Theatre
from sandbox.workbench.handle import BotHandle
from sandbox.workbench.scenes import SCENES
from sandbox.workbench.shortcuts import message_shortcuts, shortcuts
from sandbox.workbench.watch import Watch

NOTIFICATIONS = 50
"""Notifications of a person that the page lists, the newest first."""


class Workbench:
    """A running workbench. `url` is the page's address, without a trailing slash."""

    def __init__(self, theatre: Theatre, page: Path, port: int) -> None:
        self.theatre = theatre
        self._slack = theatre.slack
        self._vod = theatre.vod
        self._boot = uuid4().hex
        self._watch = Watch(self._slack, self._vod, self._state)
        self.theatre.changed = self._watch.refresh
        try:
            self._served = serve(Starlette(routes=self._routes(page)), port)
        except OSError:
            self._watch.stop()
            raise
        self.url = self._served.url

    @classmethod
    def start(
        cls,
        slack: SlackSandbox,
        vod: VodSandbox,
        bot: BotHandle | None,
        *,
        page: Path,
        port: int = 0,
        outage_s: float = 30,
    ) -> Self:
        """Serve on 127.0.0.1; `page` is what `build_page` returned. Raises OSError if the port is in use."""
        return cls(Theatre(slack, vod, bot, SCENES, outage_s), page, port)

    def stop(self) -> None:
        """Stop serving; a scene that is being played is played to its end first."""
        self.theatre.stop()
        self._served.stop()
        self._watch.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _routes(self, page: Path) -> list[Route | Mount]:
        reads = {"state": self._read_state, "messages": self._read_messages, "library": self._read_library}
        return [
            *(Route(f"/api/{name}", _reading(read)) for name, read in reads.items()),
            *(Route(f"/api/{name}", self._acting(name), methods=["POST"]) for name in ACTS),
            Route("/api/upload", self._slack.take_upload, methods=["POST"]),
            Route("/api/scenes/{key}", self._play, methods=["POST"]),
            Route("/api/files/{file_id}", self._file),
            Route("/api/events", self._events),
            Mount("/", StaticFiles(directory=page, html=True)),
        ]

    def _state(self) -> Json:
        """Everything small, for every person: sent whole whenever any of it changes."""
        slack, bot = self._slack, self.theatre.bot
        modals = {person.id: slack.state.modals.top(person.id) for person in slack.people.values()}
        homes = {person.id: slack.state.homes.of(person.id) for person in slack.people.values()}
        notified = Counter(each.person for each in slack.workspace.notified())
        return {
            "boot": self._boot,
            "people": [records.person_of(person, notified[person.id]) for person in slack.people.values()],
            "channels": [records.channel_of(channel) for channel in slack.workspace.channels()],
            "commands": records.commands(),
            "shortcuts": message_shortcuts(),
            "global_shortcuts": shortcuts("global"),
            "modals": {person: wire_view(view) for person, view in modals.items() if view},
            "homes": {person: wire_view(view) for person, view in homes.items() if view},
            "offset_seconds": slack.clock.offset_seconds,
            "bot": None if bot is None else {"running": bot.is_running()},
            "slack_is_down": any(fault.kind == "down" for fault in slack.faults.pending()),
            "vod_faults": [str(fault.kind) for fault in self._vod.faults.pending()],
            "delete_calls": len(self._vod.ledger.calls()),
            "scenes": self.theatre.shown(),
        }

    def _read_state(self, _asked: dict[str, str]) -> Json:
        return self._state()

    def _read_messages(self, asked: dict[str, str]) -> Json:
        """What a person sees in all their channels, as far as it changed after revision `since`."""
        person = self._slack.user(asked["person"])
        channels = {each.id for each in self._slack.workspace.channels() if person.id in each.members}
        changes = self._watch.messages.since(int(asked.get("since", 0)))
        seen = [each for each in changes.changed if each.channel in channels and may_see(each, person.id)]
        return {
            "revision": changes.revision,
            "messages": [records.message_of(message) for message in seen],
            "gone": changes.gone,
            "notified": [
                records.notification_of(each, self._slack.workspace)
                for each in self._slack.notified(person.key)[: -NOTIFICATIONS - 1 : -1]
            ],
        }

    def _read_library(self, asked: dict[str, str]) -> Json:
        """The media that changed after revision `since`, and what was removed after the first `removed`."""
        changes = self._watch.media.since(int(asked.get("since", 0)))
        removed = self._vod.library.removed[int(asked.get("removed", 0)) :]
        return {
            "revision": changes.revision,
            "media": [records.medium_of(medium, self._vod.url) for medium in changes.changed],
            "gone": changes.gone,
            "removed": [records.removed_of(one) for one in removed],
        }

    def _acting(self, name: str) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            asked = await _object(request)
            answer = await run_in_threadpool(_answer, lambda: ACTS[name](self._slack, asked))
            self._watch.refresh()
            return answer

        return endpoint

    def _play(self, request: Request) -> Response:
        return _answer(lambda: self.theatre.play(request.path_params["key"]))

    def _file(self, request: Request) -> Response:
        try:
            file = self._slack.workspace.file(request.path_params["file_id"])
        except LookupError as unknown:
            return PlainTextResponse(str(unknown), 404)
        if file.deleted:
            return PlainTextResponse("This file was deleted.", 410)
        return Response(file.content, media_type="application/octet-stream")

    async def _events(self, _request: Request) -> Response:
        async def stream() -> AsyncIterator[str]:
            async for number in self._watch.news():
                told = json.dumps({"boot": self._boot, "number": number})
                yield ": still here\n\n" if number is None else f"data: {told}\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _reading(read: Callable[[dict[str, str]], Json]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return _answer(lambda: read(dict(request.query_params)))

    return endpoint


async def _object(request: Request) -> Json:
    try:
        found = await request.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _answer(act: Callable[[], Json]) -> Response:
    try:
        return JSONResponse(act())
    except KeyError as missing:
        return JSONResponse({"error": f"missing: {missing.args[0]}"}, 400)
    except LookupError as unknown:
        return JSONResponse({"error": str(unknown)}, 404)
    except (TypeError, ValueError, RuntimeError) as wrong:
        return JSONResponse({"error": str(wrong)}, 400)
