"""The connection to Slack by Socket Mode: opened, looked after, opened anew within seconds when it is lost.

The SDK's built-in client speaks the protocol; the others lose acknowledgements on reconnect. By itself it needs
four unanswered pings to miss the answers, and reads on without a pause from a connection whose other side has
ended. So a thread of ours looks four times a second whether there is a living connection, and opens another.
"""

import itertools
import json
import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection

from handlers.slack.api.failures import trouble
from handlers.slack.brakes import is_brake_envelope

log = structlog.get_logger()

PING_EVERY_S = 1.5

SILENT_FOR_S = 5.0
"""Without an answer to a ping: three were missed. Slack's own client for Node gives up as soon."""

LOOK_EVERY_S = 0.25

PAUSES_S = (0.0, 1.0, 2.0, 3.0, 5.0)
"""Between attempts to connect; the last one repeats. Slack may ask for longer ones."""

UNWELL_AFTER_S = 120
"""Without a connection; Slack renews them every few hours, and that takes no time."""

END_WITHIN_S = 3

LISTENERS = 16
"""Commands and clicks that are worked at at once."""

BRAKE_LISTENERS = 4
"""Besides, what stops, freezes, rejects or withdraws."""

TOLD_BY_US = (
    "Failed to establish",
    "on_error invoked",
    "Failed to check",
    "Failed to retrieve",
    "Failed to start or",
)
"""How the SDK's lines about a lost connection begin; it writes several for each attempt."""


class _Client(SocketModeClient):
    """The built-in client, with threads for brakes alone; where Slack asks for a pause it raises SlackApiError."""

    brake_workers: ThreadPoolExecutor

    def issue_new_wss_url(self) -> str:
        """Ask Slack for an address to connect to."""
        return str(self.web_client.apps_connections_open(app_token=self.app_token)["url"])

    def enqueue_message(self, message: str) -> None:
        """Take what Slack sent; a stop, freeze, rejection or withdrawal waits behind no other command."""
        if is_brake_envelope(message):
            self.brake_workers.submit(self.run_message_listeners, json.loads(message), message)
        else:
            super().enqueue_message(message)

    def close(self) -> None:
        """End everything."""
        super().close()
        self.brake_workers.shutdown()


class _Handler(SocketModeHandler):
    """Bolt's handler with that client, which connects when told to and never by itself."""

    def __init__(self, app: App, token: str, web_client: WebClient) -> None:  # nothing of the base's is wanted
        logger = logging.getLogger("slack_bolt.socket_mode")
        logger.addFilter(_is_not_told_by_us)
        self.app = app
        self.app_token = token
        self.client: _Client = _Client(
            token,
            logger=logger,
            web_client=web_client,
            auto_reconnect_enabled=False,
            ping_interval=PING_EVERY_S,
            concurrency=LISTENERS,
        )
        self.client.brake_workers = ThreadPoolExecutor(BRAKE_LISTENERS, "socket-brake")
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type] # as Bolt does


class SocketMode:
    """One connection to Slack, kept until it is closed; ``connected`` is called whenever there is one again."""

    def __init__(
        self, app: App, token: str, web_client: WebClient, connected: Callable[[], None] = lambda: None
    ) -> None:
        self._connected = connected
        self._client = _Handler(app, token, web_client).client
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="socket-mode", daemon=True)
        self._session: Connection | None = None
        self._pong: float | None = None
        self._heard_s = 0.0
        self._has_hung_up = False
        self._lost_s: float | None = time.monotonic()
        self._cause = "it was not opened yet"
        self._again_s = 0.0
        self._pauses: Iterator[float] = iter(())

    def open(self) -> None:
        """Open the first connection; SlackApiError or OSError when Slack gives no address for one."""
        self._client.wss_uri = self._client.issue_new_wss_url()
        self._client.connect()
        if self._client.is_connected():
            self._found(time.monotonic())

    def keep(self) -> None:
        """Look after the connection from now on, in a thread."""
        self._thread.start()

    def close(self) -> None:
        """End the connection; nothing is opened any more."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(END_WITHIN_S)
        _cut(self._client.current_session)
        self._client.close()

    def trouble(self) -> str | None:
        """Say since when there has been no connection, and why, if that is too long; None when all is well."""
        lost_s = self._lost_s
        for_s = 0 if lost_s is None else time.monotonic() - lost_s
        if for_s < UNWELL_AFTER_S:
            return None
        return (
            f"no Socket Mode connection to Slack for {round(for_s)} s: {self._cause}. Commands and clicks do not "
            "arrive. See that SLACK_APP_TOKEN is valid, that Socket Mode is on, and that this machine reaches Slack"
        )

    def _look_after(self) -> None:
        while not self._ending.wait(LOOK_EVERY_S):
            try:
                self._look()
            except Exception:
                # The outermost edge: whatever the SDK raises, the next look is due.
                log.exception("socket_mode.look_failed")

    def _look(self) -> None:
        session, now_s = self._client.current_session, time.monotonic()
        if session is not None and session.is_active():
            fault = self._fault(session, now_s)
            if fault is None:
                self._found(now_s)
                return
            self._cause = fault
            _cut(session)
        if self._lost_s is None:
            self._lost_s, self._again_s = now_s, 0.0
            log.warning("socket_mode.lost", cause=self._cause)
            self._pauses = itertools.chain(PAUSES_S, itertools.repeat(PAUSES_S[-1]))
        if now_s >= self._again_s:
            self._again_s = time.monotonic() + self._reconnect()

    def _fault(self, session: Connection, now_s: float) -> str | None:
        """Say what is wrong with a connection that the client takes for a living one."""
        if session is not self._session:
            self._session, self._pong, self._heard_s, self._has_hung_up = session, None, now_s, False
        if session.last_ping_pong_time != self._pong:
            self._pong, self._heard_s = session.last_ping_pong_time, now_s
        if now_s - self._heard_s > SILENT_FOR_S:
            return "Slack did not answer pings any more"
        had_hung_up, self._has_hung_up = self._has_hung_up, _hung_up(session)
        # The second time: what came before the end has been read by now.
        return "Slack ended the connection" if had_hung_up and self._has_hung_up else None

    def _found(self, now_s: float) -> None:
        if self._lost_s is not None:
            log.info("socket_mode.connected", after_s=round(now_s - self._lost_s, 1))
            self._lost_s, self._cause = None, "Slack or the network cut the connection"
            self._connected()

    def _reconnect(self) -> float:
        """Try to connect; return the seconds to wait before the next try, if this one did not do."""
        pause_s = next(self._pauses, PAUSES_S[-1])
        try:
            self._client.connect_to_new_endpoint()
        except (SlackClientError, OSError, HTTPException, ValueError) as exc:
            found = trouble(exc)
            self._cause = f"Slack gave no address to connect to ({found.code})"
            log.warning("socket_mode.not_connected", error=found.code)
            return max(pause_s, found.retry_after_ms / 1000)
        if not self._client.is_connected():
            self._cause = "the WebSocket could not be opened"
            log.warning("socket_mode.not_connected", error="websocket")
        return pause_s


def _hung_up(session: Connection) -> bool:
    """Say whether the other side has ended a connection, of which the SDK does not tell; False if unknown."""
    found = session.sock
    if found is None or not hasattr(select, "POLLRDHUP"):
        return False
    poll = select.poll()
    try:
        poll.register(found.fileno(), select.POLLRDHUP)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return False  # closed meanwhile


def _cut(session: Connection | None) -> None:
    """End a connection at once: its reader waits for up to three seconds, and closing waits for the reader."""
    found = session.sock if session is not None else None
    if session is None or found is None:
        return
    try:
        socket.socket.shutdown(found, socket.SHUT_RDWR)
    except OSError:
        log.debug("socket_mode.was_cut_already")
    session.close()


def _is_not_told_by_us(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(TOLD_BY_US)
