"""The parts of a running sandbox Slack that its wires share, in one value; and the record of calls to it."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.json_types import Json
from sandbox.slack.model.directory import APP_TOKEN, BOT_TOKEN
from sandbox.slack.model.faults import Faults, Rate
from sandbox.slack.model.homes import Homes
from sandbox.slack.model.modals import Modals
from sandbox.slack.model.sockets import Sockets
from sandbox.slack.model.tickets import Tickets
from sandbox.slack.model.workspace import Workspace

# What an app like this asks for at installation; tests take some away to see `missing_scope`.
SCOPES = (
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "usergroups:read",
    "users:read",
)


@dataclass(frozen=True)
class CallRecord:
    """One Web API call as it was answered. `status` None: the connection was reset instead."""

    method: str
    args: Json
    status: int | None
    answer: Any
    at: datetime
    fault: str | None = None
    is_known: bool = True


@dataclass
class State:
    """The model and the settings of one sandbox; `url` is where it is served.

    `events` are those that the app subscribed to, `has_home` whether it has a Home tab.
    `should_escape`: as in the app's manifest, whether commands name people, channels and links by their ids.
    """

    workspace: Workspace
    tickets: Tickets
    modals: Modals
    homes: Homes
    faults: Faults
    rate: Rate
    sockets: Sockets
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    events: set[str] = field(default_factory=lambda: {"app_home_opened"})
    has_home: bool = True
    should_escape: bool = False
    token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    url: str = ""
    _calls: list[CallRecord] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, call: CallRecord) -> None:
        """Remember a call."""
        with self._lock:
            self._calls.append(call)

    def calls(self) -> list[CallRecord]:
        """Every call so far, in the order they were answered."""
        with self._lock:
            return list(self._calls)


def new_state(clock: Clock, deadline_s: float = 3.0) -> State:
    """A fresh workspace with nothing said in it."""
    workspace = Workspace(clock)
    return State(
        workspace=workspace,
        tickets=Tickets(clock),
        modals=Modals(workspace.serial),
        homes=Homes(workspace.serial),
        faults=Faults(lambda channel: workspace.channel(channel).id),
        rate=Rate(clock),
        sockets=Sockets(workspace.notify, deadline_s),
    )
