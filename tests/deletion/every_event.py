"""One event of every class, and one notice, each with the worst that outside words can be."""

from deletion.audit import events, notices
from deletion.audit.anchors import Finding
from deletion.audit.events import Event
from deletion.audit.fields import CallAnswer, HeldItem, HoldReason, ItemOutcome, Trouble, TroubleKind
from deletion.audit.notices import Notice
from deletion.terms.ids import (
    CallId,
    Digest,
    ProposalNumber,
    QuestionId,
    RecordId,
    Ref,
    SubjectKind,
    VoteId,
    freeze_ref,
    proposal_ref,
)
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.list_files import BadList, LineProblem, ListFacts, WrongList
from deletion.terms.requests.query import Condition, Field, Op, Query
from deletion.terms.requests.targets import Kind, Videos
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import Difference, FieldChange, LeftOut, LeftOutItem
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State

HOSTILE = "<!channel> <@U0DEE7H4PVC> *bold* `tick` <https://evil.example|click> & \u202e"

FOUR = ProposalNumber(4)
ABOUT, FREEZE, ANCHOR = proposal_ref(4), freeze_ref(1), Ref(SubjectKind("anchor"), 1)
BO = Actor("T0COUNTER01", "U0BO93LXT6W")
CY = Actor("T0COUNTER01", "U0CY5R8ZN1D")
DIGEST = Digest("d" * 64)
REFUSAL = Refusal(Rule.URL_OUTSIDE, Seen(number=4, urls=(HOSTILE,) * 9, allowed=(HOSTILE,)))
BECAUSE = Cause(why=Why.EARLIER_WORDS, words=HOSTILE * 9)
VOD = VodFault(code=HOSTILE, advice=HOSTILE, action=HOSTILE, request_id=HOSTILE)
DRIFT = (Difference(HOSTILE, "title", HOSTILE, HOSTILE * 9),) * 40
NAMES = (HOSTILE * 3,) * 1_000
ANSWER = CallAnswer(request_id="R1", missing=("v1",), refused=("v2",))

SLIPS = (LineProblem(10**6, "video id length", HOSTILE, 75, 32, HOSTILE),) * 40
READ_SO = ListFacts(
    place=HOSTILE,
    heading=HOSTILE,
    above=3,
    blank=10**5,
    blank_lines=(1, 2, 3, 4, 5),
    repeated=(HOSTILE,) * 5,
    repeated_count=10**5,
    tidied=("marks left out", "id read from an address", "signature left out"),
    encoding="GB18030",
)

EVERY: tuple[Event, ...] = (
    events.ProposalMade(about=ABOUT, by=BO, request=Videos(("v1",)), reason=HOSTILE, needed=2, expires_ms=1),
    events.ProposalMade(
        about=ABOUT,
        by=BO,
        request=Videos((), Query((Condition(Field.TITLE, Op.HAS, HOSTILE * 9),) * 20)),
        reason=HOSTILE,
        needed=2,
        expires_ms=1,
    ),
    events.ProposalMade(
        about=ABOUT, by=BO, request=Videos(("v1",)), reason=HOSTILE, needed=2, expires_ms=1, again=3
    ),
    events.ProposalMade(
        about=ABOUT,
        by=BO,
        request=Videos(()),
        request_digest=DIGEST,
        reason=HOSTILE,
        needed=2,
        expires_ms=1,
        asked=10**5,
    ),
    events.RestProposed(about=ABOUT, by=BO, proposal=9, count=10**5),
    events.ProposalRefused(about=proposal_ref(None), by=BO, refusal=REFUSAL, request=Videos((HOSTILE,))),
    events.WithdrawalRefused(about=ABOUT, by=BO, refusal=REFUSAL),
    events.RejectionRefused(about=ABOUT, by=BO, refusal=REFUSAL),
    events.StopRefused(about=ABOUT, by=BO, refusal=REFUSAL),
    events.FreezeRefused(about=freeze_ref(None), by=BO, refusal=REFUSAL),
    events.ReadingRefused(about=proposal_ref(None), by=BO, refusal=REFUSAL),
    events.VoteRefused(about=ABOUT, by=BO, refusal=REFUSAL),
    events.QuestionRefused(about=ABOUT, by=BO, refusal=REFUSAL),
    events.AnswerRefused(about=ABOUT, by=BO, refusal=REFUSAL),
    events.QuestionAsked(about=ABOUT, by=BO, question=QuestionId(1), digest=DIGEST, text=HOSTILE * 3, asked_ms=1),
    events.QuestionAnswered(
        about=ABOUT, by=CY, question=QuestionId(1), asker=str(BO), text=HOSTILE * 3, answered_ms=1
    ),
    events.RefusalsCounted(
        about=ABOUT, by=BO, refusal=REFUSAL, refused="vote.refused", count=10**6, since_ms=1, last_ms=2
    ),
    events.PlanFrozen(
        about=ABOUT, digest=DIGEST, revision=1, targets=NAMES, left_out=(LeftOutItem(HOSTILE, LeftOut.MISSING),)
    ),
    events.PlanChanged(about=ABOUT, old=DIGEST, digest=DIGEST, drift=DRIFT, targets=NAMES, vote=VoteId(1)),
    events.CollectionFailed(about=ABOUT, vod=VOD),
    events.ProposalRejected(about=ABOUT, by=BO, why=HOSTILE * 9),
    events.ProposalWithdrawn(about=ABOUT, by=BO),
    events.ProposalExpired(about=ABOUT),
    events.ProposalStopped(about=ABOUT, by=BO),
    events.ProposalStopped(about=ABOUT, because=BECAUSE),
    events.QuorumRaised(about=ABOUT, counted=1, needed=2),
    events.QuorumLost(about=ABOUT, digest=DIGEST, counted=0, needed=2, votes_voided=(str(BO),)),
    events.VoteCounted(about=ABOUT, by=BO, vote=VoteId(1), counted=1, needed=2, newcomers=10**6),
    events.VoteVoided(about=ABOUT, by=BO, refusal=REFUSAL, digest=DIGEST, was_counted=True),
    events.AssetsGone(about=ABOUT, drift=DRIFT),
    events.PlanBroken(about=ABOUT, because=BECAUSE),
    events.VoteCast(about=ABOUT, by=BO, vote=VoteId(1), digest=DIGEST),
    events.VoteCast(about=ABOUT, by=BO, vote=VoteId(1), digest=DIGEST, typed=3, comment=HOSTILE * 9),
    events.VoteCounted(about=ABOUT, by=BO, vote=VoteId(1), digest=DIGEST, counted=1, needed=2),
    events.VoteVoided(about=ABOUT, by=BO, refusal=REFUSAL, vote=VoteId(1), digest=DIGEST),
    events.ProposalApproved(
        about=ABOUT, digest=DIGEST, approvals=(str(BO), str(CY)), hold_until_ms=1_767_225_600_000, hold_s=60
    ),
    events.HoldAwaited(about=ABOUT, hold_no=2, hold_s=60),
    events.HoldAwaited(about=ABOUT, hold_no=3, hold_s=60, silence="is_archived", silent_ms=1_780_000_000_000),
    events.HoldBegun(
        about=ABOUT, hold_no=2, begun_ms=1_767_225_600_000, hold_until_ms=1_767_225_660_000, channel="C1", ts="1.2"
    ),
    events.ExecutionStarted(about=ABOUT, digest=DIGEST, count=3, canary=True),
    events.ExecutionStopped(about=ABOUT, count=2, because=BECAUSE),
    events.ExecutionFinished(about=ABOUT, digest=DIGEST, tally={Outcome.DELETED: 2, Outcome.FAILED: 1}),
    events.ItemsHeld(
        about=ABOUT,
        items=(HeldItem(HOSTILE, Outcome.CHANGED, HoldReason(drift=(FieldChange("title", HOSTILE, HOSTILE),))),)
        * 20,
    ),
    events.ItemsSettled(about=ABOUT, items=(ItemOutcome(HOSTILE, Outcome.DELETED),) * 20),
    events.CanaryPassed(about=ABOUT, target=HOSTILE, outcome=Outcome.DELETED),
    events.RampRaised(about=ABOUT, stage=1, items=20, seconds=10, below=21, begun_ms=1, until_ms=10_001),
    events.CallIntended(about=ABOUT, call=CallId("c" * 32), api="DeleteVideo", targets=NAMES[:20], digest=DIGEST),
    events.CallAnswered(about=ABOUT, call=CallId("c" * 32), state="done", answer=ANSWER),
    events.CallAdopted(about=ABOUT, call=CallId("c" * 32), state="unknown", answer=ANSWER),
    events.CallFenced(about=ABOUT, call=CallId("c" * 32), answer=ANSWER),
    events.FreezeBegun(about=FREEZE, by=BO, why=HOSTILE),
    events.FreezeEnded(about=FREEZE, people=(str(BO), str(CY))),
    events.AnchorLost(
        about=ANCHOR,
        digest=DIGEST,
        finding=Finding.BEHIND,
        record=RecordId("e" * 32),
        seq=5,
        hash="5" * 64,
        at_ms=1_767_225_600_000,
        posted_record=RecordId("e" * 32),
        posted_seq=6,
        posted_hash="6" * 64,
        posted_ms=1_767_225_600_000,
    ),
    events.AnchorRestored(about=ANCHOR, digest=DIGEST, people=(str(BO), str(CY))),
    events.UnknownEvent(about=ABOUT, by=BO, named="policy.changed", payload=HOSTILE * 99),
)

ON_A_FREEZE: tuple[Event, ...] = (
    events.VoteRefused(about=ANCHOR, by=BO, refusal=REFUSAL),
    events.VoteCast(about=ANCHOR, by=BO, vote=VoteId(1)),
    events.VoteCounted(about=ANCHOR, by=BO, counted=1, needed=2),
    events.VoteVoided(about=ANCHOR, by=BO, refusal=REFUSAL),
    events.VoteRefused(about=FREEZE, by=BO, refusal=REFUSAL),
    events.VoteCast(about=FREEZE, by=BO, vote=VoteId(1)),
    events.VoteCounted(about=FREEZE, by=BO, counted=1, needed=2),
    events.VoteVoided(about=FREEZE, by=BO, refusal=REFUSAL),
)
"""What is told otherwise when it is about ending a freeze, or about the record."""

NOTICES: tuple[Notice, ...] = (
    notices.CardPosted(number=FOUR),
    notices.ApprovalAsked(number=FOUR, of=("S0APPROVERS", *(f"U0BO93LX{n:03}" for n in range(150)))),
    *(
        told
        for trouble in (
            Trouble(kind=TroubleKind.ACCOUNT, code=HOSTILE, advice="check key id"),
            Trouble(kind=TroubleKind.ACTION, what=HOSTILE, code=HOSTILE),
            Trouble(kind=TroubleKind.CHANNEL, what="audit", code=HOSTILE),
            Trouble(kind=TroubleKind.CHANNEL, code=HOSTILE),
            Trouble(kind=TroubleKind.RECORD),
            Trouble(kind=TroubleKind.WORKER),
        )
        for told in (notices.TroubleBegun(trouble=trouble), notices.TroubleEnded(trouble=trouble, since_ms=1))
    ),
    notices.ApprovalReminded(of=tuple(map(ProposalNumber, range(1, 40)))),
    notices.CollectionWaits(number=FOUR, vod=VOD, until_ms=1_767_225_600_000),
    notices.VoteWaits(number=FOUR, vod=VOD),
    notices.PeopleUnconfirmed(number=FOUR),
    notices.VoterUnconfirmed(number=FOUR),
    notices.VoterUnconfirmed(),
    notices.VoterUnconfirmed(on=ANCHOR.kind),
    notices.CallsWait(number=FOUR, vod=VOD),
    notices.AuditChannelUnread(number=FOUR, code=HOSTILE),
    notices.AuditChannelSilent(number=FOUR, code=HOSTILE),
    notices.DeletionsLate(number=FOUR, count=10**6),
    notices.ProgressMade(number=FOUR, done=10, total=10**6, per_minute=10**6, left_s=10**6),
    notices.ActionRefused(number=FOUR, refusal=REFUSAL),
    notices.AgainProposed(number=FOUR, first=ProposalNumber(3), count=10**5),
    notices.VoteRecorded(number=FOUR),
    notices.VoteNotCounted(number=FOUR, refusal=REFUSAL),
    notices.QuestionRecorded(number=FOUR),
    notices.AnswerRecorded(number=FOUR),
    notices.RejectionRecorded(number=FOUR),
    notices.WithdrawalRecorded(number=FOUR),
    notices.StopRecorded(number=FOUR, was=State.EXECUTING),
    notices.ListRead(name=HOSTILE),
    notices.ListProposed(number=FOUR, name=HOSTILE, of=Kind.VIDEO, count=10**5, facts=READ_SO),
    notices.ListProposed(number=FOUR, name="", of=Kind.IMAGE, count=1, facts=ListFacts(heading=HOSTILE)),
    notices.ListRefused(name=HOSTILE, count=3, refusals=(REFUSAL, REFUSAL)),
    notices.ListUnread(name=HOSTILE, bad=BadList(WrongList.SEVERAL_COLUMNS, NAMES)),
    notices.ListUnread(name=HOSTILE, bad=BadList(WrongList.TOO_SLOW, number=10**6, most=60)),
    notices.ListUnread(name=HOSTILE, bad=BadList(WrongList.LINES, problems=SLIPS[:10], total=10**6)),
    notices.ListProblems(name=HOSTILE, problems=SLIPS, total=10**6),
)
