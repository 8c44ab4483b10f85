"""The demo as a process: however it was started, it ends when it is asked to, and its bot with it."""

import signal
from pathlib import Path

import pytest

from demo.bot_process import surroundings
from demo.play import FOLDER
from tests.background import ROOT, in_background
from tests.e2e.running import wait_for


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_a_script_started_in_the_background_ends_when_asked_to_and_so_does_its_bot(
    number: signal.Signals, tmp_path: Path
) -> None:
    log = tmp_path / FOLDER / "bot.log"
    environ = surroundings({"PYTHONPATH": str(ROOT)})
    with in_background("-m", "demo", "--once", environ=environ, folder=tmp_path) as playing:
        wait_for(lambda: log.exists() and '"program.started"' in log.read_text(encoding="utf-8"), "the bot runs")
        playing.send_signal(number)
        told, errors = playing.communicate(timeout=60)

    assert (playing.returncode, errors) == (0, "")
    assert told.endswith("The demo is over.\n")
    assert '"program.ended"' in log.read_text(encoding="utf-8")
