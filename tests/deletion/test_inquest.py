from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deletion.audit import chain, codec
from deletion.audit.chain import Violation
from deletion.evidence.replay import Freezes, Lawful
from deletion.terms import canonical
from deletion.terms.canonical import Json
from storage import SqliteDatabase, Tx
from storage.tables import as_stored, audit_log, calls, proposals
from storage.tables.calls import Intent
from tests.storage.engines import START_MS, Clock
from tests.storage.samples import NEW

PROPOSER, BO, CY = "T1/UANA", "T1/UBO", "T1/UCY"
D1, D2 = "digest-1", "digest-2"


class Record:
    """A log and a journal, written event by event as a test wants them, lawful or not."""

    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.database = SqliteDatabase(path, now_ms=self.clock)
        self.database.migrate()
        self.database.write(lambda tx: proposals.add(tx, NEW))

    def event(
        self, action: str, data: Mapping[str, Json], *, actor: str = "countersign", ref: str = "proposal/1"
    ) -> None:
        self.database.write(lambda tx: chain.append(tx, actor=actor, action=action, ref=ref, data=data))

    def made(self, needed: int = 1, ref: str = "proposal/1") -> None:
        data: dict[str, Json] = {"request": {"by": "videos", "ids": ["a"]}, "reason": "r", "expires_ms": 1}
        self.event("proposal.made", {**data, "needed": needed}, actor=PROPOSER, ref=ref)

    def plan(
        self, digest: str = D1, targets: str = "abc", action: str = "plan.frozen", ref: str = "proposal/1"
    ) -> None:
        data: dict[str, Json] = {"digest": digest, "targets": list(targets), "revision": 1, "old": D1, "drift": []}
        self.event(action, data, ref=ref)

    def counted(self, voter: str = BO, digest: str = D1) -> None:
        self.event("vote.counted", {"vote": 1, "digest": digest, "counted": 1, "needed": 1}, actor=voter)

    def approved(self, digest: str = D1, **times: Json) -> None:
        self.event("proposal.approved", {"digest": digest, "approvals": [BO], **times})

    def lawful(self) -> None:
        """Come to the point where a call may be made."""
        self.made()
        self.plan()
        self.counted()
        self.approved()

    def intent(self, targets: str = "ab", digest: str = D1, call: str = "call-1", ref: str = "proposal/1") -> None:
        data: dict[str, Json] = {"call": call, "api": "DeleteVideo", "targets": list(targets), "digest": digest}
        self.event("call.intent", data, ref=ref)

    def journal(self, targets: str = "ab", call: str = "call-1") -> None:
        intent = Intent(call, 1, "DeleteVideo", canonical.dumps(list(targets)), "one", 0)
        self.database.write(lambda tx: calls.intend(tx, intent))

    def call(self, **facts: str) -> None:
        self.intent(**facts)
        self.journal(facts.get("targets", "ab"))

    def problems(self) -> list[str]:
        return [fault.problem for fault in self.faults()]

    def faults(self) -> list[Violation]:
        """Replay the log, whose calls are all those of proposal 1 or of none."""
        frozen, lawful, found = Freezes(), dict[str, Lawful](), list[Violation]()
        for row in audit_log.every(self.database):
            event = codec.decode(row.payload)
            frozen.follow(row.seq, event)
            found += lawful.setdefault(row.ref, Lawful(frozen)).follow(row, event)
        made = self.database.read(lambda tx: as_stored.of_proposal(tx, 1))["calls"]
        return [*found, *lawful.setdefault("proposal/1", Lawful(frozen)).journal_violations(made)]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    made = Record(tmp_path / "record.db")
    yield made
    made.database.close()


def test_an_empty_record_has_no_faults(record: Record) -> None:
    assert record.problems() == []


def test_calls_made_as_they_should_be_have_no_faults(record: Record) -> None:
    record.lawful()
    record.call(targets="ab")
    record.event("call.answered", {"call": "call-1", "state": "done", "answer": {}})
    record.intent("c", call="call-2")
    record.journal("c", "call-2")
    record.event("execution.finished", {"digest": D1, "tally": {}, "outcomes": []})

    assert record.problems() == []


@pytest.mark.parametrize(
    ("voters", "needed", "counted"),
    [
        ([], 1, 0),
        ([PROPOSER], 1, 0),
        ([BO], 2, 1),
        ([BO, BO], 2, 1),
        ([BO, PROPOSER], 2, 1),
        ([BO, CY], 0, 2),
    ],
)
def test_a_call_without_enough_approvals_of_others_is_found(
    record: Record, voters: list[str], needed: int, counted: int
) -> None:
    record.made(needed)
    record.plan()
    for voter in voters:
        record.counted(voter)
    record.approved()
    record.call()

    assert record.problems() == [f"a delete call with {counted} of {needed} approvals"]


def test_two_approvals_of_two_others_are_enough_for_two(record: Record) -> None:
    record.made(2)
    record.plan()
    record.counted(BO)
    record.counted(CY)
    record.approved()
    record.call()

    assert record.problems() == []


def test_a_call_for_a_proposal_nobody_made_is_found(record: Record) -> None:
    record.call()

    assert "a delete call with 0 of 0 approvals" in record.problems()


def test_a_call_before_the_decision_is_found(record: Record) -> None:
    record.made()
    record.plan()
    record.counted()
    record.call()
    record.approved()

    assert record.problems() == ["a delete call on a plan that was not the approved one"]


def test_approvals_of_another_plan_do_not_count(record: Record) -> None:
    record.made()
    record.plan(D1)
    record.counted(BO, D2)
    record.approved()
    record.call()

    assert record.problems() == ["a delete call with 0 of 1 approvals"]


def test_an_approval_that_was_voided_after_it_counted_does_not_count(record: Record) -> None:
    record.made(needed=2)
    record.plan()
    record.counted(BO)
    record.event("vote.voided", {"vote": 1, "digest": D1, "rule": "not an approver", "facts": {}}, actor=BO)
    record.counted(CY)
    record.approved()
    record.call()

    assert record.problems() == ["a delete call with 1 of 2 approvals"]


def test_approvals_end_when_the_plan_changes(record: Record) -> None:
    record.lawful()
    record.plan(D2, "abc", "plan.changed")
    record.call(digest=D2)

    assert record.problems() == [
        "a delete call with 0 of 1 approvals",
        "a delete call on a plan that was not the approved one",
    ]


def test_a_call_on_the_plan_before_the_change_is_found(record: Record) -> None:
    record.lawful()
    record.plan(D2, "abc", "plan.changed")
    record.counted(digest=D2)
    record.approved(D2)
    record.call(digest=D1)

    assert record.problems() == ["a delete call on a plan that was not the approved one"]


@pytest.mark.parametrize(
    "closing",
    [
        "proposal.withdrawn",
        "proposal.stopped",
        "proposal.rejected",
        "proposal.expired",
        "proposal.assets_gone",
        "proposal.plan_broken",
        "execution.stopped",
        "execution.finished",
    ],
)
def test_a_call_after_the_proposal_was_closed_is_found(record: Record, closing: str) -> None:
    record.lawful()
    record.event(closing, {})
    record.call()

    assert record.problems() == ["a delete call on a plan that was not the approved one"]


@pytest.mark.parametrize(
    ("after_ms", "problems"),
    [
        (-1, ["a delete call 1 ms before the hold was over"]),
        (0, []),
        (59, []),
        (60, ["a delete call 0 ms after the approval's time to execute was over"]),
    ],
)
def test_a_call_before_the_end_of_the_hold_or_after_the_time_to_execute_is_found(
    record: Record, after_ms: int, problems: list[str]
) -> None:
    record.made()
    record.plan()
    record.counted()
    record.approved(hold_until_ms=START_MS + 10, execute_by_ms=START_MS + 70)
    record.clock.advance(10 + after_ms)
    record.call()

    assert record.problems() == problems


def test_an_older_log_that_does_not_say_when_an_approval_may_be_used_has_no_faults(record: Record) -> None:
    record.lawful()
    record.clock.advance(10**9)
    record.call()

    assert record.problems() == []


FROZEN = "a delete call while everything was frozen (freeze/1)"


def test_a_call_during_a_freeze_is_found_whatever_was_approved(record: Record) -> None:
    record.lawful()
    record.event("freeze.begun", {"why": ""}, actor=CY, ref="freeze/1")
    record.call()

    assert record.problems() == [FROZEN]


@pytest.mark.parametrize("meanwhile", ["thaw.cast", "thaw.counted", "thaw.voided", "freeze.refused"])
def test_a_freeze_lasts_until_it_is_ended_and_not_until_somebody_asked_for_it(
    record: Record, meanwhile: str
) -> None:
    record.lawful()
    record.event("freeze.begun", {"why": ""}, actor=CY, ref="freeze/1")
    record.event(meanwhile, {}, actor=BO, ref="freeze/1")
    record.call()

    assert record.problems() == [FROZEN]


def test_the_end_of_one_freeze_does_not_end_another(record: Record) -> None:
    record.lawful()
    record.event("freeze.begun", {"why": ""}, actor=CY, ref="freeze/1")
    record.event("freeze.ended", {"by": [BO, CY]}, ref="freeze/2")
    record.call()

    assert record.problems() == [FROZEN]


def test_calls_before_a_freeze_and_after_its_end_have_no_faults(record: Record) -> None:
    record.lawful()
    record.call(targets="ab")
    record.event("freeze.begun", {"why": ""}, actor=CY, ref="freeze/1")
    record.event("call.answered", {"call": "call-1", "state": "done", "answer": {}})
    record.event("freeze.ended", {"by": [BO, CY]}, ref="freeze/1")
    record.intent("c", call="call-2")
    record.journal("c", "call-2")

    assert record.problems() == []


def test_things_outside_the_plan_are_found(record: Record) -> None:
    record.lawful()
    record.call(targets="axy")

    assert record.problems() == ["a delete call for 2 thing(s) that the plan does not name"]


def test_one_proposals_approvals_do_not_serve_another(record: Record) -> None:
    record.lawful()
    record.made(ref="proposal/2")
    record.plan(ref="proposal/2")
    record.call(ref="proposal/2")

    assert record.problems()[0] == "a delete call with 0 of 1 approvals"


def test_a_call_that_is_not_in_the_log_is_found(record: Record) -> None:
    record.lawful()
    record.journal()

    assert record.problems() == ["delete call call-1 is in the journal but was never written in the log"]


def test_a_call_that_is_not_in_the_journal_is_found(record: Record) -> None:
    record.lawful()
    record.intent()

    assert record.problems() == ["delete call call-1 is in the log but not in the journal"]


@pytest.mark.parametrize("journalled", ["a", "abc", "ba", "xy"])
def test_a_call_that_names_other_things_in_the_journal_is_found(record: Record, journalled: str) -> None:
    record.lawful()
    record.intent("ab")
    record.journal(journalled)

    assert record.problems() == ["delete call call-1 names other things in the journal than in the log"]


def test_a_fault_is_named_by_its_event(record: Record) -> None:
    record.made()
    record.plan()
    record.call()

    def read(tx: Tx) -> list[int]:
        return [int(row["seq"]) for row in tx.rows("SELECT seq FROM audit WHERE action = 'call.intent'")]

    assert [fault.seq for fault in record.faults()] == record.database.read(read) * 2


UNSEEN = "a delete call while people could not see yet that they can stop it"


def seen(record: Record, hold_no: int = 1, *, lasts_ms: int = 10) -> None:
    """Write that the card with the Stop button was in the channel."""
    times = {"begun_ms": record.clock(), "hold_until_ms": record.clock() + lasts_ms}
    record.event("hold.begun", {"hold_no": hold_no, **times, "channel": "C1", "ts": "1.2"})


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_call_before_the_hold_began_is_found_and_one_after_its_end_is_lawful(
    record: Record, *, is_seen: bool
) -> None:
    record.made()
    record.plan()
    record.counted()
    record.approved(hold_no=1, hold_s=0, execute_by_ms=START_MS + 70)
    if is_seen:
        seen(record)
    record.clock.advance(10)
    record.call()
    assert record.problems() == ([] if is_seen else [UNSEEN])


def test_a_call_after_a_thaw_and_before_its_hold_began_anew_is_found(record: Record) -> None:
    record.made()
    record.plan()
    record.counted()
    record.approved(hold_no=1, hold_s=0, execute_by_ms=START_MS + 70)
    seen(record, lasts_ms=0)
    record.event("freeze.begun", {"why": ""}, actor=CY, ref="freeze/1")
    record.event("freeze.ended", {"people": [BO, CY], "released": [1]}, ref="freeze/1")
    record.call()
    assert record.problems() == [UNSEEN]


def test_a_hold_that_is_shorter_than_was_approved_is_found(record: Record) -> None:
    record.made()
    record.plan()
    record.counted()
    record.approved(hold_no=1, hold_s=60, execute_by_ms=START_MS + 70_000)
    seen(record, lasts_ms=59_000)
    assert record.problems() == ["a hold of 59000 ms, where 60 s were approved"]


def test_after_a_thaw_of_an_earlier_version_what_was_approved_went_on_at_once(record: Record) -> None:
    record.lawful()
    record.event("freeze.begun", {"why": ""}, actor=CY, ref="freeze/1")
    record.event("freeze.ended", {"by": [BO, CY]}, ref="freeze/1")
    record.call()
    assert record.problems() == []
