"""The life of a proposal, as one table; an event that is not in it raises and changes nothing."""

from enum import StrEnum


class State(StrEnum):
    """Where a proposal stands."""

    COLLECTING = "collecting"
    PENDING = "pending"
    APPROVED = "approved"
    EXECUTING = "executing"
    FINISHED = "finished"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    EXPIRED = "expired"
    STALE = "stale"
    FAILED = "failed to collect"


class Event(StrEnum):
    """What can happen to a proposal."""

    PLAN_FROZEN = "plan frozen"
    COLLECTION_FAILED = "collection failed"
    PLAN_CHANGED = "plan changed"
    QUORUM_REACHED = "quorum reached"
    QUORUM_LOST = "quorum lost"
    EXECUTION_STARTED = "execution started"
    EXECUTION_ENDED = "execution ended"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    EXPIRED = "expired"
    ASSETS_GONE = "assets gone"
    PLAN_BROKEN = "plan broken"


TABLE: dict[tuple[State, Event], State] = {
    (State.COLLECTING, Event.PLAN_FROZEN): State.PENDING,
    (State.COLLECTING, Event.COLLECTION_FAILED): State.FAILED,
    (State.COLLECTING, Event.WITHDRAWN): State.WITHDRAWN,
    (State.PENDING, Event.PLAN_CHANGED): State.PENDING,
    (State.PENDING, Event.QUORUM_REACHED): State.APPROVED,
    (State.PENDING, Event.REJECTED): State.REJECTED,
    (State.PENDING, Event.WITHDRAWN): State.WITHDRAWN,
    (State.PENDING, Event.EXPIRED): State.EXPIRED,
    (State.PENDING, Event.ASSETS_GONE): State.STALE,
    (State.APPROVED, Event.QUORUM_LOST): State.PENDING,
    (State.APPROVED, Event.EXECUTION_STARTED): State.EXECUTING,
    (State.APPROVED, Event.WITHDRAWN): State.WITHDRAWN,
    (State.APPROVED, Event.STOPPED): State.STOPPED,
    (State.APPROVED, Event.EXPIRED): State.EXPIRED,
    (State.APPROVED, Event.PLAN_BROKEN): State.STALE,
    (State.EXECUTING, Event.EXECUTION_ENDED): State.FINISHED,
}
"""Every legal step. A state that is no key is terminal."""

TERMINAL = frozenset(State) - {state for state, _ in TABLE}
OPEN = frozenset(State) - TERMINAL


class IllegalEventError(Exception):
    """An event that cannot happen in this state."""


def after(state: State, event: Event) -> State:
    """Return the state that follows; IllegalEventError when the table has no such step."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalEventError(f"a proposal that is {state} cannot see: {event}") from None


def diagram() -> str:
    """Return the table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", "    [*] --> collecting"]
    for (state, event), following in TABLE.items():
        lines.append(f"    {_name(state)} --> {_name(following)}: {event}")
    lines += [f"    {_name(state)} --> [*]" for state in State if state in TERMINAL]
    return "\n".join(lines)


def _name(state: State) -> str:
    return state.value.replace(" ", "_")
