"""The log replayed as evidence: every delete call had its intent written and enough approvals before it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deletion.audit import codec, events
from deletion.audit.chain import Violation
from deletion.audit.events import Event
from deletion.terms import canonical
from deletion.terms.ids import FREEZE
from storage.tables.audit_log import AuditRow
from storage.tables.calls import CallRow

CLOSING = frozenset(
    action
    for action, of in codec.by_action().items()
    if issubclass(of, events.Closed | events.ExecutionStopped | events.ExecutionFinished)
)
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


def violations(rows: Iterable[AuditRow], made: list[CallRow]) -> Iterator[Violation]:
    """Replay the log; yield every call that should not have been made, or is missing from the log or the journal.

    It needs its approvals, names only what its plan does, comes after the hold and in time, before a stop and
    outside of every freeze. Older events do not say when an approval's time begins and ends; that is no violation.
    """
    cases: dict[str, _Case] = {}
    intents: dict[str, tuple[int, tuple[str, ...]]] = {}
    frozen = ""
    for row in rows:
        event = codec.decode(row.payload)
        case = cases.setdefault(row.ref, _Case())
        if isinstance(event, events.CallIntended):
            intents[event.call] = (row.seq, event.targets)
            yield from (Violation(row.seq, problem) for problem in _unlawful(case, event))
            yield from (Violation(row.seq, problem) for problem in _untimely(case, row.at_ms))
            if frozen:
                yield Violation(row.seq, f"a delete call while everything was frozen ({frozen})")
        elif row.action == events.CallIntended.action:
            yield Violation(row.seq, "a delete call that cannot be read")
        else:
            _follow(case, event)
            frozen = _frozen(frozen, event)
    for call in made:
        seq, targets = intents.pop(call.id, (0, None))
        if targets is None:
            yield Violation(0, f"delete call {call.id} is in the journal but was never written in the log")
        elif list(targets) != canonical.loads(call.targets):
            yield Violation(seq, f"delete call {call.id} names other things in the journal than in the log")
    for call_id, (seq, _) in intents.items():
        yield Violation(seq, f"delete call {call_id} is in the log but not in the journal")


def _frozen(frozen: str, event: Event) -> str:
    """Return which freeze is open after an event, or ''."""
    match event:
        case events.FreezeBegun(about=about) | events.UnknownEvent(about=about, named=events.FreezeBegun.action):
            return str(about)
        case events.FreezeEnded(about=about) if str(about) == frozen:
            return ""
        case _:
            return frozen


def _follow(case: _Case, event: Event) -> None:
    match event:
        case events.ProposalMade(by=by, needed=needed):
            case.proposer, case.needed = str(by), needed
        case events.PlanFrozen(digest=digest, targets=targets) | events.PlanChanged(digest=digest, targets=targets):
            case.digest, case.targets = digest, frozenset(targets)
            case.voters.clear()
            case.approved = ""
        case events.VoteCounted(by=by, digest=digest) if digest == case.digest and event.about.kind != FREEZE:
            case.voters.add(str(by))
        case events.VoteVoided(by=by, digest=digest) if digest == case.digest:
            # Its voter was no longer somebody who may approve; a vote that did not count yet is not among these.
            case.voters.discard(str(by))
        case events.ProposalApproved(digest=digest, hold_until_ms=hold_until, execute_by_ms=execute_by):
            case.approved, case.hold_until_ms, case.execute_by_ms = digest, hold_until, execute_by
        case events.Closed() | events.ExecutionStopped() | events.ExecutionFinished():
            # Nothing more may be deleted after these.
            case.approved = ""
        case events.UnknownEvent(named=named) if named in CLOSING:
            # What cannot be read is taken for what it is called.
            case.approved = ""
        case _:
            return


def _unlawful(case: _Case, call: events.CallIntended) -> Iterator[str]:
    others = case.voters - {case.proposer}
    if case.needed < 1 or len(others) < case.needed:
        yield f"a delete call with {len(others)} of {case.needed} approvals"
    if call.digest != case.digest or call.digest != case.approved:
        yield "a delete call on a plan that was not the approved one"
    strangers = [target for target in call.targets if target not in case.targets]
    if strangers:
        yield f"a delete call for {len(strangers)} thing(s) that the plan does not name"


def _untimely(case: _Case, at_ms: int) -> Iterator[str]:
    if case.hold_until_ms is not None and at_ms < case.hold_until_ms:
        yield f"a delete call {case.hold_until_ms - at_ms} ms before the hold was over"
    if case.execute_by_ms is not None and at_ms >= case.execute_by_ms:
        yield f"a delete call {at_ms - case.execute_by_ms} ms after the approval's time to execute was over"
