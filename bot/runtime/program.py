"""Running the program: starting its parts in order, and ending them in order on SIGTERM or Ctrl-C."""

import itertools
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPException
from typing import TypeVar

import structlog
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.bounded_slack import BoundedClient
from bot.runtime import memory, signals
from bot.runtime.health import Health
from bot.runtime.metrics import Metrics
from bot.runtime.server.front import Front, bind
from bot.runtime.server.web import WebApp
from bot.runtime.socket_mode import SocketMode
from bot.runtime.starting import Door, Starting
from bot.runtime.timekeeping import Timekeeper
from bot.runtime.worker import Bell, Stop, Worker
from bot.settings import Settings
from deletion.approval.people.troubles import Watch
from deletion.jobs.config import Config
from deletion.jobs.context import Context
from deletion.plan.library.quota import StopRequestedError
from handlers.lookups import Lookups
from handlers.outbox.announcer import Announcer
from handlers.slack.api.failures import NOT_ADMITTED, Failure, trouble
from handlers.slack.api.profiles import Profiles
from handlers.slack.home import Homes
from storage import Database

T = TypeVar("T")

SWITCH_EVERY_S = 0.0005
"""How long one thread may keep the others from running: some of them hold a lock of the database meanwhile.

Python's own 5 ms cost a twentieth of the speed of a big deletion on PostgreSQL.
"""

log = structlog.get_logger()

END_WITHIN_S = 25
"""Heroku and Cloud Run kill 10 to 30 seconds after SIGTERM; what is then unfinished is picked up later."""

THREADS_END_WITHIN_S = 1
"""For each thread of the HTTP side, once its server has ended; one that hangs does not keep the process."""

CONNECT_TIMEOUT_S = 4
"""For the question where to connect to by Socket Mode: ten seconds after a loss, commands are to be taken."""

PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between questions to a Slack that is down; the last one repeats."""

FIX_HINTS = {
    "SLACK_BOT_TOKEN": "Copy the bot token (xoxb-…) from the app's page, OAuth & Permissions.",
    "SLACK_APP_TOKEN": "Make an app-level token (xapp-…) with connections:write on the app's page, Basic "
    "Information, and see that Socket Mode is switched on there.",
}


@dataclass(frozen=True)
class Workspace:
    """The workspace the bot is installed in, as ``auth.test`` tells it; ``url`` is ``https://example.slack.com/``."""

    team_id: str
    bot_user_id: str
    bot_id: str
    url: str


@dataclass(frozen=True)
class Program:
    """Everything, put together. ``status`` is ``web`` without Slack's requests."""

    settings: Settings
    database: Database
    config: Config
    context: Context
    lookups: Lookups
    announcer: Announcer
    profiles: Profiles
    homes: Homes
    bolt: App
    web: WebApp
    status: WebApp
    metrics: Metrics
    health: Health
    timekeeper: Timekeeper
    worker: Worker
    watch: Watch | None
    bell: Bell
    stop: Stop

    def close(self) -> None:
        """End the look-ups, which closes their connections to VOD; then the others to it and to the database."""
        self.lookups.end(THREADS_END_WITHIN_S)
        self.context.client.close()
        self.database.close()


class StartError(Exception):
    """The program cannot start; the text says why and what to do."""


def identify(
    client: WebClient,
    *,
    pause: Callable[[float], None] = time.sleep,
    waits_for: Callable[[str], None] = lambda _: None,
) -> Workspace:
    """Ask Slack who we are; keep asking while Slack is down, StartError when the token is no good.

    ``waits_for`` is told in a sentence why it takes long.
    """
    answer = _retry("SLACK_BOT_TOKEN", client.auth_test, pause, waits_for)
    return Workspace(
        str(answer["team_id"]),
        str(answer["user_id"]),
        str(answer.get("bot_id") or ""),
        str(answer.get("url") or ""),
    )


def _retry(
    setting: str,
    ask: Callable[[], T],
    pause: Callable[[float], None],
    waits_for: Callable[[str], None] = lambda _: None,
) -> T:
    """Ask until Slack answers; what it refuses with a code of its own, waiting does not fix."""
    pauses = itertools.chain(PAUSES_S, itertools.repeat(PAUSES_S[-1]))
    while True:
        try:
            return ask()
        except (SlackApiError, OSError, HTTPException) as exc:
            found = trouble(exc)
        if found.code in NOT_ADMITTED or found.failure in {Failure.BAD_MESSAGE, Failure.BAD_PLACE}:
            raise StartError(f"Slack does not accept {setting} ({found.code}). {FIX_HINTS[setting]}")
        log.warning("slack.not_ready", error=found.code)
        waits_for(f"Slack does not answer ({found.code}); it is asked again until it does")
        pause(max(next(pauses), found.retry_after_ms / 1000))


def run(program: Program, *, web: bool, worker: bool) -> bool:
    """Run a program that is put together already; see ``start_and_run``."""
    return start_and_run(program.settings, lambda _: program, program.stop, web=web, worker=worker)


def start_and_run(
    settings: Settings, make: Callable[[Starting], Program], stop: Stop, *, web: bool, worker: bool
) -> bool:
    """Put a program together and run it until a signal asks for the end, in whatever phase that comes.

    Whoever asks for health is answered from the beginning. False when something did not end in time; what ``make``
    raises comes out.
    """
    sys.setswitchinterval(SWITCH_EVERY_S)
    memory.share_pools()
    starting = Starting(stop)
    with signals.ending(stop), ExitStack() as afterwards:
        with ExitStack() as listening:
            door = Door(starting.report)
            if web:
                listening.callback(_serve(door, settings.host, settings.port, setting="PORT")[1])
            elif settings.countersign_worker_port is not None:
                port, setting = settings.countersign_worker_port, "COUNTERSIGN_WORKER_PORT"
                listening.callback(_serve(door, settings.host, port, setting=setting)[1])
            try:
                program = afterwards.enter_context(closing(make(starting)))
            except StopRequestedError:
                log.info("program.ended", clean=True, started=False)
                return True
            door.open(program.web if web else program.status)
            if web and settings.socket_mode:
                listening.callback(_listen(program))
            program.worker.start(jobs=worker)
            log.info("program.started", web=web, worker=worker, socket_mode=settings.socket_mode)
            stop.wait()
            log.info("program.ending")
        clean = program.worker.join(END_WITHIN_S)
    log.info("program.ended", clean=clean)
    return clean


Served = tuple[Front, Callable[[], None]]
"""A running HTTP server, and what waits for its end."""


def serve(program: Program) -> Served:
    """Listen for Slack's requests, and answer for health and metrics."""
    return _serve(program.web, program.settings.host, program.settings.port, setting="PORT")


def _serve(app: WebApp | Door, host: str, port: int, *, setting: str) -> Served:
    try:
        listener = bind(host, port)
    except OSError:
        raise StartError(
            f"Cannot listen on {host}:{port}: the address is in use or not local to this machine. "
            f"Set {setting} or HOST to others, or end the program that uses it."
        ) from None
    front = Front(app, listener)
    log.info("http.listening", address=front.bind_addr)

    def end() -> None:
        front.end(END_WITHIN_S)
        app.end(THREADS_END_WITHIN_S)

    return front, end


def _listen(program: Program) -> Callable[[], None]:
    """Connect to Slack by Socket Mode, and keep connected; return what ends that."""
    token = program.settings.slack_app_token
    secret = token.get_secret_value() if token else ""
    client = BoundedClient(
        token=secret, base_url=program.settings.slack_api_url, timeout=CONNECT_TIMEOUT_S, retry_handlers=[]
    )
    # What happened meanwhile nobody knows: after each connection the record is compared with the audit channel.
    connection = SocketMode(program.bolt, secret, client, program.context.trust.doubt)
    program.health.watch("slack_connection", connection.trouble)
    try:
        _retry("SLACK_APP_TOKEN", connection.open, program.stop.sleep)
    except StopRequestedError:
        log.info("socket_mode.not_connected")
    except StartError:
        connection.close()
        raise
    else:
        connection.keep()
    return lambda: _disconnect(connection)


def _disconnect(connection: SocketMode) -> None:
    try:
        connection.close()
    except Exception:
        # The SDK's client can trip over its own closing; what else has to end must still end.
        log.exception("socket_mode.close_failed")
