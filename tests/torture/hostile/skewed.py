"""``python -m tests.torture.hostile.skewed COMMAND``: the bot, where a file says how many seconds a clock is off.

On SQLite that is the whole machine's clock, as far as Python tells it; on PostgreSQL it is the server's.
"""

import os
import time
from pathlib import Path

from storage.engine import postgres

FILE = "TORTURE_CLOCK"
"""The variable that names the file."""

SERVERS_CLOCK = postgres._CLOCK


def skew(file: Path, *, servers: bool) -> None:
    """Let the clock be off from now on, by what the file says whenever somebody asks."""

    def off_s() -> int:
        return int(file.read_text() or "0") if file.exists() else 0

    if servers:
        postgres._CLOCK = _Expression(off_s)  # type: ignore[assignment] # it is only ever put into a query
        return
    now, now_ns, moment = time.time, time.time_ns, time.gmtime
    time.time = lambda: now() + off_s()
    time.time_ns = lambda: now_ns() + off_s() * 1_000_000_000
    time.gmtime = lambda seconds=None: moment(now() + off_s() if seconds is None else seconds)


class _Expression:
    def __init__(self, off_s: object) -> None:
        self._off_s = off_s

    def __format__(self, _spec: str) -> str:
        off_s = self._off_s
        return f"({SERVERS_CLOCK} + {off_s() * 1000 if callable(off_s) else 0})"


if __name__ == "__main__":
    skew(Path(os.environ[FILE]), servers=os.environ["DATABASE_URL"].startswith("postgresql"))
    from bot.__main__ import main

    main()
