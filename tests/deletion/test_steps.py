"""What a job does next, over everything that a snapshot can say."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from deletion.execution.steps import (
    Adopt,
    BatchInput,
    BreakOff,
    JudgeCanary,
    NextStep,
    Nothing,
    ReadBack,
    Snapshot,
    Start,
    StopElsewhere,
    StopLate,
    WaitElsewhere,
    WaitForThaw,
    WaitOrFinish,
    next_step,
    why_elsewhere,
)
from deletion.plan.facts import Target
from deletion.terms.ids import ProposalNumber
from deletion.terms.place import Place
from deletion.terms.requests.targets import Videos
from deletion.terms.results.causes import Cause, Why
from deletion.terms.states import State
from storage.tables.items import ItemRow, ItemState
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow
from tests.harness import plans

NUMBER = ProposalNumber(7)
JOB = JobRow(1, "execute", 7, 0, "queued", 0, 1, "one", 0)
ITEM = ItemRow(1, 7, 0, "a", ItemState.PENDING, None, "{}", None, 0, 0, None, 0)
PLAN = plans.made(Place("cn-shanghai"), Videos(("a",)), (Target("a", "A"),))
ELSEWHERE = Cause(why=Why.OTHER_PLACE, place="/cn-shanghai/", here="1/cn-beijing/h")
ROW = ProposalRow(
    id=7,
    team="T1",
    proposer="UANA",
    kind="video",
    reason="",
    state=State.EXECUTING,
    state_note="{}",
    needed=1,
    revision=1,
    digest="d",
    created_ms=0,
    collect_by_ms=0,
    expires_ms=0,
    decided_ms=0,
    execute_by_ms=0,
    finished_ms=None,
    card_channel=None,
    card_ts=None,
    audit_channel=None,
    audit_ts=None,
    hold_until_ms=0,
    started_ms=0,
    halted=None,
    lanes=1,
    canary=0,
)
READY = Snapshot(row=ROW, shown=PLAN, waiting=(ITEM,))

REASONS: dict[str, tuple[Callable[[Snapshot], Snapshot], NextStep]] = {
    "orphaned": (lambda seen: replace(seen, is_orphaned=True), Adopt(NUMBER)),
    "late": (lambda seen: replace(seen, out_of_time=True), StopLate(NUMBER)),
    "elsewhere": (lambda seen: replace(seen, elsewhere=ELSEWHERE), StopElsewhere(NUMBER, ELSEWHERE)),
    "due": (lambda seen: replace(seen, due=(ITEM,)), ReadBack(NUMBER, PLAN, (ITEM,))),
    "canary": (lambda seen: replace(seen, canary_settled=True), JudgeCanary(NUMBER)),
    "halted": (lambda seen: replace(seen, row=replace(seen.row, halted="{}")), WaitOrFinish(JOB)),
    "idle": (lambda seen: replace(seen, waiting=()), WaitOrFinish(JOB)),
    "frozen": (lambda seen: replace(seen, frozen=True), WaitForThaw()),
}
"""What keeps a batch from being sent, the most urgent first, and what is done then."""

SOME = [names for n in range(len(REASONS) + 1) for names in itertools.combinations(REASONS, n)]


@pytest.mark.parametrize("names", SOME, ids=lambda names: "+".join(names) or "ready")
def test_a_batch_is_sent_only_when_nothing_is_more_urgent(names: tuple[str, ...]) -> None:
    seen = READY
    for name in names:
        seen = REASONS[name][0](seen)

    expected = REASONS[names[0]][1] if names else BatchInput(JOB, ROW, PLAN, (ITEM,))
    if names[:1] == ("elsewhere",) and "halted" in names:
        # It was stopped before, and what is under way is followed up, but not read here.
        expected = next(REASONS[name][1] for name in ("due", "canary", "halted") if name in names)
        expected = WaitElsewhere(NUMBER, PLAN, (ITEM,)) if isinstance(expected, ReadBack) else expected
    assert next_step(JOB, seen) == expected


@pytest.mark.parametrize("state", State)
def test_only_a_deletion_under_way_is_worked_at_and_only_an_approved_one_is_started(state: State) -> None:
    row = replace(ROW, state=state)
    found = next_step(JOB, replace(READY, row=row))

    match state:
        case State.EXECUTING:
            assert isinstance(found, BatchInput)
        case State.APPROVED:
            assert found == Start(row, JOB.attempts)
        case _:
            assert found == Nothing()


def test_without_the_approved_plan_nothing_is_sent_read_back_or_judged() -> None:
    seen = replace(READY, shown=None, due=(ITEM,), canary_settled=True)

    assert next_step(JOB, seen) == BreakOff(NUMBER, Cause(why=Why.NOT_THE_APPROVED_PLAN))


def test_a_plan_is_carried_out_only_where_it_was_approved() -> None:
    there, key = Place("cn-shanghai", "1", "h"), Place("cn-shanghai", "key-1", "h")
    made_there = replace(PLAN, place=there)
    assert why_elsewhere(made_there, there) is None
    for here in (
        replace(there, region="cn-beijing"),
        replace(there, account="2"),
        replace(there, endpoint="x"),
        key,
    ):
        assert why_elsewhere(made_there, here) == Cause(
            why=Why.OTHER_PLACE, place="1/cn-shanghai/h", here=here.text()
        )


def test_a_plan_of_an_earlier_version_is_carried_out_in_its_region() -> None:
    assert why_elsewhere(PLAN, Place("cn-shanghai", "1", "h")) is None
    assert why_elsewhere(PLAN, Place("cn-beijing", "1", "h")) == ELSEWHERE
