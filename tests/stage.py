"""The whole bot on real wires, driven step by step: local Slack and VOD over HTTP, nothing sleeping, no threads."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from bot import clients, wiring
from bot.runtime import program
from bot.runtime.program import Program
from bot.settings import Settings, load
from bot.wiring import World
from deletion import work
from deletion.approval.holds import anchoring, leaps
from deletion.jobs.context import Timings
from demo import play
from sandbox.slack import Delivery, SlackSandbox
from sandbox.slack.model.modals import View
from sandbox.vod import VodSandbox
from storage import Database, SteadyClock
from storage.engine.sqlite import wall_clock_ms
from tests.scene import Scene
from tests.storage.migrated import lay

MOST_STEPS = 20_000
"""A stage that is not at rest after this many steps is running in circles."""


LOOKUPS_WITHIN_S = 20
"""A stage on which something is looked up for longer hangs."""


class MovableClock:
    """The bot's clock: real time plus what a test lets pass, on a wall clock that a test may set."""

    def __init__(self) -> None:
        self.offset_ms = 0
        self.set_by_ms = 0
        self.steady = self._new()

    def restart(self) -> None:
        """Forget what was read before, as a new process does."""
        self.steady = self._new()

    def _new(self) -> SteadyClock:
        return SteadyClock(
            lambda: wall_clock_ms() + self.offset_ms + self.set_by_ms,
            monotonic_ns=lambda: time.monotonic_ns() + self.offset_ms * 1_000_000,
        )

    def __call__(self) -> int:
        return self.steady()

    def advance(self, seconds: float) -> None:
        self.offset_ms += round(seconds * 1000)

    def set_by(self, seconds: float) -> None:
        """Put the wall clock forward, or back; no time passes."""
        self.set_by_ms += round(seconds * 1000)


def environment(slack: SlackSandbox, vod: VodSandbox, database: Path | str, **more: str) -> dict[str, str]:
    """Return the settings of a bot that talks to these two: the demo's, at the fastest pace.

    ``database`` is a SQLite file's path, or the URL of any database.
    """
    return {
        **play.environment(slack, vod),
        "COUNTERSIGN_MESSAGE_SECONDS": "0",
        # In a test a few people do what takes many of them days.
        "COUNTERSIGN_MAX_OPEN": "10000",
        "COUNTERSIGN_MAX_PER_HOUR": "10000",
        "COUNTERSIGN_MAX_DAILY": "100000000",
        "COUNTERSIGN_MAX_DAILY_TEAM": "100000000",
        "COUNTERSIGN_RAMP": "none",
        # Where people are mentioned is said by the tests of that.
        "COUNTERSIGN_MENTION": "nobody",
        # Or what happens in a test would depend on the day on which it runs.
        "COUNTERSIGN_REMINDERS": "no",
        # Where typing the number of items is what a test is about, it says so.
        "COUNTERSIGN_TYPED_FROM": "1000000",
        "DATABASE_URL": database if isinstance(database, str) else f"sqlite:///{database}",
        **more,
    }


class Stage(Scene):
    """A bot between a local Slack and a local VOD. ``settle()`` lets it do everything that is due."""

    def __init__(
        self,
        slack: SlackSandbox,
        vod: VodSandbox,
        database: Path | str,
        settings: Mapping[str, str],
        timings: Timings,
    ) -> None:
        self.slack = slack
        self.vod = vod
        self.clock = MovableClock()
        self._environment = environment(slack, vod, database, **settings)
        self.world = World(now_ms=self.clock, clock=self.clock.steady, timings=timings, time_slice_ms=0)
        self._start()
        slack.rate.enabled = False

    @classmethod
    def open(
        cls,
        slack: SlackSandbox,
        vod: VodSandbox,
        folder: Path,
        *,
        timings: Timings | None = None,
        database_url: str | None = None,
        **settings: str,
    ) -> Self:
        """Start a bot on a new database in ``folder``, or on the one that ``database_url`` names."""
        place = database_url or folder / "countersign.db"
        if isinstance(place, Path) and not place.exists():
            lay(place)
        return cls(slack, vod, place, settings, timings or Timings(resend_after=0))

    def restart(self, meanwhile: Callable[[], None] = lambda: None, **settings: str) -> None:
        """End the program and start it anew, with these settings changed; ``meanwhile`` happens in between."""
        moved = self.program.context.quota._wait == self.clock.advance
        self.close()
        meanwhile()
        self._environment |= settings
        self._start()
        if moved:
            self.let_quota_pass()

    def let_quota_pass(self) -> None:
        """Let turns at VOD's quota cost the bot's time and not the test's.

        The local VOD lives in real time: it counts no calls then, or a fast machine would be throttled.
        """
        self.vod.quotas.update(dict.fromkeys(self.vod.quotas))
        self.program.context.quota._wait = self.clock.advance

    def close(self) -> None:
        self.program.stop.request()
        self._end()
        self.program.lookups.end(LOOKUPS_WITHIN_S)
        self.program.database.close()

    @property
    def database(self) -> Database:
        return self.program.database

    @property
    def url(self) -> str:
        """Where the record is kept, as DATABASE_URL says it."""
        return self._environment["DATABASE_URL"]

    def settle(self) -> None:
        """Do jobs and send messages until nothing is due, and show what people look up."""
        assert self.program.lookups.settle(LOOKUPS_WITHIN_S)
        for _ in range(MOST_STEPS):
            worked = work.run_one(self.program.context)
            announced = self.announcer.step()
            shown = self.program.homes.step()
            if not worked and not announced and not shown:
                return
        raise AssertionError("the stage does not come to rest")

    def settle_messages(self) -> None:
        """Send messages until none is due, and do no jobs."""
        while self.announcer.step():
            pass

    def say(self, who: str, text: str, channel: str = "vod-deletions") -> Delivery:
        """Type a command and let everything that follows happen."""
        delivery = self.slack.say(who, text, channel=channel)
        self.settle()
        return delivery

    def send_form(self, who: str, answers: dict[str, str], view: View | None = None) -> Delivery:
        """Fill in the form and propose it; a file is then read by the worker alone."""
        reading = self.program.context.lists._one_at_a_time  # type: ignore[attr-defined] # SlackListFiles
        is_ours = reading.acquire(blocking=False)
        try:
            checked = self.slack.submit(who, answers, view)
            assert self.program.lookups.settle(LOOKUPS_WITHIN_S)
        finally:
            if is_ours:
                reading.release()
        return checked if checked.field_errors or checked.error else self.slack.submit(who, {})

    def propose(self, who: str, what: str, reason: str = "rights expired") -> int:
        """Propose ``what`` (all that follows ``/vod delete``); return the proposal's number."""
        delivery = self.say(who, f'/vod delete {what} --reason "{reason}"')
        assert delivery.reply is not None, delivery
        word = next(word for word in delivery.reply.text.split() if word.startswith("#"))
        return int(word[1:])

    def click(self, who: str, button: str, number: int, **more: Any) -> Delivery:
        """Press a button of a proposal's card and let everything that follows happen."""
        delivery = self.slack.click(who, button, match=f"#{number}", **more)
        assert delivery.error is None, delivery
        self.settle()
        return delivery

    def advance(self, seconds: float) -> None:
        """Let time pass for the bot, then let it act."""
        self.clock.advance(seconds)
        if self.program.context.trust.is_hidden:
            # The thread that watches the channels finds the end of an outage.
            anchoring.look(self.program.context)
        self.settle()

    def until(self, weekday: int, hour: int) -> None:
        """Let time pass until it is that hour (UTC) of that weekday, 0 being Monday."""
        now = datetime.fromtimestamp(self.clock() / 1000, UTC)
        there = now.replace(hour=hour, minute=0, second=0) + timedelta(days=(weekday - now.weekday()) % 7)
        self.advance((there - now + timedelta(days=7 if there < now else 0)).total_seconds())

    def _start(self) -> None:
        self.settings: Settings = load(self._environment)
        self.clock.restart()
        self.world = replace(self.world, clock=self.clock.steady)
        self.program = self._assemble()
        server, self._end = program.serve(self.program)
        self.port = server.bind_addr[1]
        self.events_url = f"http://127.0.0.1:{self.port}/slack/events"
        self.slack.connect(self.events_url)

    def _assemble(self) -> Program:
        database = wiring.open_database(self.settings, self.world)
        database.migrate()
        leaps.resume(database, self.world.clock)
        self._workspace = program.identify(clients.slack_client(self.settings, timeout_s=10))
        made = self.assemble_on(database)
        self.announcer = made.announcer
        return made

    def assemble_on(self, database: Database) -> Program:
        """Put one more program together, on a database of the test's own; nothing of it is started."""
        return wiring.assemble(self.settings, self._workspace, database, world=self.world)


Opener = Callable[..., Stage]
