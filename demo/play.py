"""The demo: a local Slack and a local VOD, the real bot as a process between them, and a story told on them.

The bot is started as ``python -m bot run`` with ordinary settings; it cannot tell that none of this is real.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from bot.runtime.program import StartError
from demo import story
from demo.bot_process import READY_WITHIN_S, BotProcess
from sandbox import shots
from sandbox.clock import Clock
from sandbox.control_client import SLACK_URL, VOD_URL
from sandbox.guard import RealCredentialsError, refuse_real_credentials
from sandbox.interrupts import interruptible
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.workbench import Workbench, build_page

FOLDER = Path("build/demo")
"""Where the demo keeps its database and the bot's log; made anew every time."""

PAGE = Path("build/page")

WORKBENCH_PORT = 8712

Sandbox = TypeVar("Sandbox", SlackSandbox, VodSandbox)


class DemoError(Exception):
    """The demo cannot go on; the text says why."""


@dataclass(frozen=True)
class _Stage:
    """A local Slack, a local VOD and the bot between them."""

    slack: SlackSandbox
    vod: VodSandbox
    bot: BotProcess
    database: str


def play(*, once: bool, socket_mode: bool = False) -> int:
    """Tell the story; then, unless ``once``, keep serving until Ctrl-C or SIGTERM. Return the exit code."""

    def work(stack: ExitStack, wait: Callable[[], None]) -> int:
        stage = _stage(stack, in_sandbox_time=not once, socket_mode=socket_mode)
        workbench = None if once else _open_workbench(stack, stage)
        if workbench is not None:
            click.echo(f"The workbench: {workbench.url}/  (open it in a browser and watch; then be Ana, then Bo)")
        held = story.tell(stage.slack, stage.vod, stage.bot, database=stage.database)
        if once:
            return 0 if held else 1
        if workbench is not None:
            click.echo(f"\nThe workbench is yours: {workbench.url}/")
        _invite(stage.slack, stage.vod)
        wait()
        return 0

    return _run(work)


def picture(folder: Path, language: str) -> int:
    """Take the pictures of the workbench into ``folder``, everything said in one language. Return the exit code."""

    def work(stack: ExitStack, _: Callable[[], None]) -> int:
        stage = _stage(stack, in_sandbox_time=True)
        for person in stage.slack.people:
            stage.slack.change_person(person, locale=language)
        stage.bot.restart(
            COUNTERSIGN_HOLD_SECONDS=str(shots.HOLD_S),
            COUNTERSIGN_CANARY_FROM=str(shots.CANARY_FROM),
            COUNTERSIGN_RAMP=shots.RAMP,
            COUNTERSIGN_LANGUAGE=language,
        )
        workbench = _open_workbench(stack, stage)
        if workbench is None:
            return 1
        shots.main([str(folder), "--url", workbench.url, "--slack", stage.slack.url, "--vod", stage.vod.url])
        return 0

    return _run(work)


def _run(work: Callable[[ExitStack, Callable[[], None]], int]) -> int:
    try:
        refuse_real_credentials(os.environ)
        with interruptible() as wait, ExitStack() as stack:
            return work(stack, wait)
    except (RealCredentialsError, DemoError, StartError) as exc:
        click.echo(str(exc), err=True)
        return 1
    except KeyboardInterrupt:
        click.echo("\nThe demo is over.")
        return 0


def _stage(stack: ExitStack, *, in_sandbox_time: bool, socket_mode: bool = False) -> _Stage:
    _take_folder(stack)
    clock = Clock()
    vod = stack.enter_context(_at_port(VOD_URL, lambda port: VodSandbox.start(port=port, clock=clock)))
    slack = stack.enter_context(_at_port(SLACK_URL, lambda port: SlackSandbox.start(port=port, clock=clock)))
    # The story is told faster than one message a second; Slack's own pace is the bot's default.
    slack.rate.enabled = False
    settings = environment(slack, vod)
    # With the page, time can be moved; the story alone is told by nothing but `python -m bot run`.
    arguments = ("-m", "demo.sandbox_clock", slack.url) if in_sandbox_time else ()
    connect: Callable[[str], None] = slack.connect
    if socket_mode:
        del settings["SLACK_SIGNING_SECRET"]
        settings["SLACK_APP_TOKEN"] = slack.app_token
        connect = _by_sockets(slack)
    bot = BotProcess(connect, settings, FOLDER / "bot.log", *arguments)
    # If it does not end when asked, or somebody is too impatient to wait for that, it is killed.
    stack.callback(bot.kill)
    stack.callback(bot.end)
    bot.start()
    return _Stage(slack, vod, bot, settings["DATABASE_URL"])


def _by_sockets(slack: SlackSandbox) -> Callable[[str], None]:
    """Return what lets Slack reach the bot by Socket Mode: the bot calls, so its address does not matter."""

    def connect(_url: str) -> None:
        slack.connect_sockets()
        if not slack.wait_until(lambda: slack.sockets.count > 0, READY_WITHIN_S):
            raise DemoError(f"The bot did not connect by Socket Mode. Its log is {FOLDER / 'bot.log'}.")

    return connect


def _take_folder(stack: ExitStack) -> None:
    """Empty the demo's folder, unless another demo works in it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = stack.enter_context(FOLDER.with_suffix(".lock").open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError(
            f"Another demo is running in {FOLDER}. End it first, with Ctrl-C in its terminal."
        ) from None
    shutil.rmtree(FOLDER)
    FOLDER.mkdir()


def _open_workbench(stack: ExitStack, stage: _Stage) -> Workbench | None:
    """Serve the page on which one person can be the whole team; None where it cannot be built."""
    page = build_page(PAGE, say=click.echo)
    if page is None:
        return None
    try:
        workbench = Workbench.start(stage.slack, stage.vod, stage.bot, page=page, port=WORKBENCH_PORT)
    except OSError:
        workbench = Workbench.start(stage.slack, stage.vod, stage.bot, page=page)
    return stack.enter_context(workbench)


def environment(slack: SlackSandbox, vod: VodSandbox) -> dict[str, str]:
    """Return the settings of a bot between these two: addresses and names, and nothing that says 'sandbox'."""
    people = " ".join(slack.user(name).id for name in ("ana", "bo", "cy"))
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "VOD_ENDPOINT": vod.url,
        "VOD_STS_ENDPOINT": vod.url,
        "VOD_ACCESS_KEY_ID": vod.access_key_id,
        "VOD_ACCESS_KEY_SECRET": vod.access_key_secret,
        "COUNTERSIGN_APPROVALS_CHANNEL": slack.channel("vod-deletions").id,
        "COUNTERSIGN_AUDIT_CHANNEL": slack.channel("vod-audit").id,
        "COUNTERSIGN_APPROVERS": people,
        "COUNTERSIGN_IMAGE_DOMAINS": vod.image_domain,
        "COUNTERSIGN_MESSAGE_SECONDS": "0.01",
        # Short, so that the work that a killed bot left behind is picked up while somebody watches.
        "COUNTERSIGN_LEASE_SECONDS": "5",
        # None while the story is told; its last chapter begins with a short one.
        "COUNTERSIGN_HOLD_SECONDS": "0",
        # One person plays the whole team, a day's work within minutes.
        "COUNTERSIGN_MAX_OPEN": "100",
        "COUNTERSIGN_MAX_PER_HOUR": "1000",
        "COUNTERSIGN_MAX_DAILY": "100000",
        "COUNTERSIGN_MAX_DAILY_TEAM": "100000",
        "DATABASE_URL": f"sqlite:///{FOLDER}/countersign.db",
        "HOST": "127.0.0.1",
        "PORT": "0",
    }


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
  {me} click ana approve 8                       refused: it is her own
  {me} click bo approve 8                        deleted after a short hold, in which Stop can be clicked
  {me} ledger                                    every delete call VOD received
The people: {", ".join(sorted(slack.people))}. The bot's log: {FOLDER / "bot.log"}. Ctrl-C ends it."""
    )


def _at_port(wanted: str, start: Callable[[int], Sandbox]) -> Sandbox:
    """Start at the usual port, or at a free one when that is taken."""
    try:
        return start(int(wanted.rpartition(":")[2]))
    except OSError:
        return start(0)
