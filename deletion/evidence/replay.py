"""The log read as evidence: every delete call must have had its intent written and enough approvals before it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deletion.audit.chain import Fault
from deletion.terms import canonical
from deletion.terms.states import Event
from storage import Tx
from storage.tables import calls
from storage.tables.audit_log import AuditRow
from storage.tables.calls import CallRow

CLOSING = frozenset(
    f"proposal.{event}".replace(" ", "_")
    for event in (
        Event.REJECTED,
        Event.WITHDRAWN,
        Event.STOPPED,
        Event.EXPIRED,
        Event.ASSETS_GONE,
        Event.PLAN_BROKEN,
    )
) | {"execution.stopped", "execution.finished"}
"""The events after which nothing more may be deleted for a proposal."""


@dataclass
class _Case:
    """What the log has said of one proposal so far."""

    proposer: str = ""
    needed: int = 0
    digest: str = ""
    targets: frozenset[str] = frozenset()
    voters: set[str] = field(default_factory=set)
    approved: str = ""
    hold_until_ms: int | None = None
    execute_by_ms: int | None = None


def journal(tx: Tx) -> list[CallRow]:
    """Return every delete call ever made."""
    return calls.every(tx)


def faults(rows: Iterable[AuditRow], made: list[CallRow]) -> Iterator[Fault]:
    """Replay the log; yield every call that should not have been made, or is missing from the log or the journal.

    It needs its approvals, names only what its plan does, comes after the hold and in time, before a stop and
    outside of every freeze. Older events do not say when an approval's time begins and ends; that is no fault.
    """
    cases: dict[str, _Case] = {}
    intents: dict[str, tuple[int, list[str]]] = {}
    frozen = ""
    for row in rows:
        case = cases.setdefault(row.ref, _Case())
        data = canonical.loads(row.payload)["data"]
        if row.action == "call.intent":
            intents[data["call"]] = (row.seq, list(data["targets"]))
            yield from (Fault(row.seq, problem) for problem in _unlawful(case, data))
            yield from (Fault(row.seq, problem) for problem in _untimely(case, row.at_ms))
            if frozen:
                yield Fault(row.seq, f"a delete call while everything was frozen ({frozen})")
        else:
            _follow(case, row, data)
            frozen = _frozen(frozen, row)
    for call in made:
        seq, targets = intents.pop(call.id, (0, None))
        if targets is None:
            yield Fault(0, f"delete call {call.id} is in the journal but was never written in the log")
        elif targets != canonical.loads(call.targets):
            yield Fault(seq, f"delete call {call.id} names other things in the journal than in the log")
    for call_id, (seq, _) in intents.items():
        yield Fault(seq, f"delete call {call_id} is in the log but not in the journal")


def _frozen(frozen: str, row: AuditRow) -> str:
    """Return which freeze is open after an event, or ''."""
    match row.action:
        case "freeze.begun":
            return row.ref
        case "freeze.ended" if row.ref == frozen:
            return ""
        case _:
            return frozen


def _follow(case: _Case, row: AuditRow, data: Mapping[str, Any]) -> None:
    match row.action:
        case "proposal.made":
            case.proposer, case.needed = row.actor, int(data["needed"])
        case "plan.frozen" | "plan.changed":
            case.digest, case.targets = data["digest"], frozenset(data["targets"])
            case.voters.clear()
            case.approved = ""
        case "vote.counted" if data["digest"] == case.digest:
            case.voters.add(row.actor)
        case "proposal.approved":
            case.approved = data["digest"]
            case.hold_until_ms, case.execute_by_ms = data.get("hold_until_ms"), data.get("execute_by_ms")
        case action if action in CLOSING:
            case.approved = ""
        case _:
            return


def _unlawful(case: _Case, data: Mapping[str, Any]) -> Iterator[str]:
    others = case.voters - {case.proposer}
    if case.needed < 1 or len(others) < case.needed:
        yield f"a delete call with {len(others)} of {case.needed} approvals"
    if data["digest"] != case.digest or data["digest"] != case.approved:
        yield "a delete call on a plan that was not the approved one"
    strangers = [target for target in data["targets"] if target not in case.targets]
    if strangers:
        yield f"a delete call for {len(strangers)} thing(s) that the plan does not name"


def _untimely(case: _Case, at_ms: int) -> Iterator[str]:
    if case.hold_until_ms is not None and at_ms < case.hold_until_ms:
        yield f"a delete call {case.hold_until_ms - at_ms} ms before the hold was over"
    if case.execute_by_ms is not None and at_ms >= case.execute_by_ms:
        yield f"a delete call {at_ms - case.execute_by_ms} ms after the approval's time to execute was over"
