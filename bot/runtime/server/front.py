"""The HTTP server: it holds no thread while a request comes in, and has room that strangers cannot take.

uvicorn speaks HTTP on an event loop. What it has no limits for is limited here, for every connection: the time in
which a whole request has to come, the time in which its answer has to go, how many connections wait at once and how
much of unfinished requests is kept. Where there is too much of either, those give way that waited longest and never
brought a request with Slack's signature; one that is being carried out never does. Where many ask without a
signature, each connection has a rest after each of its answers.
"""

import asyncio
import resource
import socket
import threading
from collections.abc import Callable
from enum import Enum, IntEnum, auto
from typing import Any

import h11
import structlog
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from bot.runtime.server.refused import Reason, Refused

log = structlog.get_logger()

CALLER = "caller"
"""Where in a request's ``scope["state"]`` its connection is."""

REQUEST_WITHIN_S = 5.0
"""For a whole request, from its first byte to its last: Slack itself gives up after three seconds."""

ANSWER_WITHIN_S = {False: 10.0, True: 30.0}
"""For an answer, from the request's last byte until it is sent, to a request without and with a signature."""

KEPT_FOR_S = {False: 5.0, True: 75.0}
"""How long a connection may say nothing; longer if it brought signed requests, for a proxy that keeps it open."""

MOST_WAITING = 400
"""Connections that are idle or bring a request. Others are not counted; a process often may have 1,024 in all."""

MOST_ANSWERED = 200
"""Connections that are being answered without a signature: those who ask for health or metrics."""

UNSIGNED_PER_S = 100
"""Answers to requests without a signature; above that, connections are not heard for a while after each."""

REST_S = 1.0

MOST_HELD = 32_000_000
"""Bytes of unfinished requests."""

LARGEST_HEAD = 32 * 1024
"""Bytes of a request's line and headers; Slack's are a few hundred."""

ENDS_WITHIN_S = 5
"""For what is being carried out when the end is asked for."""

BACKLOG = 1024
"""Connections that the system keeps until they are accepted."""

ACCEPTED_AT_ONCE = 100
"""Connections; then those that are there already are heard. Far fewer than may wait: else none would be heard."""


class Phase(Enum):
    """What a connection is at."""

    IDLE = auto()
    READING = auto()
    ANSWERING = auto()


class Standing(IntEnum):
    """Which connections that wait give way before others."""

    TRIED = auto()
    """Asked something without a signature, and has its answer."""
    FRESH = auto()
    """Asked nothing yet: Slack's are that for a moment."""
    BUSY = auto()
    """Brought signed requests, and brings another."""
    KEPT = auto()
    """Brought signed requests and waits for more: a proxy's, as a rule."""


class Room(ServerState):
    """The connections there are: those that wait, and those answered without a signature, longest first."""

    def __init__(self, most_waiting: int = MOST_WAITING, most_held: int = MOST_HELD) -> None:
        super().__init__()
        self.refused = Refused()
        self._waiting: dict[Standing, dict[Caller, None]] = {standing: {} for standing in Standing}
        self.held = 0
        self._answered: dict[Caller, None] = {}
        self._most_waiting = most_waiting
        self._most_held = most_held
        self._second = 0.0
        self._unsigned = 0

    @property
    def strangers(self) -> "list[Caller]":
        """Return every connection but those whose signed request is being carried out."""
        return [*(caller for each in self._waiting.values() for caller in each), *self._answered]

    def wait(self, caller: "Caller") -> None:
        """Put a connection at the end of those that wait, and send somebody away if there are too many."""
        self.leave(caller)
        self._waiting[caller.standing][caller] = None
        if sum(map(len, self._waiting.values())) > self._most_waiting:
            first = next(each for each in self._waiting.values() if each)
            self._send_away(next(iter(first)))

    def answer(self, caller: "Caller") -> None:
        """Put a connection at the end of those answered without a signature."""
        self.leave(caller)
        self._answered[caller] = None
        while len(self._answered) > MOST_ANSWERED:
            self._send_away(next(iter(self._answered)))

    def leave(self, caller: "Caller") -> None:
        """Forget a connection: its signed request is carried out, or it has ended."""
        for each in self._waiting.values():
            each.pop(caller, None)
        self._answered.pop(caller, None)

    def is_asked_much(self, now_s: float) -> bool:
        """Count an answer to a request without a signature; say whether there were too many in this second."""
        if now_s - self._second >= 1:
            self._second, self._unsigned = now_s, 0
        self._unsigned += 1
        return self._unsigned > UNSIGNED_PER_S

    def hold(self, caller: "Caller", size: int) -> None:
        """Count bytes of an unfinished request, negative ones when they are let go."""
        caller.held += size
        self.held += size
        while self.held > self._most_held:
            self._send_away(next(each for each in self.strangers if each.held))

    def _send_away(self, caller: "Caller") -> None:
        self.refused.note(Reason.NO_ROOM)
        caller.abort()


class Caller(H11Protocol):
    """One connection, with a deadline for whatever it is at."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, CALLER: self}, _loop)
        if not isinstance(server_state, Room):
            raise TypeError("this protocol needs a Room")
        self.room = server_state
        self._known = False
        self.held = 0
        self.phase = Phase.IDLE
        self._signed = False
        self._tried = False
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def standing(self) -> Standing:
        """Say whether it gives way before others."""
        if self._known:
            return Standing.KEPT if self.phase is Phase.IDLE else Standing.BUSY
        return Standing.TRIED if self._tried else Standing.FRESH

    def answering(self, *, signed: bool) -> None:
        """Say that the whole request has come; a signed one does not give way to anybody."""
        self._turn(Phase.ANSWERING, ANSWER_WITHIN_S[signed])
        self._let_go()
        self._signed = signed
        if signed:
            self._known = True
            self.room.leave(self)
        else:
            self.room.answer(self)

    def abort(self) -> None:
        """Cut the connection, whatever was not sent yet."""
        self._let_go()
        self.room.leave(self)
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Give it little time to say something."""
        super().connection_made(transport)
        self._turn(Phase.IDLE, KEPT_FOR_S[False])
        self.room.wait(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the room."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._let_go()
        self.room.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Give a request that begins little time to become whole."""
        if self.phase is Phase.IDLE:
            self._turn(Phase.READING, REQUEST_WITHIN_S)
            self.room.wait(self)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next request, at once or after a rest, or end."""
        self._let_go()
        rests = not self._signed and self.room.is_asked_much(self.loop.time())
        self._signed, self._tried = False, True
        if self.transport.is_closing():
            return  # the deadline goes on: an answer that nobody takes is not kept for ever
        if self.conn.their_state is h11.SEND_BODY:
            self.transport.close()  # it was answered before it was whole, and its rest is not waited for
            return
        self._turn(Phase.IDLE, KEPT_FOR_S[self._known])
        self.room.wait(self)
        if rests:
            self.flow.pause_reading()
            self.loop.call_later(REST_S, self._go_on)
        else:
            self._go_on()

    def send_400_response(self, msg: str) -> None:
        """Count what is not HTTP, and say so to whoever sent it."""
        self.room.refused.note(Reason.MALFORMED)
        super().send_400_response(msg)

    def _go_on(self) -> None:
        """Hear the next request; it may be here already."""
        if self.transport.is_closing():
            return
        super().on_response_complete()
        if self.conn.trailing_data[0] or not self.cycle.response_complete:
            self._turn(Phase.READING, REQUEST_WITHIN_S)

    def _turn(self, phase: Phase, within_s: float) -> None:
        self.phase = phase
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(within_s, self._late)

    def _late(self) -> None:
        if self.phase is Phase.READING and not self.transport.is_closing():
            self.room.refused.note(Reason.TOO_SLOW)
            if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                headers = [("Connection", "close"), ("Content-Length", "0")]
                late = h11.Response(status_code=408, headers=headers, reason=b"Request Timeout")
                self.transport.write(self.conn.send(late) or b"")
        self.abort()

    def _let_go(self) -> None:
        self.room.hold(self, -self.held)


class _Server(uvicorn.Server):
    """Says when it is ready, and ends when told to, whoever is still connected."""

    def __init__(self, config: uvicorn.Config, room: Room) -> None:
        super().__init__(config)
        self.server_state = room
        self.ready = threading.Event()
        self._room = room
        self._end = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Ask for the end, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await super().startup(sockets)
            for listener in sockets or ():
                listener.listen(BACKLOG)  # asyncio's backlog is also what it accepts at once
        finally:
            self.ready.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in self.servers:
            listening.close()
        for caller in self._room.strangers:
            caller.abort()
        await asyncio.sleep(0)  # so that the connections know it
        self._room.refused.close()
        await super().shutdown(sockets)


class Front:
    """A running server; ``bind_addr`` is where it listens."""

    def __init__(self, app: Callable[..., Any], listener: socket.socket, room: Room | None = None) -> None:
        self.bind_addr: tuple[str, int] = listener.getsockname()[:2]
        config = uvicorn.Config(
            app,
            http=Caller,
            ws="none",
            lifespan="off",
            log_config=None,
            # Of what strangers send wrongly, uvicorn logs a line each, at WARNING; Refused counts it.
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=ACCEPTED_AT_ONCE,
            # The deadlines are the callers'.
            timeout_keep_alive=3600,
            timeout_graceful_shutdown=ENDS_WITHIN_S,
            h11_max_incomplete_event_size=LARGEST_HEAD,
        )
        self._server = _Server(config, room or Room(min(MOST_WAITING, _most_files() // 2)))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="http", daemon=True
        )
        self._thread.start()
        self._server.ready.wait()

    def end(self, timeout_s: float) -> None:
        """Stop listening, cut whoever brings a request, and wait for what is being carried out."""
        self._server.end()
        self._thread.join(timeout_s)


def bind(host: str, port: int) -> socket.socket:
    """Take an address; OSError when it cannot be had."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # Named as TCP, or asyncio does not turn Nagle's algorithm off, which costs 40 ms a request.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _most_files() -> int:
    """Return how many files and connections this process may have open; many where there is no limit."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 2 * MOST_WAITING if soft == resource.RLIM_INFINITY else soft
