import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient

import vod
from bot import wiring
from bot.runtime import program
from bot.runtime.program import Program, StartError
from bot.runtime.worker import Turns, Worker
from bot.settings import load
from deletion.audit.messages.delivery import Outbox
from handlers.outbox.announcer import Announcer
from handlers.slack.api.users import SlackDirectory
from sandbox.slack import FaultKind, SlackSandbox
from sandbox.vod import VodSandbox
from storage import Database
from tests.bot.conftest import Logged
from tests.bot.test_worker import StuckAnnouncer
from tests.stage import Stage, environment

Starter = Callable[..., Program]


class WatchedClient(vod.VodClient):
    """A client of VOD that remembers whether it was closed."""

    closed = False

    def close(self) -> None:
        super().close()
        self.closed = True


@pytest.fixture
def started(local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path, logged: Logged) -> Iterator[Starter]:
    """Start programs with settings of the test's own."""
    made: list[Program] = []

    def start(**settings: str) -> Program:
        database = tmp_path / "countersign.db"
        made.append(wiring.start(load(environment(local_slack, local_vod, database, **settings))))
        return made[-1]

    yield start
    assert logged.entries
    for each in made:
        each.close()


def ours() -> set[threading.Thread]:
    """Return the threads that are not the sandbox's."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith(("sandbox", "AnyIO"))}


@contextmanager
def ended_by(number: signal.Signals, logged: Logged, event: str, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Send this process a signal once an event was logged and something was done."""

    def act() -> None:
        logged.until(event)
        try:
            meanwhile()
        finally:
            os.kill(os.getpid(), number)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("web", "worker"), [(True, True), (True, False), (False, True)])
def test_a_signal_ends_every_part_in_order(
    started: Starter, logged: Logged, number: signal.Signals, *, web: bool, worker: bool
) -> None:
    before = signal.getsignal(number)
    threads = ours()
    with ended_by(number, logged, "program.started", lambda: None):
        clean = program.run(started(), web=web, worker=worker)

    assert clean
    assert [entry["event"] for entry in logged.entries[-3:]] == [
        "program.started",
        "program.ending",
        "program.ended",
    ]
    assert signal.getsignal(number) is before
    assert ours() <= threads


def test_a_running_program_serves_its_health_and_says_that_the_worker_is_elsewhere(
    started: Starter, logged: Logged
) -> None:
    facts: dict[str, object] = {}

    def ask() -> None:
        port = logged.named("http.listening")[0]["address"][1]
        facts.update(httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).json())

    with ended_by(signal.SIGTERM, logged, "program.started", ask):
        program.run(started(), web=True, worker=False)

    assert (facts["status"], facts["worker"]) == ("ok", "not in this process")


def test_at_the_end_the_connections_to_vod_and_to_the_database_are_closed(
    started: Starter, local_vod: VodSandbox, logged: Logged
) -> None:
    made = started()
    client = WatchedClient(vod.AccessKey("k", "s"), vod.Endpoint("cn-shanghai", local_vod.url))
    watched = replace(made, context=replace(made.context, client=client))
    connection = made.database.read(lambda tx: tx._db.conn)  # type: ignore[attr-defined] # what is below the protocol
    with ended_by(signal.SIGTERM, logged, "program.started", lambda: None):
        program.run(watched, web=False, worker=True)

    assert client.closed
    with pytest.raises(Exception, match="closed database"):
        connection.execute("SELECT 1")


def test_a_thread_that_hangs_is_told_of_by_the_answer(
    stage: Stage, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "END_WITHIN_S", 0.05)
    stuck, made = StuckAnnouncer(), stage.program
    worker = Worker(
        made.context,
        stuck,
        profiles=made.profiles,
        bell=made.bell,
        stop=made.stop,
        turns=Turns(made.stop),
        threads=1,
    )
    with ended_by(signal.SIGTERM, logged, "program.started", lambda: stuck.begun.wait(10)):
        clean = program.run(replace(made, worker=worker), web=False, worker=True)
    stuck.let_go.set()

    assert not clean
    assert logged.named("program.ended")[0]["clean"] is False


def test_a_port_that_is_taken_is_told_in_words(started: Starter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"Cannot listen on 127\.0\.0\.1:{port}: .* Set PORT or HOST"):
            program.run(started(PORT=str(port)), web=True, worker=True)


def test_an_address_of_another_machine_is_told_in_words(started: Starter) -> None:
    with pytest.raises(StartError, match=r"Cannot listen on 203\.0\.113\.7:0"):
        program.run(started(HOST="203.0.113.7"), web=True, worker=False)


def test_an_app_level_token_that_is_no_good_is_told_in_words_and_leaves_no_thread(
    started: Starter, local_slack: SlackSandbox
) -> None:
    local_slack.connect_sockets()
    made = started(SLACK_APP_TOKEN="xapp-hunter2")
    threads = ours()
    with pytest.raises(StartError, match=r"SLACK_APP_TOKEN \([a-z_]+\)\. Make an app-level token") as caught:
        program.run(made, web=True, worker=True)

    assert "hunter2" not in str(caught.value)
    assert ours() <= threads


def test_a_program_still_waiting_for_slack_ends_at_once(
    started: Starter, local_slack: SlackSandbox, logged: Logged
) -> None:
    local_slack.connect_sockets()
    made = started(SLACK_APP_TOKEN=local_slack.app_token)
    local_slack.faults.add(FaultKind.DOWN)
    with ended_by(signal.SIGTERM, logged, "slack.not_ready", lambda: None):
        clean = program.run(made, web=True, worker=False)

    assert clean
    assert logged.named("socket_mode.not_connected")


@pytest.mark.parametrize(
    ("lease_s", "message_s", "call_s", "question_s"),
    [("2", 30, 5, 1), ("15", 30, 5, 5), ("20.4", 41, 6, 6), ("30", 60, 10, 10), ("600", 60, 10, 10)],
)
def test_the_calls_to_slack_fit_into_the_lease_of_what_they_are_made_for(
    started: Starter, monkeypatch: pytest.MonkeyPatch, lease_s: str, message_s: int, call_s: int, question_s: int
) -> None:
    """Six of a message's, three of a job's."""
    announcers: list[tuple[int, int]] = []

    def outbox(database: Database, *, lease_ms: int, **more: Any) -> Outbox:
        leases_ms.append(lease_ms)
        return Outbox(database, lease_ms=lease_ms, **more)

    def announcer(outbox_: Outbox, client: WebClient, *what: Any, **how: Any) -> Announcer:
        announcers.append((leases_ms[-1], client.timeout))
        return Announcer(outbox_, client, *what, **how)

    leases_ms: list[int] = []
    monkeypatch.setattr(wiring, "Outbox", outbox)
    monkeypatch.setattr(wiring, "Announcer", announcer)
    directory = started(COUNTERSIGN_LEASE_SECONDS=lease_s).context.directory

    assert announcers == [(1000 * message_s, call_s)]
    assert isinstance(directory, SlackDirectory)
    assert directory._client.timeout == question_s
