"""Where the measurements are taken: a local VOD in a process of its own, a local Slack, and the bot's processes."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot import wiring
from bot.settings import load
from deletion.terms import ramp
from demo.bot_process import BotProcess
from sandbox.slack import SlackSandbox
from sandbox.vod import Stream, VodSandbox
from storage import Database

ROOT = Path(__file__).parents[1]


class Vod:
    """A local VOD in another process, with its documented quotas; each question is answered by that process."""

    def __init__(self, link: Connection, process: multiprocessing.process.BaseProcess) -> None:
        self._link = link
        self._process = process
        self.url: str = link.recv()

    def fill(self, number: int) -> list[str]:
        """Put in so many videos; return their ids."""
        ids: list[str] = self._ask("fill", number)
        return ids

    def calls(self) -> dict[str, int]:
        """Return how many calls of each delete operation were answered well, and how many were throttled."""
        made: dict[str, int] = self._ask("calls", 0)
        return made

    def left(self, ids: list[str]) -> int:
        """Return how many of these videos are still there."""
        number: int = self._ask("left", ids)
        return number

    def stop(self) -> None:
        """End the process."""
        with suppress(OSError):  # it is gone already
            self._link.send(("stop", 0))
        self._process.join(10)
        self._process.kill()
        self._process.join()

    def _ask(self, what: str, about: object) -> Any:
        self._link.send((what, about))
        return self._link.recv()


def _serve_vod(link: Connection) -> None:
    with VodSandbox.start(seed_library=False) as vod:
        link.send(vod.url)
        while True:
            what, about = link.recv()
            match what:
                case "fill":
                    link.send([_video(vod, number) for number in range(about)])
                case "calls":
                    calls = vod.ledger.calls()
                    link.send(
                        {"done": sum(not c.code for c in calls), "throttled": sum(bool(c.code) for c in calls)}
                    )
                    vod.ledger.clear()
                case "left":
                    link.send(sum(vod.library.video(name) is not None for name in about))
                case _:
                    return


def _video(vod: VodSandbox, number: int) -> str:
    streams = (Stream("LD"), Stream("HD"))
    return vod.library.add_video(title=f"Take {number}", streams=streams, has_cover=False).video_id


@contextmanager
def local_vod() -> Iterator[Vod]:
    """Run a local VOD."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_vod, args=(theirs,), daemon=True)
    process.start()
    # Only that process holds its end now: if it dies, whoever waits for its answer is told.
    theirs.close()
    try:
        vod = Vod(ours, process)
    except BaseException:
        process.kill()
        raise
    try:
        yield vod
    finally:
        vod.stop()


@dataclass(frozen=True)
class Record:
    """Where a bot keeps its record, and its logs; ``ramp`` is how its deletions begin (COUNTERSIGN_RAMP)."""

    url: str
    folder: Path
    ramp: str = ramp.DEFAULT


@dataclass(frozen=True)
class Bot:
    """A bot whose listener and worker are processes of their own; the record is at hand here."""

    database: Database
    listener: int
    worker: int


@contextmanager
def running_bot(slack: SlackSandbox, vod: Vod, record: Record) -> Iterator[Bot]:
    """Start ``python -m bot web`` and ``worker`` with the settings of production, but for the caps and the hold."""
    environment = _environment(slack, vod, record)
    database = wiring.open_database(load(environment))
    database.migrate()
    listening = {**environment, "HOST": "127.0.0.1", "PORT": "0", "LOG_LEVEL": "INFO"}
    web = BotProcess(slack.connect, listening, record.folder / "web.log", "-m", "bot", "web")
    worker = BotProcess(slack.connect, environment, record.folder / "worker.log", "-m", "bot", "worker")
    with ExitStack() as stack:
        stack.callback(database.close)
        stack.callback(web.kill)
        web.start()
        stack.callback(worker.kill)
        stack.callback(worker.end)
        worker.launch()
        yield Bot(database, _pid(web), _pid(worker))


def _pid(bot: BotProcess) -> int:
    if bot.process is None:
        raise RuntimeError("a bot that was not started")
    return bot.process.pid


def peak_megabytes(pid: int) -> float:
    """Return the most memory that a process has had so far (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def _environment(slack: SlackSandbox, vod: Vod, record: Record) -> dict[str, str]:
    people = " ".join(slack.user(name).id for name in ("ana", "bo", "cy"))
    return {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "VOD_ENDPOINT": vod.url,
        "VOD_STS_ENDPOINT": vod.url,
        "VOD_ACCESS_KEY_ID": VodSandbox.access_key_id,
        "VOD_ACCESS_KEY_SECRET": VodSandbox.access_key_secret,
        "COUNTERSIGN_APPROVALS_CHANNEL": slack.channel("vod-deletions").id,
        "COUNTERSIGN_AUDIT_CHANNEL": slack.channel("vod-audit").id,
        "COUNTERSIGN_APPROVERS": people,
        "COUNTERSIGN_MAX_ITEMS": "100000",
        # However few they are, they are approved by typing their number.
        "COUNTERSIGN_TYPED_FROM": "1",
        "COUNTERSIGN_MAX_GIGABYTES": "1000000",
        "COUNTERSIGN_MAX_OPEN": "10000",
        "COUNTERSIGN_MAX_PER_HOUR": "10000",
        "COUNTERSIGN_HOLD_SECONDS": "0",
        "COUNTERSIGN_RAMP": record.ramp,
        "DATABASE_URL": record.url,
        "LOG_LEVEL": "WARNING",
    }


def wait_for(holds: Callable[[], bool], what: str, *, timeout_s: float) -> None:
    """Return as soon as something holds; TimeoutError when it does not in time."""
    nobody = threading.Event()
    for _ in range(round(timeout_s / 0.1)):
        if holds():
            return
        nobody.wait(0.1)
    raise TimeoutError(f"waited {timeout_s:.0f} s in vain until {what}")
