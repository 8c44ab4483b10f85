"""Stages that wait for nothing: VOD's quota moves the bot's clock, and both sandboxes end at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.e2e.running import Running
from tests.stage import Opener, Stage
from tests.storage.postgres import Server

Starter = Callable[..., Running]


@pytest.fixture
def sandboxes() -> Iterator[tuple[SlackSandbox, VodSandbox]]:
    """Start a local Slack and a local VOD; neither must have been asked for what it does not know."""
    slack, vod = SlackSandbox.start(environ={}), VodSandbox.start()
    yield slack, vod
    with ThreadPoolExecutor() as pool:
        ends = [pool.submit(slack.stop), pool.submit(vod.stop)]
    assert [end.result() for end in ends] == [None, None]
    assert slack.unknown_calls == []
    assert vod.unknown_calls == ()


@pytest.fixture
def local_slack(sandboxes: tuple[SlackSandbox, VodSandbox]) -> SlackSandbox:
    return sandboxes[0]


@pytest.fixture
def local_vod(sandboxes: tuple[SlackSandbox, VodSandbox]) -> VodSandbox:
    return sandboxes[1]


@pytest.fixture
def open_stage(open_stage: Opener) -> Opener:
    """Open stages with settings of the test's own; they are closed with the test."""

    def opener(**settings: object) -> Stage:
        opened = open_stage(**settings)
        opened.program.context.quota._wait = opened.clock.advance
        return opened

    return opener


@pytest.fixture
def started(
    local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Starter]:
    """Start bots in processes of their own, on the engine of that name; none outlives the test."""
    opened: list[Running] = []

    def starter(engine: str = "sqlite", *, instances: int = 1, **settings: str) -> Running:
        url = None
        if engine == "postgres":
            server: Server = request.getfixturevalue("postgres")
            url = server.empty_database()
        opened.append(
            Running.prepare(local_slack, local_vod, tmp_path, instances=instances, database_url=url, **settings)
        )
        opened[-1].start()
        return opened[-1]

    yield starter
    for each in opened:
        each.close()
