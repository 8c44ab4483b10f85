"""While Slack is away at the start: a port is open and says so, and SIGTERM ends the process, process 1 too."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.bot_process import BotProcess, surroundings
from sandbox.slack import FaultKind, SlackSandbox
from sandbox.vod import VodSandbox
from tests.bot.process import ROOT, watched
from tests.stage import environment

DOCKER_STOP_S = 10
"""After which ``docker stop`` kills."""


@pytest.fixture
def settings(local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path) -> dict[str, str]:
    local_slack.rate.enabled = False
    return environment(local_slack, local_vod, tmp_path / "countersign.db", COUNTERSIGN_WORKER_PORT="0")


@pytest.fixture(params=["run", "web", "worker"])
def away(
    request: pytest.FixtureRequest, settings: dict[str, str], local_slack: SlackSandbox, tmp_path: Path
) -> Iterator[tuple[BotProcess, str]]:
    """Start a bot while Slack answers 503; give its process and where it listens."""
    local_slack.faults.add(FaultKind.HTTP_503, "auth.test", times=None)
    with watched(settings, tmp_path / "bot.log", "-m", "bot", request.param) as bot:
        host, port = bot.until("http.listening")["address"]
        bot.until("slack.not_ready")
        yield bot, f"http://{host}:{port}"


def test_a_port_is_open_and_says_what_is_waited_for_until_slack_answers(
    away: tuple[BotProcess, str], local_slack: SlackSandbox
) -> None:
    bot, url = away
    for path in ("/healthz", "/health"):
        asked, looked = httpx.get(url + path, trust_env=False), httpx.head(url + path, trust_env=False)
        assert (asked.status_code, looked.status_code) == (503, 503)
        assert asked.json() == {
            "status": "starting",
            "causes": ["start: Slack does not answer (http_503); it is asked again until it does"],
        }
    local_slack.faults.clear()
    bot.until("program.started")
    assert httpx.get(f"{url}/healthz", trust_env=False).json()["status"] == "ok"
    assert bot.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_while_slack_is_away(away: tuple[BotProcess, str], number: signal.Signals) -> None:
    bot, _ = away
    began = time.monotonic()

    assert bot.end(number) == 0
    assert time.monotonic() - began < DOCKER_STOP_S


def test_it_ends_as_process_1_while_slack_does_not_answer(
    settings: dict[str, str], local_slack: SlackSandbox, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may start a process 1 of its own (unshare)")
    local_slack.faults.add(FaultKind.SLOW, "auth.test", times=None, seconds=60.0)
    log = tmp_path / "bot.log"
    with log.open("wb") as written:
        outer = subprocess.Popen(
            ["/usr/bin/unshare", "--pid", "--fork", "--kill-child", sys.executable, "-m", "bot", "run"],
            cwd=ROOT,
            env=surroundings(settings),
            stdout=written,
            stderr=written,
        )
    try:
        watching = BotProcess(lambda _: None, {}, log)
        watching.process = outer
        watching.until("http.listening")
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text(encoding="ascii").split()
        began = time.monotonic()
        os.kill(int(children[0]), signal.SIGTERM)
        code = outer.wait(60)
    finally:
        outer.kill()
        outer.wait(10)

    assert code == 0
    assert time.monotonic() - began < DOCKER_STOP_S


def test_it_ends_as_process_1_while_it_is_still_being_imported(settings: dict[str, str], tmp_path: Path) -> None:
    """The handler is there before anything large is imported: a process 1 without one ignores the signal."""
    program = (
        "import runpy, signal, sys, os\n"
        "class Late:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'click': os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Late())\n"
        "runpy.run_module('bot', run_name='__main__')\n"
    )
    done = subprocess.run(
        ["/usr/bin/unshare", "--pid", "--fork", sys.executable, "-c", program],
        cwd=ROOT,
        env=surroundings({**settings, "TMPDIR": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode in {128 + signal.SIGTERM, -signal.SIGTERM}, done.stderr
