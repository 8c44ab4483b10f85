"""A few hundred of the requests that ``make fuzz`` brings by the fifty thousand."""

from pathlib import Path

from tests.handlers.slack import fuzzing

KINDS = {"command", "block_actions", "view_submission", "shortcut", "message_action", "event_callback"}


def test_whatever_is_brought_is_answered_and_breaks_nothing(tmp_path: Path) -> None:
    found = fuzzing.run(300, 13, tmp_path)
    assert found.bad == []
    assert set(found.tried) == KINDS
