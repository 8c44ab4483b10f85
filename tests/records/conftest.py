"""A bot that is started on a record which an earlier version left, in the moment in which it was left."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.records import laying
from tests.records.laying import Kept
from tests.stage import Stage
from tests.storage.postgres import Server

SETTINGS = {
    "COUNTERSIGN_PROPOSERS": "members",
    "COUNTERSIGN_EXPIRES_HOURS": "48",
    "COUNTERSIGN_EXECUTE_HOURS": "48",
}


class LaterStage(Stage):
    """A stage whose bot starts at ``STARTS_MS`` by its own clock, and not today."""

    STARTS_MS = 0

    def _start(self) -> None:
        self.clock.offset_ms += self.STARTS_MS - self.clock()
        super()._start()
        self.let_quota_pass()


Opener = Callable[[Kept, str], Stage]


@pytest.fixture
def local_vod() -> Iterator[VodSandbox]:
    with VodSandbox.start(seed_library=False, address=laying.ADDRESS) as vod:
        yield vod
        assert vod.unknown_calls == ()


@pytest.fixture
def go_on_with(
    local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Opener]:
    """Start today's bot on an earlier record, on the engine of that name; nothing is done or sent yet."""
    opened: list[Stage] = []

    def opener(kept: Kept, engine: str) -> Stage:
        url, place = None, str(tmp_path / "countersign.db")
        if engine == "postgres":
            server: Server = request.getfixturevalue("postgres")
            url = place = server.empty_database()
        kept.lay_down(engine, place)
        kept.put_media(local_vod)
        kept.put_messages(local_slack)

        class Later(LaterStage):
            STARTS_MS = kept.now_ms

        opened.append(Later.open(local_slack, local_vod, tmp_path, timings=None, database_url=url, **SETTINGS))
        return opened[-1]

    yield opener
    for stage in opened:
        stage.close()
