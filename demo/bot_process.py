"""The bot as a process beside this one: started, suspended, killed and started again; for the demo and tests."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from bot.runtime.program import StartError

READY_WITHIN_S = 30

END_WITHIN_S = 60

LOOK_EVERY_S = 0.05

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "COVERAGE_PROCESS_START")
"""What of this process's environment the bot is given besides its settings."""


def surroundings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a bot's process: nobody's settings but these."""
    return {**{name: value for name, value in os.environ.items() if name in KEPT}, **settings}


class BotProcess:
    """The bot as a process of its own; ``connect`` is told its address every time it was started.

    What it writes to its standard error is added to the file ``log``.
    """

    def __init__(
        self, connect: Callable[[str], object], settings: Mapping[str, str], log: Path, *arguments: str
    ) -> None:
        self._environment = surroundings(settings)
        self._connect = connect
        self._log = log
        self._logged_before = 0
        self._arguments = arguments or ("-m", "bot", "run")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and say where it listens once it is healthy."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        with self._log.open("ab") as log:
            self._logged_before = log.tell()
            command = [sys.executable, *self._arguments]
            self.process = subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL, stderr=log)

    def wait_until_ready(self) -> None:
        """Wait until it is healthy, and say where it listens."""
        port = self.until("http.listening")["address"][1]
        if not self._comes_true(lambda: _is_healthy(port)):
            raise StartError(f"The bot is not healthy. Its log is {self._log}.")
        self._connect(f"http://127.0.0.1:{port}/slack/events")

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(READY_WITHIN_S)

    def suspend(self) -> None:
        """Stop its threads without ending it, as a machine does that is too busy."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run again."""
        self._send(signal.SIGCONT)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; return its exit code, 0 when it was never started."""
        if self.process is None:
            return 0
        self._send(number)
        return self.process.wait(END_WITHIN_S)

    def restart(self, **settings: str) -> None:
        """End it, and start it anew with these settings changed."""
        self.end()
        self._environment |= settings
        self.start()

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def until(self, event: str) -> dict[str, Any]:
        """Wait until an event is logged, and return its line."""
        found: list[dict[str, Any]] = []

        def logged() -> bool:
            found.extend(line for line in self.events() if line["event"] == event)
            return bool(found)

        if not self._comes_true(logged):
            raise StartError(f"The bot did not say {event}. Its log is {self._log}.")
        return found[0]

    def events(self) -> list[dict[str, Any]]:
        """Return what was logged since the last start, a line each."""
        with self._log.open("rb") as log:
            log.seek(self._logged_before)
            lines = log.read().decode(errors="replace").split("\n")
        # The last one may not be whole yet.
        return [json.loads(line) for line in lines[:-1] if line.startswith("{")]

    def _send(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def _comes_true(self, holds: Callable[[], bool]) -> bool:
        """Wait until something holds; False when it does not in time, or the process ended before."""
        pause = threading.Event()
        for _ in range(round(READY_WITHIN_S / LOOK_EVERY_S)):
            ended = not self.is_running()
            if holds():
                return True
            if ended:
                return False
            pause.wait(LOOK_EVERY_S)
        return False


def _is_healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
