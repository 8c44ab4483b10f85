"""Runs a Starlette application on loopback in a background thread; can cut a connection like a network."""

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.same_origin import SameOrigin

LOOPBACK = "127.0.0.1"
_TRANSPORT = "transport"
_LONGEST_REQUEST_HEAD = 256 * 1024
_STOP_TIMEOUT_S = 10
_DATE_EVERY_S = 0.5


class Served:
    """A running server. `url` has no trailing slash; `stop()` may be called more than once."""

    def __init__(self, server: "_Server", listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._server = server
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name=f"sandbox-{self.port}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Cut what is still connected, close the listener and join the thread."""
        self._server.end()
        self._thread.join(_STOP_TIMEOUT_S)
        if self._thread.is_alive():
            raise RuntimeError(f"the server on port {self.port} did not stop in {_STOP_TIMEOUT_S} s")


class DroppedConnection(Response):
    """A response that sends nothing and resets the connection (TCP RST). Return it from any endpoint."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Reset the connection and wait until the server has noticed."""
        reset_connection(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


def reset_connection(scope: Scope) -> None:
    """Reset (TCP RST) the connection of a request or a WebSocket. Only in the server's own thread."""
    transport = scope["state"][_TRANSPORT]
    linger_zero = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
    transport.abort()


def half_close_connection(scope: Scope) -> None:
    """Say (TCP FIN) that nothing more will come, and hear nothing more. Only in the server's own thread."""
    scope["state"][_TRANSPORT].pause_reading()
    scope["state"][_TRANSPORT].get_extra_info("socket").shutdown(socket.SHUT_WR)


def deafen_connection(scope: Scope) -> None:
    """Hear nothing more, and say nothing of it: the connection stays open. Only in the server's own thread."""
    scope["state"][_TRANSPORT].pause_reading()


async def wait_unless_disconnected(receive: Receive, seconds: float) -> None:
    """Let `seconds` of real time pass, or less if the client goes away or the server stops.

    Shape: `await wait_unless_disconnected(request.receive, 3)`, after the body has been read.
    """
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


def serve(app: Starlette, port: int = 0) -> Served:
    """Serve `app` on 127.0.0.1, to programs and its own pages only; return once it accepts connections.

    Port 0 takes a free one. Raises OSError if the port is in use.
    """
    # Named as TCP, or asyncio does not turn Nagle's algorithm off, which costs 40 ms a request.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    server = _Server(_settings(SameOrigin(app)))
    served = Served(server, listener)
    server.ready.wait(_STOP_TIMEOUT_S)
    if not server.started:
        listener.close()
        raise RuntimeError(f"the server on port {served.port} did not start")
    return served


def _settings(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="wsproto",
        log_config=None,
        access_log=False,
        h11_max_incomplete_event_size=_LONGEST_REQUEST_HEAD,
        timeout_graceful_shutdown=2,
    )


class _Server(uvicorn.Server):
    """Says when it is ready, and does not let a client's open connection delay the end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._end = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Ask the server to shut down, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    async def main_loop(self) -> None:
        # Instead of asking ten times a second whether to go on: tests start and stop many servers.
        while not self._end.is_set():
            # Sets the time of the Date header anew, by which the bot compares its clock with ours.
            await self.on_tick(0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), _DATE_EVERY_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Not uvicorn's own, which waits a tenth of a second for clients to go: here they are sent away.
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if self.server_state.tasks:
            _, late = await asyncio.wait(self.server_state.tasks, timeout=self.config.timeout_graceful_shutdown)
            for task in late:
                task.cancel()
        await self.lifespan.shutdown()


class _Protocol(H11Protocol):
    """HTTP/1.1 whose requests carry, in `scope["state"]`, the means to cut their own connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}
