"""What people are called, for messages only: remembered for a while, and never asked about anybody's rights."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

REMEMBERED_S = 3_600
"""How long a name is good for: people rarely change theirs."""

RETRY_S = 60
"""How soon a person is asked about again who could not be looked up, and anybody after a slow answer."""

SLOW_S = 1.0
"""An answer that takes longer is the last one for a while."""

MOST = 2_000
"""People remembered at once; the one asked for longest ago is forgotten first."""


@dataclass(frozen=True)
class _Known:
    name: str | None
    until_s: float


@dataclass
class Names:
    """Display names, by ``users.info`` (scope ``users:read``); ``monotonic_s`` is a clock.

    One call to Slack per unknown person, no longer than the client's time-out. After a slow one nobody is asked
    about for a while: a message is sent without names rather than late.
    """

    client: WebClient
    monotonic_s: Callable[[], float] = time.monotonic
    _known: OrderedDict[str, _Known] = field(default_factory=OrderedDict)
    _silent_until_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def name(self, user: str) -> str | None:
        """Return what a Slack user is called; None when Slack does not say."""
        now_s = self.monotonic_s()
        with self._lock:
            known = self._known.get(user)
            if known is not None and now_s < known.until_s:
                self._known.move_to_end(user)
                return known.name
            if now_s < self._silent_until_s:
                return known.name if known else None
        return self._remember(user, self._ask(user) or (known.name if known else None))

    def _ask(self, user: str) -> str | None:
        asked_s = self.monotonic_s()
        try:
            return _called(self.client.users_info(user=user)["user"])
        except (SlackApiError, SlackClientError, OSError, HTTPException, ValueError, KeyError, TypeError):
            return None
        finally:
            if self.monotonic_s() - asked_s > SLOW_S:
                with self._lock:
                    self._silent_until_s = self.monotonic_s() + RETRY_S

    def _remember(self, user: str, name: str | None) -> str | None:
        until_s = self.monotonic_s() + (REMEMBERED_S if name else RETRY_S)
        with self._lock:
            self._known[user] = _Known(name, until_s)
            self._known.move_to_end(user)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return name


def _called(user: dict[str, Any]) -> str | None:
    names = (user.get("profile", {}).get("display_name"), user.get("real_name"), user.get("name"))
    return next((str(name).strip() for name in names if name and str(name).strip()), None)
