"""Messages that earlier versions queued say what they said; the facts are those which those versions wrote."""

import pytest

from deletion.audit import events, notices
from deletion.audit.events import Event
from deletion.audit.fields import NO_DIGEST
from deletion.audit.messages import legacy
from deletion.audit.messages.legacy import News
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import Notice
from deletion.terms.canonical import Json
from deletion.terms.ids import ProposalNumber, freeze_ref, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import Difference, LeftOut, LeftOutItem, Problem, ProblemFound
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State

FOUR, FOURTH = ProposalNumber(4), proposal_ref(4)
BO, CY = Actor("", "UBO"), Actor("", "UCY")
FAULT: dict[str, Json] = {
    "code": "Forbidden.RAM",
    "advice": "Grant it.",
    "action": "DeleteVideo",
    "request_id": "R1",
}
VOD = VodFault(code="Forbidden.RAM", advice="Grant it.", action="DeleteVideo", request_id="R1")
HIDDEN: dict[str, Json] = {"code": "NotShown", "advice": ""}
DRIFT: Json = [["v1", "title", "Draft", "Final"]]
CHANGED = (Difference("v1", "title", "Draft", "Final"),)
CLOSED: Json = {"rule": "not open", "facts": {"number": 4, "state": "rejected", "note": {"why": "in use"}}}
REFUSAL = Refusal(Rule.NOT_OPEN, Seen(number=4, state=State.REJECTED))
GUEST = Refusal(Rule.GUEST)

THREAD, DIRECT, PRIVATE, CHANNEL = (
    MessageKind.THREAD,
    MessageKind.DIRECT,
    MessageKind.PRIVATE,
    MessageKind.CHANNEL,
)

TOLD: list[tuple[MessageKind, News, dict[str, Json], Event | Notice]] = [
    (PRIVATE, News.REFUSED, {"refusal": CLOSED}, notices.ActionRefused(number=FOUR, refusal=REFUSAL)),
    (PRIVATE, News.VOTE_CAST, {"number": 4}, notices.VoteRecorded(number=FOUR)),
    (
        PRIVATE,
        News.VOTE_VOID,
        {"number": 4, "refusal": CLOSED},
        notices.VoteNotCounted(number=FOUR, refusal=REFUSAL),
    ),
    (PRIVATE, News.VOTE_WAITS, {"number": 4, **FAULT}, notices.VoteWaits(number=FOUR, vod=VOD)),
    (
        PRIVATE,
        News.VOTE_WAITS,
        {"number": 4, **HIDDEN},
        notices.VoteWaits(number=FOUR, vod=VodFault(code="NotShown")),
    ),
    (
        PRIVATE,
        News.PLAN_CHANGED,
        {"number": 4, "drift": DRIFT, "voter": "UBO"},
        events.PlanChanged(about=FOURTH, old=NO_DIGEST, digest=NO_DIGEST, drift=CHANGED, targets=()),
    ),
    (PRIVATE, News.REJECTED, {"number": 4}, notices.RejectionRecorded(number=FOUR)),
    (PRIVATE, News.WITHDRAWN, {"number": 4}, notices.WithdrawalRecorded(number=FOUR)),
    (
        PRIVATE,
        News.STOPPED,
        {"number": 4, "state": "executing"},
        notices.StopRecorded(number=FOUR, was=State.EXECUTING),
    ),
    (
        THREAD,
        News.VOTE_COUNTED,
        {"number": 4, "actor": "UBO", "counted": 1, "needed": 2},
        events.VoteCounted(about=FOURTH, by=BO, counted=1, needed=2),
    ),
    (
        THREAD,
        News.HOLDING,
        {"number": 4, "until_ms": 99},
        events.ProposalApproved(about=FOURTH, digest=NO_DIGEST, approvals=(), hold_until_ms=99, hold_s=1),
    ),
    (
        THREAD,
        News.STARTED,
        {"number": 4, "count": 3, "canary": True},
        events.ExecutionStarted(about=FOURTH, digest=NO_DIGEST, count=3, canary=True),
    ),
    (
        THREAD,
        News.STARTED,
        {"number": 4, "count": 3},
        events.ExecutionStarted(about=FOURTH, digest=NO_DIGEST, count=3),
    ),
    (
        THREAD,
        News.CANARY,
        {"number": 4, "target": "v1", "outcome": "deleted"},
        events.CanaryPassed(about=FOURTH, target="v1", outcome=Outcome.DELETED),
    ),
    (THREAD, News.CANARY, {"number": 4, "target": None, "outcome": None}, events.CanaryPassed(about=FOURTH)),
    (
        THREAD,
        News.PROGRESS,
        {"number": 4, "done": 5, "total": 9, "per_minute": None, "left_s": None},
        notices.ProgressMade(number=FOUR, done=5, total=9),
    ),
    (THREAD, News.WAITING, {"number": 4, "vod": FAULT}, notices.CallsWait(number=FOUR, vod=VOD)),
    (THREAD, News.LATE, {"number": 4, "count": 2}, notices.DeletionsLate(number=FOUR, count=2)),
    (
        THREAD,
        News.STOPPED,
        {"number": 4, "count": 2, "because": "a person stopped it", "actor": "UBO"},
        events.ExecutionStopped(
            about=FOURTH, by=BO, count=2, because=Cause(why=Why.EARLIER_WORDS, words="a person stopped it")
        ),
    ),
    (
        THREAD,
        News.STOPPED,
        {"number": 4, "count": 2, "because": "an item ended as: failed", "actor": None},
        events.ExecutionStopped(
            about=FOURTH, count=2, because=Cause(why=Why.EARLIER_WORDS, words="an item ended as: failed")
        ),
    ),
    (THREAD, News.STOPPED, {"number": 4, "actor": "UBO"}, events.ProposalStopped(about=FOURTH, by=BO)),
    (DIRECT, News.STOPPED, {"number": 4, "actor": "UBO"}, events.ProposalStopped(about=FOURTH, by=BO)),
    (
        THREAD,
        News.PLAN_CHANGED,
        {"number": 4, "drift": DRIFT, "voter": "UBO"},
        events.PlanChanged(about=FOURTH, old=NO_DIGEST, digest=NO_DIGEST, drift=CHANGED, targets=()),
    ),
    (
        THREAD,
        News.STALE,
        {"number": 4, "drift": DRIFT, "voter": "UBO"},
        events.AssetsGone(about=FOURTH, drift=CHANGED),
    ),
    (
        DIRECT,
        News.STALE,
        {"number": 4, "drift": [], "because": "the stored plan is broken"},
        events.PlanBroken(about=FOURTH, because=Cause(why=Why.EARLIER_WORDS, words="the stored plan is broken")),
    ),
    (
        THREAD,
        News.REJECTED,
        {"number": 4, "actor": "UBO", "why": "in use"},
        events.ProposalRejected(about=FOURTH, by=BO, why="in use"),
    ),
    (THREAD, News.WITHDRAWN, {"actor": "UBO"}, events.ProposalWithdrawn(about=FOURTH, by=BO)),
    (THREAD, News.EXPIRED, {"number": 4}, events.ProposalExpired(about=FOURTH)),
    (
        DIRECT,
        News.FINISHED,
        {"number": 4, "tally": {"deleted": 2}},
        events.ExecutionFinished(about=FOURTH, digest=NO_DIGEST, tally={}),
    ),
    (
        DIRECT,
        News.PROPOSED,
        {"number": 4, "channel": "C1"},
        events.PlanFrozen(about=FOURTH, digest=NO_DIGEST, revision=0, targets=()),
    ),
    (
        DIRECT,
        News.COLLECTION_WAITS,
        {"number": 4, "vod": FAULT, "until_ms": 7},
        notices.CollectionWaits(number=FOUR, vod=VOD, until_ms=7),
    ),
    (DIRECT, News.COLLECTION_FAILED, {"number": 4, "vod": FAULT}, events.CollectionFailed(about=FOURTH, vod=VOD)),
    (
        DIRECT,
        News.COLLECTION_FAILED,
        {"number": 4, "refusal": {"rule": "guest", "facts": {}}},
        events.CollectionFailed(about=FOURTH, refused=GUEST),
    ),
    (
        DIRECT,
        News.COLLECTION_FAILED,
        {"number": 4, "problems": [["no such stream", "s1"]]},
        events.CollectionFailed(about=FOURTH, problems=(ProblemFound(Problem.NO_SUCH_STREAM, "s1"),)),
    ),
    (
        DIRECT,
        News.COLLECTION_FAILED,
        {"number": 4, "left_out": [["v1", "missing"]]},
        events.CollectionFailed(about=FOURTH, left_out=(LeftOutItem("v1", LeftOut.MISSING),)),
    ),
]

OF_FREEZES: list[tuple[MessageKind, News, dict[str, Json], Event | Notice]] = [
    (CHANNEL, News.FROZEN, {"actor": "UBO", "why": ""}, events.FreezeBegun(about=freeze_ref(None), by=BO, why="")),
    (
        CHANNEL,
        News.THAW_COUNTED,
        {"actor": "UBO", "people": ["UBO"], "counted": 1, "needed": 2},
        events.VoteCounted(about=freeze_ref(None), by=BO, counted=1, needed=2),
    ),
    (
        CHANNEL,
        News.THAWED,
        {"actor": "UCY", "people": ["UBO", "UCY"], "counted": 2, "needed": 2},
        events.FreezeEnded(about=freeze_ref(None), people=("/UBO", "/UCY")),
    ),
    (PRIVATE, News.THAW_VOID, {"refusal": {"rule": "guest", "facts": {}}}, notices.VoteNotCounted(refusal=GUEST)),
]


@pytest.mark.parametrize(("kind", "news", "facts", "expected"), TOLD)
def test_what_was_told_of_a_proposal_is_told_still(
    kind: MessageKind, news: News, facts: dict[str, Json], expected: Event | Notice
) -> None:
    assert legacy.told(kind, 4, {"news": news, "facts": facts}) == expected


@pytest.mark.parametrize(("kind", "news", "facts", "expected"), OF_FREEZES)
def test_what_was_told_of_a_freeze_is_told_still(
    kind: MessageKind, news: News, facts: dict[str, Json], expected: Event | Notice
) -> None:
    assert legacy.told(kind, None, {"news": news, "facts": facts}) == expected


def test_all_news_of_earlier_versions_is_known() -> None:
    assert {news for _, news, *_ in [*TOLD, *OF_FREEZES]} == set(News)


@pytest.mark.parametrize(("kind", "news"), [(PRIVATE, News.STARTED), (THREAD, News.VOTE_CAST)])
def test_what_no_version_ever_told_is_refused(kind: MessageKind, news: News) -> None:
    with pytest.raises(ValueError, match="no earlier version"):
        legacy.told(kind, 4, {"news": news, "facts": {}})
