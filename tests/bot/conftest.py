"""A bot shared by the tests of a module, and an environment without anybody's settings."""

import os
from collections.abc import Callable, Iterator

import pytest

from bot.settings import Settings
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.stage import Stage

FOREIGN = ("SLACK_", "VOD_", "COUNTERSIGN_", "ALIYUN_", "ALIBABA_")


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away every variable that the bot or its libraries read."""
    known = {name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name in known or name.startswith(FOREIGN) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all tests of a module: they must not mind what the others left behind."""
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        stage = Stage.open(slack, vod, tmp_path_factory.mktemp("served"))
        yield stage
        stage.close()
        assert slack.unknown_calls == []


Environment = Callable[..., dict[str, str]]
