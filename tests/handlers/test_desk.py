"""How a listener that breaks ends: first the person, then the log."""

import pytest
from structlog.testing import capture_logs

from handlers.slack.guard import guarded


def broken() -> None:
    raise OSError("the disk")


def test_the_person_is_told_before_the_log_is_written() -> None:
    told: list[tuple[str, int]] = []
    with capture_logs() as logged:
        guarded("click", broken, lambda text: told.append((text, len(logged))))
    ((text, logged_before),) = told
    (entry,) = logged
    assert entry["fault"] in text
    assert logged_before == 0
    assert isinstance(entry["exc_info"][1], OSError)


def test_it_is_logged_even_when_the_person_cannot_be_told() -> None:
    def answer(_: str) -> None:
        raise ConnectionError("no answer")

    with capture_logs() as logged, pytest.raises(ConnectionError, match="no answer"):
        guarded("click", broken, answer)
    (entry,) = logged
    assert isinstance(entry["exc_info"][1], OSError)
