"""Stages that wait for nothing: a turn at VOD's quota is waited for by moving the bot's clock."""

import pytest

from tests.stage import Opener, Stage


@pytest.fixture
def open_stage(open_stage: Opener) -> Opener:
    """Open stages with settings of the test's own; they are closed with the test."""

    def opener(**settings: object) -> Stage:
        opened = open_stage(**settings)
        opened.program.context.quota._wait = opened.clock.advance
        return opened

    return opener
