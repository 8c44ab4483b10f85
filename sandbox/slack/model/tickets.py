"""What Slack hands out with a command or a click for the app to answer with: trigger ids and response URLs."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.slack.model.refusals import RefusedError

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_URL_LIFE = timedelta(minutes=30)
RESPONSE_URL_USES = 5


@dataclass(frozen=True)
class Origin:
    """Where an action came from: who, where, on which message, as which delivery."""

    delivery: str
    person: str
    channel: str | None = None
    message_ts: str | None = None


@dataclass(frozen=True)
class _Ticket:
    origin: Origin
    issued: datetime
    uses: int = 0


class Tickets:
    """Issues trigger ids (3 s, one use) and response URL tokens (30 min, 5 uses) and redeems them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._triggers: dict[str, _Ticket] = {}
        self._responses: dict[str, _Ticket] = {}

    def issue_trigger(self, origin: Origin) -> str:
        """A new trigger id; its shape is Slack's: three parts with dots."""
        with self._lock:
            trigger = f"{1000 + len(self._triggers)}.{origin.person[2:]}.{origin.delivery}"
            self._triggers[trigger] = _Ticket(origin, self._clock.now())
            return trigger

    def check_trigger(self, trigger: str) -> Origin:
        """The origin of a trigger that could be exchanged now. Raises RefusedError."""
        with self._lock:
            ticket = self._triggers.get(trigger)
            if ticket is None:
                raise RefusedError("invalid_trigger_id")
            if ticket.uses:
                raise RefusedError("exchanged_trigger_id")
            if self._clock.now() - ticket.issued > TRIGGER_LIFE:
                raise RefusedError("expired_trigger_id")
            return ticket.origin

    def exchange_trigger(self, trigger: str) -> Origin:
        """Use a trigger up. Raises RefusedError."""
        origin = self.check_trigger(trigger)
        with self._lock:
            ticket = self._triggers[trigger]
            if ticket.uses:  # somebody else was faster
                raise RefusedError("exchanged_trigger_id")
            self._triggers[trigger] = replace(ticket, uses=1)
        return origin

    def issue_response(self, origin: Origin) -> str:
        """The secret last part of a new response URL."""
        with self._lock:
            token = f"{len(self._responses) + 1}x{origin.delivery}"
            self._responses[token] = _Ticket(origin, self._clock.now())
            return token

    def use_response(self, token: str) -> Origin:
        """Count one use. Raises RefusedError (`invalid_url`, `expired_url`, `used_url`)."""
        with self._lock:
            ticket = self._responses.get(token)
            if ticket is None:
                raise RefusedError("invalid_url")
            if self._clock.now() - ticket.issued > RESPONSE_URL_LIFE:
                raise RefusedError("expired_url")
            if ticket.uses >= RESPONSE_URL_USES:
                raise RefusedError("used_url")
            self._responses[token] = replace(ticket, uses=ticket.uses + 1)
            return ticket.origin
