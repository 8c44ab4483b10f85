"""What ends a run of tests that its time limits cannot end, and leaves no process behind.

A test that is over its time limit is interrupted in the main thread, and what it started is ended. Should that
wait for ever as well, its whole process is ended some time later, and so it is when threads are left over at last.
"""

import faulthandler
import os
import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_timeout

from tests.storage.postgres import Server

GRACE_S = 120.0
"""How long a test that was interrupted may take to clean up: a bot that does not end is killed after a minute."""

LEAVE_WITHIN_S = 60.0
"""How long threads that were left over may keep the process after the last test."""


class Limits:
    """A plugin for pytest: the last resort behind pytest-timeout. ``stderr`` is a file descriptor."""

    def __init__(self, stderr: int, *, grace_s: float = GRACE_S, leave_within_s: float = LEAVE_WITHIN_S) -> None:
        self._stderr = stderr
        self._grace_s = grace_s
        self._leave_within_s = leave_within_s
        self._timer: threading.Timer | None = None

    def pytest_configure(self) -> None:
        """Clean up after SIGTERM as well, and let what tests start inherit no SIGINT that is ignored."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)

    @pytest.hookimpl(tryfirst=True)
    def pytest_timeout_set_timer(self, settings: Any) -> None:
        """Begin to count when pytest-timeout does; that it stops at a test's first failure is of no interest."""
        self._timer = self._end_after(settings.timeout + self._grace_s)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Stop counting once the test is cleaned up after."""
        try:
            return (yield)
        finally:
            if self._timer is not None:
                self._timer.cancel()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Kill what failed tests left running. Under xdist those are the workers' to kill, not their parent's."""
        if not session.config.getoption("numprocesses", None):
            kill_descendants()

    def pytest_unconfigure(self) -> None:
        """Give threads that were left over some time, not all the time in the world."""
        self._end_after(self._leave_within_s)

    def _end_after(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        return timer

    def _end(self) -> None:
        if pytest_timeout.is_debugging():
            return
        os.write(self._stderr, b"\nThe tests do not end; this is where they are:\n")
        faulthandler.dump_traceback(self._stderr, all_threads=True)
        faulthandler.dump_traceback_later(self._grace_s, exit=True, file=self._stderr)
        kill_descendants()
        for server in Server.running:
            server.crash()
        os._exit(1)


def kill_descendants() -> None:
    """Kill every process that this one started, and those that they did. It does so only on Linux."""
    for pid in descendants(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def descendants(of: int) -> list[int]:
    """Return the ids of the processes that this one started, and of those that they did; none but on Linux."""
    children: dict[int, list[int]] = {}
    for process in processes():
        children.setdefault(process.parent, []).append(process.pid)
    found = children.get(of, [])
    for pid in found:
        found.extend(children.get(pid, []))
    return found


class Process(NamedTuple):
    """What Linux tells of a process; ``state`` is a letter, Z for one that has ended."""

    pid: int
    state: str
    parent: int
    session: int


def processes() -> Iterator[Process]:
    """Yield every process of this machine; none where it is not Linux."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            # "pid (name) state parent group session …", and the name may be anything.
            told = stat.read_text(encoding="utf-8", errors="replace")
            state, parent, _, session = told.rpartition(")")[2].split()[:4]
            yield Process(int(stat.parent.name), state, int(parent), int(session))
