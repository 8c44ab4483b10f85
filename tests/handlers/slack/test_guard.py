"""How a listener that breaks ends: first the person, then the log."""

import pytest
from structlog.testing import capture_logs

from deletion.jobs.record import BusyError
from handlers.slack.guard import guard
from handlers.text.language import ENGLISH, Language


def english() -> Language:
    return ENGLISH


def broken(_: Language) -> None:
    raise OSError("the disk")


def test_the_person_is_told_before_the_log_is_written() -> None:
    told: list[tuple[str, int]] = []
    with capture_logs() as logged:
        guard("click", english, broken, lambda text: told.append((text, len(logged))))
    ((text, logged_before),) = told
    (entry,) = logged
    assert entry["reference"] in text
    assert logged_before == 0
    assert isinstance(entry["exc_info"][1], OSError)


def test_who_waited_for_others_too_long_is_asked_to_do_it_again_and_is_no_fault_in_the_log() -> None:
    def waits(_: Language) -> None:
        raise BusyError("another write takes too long")

    told: list[str] = []
    with capture_logs() as logged:
        guard("click", english, waits, told.append)
    (text,), (entry,) = told, logged
    assert text.startswith("Countersign's record did not answer")
    assert "Do it once more" in text
    assert (entry["event"], entry["log_level"]) == ("listener.busy", "warning")
    assert "exc_info" not in entry


def test_it_is_logged_even_when_the_person_cannot_be_told() -> None:
    def answer(_: str) -> None:
        raise ConnectionError("no answer")

    with capture_logs() as logged, pytest.raises(ConnectionError, match="no answer"):
        guard("click", english, broken, answer)
    (entry,) = logged
    assert isinstance(entry["exc_info"][1], OSError)


def test_a_language_that_cannot_be_found_out_is_no_reason_for_silence() -> None:
    def unknown() -> Language:
        raise OSError("the disk")

    told: list[str] = []
    with capture_logs() as logged:
        guard("click", unknown, lambda _: told.append("worked"), told.append)
    (text,) = told
    assert text.startswith(f"Internal error (reference `{logged[0]['reference']}`). It deleted nothing.")
