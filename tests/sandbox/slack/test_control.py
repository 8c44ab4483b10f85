import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from slack_sdk import WebClient

from sandbox.__main__ import environment, main
from sandbox.guard import refuse_real_credentials
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.background import in_background
from tests.sandbox.slack.conftest import Bot

DELETIONS = "C0VODDELETE"


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


DIALOG = {"title": plain("Delete"), "text": plain("3 videos"), "confirm": plain("Yes"), "deny": plain("No")}


def button(label: str, **fields: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": label, "text": plain(label), **fields}


@pytest.fixture
def vod() -> Iterator[VodSandbox]:
    with VodSandbox.start(seed_library=False) as sandbox:
        yield sandbox


def run(slack: SlackSandbox, *words: str) -> Result:
    return CliRunner().invoke(main, ["--slack", slack.url, *words])


def post_card(client: WebClient, number: int = 4) -> None:
    elements = [button("Approve", confirm=DIALOG), button("Reject")]
    blocks = [{"type": "actions", "elements": elements}]
    client.chat_postMessage(channel=DELETIONS, text=f"Proposal #{number}", blocks=blocks)


def test_say_prints_the_private_answer(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (200, "Proposed \u202e.")
    result = run(slack, "say", "ana", "/vod", "delete", "abc", "--channel", "vod-audit")
    assert result.exit_code == 0
    assert "only Ana sees this" in result.output
    assert "Proposed \\u202e." in result.output
    assert (bot.forms[0]["text"], bot.forms[0]["channel_name"]) == ("delete abc", "vod-audit")


def test_say_tells_of_an_error(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (500, "")
    result = run(slack, "say", "ana", "/vod help")
    assert result.exit_code == 1
    assert "ana sees the error dispatch_failed" in result.output


def test_talk_is_said(slack: SlackSandbox) -> None:
    assert run(slack, "say", "ana", "hello there").output == "Said.\n"
    assert slack.messages(DELETIONS)[0].text == "hello there"


def test_click_presses_shows_the_dialog_and_prints_a_later_answer(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    post_card(client)
    post_card(client, 42)

    def answers(form: dict[str, str]) -> tuple[int, str]:
        url = json.loads(form["payload"])["response_url"]
        httpx.post(url, json={"text": "Thank you."}, trust_env=False)
        return 200, ""

    bot.answers = answers
    result = run(slack, "click", "bo", "approve", "4")
    assert result.exit_code == 0
    assert result.output.startswith("Dialog: Delete / 3 videos / Yes\n")
    assert "Thank you." in result.output
    assert json.loads(bot.forms[0]["payload"])["message"]["text"] == "Proposal #4"


def test_click_can_cancel_and_tells_of_missing_buttons(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    post_card(client)
    assert "Cancelled" in run(slack, "click", "bo", "approve", "#4", "--no-confirm").output
    assert bot.forms == []
    result = run(slack, "click", "bo", "explode")
    assert result.exit_code == 1
    assert "'Approve'" in result.output


def test_submit_fills_in_the_open_form(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    element = {"type": "plain_text_input", "action_id": "words"}
    view = {
        "type": "modal",
        "title": plain("Reject"),
        "submit": plain("Reject"),
        "blocks": [{"type": "input", "block_id": "why", "label": plain("Reason"), "element": element}],
    }

    def answers(form: dict[str, str]) -> tuple[int, str]:
        if "trigger_id" in form:
            client.views_open(trigger_id=form["trigger_id"], view=view)
        return 200, ""

    bot.answers = answers
    assert "Reason (why=…)" in run(slack, "say", "bo", "/vod reject 4").output
    assert "why: This is a required field" in run(slack, "submit", "bo").output
    assert run(slack, "submit", "bo", "why").exit_code == 2
    assert run(slack, "submit", "bo", "why=too new = too soon").exit_code == 0
    state = json.loads(bot.forms[-1]["payload"])["view"]["state"]["values"]
    assert state["why"]["words"]["value"] == "too new = too soon"


def test_read_prints_a_channel_as_somebody(slack: SlackSandbox, client: WebClient) -> None:
    assert "Nothing" in run(slack, "read").output
    post_card(client)
    client.chat_postEphemeral(channel=DELETIONS, user=slack.people["bo"].id, text="psst")
    client.chat_postMessage(channel=slack.people["bo"].id, text="direct words")
    assert "[ Approve ]  [ Reject ]" in run(slack, "read").output
    assert "psst" not in run(slack, "read").output
    assert "psst" in run(slack, "read", "vod-deletions", "--as", "bo").output
    assert "direct words" in run(slack, "read", "dm", "--as", "bo").output
    assert run(slack, "read", "random").exit_code == 1


def test_the_library_and_the_ledger_are_listed(vod: VodSandbox) -> None:
    video = vod.library.add_video(title="Lecture \u202e one")
    vod.library.add_video(title="Film")
    runner = CliRunner()
    found = runner.invoke(main, ["--vod", vod.url, "library", "lecture"])
    assert (found.exit_code, found.output.count("\n")) == (0, 1)
    assert video.video_id in found.output
    assert "Lecture \\u202e one" in found.output
    assert runner.invoke(main, ["--vod", vod.url, "ledger"]).output == ""


def test_without_a_demo_the_command_line_says_how_to_start_one(slack: SlackSandbox) -> None:
    slack.stop()
    result = run(slack, "read")
    assert result.exit_code == 1
    assert "make demo" in result.output


def test_the_control_plane_sets_faults_clock_and_connection(slack: SlackSandbox, bot: Bot) -> None:
    def tell(name: str, **what: Any) -> Any:
        return httpx.post(f"{slack.url}/control/{name}", json=what, trust_env=False).json()

    fault = {"kind": "ratelimited", "method": "chat.update", "channel": "vod-audit"}
    assert tell("faults", **fault)["pending"][0]["channel"] == "C0VODAUDIT1"
    assert tell("faults", clear=True) == {"pending": []}
    assert "error" in tell("faults", kind="plague")
    assert "error" in tell("faults", kind="slow", colour="red")
    before = slack.clock.now()
    tell("clock", advance_s=3600)
    assert (slack.clock.now() - before).total_seconds() >= 3600
    assert tell("connect", url=bot.url) == {"connected": bot.url}
    assert "error" in tell("connect", url="https://example.com")
    assert tell("say") == {"error": "missing: person"}
    refused = httpx.post(f"{slack.url}/control/say", content=b"{", trust_env=False)
    assert refused.status_code == 400


def test_the_control_plane_tells_what_there_is(slack: SlackSandbox, client: WebClient) -> None:
    def ask(name: str) -> httpx.Response:
        return httpx.get(f"{slack.url}/control/{name}", trust_env=False)

    client.files_upload_v2(content=b"abc", filename="a.csv", channel=DELETIONS)
    people = {person["key"]: person for person in ask("people").json()["people"]}
    assert people["kim"]["deleted"] is True
    channels = {channel["name"]: channel["members"] for channel in ask("channels").json()["channels"]}
    assert people["eve"]["id"] in channels["vod-deletions"]
    assert ask("calls").json()["calls"][-1]["method"] == "files.completeUploadExternal"
    assert ask("modal?person=ana").json() == {"modal": None}
    assert ask(f"files/{slack.files[0].id}").content == b"abc"
    assert ask("files/F9").status_code == 404
    assert ask("messages?person=zoe").status_code == 404


def test_a_menu_and_a_modal_are_reachable_from_the_control_plane(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    options = [{"text": plain(word), "value": word} for word in ("Hold", "Withdraw")]
    menu = {"type": "overflow", "action_id": "more", "options": options}
    client.chat_postMessage(channel=DELETIONS, text="#4", blocks=[{"type": "actions", "elements": [menu]}])
    chosen = httpx.post(f"{slack.url}/control/choose", json={"person": "bo", "option": "Hold"}, trust_env=False)
    assert chosen.json()["delivered"] is True
    trigger = json.loads(bot.forms[0]["payload"])["trigger_id"]
    view = {"type": "modal", "title": plain("Hold"), "blocks": [], "notify_on_close": True}
    client.views_open(trigger_id=trigger, view=view)
    closed = httpx.post(f"{slack.url}/control/close", json={"person": "bo"}, trust_env=False).json()
    assert (closed["kind"], closed["delivered"], closed["modal"]) == ("close", True, None)


def test_the_printed_environment_points_here_and_nowhere_else(slack: SlackSandbox, vod: VodSandbox) -> None:
    printed = environment(slack, vod)
    assert (printed["SLACK_API_URL"], printed["VOD_ENDPOINT"]) == (slack.api_url, vod.url)
    refuse_real_credentials(printed)
    addresses = [value for value in printed.values() if value.startswith("http")]
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)


@contextmanager
def served(*options: str) -> Iterator["subprocess.Popen[str]"]:
    real = ("SLACK", "ACCESS_KEY", "VOD")
    environ = {name: value for name, value in os.environ.items() if not any(word in name for word in real)}
    command = ["-m", "sandbox", "serve", "--slack-port", "0", "--vod-port", "0", *options]
    with in_background(*command, environ=environ) as serving:
        yield serving


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_runs_until_it_is_interrupted_also_when_a_script_started_it_in_the_background(
    number: signal.Signals,
) -> None:
    with served() as serving:
        assert serving.stdout is not None
        lines = [serving.stdout.readline().strip() for _ in range(13)]
        serving.send_signal(number)
        assert serving.communicate(timeout=20)[1] == "Stopped.\n"
    assert serving.returncode == 0
    assert lines[0] == "export SLACK_BOT_TOKEN=xoxb-sandbox"
    assert all(line.startswith("export ") for line in lines)


def test_a_bot_with_the_printed_settings_has_nothing_to_complain_of(tmp_path: Path) -> None:
    with served() as serving:
        assert serving.stdout is not None
        lines = [serving.stdout.readline().strip() for _ in range(14)]
        printed = dict(shlex.split(line)[1].split("=", 1) for line in lines)
        environ = {**printed, "PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/countersign.db"}
        migrated, checked = (
            subprocess.run(
                [sys.executable, "-m", "bot", word],
                check=False,
                env=environ,
                capture_output=True,
                text=True,
                timeout=60,
            )
            for word in ("migrate", "check")
        )
    assert migrated.returncode == 0
    assert "PROBLEM" not in checked.stdout
    assert checked.returncode == 0


def test_serve_does_not_deliver_elsewhere() -> None:
    with served("--bot", "https://example.com/") as serving:
        assert "only delivers to this machine" in serving.communicate(timeout=20)[1]
    assert serving.returncode == 1
