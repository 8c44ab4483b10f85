"""Where the torture happens: a local Slack, a local VOD and a record on one engine, all that bots are given."""

import logging
import os
import random
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sandbox.slack import SlackSandbox
from sandbox.vod import Fault, FaultKind, VodSandbox
from sandbox.vod.model.faults import Faults, is_delete
from storage import Database, parse
from tests.stage import environment
from tests.storage.postgres import Server

ENGINES = ("sqlite", "postgres")

LEASE_S = 2.0

DELETES_PER_S = 7
"""What the local VOD takes of DeleteVideo: less than the bot believes (30), so that it is throttled as well."""

ANSWERS_AFTER_S = (0.05, 0.6)
"""How long a delete call takes, as with a VOD that is far away: a kill is to find calls under way."""


class FarAway(Faults):
    """The faults of a VOD whose delete calls take their time when nothing else is wrong with them."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng

    def take(self, action: str, ids: Iterable[str]) -> Fault | None:
        """Return what was ordered, otherwise nothing but delay."""
        named = list(ids)
        ordered = super().take(action, named)
        if ordered is not None or not is_delete(action):
            return ordered
        return Fault(FaultKind.TIMEOUT, action, seconds=self._rng.uniform(*ANSWERS_AFTER_S))


@dataclass(frozen=True)
class Arena:
    """One Slack, one VOD, one empty record. ``folder`` is for logs."""

    engine: str
    slack: SlackSandbox
    vod: VodSandbox
    url: str
    folder: Path
    database: Database

    def environment(self, **more: str) -> dict[str, str]:
        """Return all that a bot's process is told."""
        settings = {
            "COUNTERSIGN_LEASE_SECONDS": str(LEASE_S),
            "COUNTERSIGN_HOLD_SECONDS": "0",
            "COUNTERSIGN_MAX_ITEMS": "100000",
            "COUNTERSIGN_RAMP": "1 for 1s, 20 for 1s, 20% for 2s",
            "COUNTERSIGN_MAX_GIGABYTES": "1000000",
            # An item that three killed workers in a row had in hand is called failed; the others go on.
            "COUNTERSIGN_STOP_ON": "none",
            "COUNTERSIGN_WORKER_THREADS": "1",
            "LOG_LEVEL": "INFO",
        }
        told = environment(self.slack, self.vod, self.url, **{**settings, **more})
        return {"PATH": os.environ["PATH"], **told}

    def rows(self, sql: str, **params: str | int) -> list[dict[str, Any]]:
        """Ask the record."""
        return self.database.read(lambda tx: tx.rows(sql, **params))

    def number(self, sql: str, **params: str | int) -> int:
        """Ask the record for one number, ``n``."""
        return int(self.rows(sql, **params)[0]["n"])

    def is_told(self) -> bool:
        """Say whether no message is owed and the audit channel shows the newest event."""
        unsent = self.number("SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending')")
        untold = self.number("SELECT seq - posted_seq AS n FROM audit_head")
        return unsent == 0 and untold == 0

    def let_leases_run_out(self) -> None:
        """Make it as it would be a minute later. Only while no process lives: what it held would be taken twice."""
        for table in ("jobs", "calls", "lanes"):
            self.database.write(lambda tx, table=table: tx.run(f"UPDATE {table} SET lease_ms = 0"))  # type: ignore[misc] # noqa: S608 - mypy cannot infer a lambda's default; the names are above
        self.database.write(lambda tx: tx.run("UPDATE lanes SET next_allowed_ms = 0"))


@contextmanager
def opened(engine: str, seed: int, *, is_far: bool = True) -> Iterator[Arena]:
    """Start everything but the bots; leave nothing of it behind."""
    # A bot that is killed in the middle of a request leaves half of one behind, and the servers say so at length.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        # Not in pytest's folder, which every pytest that starts closes to others: PostgreSQL runs as somebody else.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="torture-")))
        url = f"sqlite:///{folder}/countersign.db" if engine == "sqlite" else _postgres(stack)
        database = parse(url).open()
        stack.callback(database.close)
        database.migrate()
        slack = stack.enter_context(SlackSandbox.start(environ={}))
        vod = stack.enter_context(VodSandbox.start(seed_library=False))
        if is_far:
            vod._gateway.faults = FarAway(random.Random(seed))  # noqa: S311 - a delay
        slack.rate.enabled = False
        vod.quotas.update({**dict.fromkeys(vod.quotas), "DeleteVideo": DELETES_PER_S})
        yield Arena(engine, slack, vod, url, folder, database)


def _postgres(stack: ExitStack) -> str:
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="postgres-")))
    server = Server(folder / "data")
    stack.callback(server.stop)
    return server.url
