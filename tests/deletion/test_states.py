from itertools import product
from pathlib import Path

import pytest

from deletion.terms import states
from deletion.terms.states import OPEN, TABLE, TERMINAL, Event, IllegalEventError, State

COLLECTING, PENDING, APPROVED, EXECUTING = State.COLLECTING, State.PENDING, State.APPROVED, State.EXECUTING
LEGAL = {
    COLLECTING: {
        Event.PLAN_FROZEN: PENDING,
        Event.COLLECTION_FAILED: State.FAILED,
        Event.WITHDRAWN: State.WITHDRAWN,
    },
    PENDING: {
        Event.PLAN_CHANGED: PENDING,
        Event.QUORUM_REACHED: APPROVED,
        Event.REJECTED: State.REJECTED,
        Event.WITHDRAWN: State.WITHDRAWN,
        Event.EXPIRED: State.EXPIRED,
        Event.ASSETS_GONE: State.STALE,
    },
    APPROVED: {
        Event.EXECUTION_STARTED: EXECUTING,
        Event.WITHDRAWN: State.WITHDRAWN,
        Event.STOPPED: State.STOPPED,
        Event.EXPIRED: State.EXPIRED,
        Event.PLAN_BROKEN: State.STALE,
        Event.QUORUM_LOST: PENDING,
    },
    EXECUTING: {Event.EXECUTION_ENDED: State.FINISHED},
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_event_in_every_state_leads_where_it_should_or_is_illegal(state: State, event: Event) -> None:
    expected = LEGAL.get(state, {}).get(event)

    if expected is None:
        with pytest.raises(IllegalEventError, match=f"{state}.*{event}"):
            states.after(state, event)
    else:
        assert states.after(state, event) is expected


def test_a_state_is_either_open_or_terminal_and_terminal_ones_are_these() -> None:
    assert {
        State.FINISHED,
        State.REJECTED,
        State.WITHDRAWN,
        State.STOPPED,
        State.EXPIRED,
        State.STALE,
        State.FAILED,
    } == TERMINAL
    assert frozenset(State) == OPEN | TERMINAL
    assert not OPEN & TERMINAL


def reachable(start: State, *, without: Event | None = None) -> set[State]:
    found, fresh = {start}, [start]
    while fresh:
        here = fresh.pop()
        onwards = {to for (state, event), to in TABLE.items() if state is here and event is not without}
        fresh += onwards - found
        found |= onwards
    return found


def test_every_state_can_be_reached_and_every_open_one_can_end() -> None:
    assert reachable(COLLECTING) == set(State)
    for state in OPEN:
        assert reachable(state) & TERMINAL


def test_no_road_leads_to_deleting_that_does_not_pass_a_frozen_plan_a_quorum_and_a_start() -> None:
    for event in (Event.PLAN_FROZEN, Event.QUORUM_REACHED, Event.EXECUTION_STARTED):
        assert EXECUTING not in reachable(COLLECTING, without=event)


def test_the_diagram_in_the_documentation_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "states.md"

    assert f"```mermaid\n{states.diagram()}\n```" in page.read_text(encoding="utf-8")


def test_the_diagram_has_an_arrow_for_every_step_and_an_end_for_every_terminal_state() -> None:
    lines = states.diagram().splitlines()

    assert lines[0] == "stateDiagram-v2"
    for (state, event), to in TABLE.items():
        assert f"    {state.replace(' ', '_')} --> {to.replace(' ', '_')}: {event}" in lines
    assert sum(line.endswith("--> [*]") for line in lines) == len(TERMINAL)
    assert len(lines) == 2 + len(TABLE) + len(TERMINAL)
