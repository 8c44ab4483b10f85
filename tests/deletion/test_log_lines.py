"""A line of the program's log per event: by its name, with the proposal's number, and never what people wrote."""

import pytest
from structlog.testing import capture_logs

from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.log_lines import log_event
from deletion.terms.ids import freeze_ref, proposal_ref
from tests.deletion.every_event import EVERY, HOSTILE


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_every_event_has_one_line_without_outside_words(event: Event) -> None:
    with capture_logs() as logged:
        log_event(event)
    (line,) = logged
    assert line["event"] == (event.named if isinstance(event, events.UnknownEvent) else event.action)
    assert line["proposal"] == event.about.proposal
    assert HOSTILE not in repr(line)
    assert all(value is None or isinstance(value, str | int) for value in line.values())


def test_a_line_says_who_and_how_many() -> None:
    with capture_logs() as logged:
        log_event(events.VoteCounted(about=proposal_ref(4), counted=1, needed=2))
        log_event(events.FreezeBegun(about=freeze_ref(3), why="wrong folder"))
    assert logged[0] == {
        "event": "vote.counted",
        "log_level": "info",
        "proposal": 4,
        "actor": None,
        "vote": None,
        "counted": 1,
        "needed": 2,
    }
    assert logged[1]["freeze"] == 3


def test_a_line_says_how_many_refusals_were_counted() -> None:
    with capture_logs() as logged:
        log_event(next(event for event in EVERY if isinstance(event, events.RefusalsCounted)))
    assert (logged[0]["refused"], logged[0]["count"]) == ("vote.refused", 10**6)


def test_what_is_no_event_is_passed_over() -> None:
    with capture_logs() as logged:
        log_event("something else")
    assert logged == []
