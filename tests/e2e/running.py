"""The real program in processes of its own, stopped and killed: `python -m bot run` on local Slack and VOD."""

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import storage
from demo.bot_process import BotProcess
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from storage import Database
from tests.scene import Scene
from tests.stage import environment


def wait_for(holds: Callable[[], bool], what: str, *, timeout_s: float = 30) -> None:
    """Return as soon as something holds; AssertionError when it does not in time."""
    nobody = threading.Event()
    for _ in range(round(timeout_s / 0.01)):
        if holds():
            return
        nobody.wait(0.01)
    raise AssertionError(f"waited {timeout_s} s for this in vain: {what}")


def measured(what: str) -> None:
    """Tell a number to whoever asks for the output (pytest -rP)."""
    sys.stdout.write(f"{what}\n")


class RunningBot(BotProcess):
    """A bot's process; it may be killed and started again. ``url`` is where it listened last."""

    def __init__(self, slack: SlackSandbox, vod: VodSandbox, log: Path, database_url: str, **settings: str) -> None:
        self.url = ""
        super().__init__(self._listens_at, environment(slack, vod, database_url, **settings), log)

    @property
    def log(self) -> str:
        """Return all that it wrote to its standard error."""
        return self._log.read_text(encoding="utf-8")

    def _listens_at(self, url: str) -> None:
        self.url = url


class Running(Scene):
    """Bots in processes of their own, on one record, one local Slack and one local VOD."""

    def __init__(self, slack: SlackSandbox, vod: VodSandbox, database_url: str, bots: list[RunningBot]) -> None:
        self.slack = slack
        self.vod = vod
        self.bots = bots
        self.database_url = database_url
        self._database = storage.parse(database_url).open()
        slack.rate.enabled = False

    @classmethod
    def prepare(
        cls,
        slack: SlackSandbox,
        vod: VodSandbox,
        folder: Path,
        *,
        instances: int = 1,
        database_url: str | None = None,
        **settings: str,
    ) -> Self:
        """Make so many bots on a new record in ``folder``, or on the one of that URL; start none."""
        url = database_url or f"sqlite:///{folder}/countersign.db"
        bots = [RunningBot(slack, vod, folder / f"bot-{n}.log", url, **settings) for n in range(instances)]
        return cls(slack, vod, url, bots)

    @property
    def database(self) -> Database:
        return self._database

    @property
    def bot(self) -> RunningBot:
        """The first of them."""
        return self.bots[0]

    @property
    def log(self) -> str:
        """Return all that they wrote to their standard errors."""
        return "".join(bot.log for bot in self.bots)

    def start(self) -> None:
        """Start those that do not run, and let Slack deliver to all of them in turn."""
        waking = [bot for bot in self.bots if not bot.is_running()]
        for bot in waking:
            bot.launch()
        for bot in waking:
            bot.wait_until_ready()
        self.slack.connect(*(bot.url for bot in self.bots))

    def end(self) -> list[int]:
        """Ask all of them to end; return their exit codes."""
        return [bot.end() for bot in self.bots]

    def close(self) -> None:
        """Leave nothing running."""
        with ExitStack() as open_still:
            open_still.callback(self._database.close)
            for bot in self.bots:
                open_still.callback(bot.kill)

    def let_leases_run_out(self, *tables: str, held_until_ms: int = 2**62) -> None:
        """Make it so that what was held in these tables, at most until then, is free: as it would be by itself."""
        for table in tables:
            query = f"UPDATE {table} SET lease_ms = 0 WHERE lease_ms <= :until"  # noqa: S608 - the names are in tests
            self.database.write(lambda tx, query=query: tx.run(query, until=held_until_ms))  # type: ignore[misc] # mypy cannot infer a lambda's default

    def propose(self, what: str, who: str = "ana") -> int:
        """Propose ``what`` and wait for the card, and for the list that may go with it; return its number."""
        delivery = self.slack.say(who, f"/vod delete {what} --reason x")
        assert delivery.reply is not None, delivery
        number = int(delivery.reply.text.split()[1].removeprefix("#"))
        wait_for(lambda: self.view(number).row.card_ts is not None and self.all_is_told(), f"the card of #{number}")
        return number

    def all_is_told(self) -> bool:
        """Say whether no message is owed and the audit channel shows the newest event."""
        query = """
            SELECT (SELECT count(*) FROM outbox WHERE state <> 'sent') AS owed,
                   (SELECT seq - posted_seq FROM audit_head) AS untold
            """
        return self.database.read(lambda tx: tx.one(query)) == {"owed": 0, "untold": 0}
