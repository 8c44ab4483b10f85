"""The demo: a local Slack and a local VOD, the real bot as a process between them, and a story told on them.

The bot is started as ``python -m bot run`` with ordinary settings; it cannot tell that none of this is real.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import click
import httpx

from bot import story
from sandbox.clock import Clock
from sandbox.control import SLACK_URL, VOD_URL
from sandbox.guard import RealCredentialsError, refuse_real_credentials
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox

FOLDER = Path("build/demo")
"""Where the demo keeps its database and the bot's log; made anew every time."""

READY_WITHIN_S = 30

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "COVERAGE_PROCESS_START")
"""What of this process's environment the bot is given besides its settings."""


Sandbox = TypeVar("Sandbox", SlackSandbox, VodSandbox)


class DemoError(Exception):
    """The demo cannot go on; the text says why."""


def play(*, once: bool) -> int:
    """Tell the story; then, unless ``once``, keep serving until Ctrl-C. Return the exit code."""
    try:
        refuse_real_credentials(os.environ)
        with ExitStack() as stack:
            return _play(stack, once=once)
    except (RealCredentialsError, DemoError) as exc:
        click.echo(str(exc), err=True)
        return 1
    except KeyboardInterrupt:
        click.echo("\nThe demo is over.")
        return 0


def _play(stack: ExitStack, *, once: bool) -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    clock = Clock()
    vod = stack.enter_context(_at_port(VOD_URL, lambda port: VodSandbox.start(port=port, clock=clock)))
    slack = stack.enter_context(_at_port(SLACK_URL, lambda port: SlackSandbox.start(port=port, clock=clock)))
    # The story is told faster than one message a second; Slack's own pace is the bot's default.
    slack.rate.enabled = False
    settings = environment(slack, vod)
    # With the page, time can be moved; the story alone is told by nothing but `python -m bot run`.
    in_sandbox_time = () if once else ("-m", "bot.rehearsal", slack.url)
    bot = BotProcess(slack, settings, FOLDER / "bot.log", *in_sandbox_time)
    stack.callback(bot.end)
    bot.start()
    held = story.tell(slack, vod, database=settings["DATABASE_URL"])
    if once:
        return 0 if held else 1
    _invite(slack, vod)
    threading.Event().wait()
    return 0


def environment(slack: SlackSandbox, vod: VodSandbox) -> dict[str, str]:
    """Return the settings of a bot between these two: addresses and names, and nothing that says 'sandbox'."""
    people = " ".join(slack.user(name).id for name in ("ana", "bo", "cy"))
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "VOD_ENDPOINT": vod.url,
        "VOD_ACCESS_KEY_ID": vod.access_key_id,
        "VOD_ACCESS_KEY_SECRET": vod.access_key_secret,
        "COUNTERSIGN_APPROVALS_CHANNEL": slack.channel("vod-deletions").id,
        "COUNTERSIGN_AUDIT_CHANNEL": slack.channel("vod-audit").id,
        "COUNTERSIGN_APPROVERS": people,
        "COUNTERSIGN_IMAGE_DOMAINS": vod.image_domain,
        "COUNTERSIGN_MESSAGE_SECONDS": "0.1",
        "DATABASE_URL": f"sqlite:///{FOLDER}/countersign.db",
        "HOST": "127.0.0.1",
        "PORT": "0",
    }


class BotProcess:
    """The bot as a process of its own, which can be killed and started again."""

    def __init__(self, slack: SlackSandbox, settings: Mapping[str, str], log: Path, *arguments: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        self._environment = {**kept, **settings}
        self._slack = slack
        self._log = log
        self._arguments = arguments or ("-m", "bot", "run")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and tell Slack where it listens once it is well."""
        with self._log.open("w", encoding="utf-8") as log:
            command = [sys.executable, *self._arguments]
            self._process = subprocess.Popen(command, env=self._environment, stderr=log)
        self._slack.connect(f"http://127.0.0.1:{self._port()}/slack/events")

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def end(self) -> None:
        """End it with SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def _port(self) -> int:
        """Find in the bot's log where it listens, and wait until it is well."""
        pause = threading.Event()
        for _ in range(READY_WITHIN_S * 20):
            if not self.is_running():
                break
            port = _logged_port(self._log.read_text(encoding="utf-8"))
            if port is not None and _is_well(port):
                return port
            pause.wait(0.05)
        raise DemoError(f"The bot did not start. Its log is {self._log}.")


def _logged_port(text: str) -> int | None:
    for line in text.splitlines():
        if '"http.listening"' in line:
            return int(line.split('"address": [')[1].split("]")[0].rpartition(",")[2])
    return None


def _is_well(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _invite(slack: SlackSandbox, vod: VodSandbox) -> None:
    """Say how to type more."""
    options = [f"--slack {slack.url}"] if slack.url != SLACK_URL else []
    options += [f"--vod {vod.url}"] if vod.url != VOD_URL else []
    me = " ".join(["python -m sandbox", *options])
    video = next(video.video_id for video in vod.library.videos() if video.status == "Normal")
    click.echo(
        f"""
The demo keeps running. In another terminal, in this folder, after: . .venv/bin/activate
  {me} library                                   the media there is
  {me} say ana '/vod delete video {video} --reason "my first"'
  {me} read vod-deletions                        the channel, with the card
  {me} click ana approve 6                       refused: it is her own
  {me} click bo approve 6
  {me} ledger                                    every delete call VOD received
The people: {", ".join(sorted(slack.people))}. The bot's log: {FOLDER / "bot.log"}. Ctrl-C ends it."""
    )


def _at_port(wanted: str, start: Callable[[int], Sandbox]) -> Sandbox:
    """Start at the usual port, or at a free one when that is taken."""
    try:
        return start(int(wanted.rpartition(":")[2]))
    except OSError:
        return start(0)
