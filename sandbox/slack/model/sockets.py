"""Socket Mode's connections: which one a delivery goes to, how it is acknowledged, how Slack ends them."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.deliveries import FAILED, TIMEOUT, Delivery, Received, SentRequest
from sandbox.slack.model.directory import APP_ID

MOST_CONNECTIONS = 10
LIFETIME_S = 3600
PATH = "/link/"
# Slack announces the end of a connection about ten seconds before it comes.
NOTICE_S = 10.0
# Time for what a client wrote on an old connection just before it saw the new one accepted.
OLD_CONNECTION_GRACE_S = 0.05
_DEBUG = {"host": "applink-sandbox", "started": "2025-01-01 00:00:00.000", "build_number": 1}


class Reason(StrEnum):
    """Why Slack ends a connection."""

    WARNING = "warning"
    REFRESH_REQUESTED = "refresh_requested"
    TOO_MANY_WEBSOCKETS = "too_many_websockets"


class Loss(StrEnum):
    """How a connection is lost without a word of Slack's."""

    RESET = "reset"
    """TCP RST."""
    FIN = "fin"
    """TCP FIN; what the client still sends goes nowhere."""
    SILENCE = "silence"
    """Nothing comes any more, not even answers to pings; the connection stays open."""


@dataclass(frozen=True, eq=False)
class Connection:
    """One WebSocket. What is put in `outbox` is sent in order; None closes it. `cut` must run in `loop`."""

    id: str
    url: str
    loop: asyncio.AbstractEventLoop
    outbox: "asyncio.Queue[str | None]"
    cut: Callable[[Loss], None]

    def send(self, text: str) -> None:
        """Send a message, from any thread."""
        self.loop.call_soon_threadsafe(self.outbox.put_nowait, text)

    def close(self, after_s: float = 0.0) -> None:
        """Close politely, from any thread."""
        self.loop.call_soon_threadsafe(self.loop.call_later, after_s, self.outbox.put_nowait, None)

    def drop(self, how: Loss) -> None:
        """Cut the connection without a word, from any thread."""
        self.loop.call_soon_threadsafe(self.cut, how)


@dataclass(frozen=True)
class _Refresh:
    """Old connections, to be closed when `due` connections have been opened since the sandbox started."""

    old: tuple[Connection, ...]
    due: int


class Sockets:
    """The app's connections, at most ten. Safe between threads; `chance` picks who gets a delivery."""

    def __init__(self, notify: Callable[[], None], deadline_s: float, seed: int = 0) -> None:
        self.enabled = False
        self.redelivers = False
        """Whether what is not acknowledged yet is sent again to whoever connects next."""
        self.chance = random.Random(seed)
        self._notify = notify
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._tickets: set[str] = set()
        self._open: list[Connection] = []
        self._ending: set[str] = set()
        self._refreshes: list[_Refresh] = []
        self._opened = 0
        self._issued = 0
        self._waiting: dict[str, list[Future[Any]]] = {}
        self._unacknowledged: dict[str, str] = {}
        self._silent: set[str] = set()
        self._strays: list[str] = []

    @property
    def ids(self) -> tuple[str, ...]:
        """The open connections, oldest first."""
        with self._lock:
            return tuple(connection.id for connection in self._open)

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self.ids)

    @property
    def strays(self) -> tuple[str, ...]:
        """What clients sent that nobody waited for: late, repeated and unreadable acknowledgements."""
        with self._lock:
            return tuple(self._strays)

    def refresh(self, reason: Reason | str = Reason.REFRESH_REQUESTED, notice_s: float = NOTICE_S) -> None:
        """Ask every client to connect anew, and close the old connections once all have, or after `notice_s`.

        Until then deliveries prefer new connections. Does not wait. Raises ValueError for an unknown reason.
        """
        words = goodbye(Reason(reason))
        with self._lock:
            old = tuple(connection for connection in self._open if connection.id not in self._ending)
            self._ending.update(connection.id for connection in old)
            self._refreshes.append(_Refresh(old, self._opened + len(old)))
        for connection in old:
            connection.send(words)
            connection.close(notice_s)

    def drop(self, how: Loss | str = Loss.RESET) -> None:
        """Lose every connection without a word. Raises ValueError for an unknown way.

        Of one that fell silent Slack knows nothing: deliveries go to it as long as there is no other.
        """
        loss = Loss(how)
        with self._lock:
            dropped = tuple(self._open)
            if loss is Loss.SILENCE:
                self._silent.update(connection.id for connection in dropped)
            elif loss is Loss.FIN:
                self._forget(*dropped)
        for connection in dropped:
            connection.drop(loss)
        self._notify()

    def resend(self, delivery: Delivery) -> Received:
        """Send a delivery's envelope once more, and wait for its acknowledgement; the person sees nothing of it.

        Raises ValueError if it did not go by Socket Mode.
        """
        if delivery.request is None or not delivery.request.url.startswith("ws:"):
            raise ValueError("this delivery did not go by Socket Mode")
        return self.deliver(delivery.request.body)[1]

    def deliver(self, envelope: bytes) -> tuple[SentRequest | None, Received]:
        """Send an envelope (JSON) on one connection and wait for its acknowledgement until the deadline.

        An acknowledgement counts as HTTP's 200, its payload as the body. Nothing is sent when nobody is
        connected.
        """
        connection = self._choose()
        if connection is None:
            return None, Received(None, FAILED, "", 0.0)
        envelope_id = json.loads(envelope)["envelope_id"]
        waiting: Future[Any] = Future()
        with self._lock:
            self._waiting.setdefault(envelope_id, []).append(waiting)
            self._unacknowledged[envelope_id] = envelope.decode()
            heard = connection.id not in self._silent
        started = time.monotonic()
        if heard:
            connection.send(envelope.decode())
        received = _received(waiting, self._deadline_s, started)
        with self._lock:
            self._unacknowledged.pop(envelope_id, None)
            if waiting in self._waiting[envelope_id]:
                self._waiting[envelope_id].remove(waiting)
        return SentRequest(connection.url, envelope, {}), received

    def issue(self) -> str:
        """A new ticket: the secret part of an address to connect to, good for one connection."""
        with self._lock:
            self._issued += 1
            ticket = f"ticket-{self._issued}"
            self._tickets.add(ticket)
            return ticket

    def redeem(self, ticket: str) -> bool:
        """Use a ticket up. False if there is no such ticket."""
        with self._lock:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
            return known

    def join(self, connection: Connection) -> bool:
        """Greet a new connection and count it in. False if there are ten. Runs in the connection's loop."""
        with self._lock:
            self._forget(*(each for each in self._open if each.id in self._silent))
            if len(self._open) >= MOST_CONNECTIONS:
                return False
            self._open.append(connection)
            self._opened += 1
            for text in (_hello(len(self._open)), *(self._unacknowledged.values() if self.redelivers else ())):
                connection.outbox.put_nowait(text)
            over = [refresh for refresh in self._refreshes if refresh.due <= self._opened]
            self._refreshes = [refresh for refresh in self._refreshes if refresh not in over]
        for old in (old for refresh in over for old in refresh.old):
            old.close(OLD_CONNECTION_GRACE_S)
        self._notify()
        return True

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._forget(connection)
        self._notify()

    def acknowledge(self, text: str) -> None:
        """What a client sent, on any connection: the acknowledgement of an envelope, or a stray."""
        ack = _read(text)
        with self._lock:
            waiting = self._waiting.get(str(ack.get("envelope_id")))
            first = waiting.pop(0) if waiting else None
            if first is None:
                self._strays.append(text)
        if first is None:
            self._notify()
        else:
            first.set_result(ack.get("payload"))

    def _forget(self, *connections: Connection) -> None:
        for connection in connections:
            if connection in self._open:
                self._open.remove(connection)
            self._ending.discard(connection.id)

    def _choose(self) -> Connection | None:
        with self._lock:
            staying = [connection for connection in self._open if connection.id not in self._ending]
            candidates = staying or self._open
            return self.chance.choice(candidates) if candidates else None


def address(url: str, ticket: str) -> str:
    """The ws:// address for one connection to the sandbox served at `url`."""
    return f"{url.replace('http', 'ws', 1)}{PATH}?ticket={ticket}&app_id={APP_ID}"


def goodbye(reason: Reason) -> str:
    """The message that ends a connection."""
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": _DEBUG["host"]}})


def _hello(number: int) -> str:
    return json.dumps(
        {
            "type": "hello",
            "num_connections": number,
            "connection_info": {"app_id": APP_ID},
            "debug_info": {**_DEBUG, "approximate_connection_time": LIFETIME_S},
        }
    )


def _received(waiting: "Future[Any]", deadline_s: float, started: float) -> Received:
    try:
        payload = waiting.result(deadline_s)
    except TimeoutError:
        return Received(None, TIMEOUT, "", time.monotonic() - started)
    elapsed = time.monotonic() - started
    if payload is not None and not isinstance(payload, dict):
        return Received(200, FAILED, json.dumps(payload), elapsed)
    return Received(200, None, "" if payload is None else json.dumps(payload), elapsed)


def _read(text: str) -> Json:
    try:
        ack = json.loads(text)
    except ValueError:
        return {}
    return ack if isinstance(ack, dict) else {}
