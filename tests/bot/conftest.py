"""A bot shared by the tests of a module, an environment without anybody's settings, and the log as it comes."""

import logging
import os
import threading
from collections.abc import Iterator

import pytest
import structlog

from bot.settings import Settings
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.stage import Stage

FOREIGN = ("SLACK_", "VOD_", "COUNTERSIGN_", "ALIYUN_", "ALIBABA_")
QUIETED = ("slack_bolt", "slack_sdk", "httpx", "httpcore", "aliyunsdkcore")


class Logged:
    """The events logged so far; `until` waits for one."""

    def __init__(self) -> None:
        self.entries: list[structlog.typing.EventDict] = []
        self._more = threading.Condition()

    def __call__(
        self, _logger: object, _method: str, entry: structlog.typing.EventDict
    ) -> structlog.typing.ProcessorReturnValue:
        with self._more:
            self.entries.append(entry)
            self._more.notify_all()
        raise structlog.DropEvent

    def named(self, event: str) -> list[structlog.typing.EventDict]:
        return [entry for entry in list(self.entries) if entry["event"] == event]

    def until(self, event: str, *, times: int = 1, timeout_s: float = 20) -> structlog.typing.EventDict:
        with self._more:
            assert self._more.wait_for(lambda: len(self.named(event)) >= times, timeout_s), self.entries
        return self.named(event)[times - 1]


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away every variable that the bot or its libraries read."""
    known = {name.upper() for name in Settings.model_fields}
    for name in list(os.environ):
        if name in known or name.startswith(FOREIGN) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Undo what `logs.configure` does to the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in QUIETED}
    yield
    root.handlers, root.level = handlers, level
    logging.getLogger("slack_bolt").filters.clear()
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


@pytest.fixture
def logged() -> Logged:
    """Take what the bot logs instead of letting it be printed."""
    taken = Logged()
    structlog.configure(processors=[taken])
    return taken


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all tests of a module: they must not mind what the others left behind."""
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        stage = Stage.open(slack, vod, tmp_path_factory.mktemp("served"))
        yield stage
        stage.close()
        assert slack.unknown_calls == []
