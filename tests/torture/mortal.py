"""``python -m tests.torture.mortal``: makes bots that kill themselves, with a real SIGKILL, at a step of their own.

A mother process that has everything imported forks them, which is much faster than starting Python anew. It reads
one command a line, in JSON, and answers each with a line. Bots that are left are killed when the commands end.

A bot does one thing at a time, so that its steps always come in the same order: jobs, messages, what Slack asks.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from bot import clients, wiring
from bot.runtime import logs, program
from bot.settings import load
from bot.wiring import World
from deletion import work
from deletion.jobs.context import Timings
from storage import Database, Tx
from storage.engine.database import Row
from tests.harness.delegating import Delegating

T = TypeVar("T")

CHANGING = ("INSERT", "UPDATE", "DELETE")

POLL_S = 0.02


class CountingTx:
    """A transaction that knows whether it changed anything."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.changed = False

    def rows(self, sql: str, /, **params: str | int | None) -> list[Row]:
        found = self._tx.rows(sql, **params)
        self.changed = self.changed or (bool(found) and _changes(sql))
        return found

    def one(self, sql: str, /, **params: str | int | None) -> Row | None:
        found = self.rows(sql, **params)
        return found[0] if found else None

    def run(self, sql: str, /, **params: str | int | None) -> int:
        count = self._tx.run(sql, **params)
        self.changed = self.changed or (count > 0 and _changes(sql))
        return count

    def run_many(self, sql: str, rows: Iterable[Mapping[str, str | int | None]], /) -> int:
        count = self._tx.run_many(sql, rows)
        self.changed = self.changed or count > 0
        return count

    def now_ms(self) -> int:
        return self._tx.now_ms()

    def server(self) -> str:
        return self._tx.server()

    def publish(self, fact: object, /) -> None:
        self._tx.publish(fact)


class Mortal(Delegating):
    """A database whose process is killed around the commit number ``dies_at`` that changes something; 0: never.

    ``committed``: right after that commit; otherwise right before it. The name of the step goes to ``testament``.
    """

    def __init__(self, database: Database, *, dies_at: int, committed: bool, testament: Path) -> None:
        super().__init__(database)
        self._dies_at = dies_at
        self._committed = committed
        self._testament = testament
        self._lock = threading.Lock()
        self._commits = 0

    def write(self, work: Callable[[Tx], T], /) -> T:
        hit = False

        def counted(tx: Tx) -> T:
            nonlocal hit
            counting = CountingTx(tx)
            result = work(counting)
            hit = counting.changed and self._count() == self._dies_at
            if hit and not self._committed:
                self._die(work)
            return result

        result = self._database.write(counted)
        if hit:
            self._die(work)
        return result

    def _count(self) -> int:
        with self._lock:
            self._commits += 1
            return self._commits

    def _die(self, work: Callable[[Tx], Any]) -> NoReturn:
        code = work.__code__
        self._testament.write_text(f"{Path(code.co_filename).stem}:{code.co_firstlineno} {code.co_qualname}")
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")


def _changes(sql: str) -> bool:
    return sql.lstrip().upper().startswith(CHANGING)


def live(order: Mapping[str, Any]) -> NoReturn:
    """Be a bot: listen to Slack, do jobs, send messages; until killed."""
    settings = load(os.environ)
    logs.configure(settings.log_level)
    # VOD is not given time to be late: what is still there is sent again at once.
    world = World(timings=Timings(resend_after=0), time_slice_ms=0)
    database = Mortal(
        wiring.open_database(settings, world),
        dies_at=order["dies_at"],
        committed=order["committed"],
        testament=Path(order["testament"]),
    )
    slack = clients.slack_client(settings, timeout_s=clients.WORKER_TIMEOUT_S)
    made = wiring.assemble(settings, program.identify(slack), database, world=world)
    context = replace(made.context, lanes=2)
    program.serve(made)
    while True:
        heard = made.bell.heard()
        worked = work.run_one(context)
        if not made.announcer.step() and not worked:
            made.bell.wait(heard, POLL_S)


def main() -> None:
    """Obey until the commands end."""
    children: set[int] = set()
    try:
        for line in sys.stdin:
            order = json.loads(line)
            match order["do"]:
                case "start":
                    answer = _fork(order)
                    children.add(answer)
                case "poll":
                    answer = _ended(order["pid"], os.WNOHANG)
                case _:
                    os.kill(order["pid"], signal.SIGKILL)
                    answer = _ended(order["pid"], 0)
            if order["do"] != "start" and answer:
                children.discard(order["pid"])
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def _ended(pid: int, options: int) -> int:
    """Return the signal that a bot died of; 0 while it lives."""
    found, status = os.waitpid(pid, options)
    return (os.WTERMSIG(status) or 255) if found else 0


def _fork(order: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        silence = os.open(os.devnull, os.O_RDONLY)
        for new, old in ((silence, 0), (log, 1), (log, 2)):
            os.dup2(new, old)
        os.environ.clear()
        os.environ.update(order["environment"])
        live(order)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
