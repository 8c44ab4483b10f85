"""Running the program: starting its parts in order, and ending them in order on SIGTERM or Ctrl-C."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
from cheroot.wsgi import Server
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import wiring
from bot.settings import Settings
from bot.wiring import Program, Workspace

log = structlog.get_logger()

END_WITHIN_S = 25
"""Heroku and Cloud Run kill 10 to 30 seconds after SIGTERM; what is then unfinished is picked up later."""

SERVER_THREADS = 16

FATAL = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"}
)
"""Answers of ``auth.test`` that waiting does not mend."""


class StartError(Exception):
    """The program cannot start; the text says why and what to do."""


def identify(client: WebClient, *, pause: Callable[[float], None] = time.sleep) -> Workspace:
    """Ask Slack who we are; keep asking while Slack is down, give up when the token is no good."""
    for attempt in range(10_000):
        try:
            answer = client.auth_test()
            return Workspace(str(answer["team_id"]), str(answer["user_id"]), str(answer.get("bot_id") or ""))
        except SlackApiError as exc:
            code = str(exc.response.get("error"))
            if code in FATAL:
                raise StartError(
                    f"Slack does not accept SLACK_BOT_TOKEN ({code}). Copy the bot token from the app's page, "
                    "OAuth & Permissions."
                ) from None
            log.warning("slack.not_ready", error=code)
        except OSError as exc:
            log.warning("slack.not_ready", error=type(exc).__name__)
        pause(min(30.0, 2.0**attempt))
    raise StartError("Slack did not answer.")


def start(settings: Settings) -> Program:
    """Open and migrate the database, identify the bot, and put everything together."""
    database = wiring.open_database(settings)
    applied = database.migrate()
    if applied:
        log.info("database.migrated", migrations=applied)
    workspace = identify(wiring.slack_client(settings, timeout_s=wiring.WORKER_TIMEOUT_S))
    return wiring.assemble(settings, workspace, database)


def run(program: Program, *, web: bool, worker: bool) -> bool:
    """Run until a signal asks for the end; False when something did not end in time."""
    with _signals(program):
        ended = _serve(program) if web and not program.settings.socket_mode else _nothing
        disconnect = _listen(program) if web and program.settings.socket_mode else _nothing
        program.worker.start(jobs=worker)
        program.stop.wait()
        log.info("program.ending")
        disconnect()
        ended()
        clean = program.worker.join(END_WITHIN_S)
    program.database.close()
    log.info("program.ended", clean=clean)
    return clean


def serve(program: Program) -> tuple[Server, Callable[[], None]]:
    """Start the HTTP server; return it and what waits for its end."""
    server = Server(
        (program.settings.host, program.settings.port),
        program.web,
        numthreads=SERVER_THREADS,
        request_queue_size=128,
        shutdown_timeout=5,
    )
    server.prepare()
    thread = threading.Thread(target=server.serve, name="http", daemon=True)
    thread.start()
    log.info("http.listening", address=server.bind_addr)

    def end() -> None:
        server.stop()
        thread.join(END_WITHIN_S)

    return server, end


def _serve(program: Program) -> Callable[[], None]:
    return serve(program)[1]


def _listen(program: Program) -> Callable[[], None]:
    """Connect to Slack by Socket Mode, with the built-in client: the others lose acks on reconnect."""
    token = program.settings.slack_app_token
    handler = SocketModeHandler(
        program.bolt,
        token.get_secret_value() if token else None,
        web_client=WebClient(
            token=token.get_secret_value() if token else None, base_url=program.settings.slack_api_url
        ),
    )
    handler.connect()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
    log.info("socket_mode.connected")
    return handler.close


def _nothing() -> None:
    """Do nothing."""


@contextmanager
def _signals(program: Program) -> Iterator[None]:
    """Ask for the end on SIGTERM and SIGINT."""

    def end(_number: int, _frame: FrameType | None) -> None:
        program.stop.request()

    previous = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
