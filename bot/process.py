"""The bot as a process beside this one: started, killed and started again, for the demo and its tests."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from bot.program import StartError

READY_WITHIN_S = 30

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "COVERAGE_PROCESS_START")
"""What of this process's environment the bot is given besides its settings."""


class BotProcess:
    """The bot as a process of its own; ``connect`` is told its address every time it was started."""

    def __init__(
        self, connect: Callable[[str], None], settings: Mapping[str, str], log: Path, *arguments: str
    ) -> None:
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        self._environment = {**kept, **settings}
        self._connect = connect
        self._log = log
        self._arguments = arguments or ("-m", "bot", "run")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and say where it listens once it is well."""
        with self._log.open("w", encoding="utf-8") as log:
            command = [sys.executable, *self._arguments]
            self.process = subprocess.Popen(command, env=self._environment, stderr=log)
        self._connect(f"http://127.0.0.1:{self._port()}/slack/events")

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)

    def end(self) -> None:
        """End it with SIGTERM."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self.process is not None and self.process.poll() is None

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
        raise StartError(f"The bot did not start. Its log is {self._log}.")


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
