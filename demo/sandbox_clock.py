"""The bot as ``python -m bot run`` makes it, but living in the time of a sandbox: for rehearsing what takes days.

Nothing of the bot knows of this: the clock is one of the arguments of its composition root.
"""

import os
import sys
import time

import httpx

from bot import clients, wiring
from bot.runtime import logs, program
from bot.settings import load
from bot.wiring import World
from storage.engine.sqlite import wall_clock_ms

ASK_EVERY_S = 0.2


class SandboxTime:
    """Real time and what the sandbox at ``url`` is ahead of it, asked for a few times a second."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/control/clock"
        self._asked_at = -1.0
        self._ahead_ms = 0

    def __call__(self) -> int:
        """Return the sandbox's time in milliseconds since 1970 UTC."""
        if time.monotonic() - self._asked_at > ASK_EVERY_S:
            self._asked_at = time.monotonic()
            try:
                answer = httpx.get(self._url, timeout=5, trust_env=False).json()
            except (httpx.HTTPError, ValueError):
                # The sandbox is ending, and so will this; until then the last answer holds.
                return wall_clock_ms() + self._ahead_ms
            self._ahead_ms = round(answer["offset_seconds"] * 1000)
        return wall_clock_ms() + self._ahead_ms


def main(sandbox_url: str) -> None:
    """Run everything in one process, as ``python -m bot run`` does."""
    settings = load(os.environ)
    logs.configure(settings.log_level)
    world = World(now_ms=SandboxTime(sandbox_url))
    database = wiring.open_database(settings, world)
    database.migrate()
    workspace = program.identify(clients.slack_client(settings, timeout_s=clients.WORKER_TIMEOUT_S))
    program.run(wiring.assemble(settings, workspace, database, world=world), web=True, worker=True)


if __name__ == "__main__":
    main(sys.argv[1])
