"""The real program as a process of its own, to be killed: `python -m bot run` against local Slack and VOD."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from storage import SqliteDatabase
from tests.stage import environment

ROOT = Path(__file__).parents[2]
START_WITHIN_S = 30


def wait_for(holds: Callable[[], bool], what: str, *, timeout_s: float = 30) -> None:
    """Return as soon as something holds; AssertionError when it does not in time."""
    nobody = threading.Event()
    for _ in range(round(timeout_s / 0.01)):
        if holds():
            return
        nobody.wait(0.01)
    raise AssertionError(f"waited {timeout_s} s for this in vain: {what}")


class RunningBot:
    """A bot's process and its record. It may be started, killed and started again; its port stays the same."""

    def __init__(self, slack: SlackSandbox, vod: VodSandbox, folder: Path, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        path = folder / "countersign.db"
        settings = {"PORT": str(self.port), "LOG_LEVEL": "WARNING", **settings}
        self._environment = {"PATH": os.environ["PATH"], **environment(slack, vod, path, **settings)}
        self._log = folder / "bot.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.database = SqliteDatabase(path)
        slack.connect(f"http://127.0.0.1:{self.port}/slack/events")

    def start(self) -> None:
        """Start the program and return once it is well."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        wait_for(self._is_well, "the bot is up", timeout_s=START_WITHIN_S)

    def kill(self) -> None:
        """Kill it without a word."""
        self._send(signal.SIGKILL)

    def end(self) -> int:
        """Ask it to end; return its exit code."""
        return self._send(signal.SIGTERM)

    def close(self) -> None:
        """Leave nothing running."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self.database.close()

    @property
    def log(self) -> str:
        """Return all that it wrote to its streams."""
        return self._log.read_text(encoding="utf-8")

    def let_leases_run_out(self, *tables: str) -> None:
        """Make it so that what the dead process held in these tables is free, as it would be after a minute."""
        for table in tables:
            self.database.write(lambda tx, table=table: tx.run(f"UPDATE {table} SET lease_ms = 0"))  # type: ignore[misc] # noqa: S608 - mypy cannot infer a lambda's default; the names are above

    def _send(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(timeout=START_WITHIN_S)

    def _is_well(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
