"""One proposal and its plans, votes, calls and items, as the log tells them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from deletion.approval.ending import Ending
from deletion.audit import events
from deletion.audit.events import Event
from deletion.evidence.claims import (
    Claim,
    Exactly,
    Finding,
    HasDigest,
    Means,
    OneOf,
    Row,
    compared,
    json_of,
    strays,
)
from deletion.evidence.subjects.calls import Calls
from deletion.evidence.subjects.items import Items
from deletion.evidence.subjects.plan_rows import PlanRows
from deletion.evidence.subjects.questions import Questions
from deletion.evidence.subjects.votes import Votes
from deletion.plan import older
from deletion.terms import canonical, ramp
from deletion.terms.ids import proposal_ref
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.targets import kind_of, parts_of, to_json
from deletion.terms.results.causes import Halt
from deletion.terms.states import State

_CLOSED_AS: dict[type[Event], State] = {
    events.ProposalRejected: State.REJECTED,
    events.ProposalWithdrawn: State.WITHDRAWN,
    events.ProposalExpired: State.EXPIRED,
    events.ProposalStopped: State.STOPPED,
    events.AssetsGone: State.STALE,
    events.PlanBroken: State.STALE,
}


@dataclass
class Proposal:
    """What the log has said of proposal ``number`` so far."""

    number: int
    said: dict[str, Claim] = field(default_factory=dict)
    plans: dict[int, dict[str, Claim]] = field(default_factory=dict)
    rows: PlanRows = field(default_factory=lambda: PlanRows(0))

    def __post_init__(self) -> None:
        self.votes = Votes(proposal_ref(self.number))
        self.calls = Calls(self.number)
        self.items = Items(self.number, self.rows.ids)
        self.questions = Questions(self.number)

    @property
    def was_made(self) -> bool:
        """Say whether the log ever made it."""
        return bool(self.said)

    def follow(self, action: str, event: Event) -> None:
        """Take up what happened."""
        self._follow_proposal(event)
        self.votes.follow(action, event)
        self.calls.follow(event)
        self.items.follow(event)
        self.questions.follow(event)

    def findings(self, rows: "Stored") -> Iterator[Finding]:
        """Compare with what is stored."""
        name = f"#{self.number}"
        if not self.was_made:
            everything = (rows.proposals, rows.plans, rows.votes, rows.calls, rows.items, rows.questions)
            tables = ("proposals", "plans", "votes", "calls", "items", "questions")
            for table, found in zip(tables, everything, strict=True):
                yield from strays(table, [f"of {name}"] * bool(found), missing=False)
            return
        if not rows.proposals:
            yield from strays("proposals", [name], missing=True)
        for row in rows.proposals:
            yield from compared("proposals", name, row, [self.said])
        yield from self._plan_findings(rows.plans)
        yield from self.rows.findings
        yield from self.votes.findings(rows.votes)
        yield from self.calls.findings(rows.calls)
        yield from self.items.findings(rows.items)
        yield from self.questions.findings(rows.questions)

    def _follow_proposal(self, event: Event) -> None:
        match event:
            case events.ProposalMade():
                self.said = _made(event)
            case events.PlanFrozen(digest=digest, stored_ms=at_ms):
                self._move(State.PENDING)
                self._plan(digest, drift=(), stored_ms=at_ms)
            case events.PlanChanged(digest=digest, drift=drift, stored_ms=at_ms):
                self.votes.void_live(Refusal.about(Rule.PLAN_CHANGED, self.number), at_ms)
                self._move(State.PENDING)
                self._plan(digest, drift=drift, stored_ms=at_ms)
            case events.CollectionFailed():
                ending = Ending(
                    vod=event.vod,
                    refused=event.refused,
                    problems=event.problems,
                    left_out=event.left_out,
                    left_out_count=event.left_out_count,
                )
                self._move(State.FAILED, ending)
                self._stamp("finished_ms", event.finished_ms)
            case events.Closed():
                self._close(event)
            case _:
                self._follow_quorum(event)

    def _follow_quorum(self, event: Event) -> None:
        match event:
            case events.ProposalApproved():
                self._move(State.APPROVED)
                self._stamp("decided_ms", event.decided_ms)
                self._stamp("hold_until_ms", event.hold_until_ms)
                self._stamp("execute_by_ms", event.execute_by_ms)
                if event.hold_no:
                    self._await_hold(event.hold_no, event.hold_s)
            case events.HoldAwaited(hold_no=hold_no, hold_s=hold_s):
                self._await_hold(hold_no, hold_s)
            case events.HoldBegun(hold_until_ms=until_ms):
                self._stamp("hold_until_ms", until_ms)
            case events.QuorumRaised(needed=needed):
                self.said["needed"] = Exactly(needed)
            case events.QuorumLost():
                self._move(State.PENDING)
                self.said |= dict.fromkeys(
                    ("decided_ms", "hold_until_ms", "execute_by_ms", "hold_s"), Exactly(None)
                )
            case _:
                self._follow_execution(event)

    def _follow_execution(self, event: Event) -> None:
        match event:
            case events.ExecutionStarted(started_ms=started_ms, lanes=lanes, canary=canary, ramp=stages):
                self._move(State.EXECUTING)
                self._stamp("started_ms", started_ms)
                self._stamp("lanes", lanes)
                # Earlier versions did not always write whether there was one.
                self._stamp("canary", None if lanes is None else int(canary))
                if stages is not None and started_ms is not None:
                    self._begin_ramp(stages, started_ms)
            case events.RampRaised(stage=stage, below=below, begun_ms=since_ms, until_ms=until_ms):
                self._stand_in_ramp(stage, below, since_ms, until_ms)
            case events.CanaryPassed():
                self.said["canary"] = Exactly(0)
            case events.ExecutionStopped(because=because, by=by):
                if self.said.get("halted") == Exactly(None):
                    text = Halt(because, by.user if by else None).text()
                    self.said["halted"] = Means(Halt.parse(text), Halt.parse, text)
                # Whether it was judged since is in no event: nothing more is sent either way.
                self.said["canary"] = OneOf((0, 1))
            case events.ExecutionFinished(finished_ms=finished_ms):
                self._move(State.FINISHED)
                self._stamp("finished_ms", finished_ms)
            case _:
                return

    def _begin_ramp(self, stages: str, started_ms: int) -> None:
        first = ramp.loads(stages)[0]
        self.said["ramp"] = Exactly(stages)
        self._stand_in_ramp(0, first.items, started_ms, started_ms + first.seconds * 1000)

    def _stand_in_ramp(self, stage: int, below: int | None, since_ms: int, until_ms: int | None) -> None:
        self.said |= {
            "ramp_stage": Exactly(stage),
            "ramp_below": Exactly(below),
            "ramp_since_ms": Exactly(since_ms),
            "ramp_until_ms": Exactly(until_ms),
        }

    def _close(self, event: events.Closed) -> None:
        state = _CLOSED_AS[type(event)]
        user = event.by.user if event.by else None
        match event:
            case events.ProposalRejected(why=why):
                ending = Ending(actor=user, why=why)
            case events.ProposalStopped(because=because):
                ending = Ending(actor=user, because=because)
            case events.PlanBroken(because=because):
                ending = Ending(because=because)
            case _:
                ending = Ending()
        self._move(state, ending)
        self._stamp("decided_ms", event.closed_ms)
        self._stamp("finished_ms", event.closed_ms)
        self.votes.void_live(Refusal(Rule.NOT_OPEN, Seen(number=self.number, state=state)), event.closed_ms)

    def _await_hold(self, hold_no: int, hold_s: int) -> None:
        self.said |= {"hold_no": Exactly(hold_no), "hold_s": Exactly(hold_s), "hold_until_ms": Exactly(None)}

    def _move(self, state: State, ending: Ending | None = None) -> None:
        text = (ending or Ending()).text()
        self.said["state"] = Exactly(state)
        self.said["state_note"] = Means(Ending.parse(text), Ending.parse, text)

    def _stamp(self, column: str, value: int | None) -> None:
        """Take up what an event says of a column; an earlier version's event says nothing of it."""
        if value is None:
            self.said.pop(column, None)
        else:
            self.said[column] = Exactly(value)

    def _plan(self, digest: str, *, drift: tuple[Any, ...], stored_ms: int | None) -> None:
        revision = len(self.plans) + 1
        said: dict[str, Claim] = {
            "proposal_id": Exactly(self.number),
            "revision": Exactly(revision),
            "digest": Exactly(digest),
            "plan": HasDigest(digest),
            "drift": json_of(drift),
        }
        if stored_ms is not None:
            said["created_ms"] = Exactly(stored_ms)
        self.plans[revision] = said
        self.said |= {"revision": Exactly(revision), "digest": Exactly(digest)}

    def _plan_findings(self, rows: Sequence[Row]) -> Iterator[Finding]:
        stored = {row["revision"]: row for row in rows}
        for revision, said in self.plans.items():
            row = stored.get(revision)
            if row is not None:
                yield from compared("plans", self._plan_name(revision), row, [{**said, **self._summary(row, said)}])
        lost, more = self.plans.keys() - stored.keys(), stored.keys() - self.plans.keys()
        yield from strays("plans", map(self._plan_name, lost), missing=True)
        yield from strays("plans", map(self._plan_name, more), missing=False)

    def _summary(self, row: Row, said: dict[str, Claim]) -> dict[str, Claim]:
        """Return what a plan amounts to, read from the plan itself where that is the one of the log.

        Earlier versions stored no summary.
        """
        text, columns = row.get("plan"), ("targets", "bytes", "first_title")
        if "created_ms" not in said and all(row.get(column) is None for column in columns):
            return {}
        if not isinstance(text, str) or not said["plan"].allows(text):
            return {}
        found = older.parse(canonical.clean(text))
        title = found.entries[0].target.title if found.entries else self.rows.first_titles.get(row["revision"], "")
        return {
            "targets": Exactly(found.count),
            "bytes": Exactly(found.totals.bytes),
            "first_title": Exactly(title),
        }

    def _plan_name(self, revision: object) -> str:
        return f"revision {revision} of #{self.number}"


@dataclass(frozen=True)
class Stored:
    """The rows of one proposal, as they are; its votes in the order of their numbers."""

    proposals: Sequence[Row]
    plans: Sequence[Row]
    votes: Sequence[Row]
    calls: Sequence[Row]
    items: Sequence[Row]
    questions: Sequence[Row]


def _made(event: events.ProposalMade) -> dict[str, Claim]:
    said: dict[str, Claim] = {
        "team": Exactly(event.by.team if event.by else ""),
        "proposer": Exactly(event.by.user if event.by else ""),
        "kind": Exactly(kind_of(event.request)),
        "request": HasDigest(event.request_digest) if event.request_digest else json_of(to_json(event.request)),
        "reason": Exactly(event.reason),
        "state": Exactly(State.COLLECTING),
        "state_note": json_of({}),
        "needed": Exactly(event.needed),
        "expires_ms": Exactly(event.expires_ms),
        "revision": Exactly(0),
        "lanes": Exactly(1),
        "canary": Exactly(0),
        "hold_no": Exactly(0),
        "hold_s": Exactly(None),
        "again_of": Exactly(event.again),
        "ramp_stage": Exactly(0),
        "asked": Exactly(event.asked),
        "parts_of": Exactly(parts_of(event.request)),
    }
    nothing = (
        *("digest", "decided_ms", "execute_by_ms", "finished_ms", "hold_until_ms", "started_ms", "halted"),
        *("ramp", "ramp_below", "ramp_since_ms", "ramp_until_ms"),
    )
    said |= {name: Exactly(None) for name in nothing}
    if event.created_ms is not None:
        said["created_ms"] = Exactly(event.created_ms)
    if event.collect_by_ms is not None:
        said["collect_by_ms"] = Exactly(event.collect_by_ms)
    return said
