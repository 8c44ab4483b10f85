"""The bot as a process that Slack cannot reach: it calls Slack, and does its whole job over that connection."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.runtime import socket_mode as connection
from bot.runtime.socket_mode import SocketMode
from handlers.text.language import ENGLISH
from handlers.views.proposing import filled, form, reading
from sandbox.control_client import NotRunningError, tell
from sandbox.slack import FaultKind, Message, SlackSandbox
from sandbox.slack.model.sockets import Loss
from sandbox.vod import VodSandbox, seed
from tests.bot.conftest import Logged
from tests.bot.process import ROOT, watched
from tests.e2e.running import measured, wait_for
from tests.stage import environment

STARTS_WITHIN_S = 30
DONE_WITHIN_S = 30

LONG = 200_000

TAKEN_WITHIN_S = 10
"""After a connection was lost, commands are taken again."""


@contextmanager
def connected_bot(slack: SlackSandbox, settings: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run ``python -m bot run`` until it has connected to Slack; end it with SIGTERM, which must go well."""
    with watched(settings, log) as bot:
        is_connected = slack.wait_until(lambda: slack.sockets.count == 1, STARTS_WITHIN_S)
        assert is_connected, log.read_text(encoding="utf-8")
        yield
        assert bot.end() == 0, log.read_text(encoding="utf-8")


def socket_mode(slack: SlackSandbox, vod: VodSandbox, folder: Path) -> dict[str, str]:
    """Return the settings of a bot with an app-level token and no signing secret."""
    settings = environment(slack, vod, folder / "countersign.db", SLACK_APP_TOKEN=slack.app_token)
    del settings["SLACK_SIGNING_SECRET"]
    return settings


def card(slack: SlackSandbox, words: str) -> Message | None:
    """Return the first message of the approvals channel that has these words."""
    return next((message for message in slack.messages("vod-deletions") if words in message.text), None)


def buttons(slack: SlackSandbox) -> bool:
    """Say whether the channel shows a button."""
    blocks = [block for message in slack.messages("vod-deletions") for block in message.blocks]
    return any(block["type"] == "actions" for block in blocks)


def test_a_proposal_is_carried_out_by_a_bot_that_slack_cannot_reach(
    local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path
) -> None:
    slack, video = local_slack, seed.SPRING_TEASER.video_id
    slack.connect_sockets()
    slack.rate.enabled = False
    with connected_bot(slack, socket_mode(slack, local_vod, tmp_path), tmp_path / "bot.log"):
        proposed = slack.say("ana", f'/vod delete video {video} --reason "payload rights expired"')
        assert (proposed.error, proposed.request and proposed.request.url[:3]) == (None, "ws:")
        assert proposed.reply is not None
        assert "#1" in proposed.reply.text
        assert slack.wait_until(lambda: buttons(slack), DONE_WITHIN_S)

        told = len(slack.ephemerals("ana"))
        own = slack.click("ana", "Approve", match="#1")
        assert own.error is None
        assert slack.wait_until(lambda: len(slack.ephemerals("ana")) > told, DONE_WITHIN_S)
        assert local_vod.ledger.calls() == ()

        old = slack.sockets.ids
        slack.sockets.refresh()
        assert slack.wait_until(lambda: slack.sockets.count == 1 and slack.sockets.ids != old, DONE_WITHIN_S)
        approved = slack.click("bo", "Approve", match="#1")
        assert approved.error is None
        assert slack.wait_until(lambda: card(slack, "1 deleted") is not None, DONE_WITHIN_S)
    assert local_vod.ledger.ids() == [video]
    assert local_vod.library.video(video) is None
    assert slack.sockets.strays == ()
    assert slack.sockets.count == 0


def taken_after_s(lost_s: float, ask: Callable[[], bool]) -> float:
    """Ask again and again until somebody is answered; return how long after the loss that was."""
    wait_for(ask, "a command to be answered", timeout_s=40)
    took_s = time.monotonic() - lost_s
    measured(f"taken again after {took_s:.1f} s")
    return took_s


@pytest.mark.parametrize("how", Loss)
def test_after_a_lost_connection_commands_are_taken_within_ten_seconds(
    local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path, how: Loss
) -> None:
    slack = local_slack
    slack.connect_sockets()
    with connected_bot(slack, socket_mode(slack, local_vod, tmp_path), tmp_path / "bot.log"):
        before = slack.say("ana", f'/vod delete video {seed.SPRING_TEASER.video_id} --reason "expired"')
        assert before.error is None
        slack.sockets.drop(how)
        lost_s = time.monotonic()
        took_s = taken_after_s(lost_s, lambda: slack.say("ana", "/vod list").error is None)
        again = slack.sockets.resend(before)

        assert took_s <= TAKEN_WITHIN_S
        assert (again.error, again.status) == (None, 200), "Slack may send again what it saw no answer to"
        listed = slack.say("bo", "/vod list").reply
        assert listed is not None
        assert "#1" in listed.text
        assert "#2" not in listed.text
    assert '"socket_mode.lost"' in (tmp_path / "bot.log").read_text(encoding="utf-8")


@contextmanager
def slack_process(port: int, vod_port: int) -> Iterator["subprocess.Popen[str]"]:
    """Run the local Slack and VOD in a process of their own, ready for Socket Mode."""
    command = [sys.executable, "-m", "sandbox", "serve", "--slack-port", str(port), "--vod-port", str(vod_port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: is_delivering(port), "the local Slack")
        yield process
    finally:
        process.kill()
        process.communicate()


def is_delivering(port: int) -> bool:
    try:
        tell(f"http://127.0.0.1:{port}", "sockets", action="deliver")
    except NotRunningError:
        return False
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def test_after_slacks_own_process_was_killed_commands_are_taken_within_ten_seconds(
    local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path
) -> None:
    port, vod_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    settings = socket_mode(local_slack, local_vod, tmp_path) | {"SLACK_API_URL": f"{url}/api/"}

    def answered() -> bool:
        return tell(url, "say", person="ana", text="/vod list")["error"] is None

    with slack_process(port, vod_port) as first, watched(settings, tmp_path / "bot.log") as bot:
        wait_for(answered, "the first connection")
        os.kill(first.pid, signal.SIGKILL)
        first.wait(STARTS_WITHIN_S)
        with slack_process(port, vod_port):
            took_s = taken_after_s(time.monotonic(), answered)
            assert bot.end() == 0
    assert took_s <= TAKEN_WITHIN_S


@pytest.fixture
def go() -> threading.Event:
    """Let commands that wait go on."""
    return threading.Event()


@pytest.fixture
def connected(local_slack: SlackSandbox, go: threading.Event) -> Iterator[SocketMode]:
    """Keep a connection of an app that answers /vod at great length, and `/vod wait` when it may go on."""
    local_slack.connect_sockets()
    client = WebClient(token=local_slack.app_token, base_url=local_slack.api_url, retry_handlers=[])
    speaking = WebClient(token=local_slack.bot_token, base_url=local_slack.api_url, retry_handlers=[])
    app = App(
        client=speaking, signing_secret="unused", token_verification_enabled=False, process_before_response=True
    )

    @app.command("/vod")
    def answer(ack: Ack, body: dict[str, str]) -> None:
        if body["text"] == "wait":
            go.wait(60)
        ack("x" * LONG)

    @app.view(form.CALLBACK_ID)
    def check(ack: Ack, view: dict[str, Any]) -> None:
        held = reading.parse(view)
        told = f"{len(view['blocks'])} blocks, {len(held.ids)} characters, {held.reason}"
        ack(response_action="errors", errors={form.IDS_BLOCK: told})

    made = SocketMode(app, local_slack.app_token, client)
    made.open()
    made.keep()
    assert local_slack.wait_until(lambda: local_slack.sockets.count == 1)
    yield made
    go.set()
    made.close()


@pytest.mark.usefixtures("connected")
def test_a_stop_is_heard_while_every_thread_for_other_commands_is_taken(
    local_slack: SlackSandbox, go: threading.Event
) -> None:
    many = connection.LISTENERS + 4
    with ThreadPoolExecutor(many) as people:
        others = [people.submit(local_slack.say, "ana", "/vod wait") for _ in range(many)]
        wait_for(lambda: all(other.done() for other in others), "Slack to give up waiting")
        assert [other.result().error for other in others] == ["operation_timeout"] * many

        assert local_slack.say("bo", "/vod help").error == "operation_timeout"
        assert local_slack.say("bo", "/vod stop 1").error is None
        go.set()


def test_a_connection_that_cannot_be_had_back_is_told_of_with_its_cause(
    local_slack: SlackSandbox, connected: SocketMode, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.setattr(connection, "UNWELL_AFTER_S", 0.1)
    monkeypatch.setattr(connection, "PAUSES_S", (0.1,))
    assert connected.trouble() is None
    local_slack.faults.add(FaultKind.ERROR, "apps.connections.open", times=None, error="invalid_auth")
    local_slack.sockets.drop(Loss.RESET)
    wait_for(lambda: "(invalid_auth)" in (connected.trouble() or ""), "the cause")
    logged.until("socket_mode.not_connected", times=2)
    local_slack.faults.clear()

    wait_for(lambda: connected.trouble() is None, "the connection to be back")
    assert logged.until("socket_mode.lost")["cause"]


def test_where_slack_asks_for_a_pause_it_is_kept(
    local_slack: SlackSandbox, connected: SocketMode, logged: Logged
) -> None:
    local_slack.faults.add(FaultKind.RATELIMITED, "apps.connections.open", retry_after=2)
    local_slack.sockets.drop(Loss.RESET)
    assert logged.until("socket_mode.not_connected")["error"] == "ratelimited"
    begun = time.monotonic()
    wait_for(lambda: local_slack.sockets.count == 1, "the next try")

    assert time.monotonic() - begun > 1
    wait_for(lambda: connected.trouble() is None, "it to be seen")
    assert len(logged.named("socket_mode.not_connected")) == 1


@pytest.mark.usefixtures("connected")
def test_an_acknowledgement_of_any_size_arrives(local_slack: SlackSandbox) -> None:
    """slack_sdk 3.47 could not send more than 65,535 bytes."""
    delivery = local_slack.say("ana", "/vod help")

    assert delivery.error is None
    assert len(delivery.body) > LONG


@pytest.mark.usefixtures("connected")
def test_a_form_of_two_hundred_kilobytes_arrives_whole(local_slack: SlackSandbox) -> None:
    ids = "\n".join(f"{n:032x}" for n in range(90))
    made = form.build(ENGLISH, filled.empty("C1", level="video"), ()).to_dict()
    padding = {"type": "section", "text": {"type": "plain_text", "text": "\u6e05" * 1_500}}
    made["blocks"] += [padding] * (100 - len(made["blocks"]))
    local_slack.state.modals.open(local_slack.user("ana").id, made)
    delivery = local_slack.submit("ana", {"ids": ids, "reason": "\u7248\u6743\u5230\u671f"})

    assert delivery.request is not None
    assert len(delivery.request.body) > LONG
    assert delivery.error is None
    assert delivery.field_errors == {form.IDS_BLOCK: "100 blocks, 2969 characters, \u7248\u6743\u5230\u671f"}
