"""Fixtures for tests of what people read: one played day of the whole bot, and the announcer alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deletion.audit.messages import delivery
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.handlers.story import play
from tests.handlers.wire import Wire
from tests.stage import Stage


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A bot to which everything has happened once; read it only."""
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        stage = Stage.open(slack, vod, tmp_path_factory.mktemp("story"))
        try:
            with capture_logs():
                play(stage)
            yield stage
        finally:
            stage.close()


@pytest.fixture
def wire(local_slack: SlackSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    # What is owed is owed by hand: no message about the card beside those of the test.
    monkeypatch.setattr(delivery, "tell_proposer", lambda *_: None)
    wire = Wire(local_slack, tmp_path)
    yield wire
    wire.database.close()
