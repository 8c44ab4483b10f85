"""``kill -9`` at every persisted step, once before and once after its commit; another bot takes over each time."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sandbox.vod.model.media import Source
from tests.torture.accounts import reckon
from tests.torture.arena import Arena
from tests.torture.table import Result
from tests.torture.workers import ROOT, free_port, wait_for

ITEMS = 21
"""One goes ahead as a canary, the others follow in one batch; the list is long enough to be attached."""

MOST_STEPS = 400
"""A story with more steps than this does not end."""

KILLED = 9


@dataclass
class Mother:
    """The process that forks bots, asked over a pipe."""

    process: "subprocess.Popen[str]"
    arena: Arena
    port: int
    over: threading.Event
    _environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._environment = self.arena.environment(
            PORT=str(self.port), COUNTERSIGN_CANARY_FROM="2", LOG_LEVEL="WARNING"
        )

    def start(self, *, dies_at: int = 0, committed: bool = False) -> int:
        """Let a bot live; return its process id."""
        self.lives()
        order = {
            "do": "start",
            "dies_at": dies_at,
            "committed": committed,
            "environment": self._environment,
            "log": str(self.arena.folder / "mortal.log"),
            "testament": str(self.arena.folder / "testament"),
        }
        return self._ask(order)

    def await_bot(self) -> None:
        """Wait until a bot listens."""
        wait_for(lambda: self.lives() and _listens(self.port), "a bot listens", every_s=0.01)

    def lives(self) -> bool:
        """Return True, or raise what ends the story: it was asked to end, or nobody can fork bots any more."""
        if self.over.is_set():
            raise InterruptedError("torture was asked to end")
        assert self.process.poll() is None, "the process that forks bots is gone"
        return True

    def has_died(self, pid: int) -> bool:
        """Say whether a bot is dead; AssertionError when it was not SIGKILL that it died of."""
        ended = self._ask({"do": "poll", "pid": pid})
        assert ended in {0, KILLED}, (self.arena.folder / "mortal.log").read_text(encoding="utf-8")[-3000:]
        return ended == KILLED

    def kill(self, pid: int) -> None:
        """Kill a bot."""
        self._ask({"do": "kill", "pid": pid})

    def _ask(self, order: dict[str, Any]) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def mother(arena: Arena, over: threading.Event) -> Iterator[Mother]:
    """Start the process that forks bots; none of them is left behind."""
    port = free_port()
    arena.slack.connect(f"http://127.0.0.1:{port}/slack/events")
    command = [sys.executable, "-W", "ignore", "-m", "tests.torture.mortal"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield Mother(process, arena, port, over)
        finally:
            # With all that it forked.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@dataclass
class Story:
    """One deletion told to its end, by a bot that dies at one step and by those that come after it."""

    mother: Mother
    arena: Arena
    name: str
    pid: int
    died: bool = False

    def tell(self) -> list[str]:
        """Propose, approve and wait for the end; return the ids."""
        source = Source()
        videos = [self.arena.vod.library.add_video(title=f"{self.name}, {n}", source=source) for n in range(ITEMS)]
        ids = [video.video_id for video in videos]
        words = f'/vod delete video {" ".join(ids)} --reason "{self.name}"'
        self._insist(lambda: self._propose(words), lambda: self._row() is not None)
        self._until(self._is_shown, "the card and its list")
        number = self._row()["id"]
        self._insist(lambda: self._approve(number), lambda: self._has_vote(number))
        self._until(lambda: self._row()["state"] == "finished" and self.arena.is_told(), "the end")
        return ids

    def _insist(self, act: Callable[[], None], took_effect: Callable[[], bool]) -> None:
        """Do what a person does, and once more when the bot died of it without a trace."""
        for _ in range(2):
            act()
            if took_effect():
                return
            self._until(lambda: self.died, "a bot that did nothing has died")
        raise AssertionError(f"{self.name}: asked twice in vain")

    def _propose(self, words: str) -> None:
        self.arena.slack.say("ana", words)

    def _approve(self, number: int) -> None:
        self.arena.slack.click("bo", "Approve", match=f"#{number}")

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        wait_for(lambda: self._lives_on() and holds(), f"{self.name}: {what}", every_s=0.02)

    def _lives_on(self) -> bool:
        """See to it that a bot lives: whoever died is followed by one that does not, a minute later."""
        if not self.died and self.mother.has_died(self.pid):
            self.died = True
            self.arena.let_leases_run_out()
            self.pid = self.mother.start()
            self.mother.await_bot()
        return self.mother.lives()

    def _row(self) -> Any:
        found = self.arena.rows("SELECT id, state, card_ts FROM proposals WHERE reason = :reason", reason=self.name)
        return found[0] if found else None

    def _is_shown(self) -> bool:
        sql = "SELECT count(*) AS n FROM outbox WHERE kind = 'manifest' AND proposal_id = :id AND state = 'sent'"
        return self._row()["card_ts"] is not None and self.arena.number(sql, id=self._row()["id"]) == 1

    def _has_vote(self, number: int) -> bool:
        sql = """
            SELECT count(*) AS n FROM votes
            WHERE subject_kind = 'proposal' AND subject_id = :id AND state IN ('cast', 'counted')
        """
        return self.arena.number(sql, id=number) > 0


def die_everywhere(arena: Arena, *, every: int = 1, offset: int = 0, over: threading.Event | None = None) -> Result:
    """Die at every step, or at every so many-th, until a story has no such step; InterruptedError once ``over``."""
    began = time.monotonic()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    ids: list[str] = []
    with mother(arena, over or threading.Event()) as mum:
        for committed, steps in ((False, before), (True, after)):
            for step in range(1 + offset, MOST_STEPS, every):
                story = _story(mum, arena, step, committed=committed)
                ids += story.tell()
                mum.kill(story.pid)
                arena.let_leases_run_out()
                if not story.died:
                    break
                steps[(arena.folder / "testament").read_text(encoding="utf-8")] += 1
            else:
                raise AssertionError(f"a story has more than {MOST_STEPS} steps")
    sent = Counter(arena.vod.ledger.ids())
    done = {
        "deaths right before a commit": before.total(),
        "deaths right after a commit": after.total(),
        "kinds of steps died at": len({*before, *after}),
    }
    # Nothing but death is wrong here: whatever was sent was done, so that once is enough for every single one.
    faults = {"assets not sent exactly once": sum(sent[one] != 1 for one in ids)}
    return Result(arena.engine, time.monotonic() - began, done, reckon(arena).also(faults))


def _story(mum: Mother, arena: Arena, step: int, *, committed: bool) -> Story:
    pid = mum.start(dies_at=step, committed=committed)
    mum.await_bot()
    return Story(mum, arena, f"killed {'after' if committed else 'before'} commit {step}", pid)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
