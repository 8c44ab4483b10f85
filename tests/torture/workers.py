"""The bots' processes: started, killed, stopped and continued; none is left behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.torture.arena import Arena

ROOT = Path(__file__).parents[2]

END_WITHIN_S = 30


class Process:
    """``python -m bot COMMAND``, again and again; each of its lives writes a log of its own.

    ``module`` is what is run in place of the bot's own.
    """

    def __init__(self, arena: Arena, name: str, command: str, *, module: str = "bot", **settings: str) -> None:
        self.name = name
        self._command = ("-m", module, command)
        self._folder = arena.folder
        self._environment = arena.environment(**settings)
        self._lives = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.is_stopped = False

    def start(self) -> None:
        """Begin a new life, in a process group of its own."""
        self._lives += 1
        self.is_stopped = False
        with self._log().open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def change(self, **settings: str) -> None:
        """Let its next lives be told something else."""
        self._environment |= settings

    @property
    def is_up(self) -> bool:
        """Say whether it is at work by now."""
        return self.is_alive and '"program.started"' in self._log().read_text(encoding="utf-8", errors="replace")

    @property
    def is_alive(self) -> bool:
        """Say whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it without a word, stopped or not."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(END_WITHIN_S)

    def stop(self) -> None:
        """Let it stand still wherever it is."""
        self._signal(signal.SIGSTOP)
        self.is_stopped = True

    def resume(self) -> None:
        """Let it go on as if nothing had been."""
        self._signal(signal.SIGCONT)
        self.is_stopped = False

    def end(self) -> int | None:
        """Ask it to end; return its exit code."""
        self._signal(signal.SIGTERM)
        return self._process.wait(END_WITHIN_S) if self._process else None

    def logged(self, text: str) -> int:
        """Count a text in the logs of all of its lives."""
        logs = self._folder.glob(f"{self.name}-*.log")
        return sum(log.read_text(encoding="utf-8", errors="replace").count(text) for log in logs)

    def _log(self) -> Path:
        return self._folder / f"{self.name}-{self._lives}.log"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)


@contextmanager
def running(
    arena: Arena, workers: int, *, module: str = "bot", **settings: str
) -> Iterator[tuple[Process, list[Process]]]:
    """Run a listening process, which Slack is told of, and workers."""
    port = free_port()
    web = Process(arena, "web", "web", module=module, PORT=str(port), **settings)
    crew = [Process(arena, f"worker{n}", "worker", module=module, **settings) for n in range(workers)]
    arena.slack.connect(f"http://127.0.0.1:{port}/slack/events")
    with ExitStack() as alive:
        for process in (web, *crew):
            alive.callback(process.kill)
        for process in (web, *crew):
            process.start()
        wait_for(lambda: all(process.is_up for process in (web, *crew)), "every process is up")
        yield web, crew


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(holds: Callable[[], bool], what: str, *, timeout_s: float = 60, every_s: float = 0.05) -> None:
    """Return as soon as something holds; TimeoutError when it does not in time."""
    nobody = threading.Event()
    for _ in range(round(timeout_s / every_s)):
        if holds():
            return
        nobody.wait(every_s)
    raise TimeoutError(f"waited {timeout_s} s for this in vain: {what}")
