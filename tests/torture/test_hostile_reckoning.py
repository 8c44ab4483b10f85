"""The reckoning of a hostile run can fail: whatever is planted in the evidence is counted, and only there."""

from dataclasses import replace

import pytest

from tests.torture.hostile.evidence import Approval, Brake, Call, Case, Claim, Evidence, Face, Span
from tests.torture.hostile.reckoning import CRITERIA

VIDEOS = frozenset({"a", "b"})
SENT = Call(110.0, VIDEOS, VIDEOS)
CASE = Case(
    name="#1",
    proposer="ana",
    ids=VIDEOS,
    approvals=(Approval(100.0, "bo"),),
    faces=(Face(90.0, has_stop=False), Face(101.0, has_stop=True), Face(112.0, has_stop=False)),
    claims=(Claim(105.0, None, "nothing was deleted yet"), Claim(113.0, 2, "2 deleted")),
    said_deleted=VIDEOS,
)
LAWFUL = Evidence(
    hold_s=5.0,
    calls=(SENT,),
    cases=(CASE,),
    brakes=(Brake(50.0, 50.2, None, until=60.0), Brake(120.0, 121.0, VIDEOS)),
    anew=(60.0,),
    old=(Span("an older copy", 70.0, 80.0),),
    away=(Span("Slack", 10.0, 20.0),),
    gone=(Span("cy", 90.0),),
    present=frozenset({"c"}),
)

UNSEEN = "deletions that could not be seen and stopped for the whole hold"
BRAKED = "calls after an answered stop or freeze"
UNMANNED = "deletions begun without enough people"


def with_case(**changes: object) -> Evidence:
    return replace(LAWFUL, cases=(replace(CASE, **changes),))  # type: ignore[arg-type] # fields by name


def braked(*brakes: Brake) -> Evidence:
    return replace(LAWFUL, brakes=brakes)


PLANTS = {
    "nobody approved it": ("calls that nobody had approved", with_case(approvals=())),
    "its proposer did": ("calls that nobody had approved", with_case(approvals=(Approval(100.0, "ana"),))),
    "approved when it was gone": ("calls that nobody had approved", with_case(approvals=(Approval(111.0, "bo"),))),
    "no card": (UNSEEN, with_case(faces=())),
    "no Stop on it": (UNSEEN, with_case(faces=(Face(90.0, has_stop=False),))),
    "Stop too late": (UNSEEN, with_case(faces=(Face(106.0, has_stop=True),))),
    "Stop with a gap": (
        UNSEEN,
        with_case(faces=(Face(90.0, has_stop=True), Face(105.0, has_stop=False), Face(107.0, has_stop=True))),
    ),
    "no hold after a thaw": (UNSEEN, replace(LAWFUL, anew=(60.0, 108.0))),
    "no hold after a thaw in the middle": (
        UNSEEN,
        replace(LAWFUL, calls=(replace(SENT, removed=frozenset()), replace(SENT, at=111.9)), anew=(60.0, 111.0)),
    ),
    "hidden": (UNSEEN, replace(LAWFUL, away=(Span("Slack", 102.0, 106.0, hides=True),))),
    "after a stop": (BRAKED, braked(Brake(107.0, 107.5, VIDEOS))),
    "after a freeze": (BRAKED, braked(Brake(107.0, 107.5, None, until=115.0))),
    "a slow stop": ("stops and freezes not answered in 3 s", braked(Brake(120.0, 124.0, VIDEOS))),
    "a freeze without an answer": ("stops and freezes not answered in 3 s", braked(Brake(120.0, None))),
    "an old record": ("calls from an old record", replace(LAWFUL, old=(Span("a copy", 105.0),))),
    "away": ("calls while Slack or a channel was away", replace(LAWFUL, away=(Span("audit", 100.0, 115.0),))),
    "the approver left": (UNMANNED, replace(LAWFUL, gone=(Span("bo", 102.0),))),
    "the proposer left": (UNMANNED, replace(LAWFUL, gone=(Span("ana", 102.0),))),
    "said to be untouched": ("untrue words", with_case(claims=(Claim(113.0, None, "nothing was deleted"),))),
    "untouched for good": ("untrue words", with_case(claims=(Claim(105.0, None, "never", for_good=True),))),
    "said too early": ("untrue words", with_case(claims=(Claim(109.0, 2, "2 deleted"),))),
    "said of more": ("untrue words", with_case(claims=(Claim(113.0, 3, "3 deleted"),))),
    "said of what is there": ("untrue words", replace(LAWFUL, present=frozenset({"b"}))),
    "recorded of what nobody removed": (
        "untrue words",
        with_case(said_deleted=frozenset({"a", "c"}), ids=VIDEOS | {"c"}),
    ),
}


def broken(seen: Evidence) -> set[str]:
    return {name for name, criterion in CRITERIA.items() if list(criterion(seen))}


def test_what_is_lawful_breaks_no_criterion() -> None:
    assert broken(LAWFUL) == set()


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_breaks_its_criterion_and_no_other(name: str) -> None:
    criterion, seen = PLANTS[name]
    assert broken(seen) == {criterion}


def test_every_criterion_is_broken_by_something() -> None:
    assert {criterion for criterion, _ in PLANTS.values()} == set(CRITERIA)
