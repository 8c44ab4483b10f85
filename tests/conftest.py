"""Fixtures shared by all tests: a local Slack, a local VOD, and a bot between them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog

from deletion.jobs.context import Timings
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.limits import Limits
from tests.stage import Opener, Stage
from tests.storage.postgres import Server

ALONE = (
    "tests/benchmarks/",
    "tests/bot/test_processes.py",
    "tests/e2e/test_busy_record.py",
    "tests/e2e/test_click_storm_processes.py",
    "tests/e2e/test_freeze_in_flight.py",
    "tests/e2e/test_kill.py",
    "tests/e2e/test_outages_engines.py",
    "tests/e2e/test_postgres.py",
    "tests/torture/",
    "tests/workbench/",
)
"""Tests that use the whole machine, or measure what somebody else's work would disturb."""

UNTRACED = (
    "tests/deletion/test_calls.py",
    "tests/deletion/test_planted_bugs.py",
    "tests/deletion/test_promises.py",
    "tests/e2e/",
    "tests/evidence/",
    "tests/handlers/commands/test_file_corpus.py",
    "tests/handlers/commands/test_pasted.py",
    "tests/handlers/test_long_day.py",
    "tests/planted/",
    "tests/records/",
)
"""Tests that go the same ways over and over: measuring which ones would double the time they take."""

TRACED = (
    "tests/e2e/test_freeze.py",
    "tests/e2e/test_levels.py",
    "tests/e2e/test_lists_from_files.py",
    "tests/e2e/test_main_job.py",
    "tests/e2e/test_outages.py",
    "tests/e2e/test_stop.py",
)
"""Those among them that show what the others go through."""


LIMITS_S = {
    "tests/benchmarks/": 300,
    "tests/e2e/test_freeze_in_flight.py": 300,
    # The first of them lets everything happen once.
    "tests/handlers/commands/test_over_http.py": 300,
    "tests/planted/": 300,
    "tests/torture/": 400,
    # The first of them installs the page's packages and builds it.
    "tests/workbench/": 600,
}
"""Seconds for a test that needs more than pyproject.toml gives to each."""


def pytest_configure(config: pytest.Config) -> None:
    """Limit the time; write tracebacks plainly: the pretty ones take a second of a busy machine."""
    # What pytest captures comes later: this is the real one.
    config.pluginmanager.register(Limits(os.dup(2)))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what must not run beside other tests, what is run without measuring coverage, and what takes long."""
    for item in items:
        if item.nodeid.startswith(ALONE):
            item.add_marker(pytest.mark.alone)
        elif item.nodeid.startswith(UNTRACED) and not item.nodeid.startswith(TRACED):
            item.add_marker(pytest.mark.untraced)
        for path, seconds in LIMITS_S.items():
            if item.nodeid.startswith(path):
                item.add_marker(pytest.mark.timeout(seconds))


@pytest.fixture
def local_slack() -> Iterator[SlackSandbox]:
    with SlackSandbox.start(environ={}) as slack:
        yield slack
        assert slack.unknown_calls == []


@pytest.fixture
def local_vod() -> Iterator[VodSandbox]:
    with VodSandbox.start() as vod:
        yield vod
        assert vod.unknown_calls == ()


@pytest.fixture
def open_stage(local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path) -> Iterator[Opener]:
    """Open stages with settings of the test's own; they are closed with the test."""
    with ExitStack() as opened:

        def opener(timings: Timings | None = None, database_url: str | None = None, **settings: str) -> Stage:
            stage = Stage.open(
                local_slack, local_vod, tmp_path, timings=timings, database_url=database_url, **settings
            )
            opened.callback(stage.close)
            return stage

        yield opener


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL, from its wheel, for the whole run."""
    # Not in pytest's folder, which every pytest that starts closes to others: root's server runs as somebody else.
    with TemporaryDirectory(prefix="postgres-") as folder:
        server = Server(Path(folder) / "data")
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(autouse=True)
def no_deadlocks() -> Iterator[None]:
    """Hold that locks are taken in one order: a brake that was a deadlock's victim would come a second later."""
    yield
    for server in Server.running:
        assert not server.new_deadlocks()


@pytest.fixture
def stage_on(open_stage: Opener, request: pytest.FixtureRequest) -> Opener:
    """Open a stage whose record is on the engine of that name, ``sqlite`` or ``postgres``."""

    def opener(engine: str, **settings: str) -> Stage:
        if engine == "sqlite":
            return open_stage(**settings)
        server: Server = request.getfixturevalue("postgres")
        return open_stage(database_url=server.new_record(), **settings)

    return opener


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage()
