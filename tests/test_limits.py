"""A run of tests ends, whatever its tests wait for, and what they started ends with it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.background import ROOT, in_background
from tests.e2e.running import wait_for

CONFTEST = """
import os
from tests.limits import Limits

def pytest_configure(config):
    config.pluginmanager.register(Limits(os.dup(2), grace_s=1, leave_within_s=1))
"""

BEGINNING = """
import subprocess, threading
from pathlib import Path

def started():
    sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
    Path("started").write_text(str(sleeper.pid))
    return sleeper
"""

WAITS = f"""{BEGINNING}
def test_waits():
    sleeper = started()
    try:
        Path("waits").touch()
        sleeper.wait()
    finally:
        sleeper.kill()
        sleeper.wait()
        Path("cleaned_up").touch()

def test_of_the_same_run():
    Path("went_on").touch()
"""

STUCK = f"""{BEGINNING}
def test_waits_twice():
    started()
    try:
        threading.Event().wait()
    finally:
        threading.Event().wait()
"""

LEFT_OVER = f"""{BEGINNING}
def test_leaves_a_thread_and_a_process():
    started()
    threading.Thread(target=threading.Event().wait).start()
    assert False
"""


@contextmanager
def running(tests: str, folder: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """Run these tests, as a script does in the background."""
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_it.py").write_text(tests, encoding="utf-8")
    command = ["-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", ".", *options, "test_it.py"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with in_background(*command, environ=environ, folder=folder) as process:
        yield process


def run(tests: str, folder: Path, *options: str) -> tuple[int, str]:
    """Run these tests with a limit of a second; return the exit code and what was said."""
    with running(tests, folder, "--timeout", "1", *options) as process:
        said, errors = process.communicate(timeout=60)
    return process.returncode, said + errors


def is_running(folder: Path) -> bool:
    """Say whether the process that the test started lives."""
    stat = Path("/proc") / (folder / "started").read_text(encoding="utf-8") / "stat"
    return stat.exists() and stat.read_text(encoding="utf-8").split()[2] != "Z"


@pytest.mark.parametrize("options", [(), ("-n", "1")])
def test_a_test_over_its_limit_is_cleaned_up_after_and_the_run_goes_on(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    code, said = run(WAITS, tmp_path, *options)

    assert (code, "Timeout (>1.0s)" in said) == (1, True), said
    assert (tmp_path / "cleaned_up").exists()
    assert (tmp_path / "went_on").exists()
    assert not is_running(tmp_path)


@pytest.mark.parametrize("options", [(), ("-n", "1")])
def test_a_test_that_goes_on_waiting_after_its_limit_ends_its_process_and_what_it_started(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    code, said = run(STUCK, tmp_path, *options)

    assert (code, "this is where they are" in said, "in test_waits_twice" in said) == (1, True, True), said
    assert not is_running(tmp_path)


def test_what_a_failed_test_leaves_running_keeps_nobody_waiting(tmp_path: Path) -> None:
    code, said = run(LEFT_OVER, tmp_path)

    assert (code, "1 failed" in said, "this is where they are" in said) == (1, True, True), said
    assert not is_running(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_in_the_background_that_is_asked_to_end_cleans_up(number: signal.Signals, tmp_path: Path) -> None:
    with running(WAITS, tmp_path) as process:
        wait_for((tmp_path / "waits").exists, "a test waits")
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == pytest.ExitCode.INTERRUPTED, said
    assert (tmp_path / "cleaned_up").exists()
    assert not (tmp_path / "went_on").exists()
    assert not is_running(tmp_path)
