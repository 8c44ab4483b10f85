"""Stages that wait for nothing: VOD's quota moves the bot's clock, and both sandboxes end at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
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
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        yield slack, vod
        _end_at_once(slack, vod)
    assert slack.unknown_calls == []
    assert vod.unknown_calls == ()


def _end_at_once(slack: SlackSandbox, vod: VodSandbox) -> None:
    with ThreadPoolExecutor() as pool:
        ends = [pool.submit(slack.stop), pool.submit(vod.stop)]
    assert [end.result() for end in ends] == [None, None]


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
        opened.let_quota_pass()
        return opened

    return opener


@pytest.fixture
def started(
    local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Starter]:
    """Start bots in processes of their own, on the engine of that name; none outlives the test."""
    with ExitStack() as opened:

        def starter(engine: str = "sqlite", *, instances: int = 1, **settings: str) -> Running:
            url = None
            if engine == "postgres":
                server: Server = request.getfixturevalue("postgres")
                url = server.new_record()
            running = Running.prepare(
                local_slack, local_vod, tmp_path, instances=instances, database_url=url, **settings
            )
            opened.callback(running.close)
            running.start()
            return running

        yield starter
