import threading
from datetime import UTC, datetime

import pytest

from sandbox.clock import Clock
from sandbox.slack.model.messages import Draft
from sandbox.slack.model.workspace import Workspace

DELETIONS = "C0VODDELETE"


class StoppedClock(Clock):
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


def test_timestamps_differ_even_when_time_stands_still() -> None:
    workspace = Workspace(StoppedClock())
    stamps = [workspace.post(DELETIONS, Draft(user="U0ANA4K2M7Q", text="x")).ts for _ in range(3)]
    assert stamps == ["1767225600.000000", "1767225600.000001", "1767225600.000002"]
    assert workspace.last_ts() == stamps[-1]


def test_who_waits_is_woken_by_a_change() -> None:
    workspace = Workspace(Clock())
    poster = threading.Thread(target=lambda: workspace.post(DELETIONS, Draft(user="U0ANA4K2M7Q", text="x")))
    with workspace.changed:
        poster.start()
        assert workspace.wait_until(lambda: len(workspace.history(DELETIONS)) == 1)
    poster.join()
    assert not workspace.wait_until(lambda: False, timeout_s=0.01)


def test_a_file_or_group_that_is_not_there_is_told() -> None:
    workspace = Workspace(Clock())
    with pytest.raises(LookupError, match="F9"):
        workspace.file("F9")
    with pytest.raises(LookupError, match="nobodies"):
        workspace.change_user_group("nobodies", ())
    with pytest.raises(LookupError, match="no direct message"):
        workspace.direct("U0RON3C7VTB")
