"""The bot as a process of its own: started, watched by its log, ended by a signal."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("HOME", "LANG", "LC_ALL", "TMPDIR")
WITHIN_S = 40


def surroundings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process: this interpreter as ``python``, and nobody's settings but these."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, "PATH": path, **settings}


class BotProcess:
    """A running ``python -m bot …``, or another command that amounts to it; `log` is its standard error."""

    def __init__(self, settings: Mapping[str, str], *command: str) -> None:
        self.log: list[str] = []
        self._more = threading.Condition()
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings(settings), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._reader.join()

    def until(self, event: str) -> dict[str, Any]:
        """Wait until an event is logged, and return its line."""
        with self._more:
            self._more.wait_for(lambda: self._named(event) or self._process.poll() is not None, WITHIN_S)
        found = self._named(event)
        assert found, self.log
        return found[0]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.until("http.listening")["address"][1])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Return the exit code once it has ended."""
        code = self._process.wait(WITHIN_S)
        self._reader.join(WITHIN_S)
        return code

    def _named(self, event: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in list(self.log) if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._more:
                self.log.append(line.rstrip("\n"))
                self._more.notify_all()
        with self._more:
            self._more.notify_all()


def python(settings: Mapping[str, str], *words: str) -> BotProcess:
    """Run ``python -m bot`` with these words."""
    return BotProcess(settings, "python", "-m", "bot", *words)


def finished(settings: Mapping[str, str], words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run ``python -m bot`` to its end."""
    command = [sys.executable, "-m", "bot", *words]
    environ = surroundings(settings)
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=WITHIN_S
    )
