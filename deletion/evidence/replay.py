"""The log replayed as evidence: every delete call had its intent written and enough approvals before it. Pure."""

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deletion.audit import codec, events
from deletion.audit.chain import Violation
from deletion.audit.events import Event
from deletion.terms import canonical
from deletion.terms.ids import PROPOSAL
from storage.tables.audit_log import AuditRow

CLOSING = frozenset(
    action
    for action, of in codec.by_action().items()
    if issubclass(of, events.Closed | events.QuorumLost | events.ExecutionStopped | events.ExecutionFinished)
)
"""The events after which nothing more may be deleted for a proposal."""


@dataclass
class Freezes:
    """When everything was frozen: by number of the first event, each up to the next; '' where nothing was.

    ``renewals`` are the events after which every hold begins anew; earlier versions went on at once after a freeze.
    """

    since: list[int] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    renewals: list[int] = field(default_factory=list)
    open: dict[str, str] = field(default_factory=dict)

    def follow(self, seq: int, event: Event) -> None:
        """Take up that a freeze was begun or ended."""
        if isinstance(event, events.FreezeEnded | events.AnchorRestored) and event.released is not None:
            self.renewals.append(seq)
        match event:
            case (
                events.FreezeBegun(about=about)
                | events.AnchorLost(about=about)
                | events.UnknownEvent(about=about, named=events.FreezeBegun.action | events.AnchorLost.action)
            ):
                # Of one kind there is one at a time: a later one replaces it.
                self.open[about.kind] = str(about)
            case events.FreezeEnded(about=about) | events.AnchorRestored(about=about) if self.open.get(
                about.kind
            ) == str(about):
                del self.open[about.kind]
            case _:
                return
        self.since.append(seq)
        self.by.append(", ".join(self.open.values()))

    def at(self, seq: int) -> str:
        """Return which freeze was open at an event, or ''."""
        place = bisect(self.since, seq)
        return self.by[place - 1] if place else ""

    def renewed(self, seq: int) -> int:
        """Return the last event before this one after which every hold begins anew; 0 for none."""
        place = bisect(self.renewals, seq)
        return self.renewals[place - 1] if place else 0


@dataclass
class Lawful:
    """What the log has said of one proposal so far, as far as a delete call has to be lawful by it.

    A call needs its approvals, names only what its plan does, comes after the hold and in time, before a stop and
    outside of every freeze. A hold begins with the card that lets people stop it, at event ``seen``. Older events
    do not say when an approval's time begins and ends; that is no violation. ``ids`` are the targets of its plans,
    by digest, as their rows have them.
    """

    frozen: Freezes
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    proposer: str = ""
    needed: int = 0
    digest: str = ""
    targets: frozenset[str] = frozenset()
    voters: set[str] = field(default_factory=set)
    approved: str = ""
    hold_until_ms: int | None = None
    hold_s: int = 0
    is_unseen: bool = False
    seen: int = 0
    execute_by_ms: int | None = None
    intents: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def follow(self, row: AuditRow, event: Event) -> Iterator[Violation]:
        """Take up an event; yield what is wrong with it."""
        if isinstance(event, events.CallIntended):
            self.intents[event.call] = (row.seq, event.targets)
            yield from (Violation(row.seq, problem) for problem in self._unlawful(event))
            yield from (Violation(row.seq, problem) for problem in self._untimely(row.at_ms))
            if self.is_unseen or self.seen < self.frozen.renewed(row.seq):
                yield Violation(row.seq, "a delete call while people could not see yet that they can stop it")
            if frozen := self.frozen.at(row.seq):
                yield Violation(row.seq, f"a delete call while everything was frozen ({frozen})")
        elif row.action == events.CallIntended.action:
            yield Violation(row.seq, "a delete call that cannot be read")
        else:
            yield from (Violation(row.seq, problem) for problem in self._too_short(event))
            self._follow(row.seq, event)

    def journal_violations(self, made: Iterable[Mapping[str, Any]]) -> Iterator[Violation]:
        """Yield every call that is missing from the log or the journal, or that is another one there."""
        intents = dict(self.intents)
        for call in made:
            seq, targets = intents.pop(call["id"], (0, None))
            if targets is None:
                yield Violation(0, f"delete call {call['id']} is in the journal but was never written in the log")
            elif list(targets) != _read(call["targets"]):
                yield Violation(seq, f"delete call {call['id']} names other things in the journal than in the log")
        for call_id, (seq, _) in intents.items():
            yield Violation(seq, f"delete call {call_id} is in the log but not in the journal")

    def _too_short(self, event: Event) -> Iterator[str]:
        if isinstance(event, events.HoldBegun) and event.hold_until_ms - event.begun_ms < self.hold_s * 1000:
            lasted = event.hold_until_ms - event.begun_ms
            yield f"a hold of {lasted} ms, where {self.hold_s} s were approved"

    def _follow(self, seq: int, event: Event) -> None:  # noqa: C901 - one case per event
        match event:
            case events.ProposalMade(by=by, needed=needed):
                self.proposer, self.needed = str(by), needed
            case events.PlanFrozen(digest=digest) | events.PlanChanged(digest=digest):
                self.digest, self.targets = digest, frozenset(event.targets or self.ids.get(digest, ()))
                self.voters.clear()
                self.approved = ""
            case events.VoteCounted(by=by, digest=digest) if digest == self.digest and event.about.kind == PROPOSAL:
                self.voters.add(str(by))
            case events.VoteVoided(by=by, digest=digest) if digest == self.digest:
                # Its voter was no longer somebody who may approve; one that did not count yet is not among these.
                self.voters.discard(str(by))
            case events.ProposalApproved(digest=digest, hold_until_ms=hold_until, execute_by_ms=execute_by):
                self.approved, self.hold_until_ms, self.execute_by_ms = digest, hold_until, execute_by
                # What an earlier version approved was on hold from here on.
                self.hold_s, self.is_unseen = event.hold_s if event.hold_no else 0, event.hold_no > 0
                self.seen = seq
            case events.HoldAwaited(hold_s=hold_s):
                self.hold_s, self.is_unseen = hold_s, True
            case events.HoldBegun(hold_until_ms=hold_until):
                self.hold_until_ms, self.is_unseen, self.seen = hold_until, False, seq
            case events.QuorumRaised(needed=needed):
                self.needed = max(self.needed, needed)
            case events.Closed() | events.QuorumLost() | events.ExecutionStopped() | events.ExecutionFinished():
                # Nothing more may be deleted after these.
                self.approved = ""
            case events.UnknownEvent(named=named) if named in CLOSING:
                # What cannot be read is taken for what it is called.
                self.approved = ""
            case _:
                return

    def _unlawful(self, call: events.CallIntended) -> Iterator[str]:
        others = self.voters - {self.proposer}
        if self.needed < 1 or len(others) < self.needed:
            yield f"a delete call with {len(others)} of {self.needed} approvals"
        if call.digest != self.digest or call.digest != self.approved:
            yield "a delete call on a plan that was not the approved one"
        strangers = [target for target in call.targets if target not in self.targets]
        if strangers:
            yield f"a delete call for {len(strangers)} thing(s) that the plan does not name"

    def _untimely(self, at_ms: int) -> Iterator[str]:
        if self.hold_until_ms is not None and at_ms < self.hold_until_ms:
            yield f"a delete call {self.hold_until_ms - at_ms} ms before the hold was over"
        if self.execute_by_ms is not None and at_ms >= self.execute_by_ms:
            yield f"a delete call {at_ms - self.execute_by_ms} ms after the approval's time to execute was over"


def _read(targets: object) -> object:
    try:
        return canonical.loads(targets) if isinstance(targets, str) else None
    except (ValueError, RecursionError):
        return None
