import os
import signal
import threading
from pathlib import Path

import pytest

from sandbox.workbench import build
from tests.e2e.running import wait_for


def test_a_machine_without_node_is_told_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build, "find_spec", lambda _name: None)
    told: list[str] = []
    assert build.build_page(tmp_path / "page", say=told.append) is None
    assert told == [build.NO_NODE]


def test_a_page_made_from_these_sources_is_not_built_again(page_folder: Path) -> None:
    told: list[str] = []
    assert build.build_page(page_folder, say=told.append) == page_folder
    assert told == []


def test_a_build_that_fails_is_told_and_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho no packages today\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    told: list[str] = []
    assert build.build_page(tmp_path / "page", say=told.append) is None
    assert "no packages today" in told[-1]


def test_whoever_interrupts_a_build_leaves_nothing_running(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = "sleep 600 & echo $! > being-written; mv being-written started; wait"

    def interrupt() -> None:
        wait_for(started.exists, "the build runs")
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        build.run_whole(["sh", "-c", script], tmp_path, dict(os.environ))
    interrupting.join()
    left = Path("/proc") / started.read_text(encoding="utf-8").strip() / "stat"
    wait_for(lambda: not left.exists() or left.read_text().rpartition(")")[2].split()[0] == "Z", "it has ended")


def test_the_lock_names_no_hosts() -> None:
    assert '"resolved"' not in (build.SOURCES / "package-lock.json").read_text(encoding="utf-8")
