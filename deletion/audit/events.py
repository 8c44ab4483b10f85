"""What happened, as frozen dataclasses: one per event of the log. ``action`` is its name there.

A field is written to the log under its own name. What an earlier version did not write has a default, so that its
events are read as well; what it named otherwise is in ``codec``. Who is told of which event: the table at the end.
What the tables hold follows from the events (``evidence`` compares them): whoever adds a column says it in one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from deletion.audit.anchors import Finding
from deletion.audit.fields import (
    NO_DIGEST,
    AnswerMeaning,
    CallAnswer,
    HeldItem,
    ItemOutcome,
    StoredCause,
    StoredRefusal,
    StoredRequest,
)
from deletion.terms.ids import NO_RECORD, CallId, Digest, QuestionId, RecordId, Ref, VoteId
from deletion.terms.people import Actor
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import Difference, LeftOutItem, ProblemFound
from deletion.terms.results.outcomes import Outcome


@dataclass(frozen=True, kw_only=True)
class Event:
    """What all events have: what it is about, and who did it; None is the program itself."""

    action: ClassVar[str]
    about: Ref
    by: Actor | None = None


@dataclass(frozen=True, kw_only=True)
class Refused(Event):
    """Somebody was told no."""

    refusal: StoredRefusal


@dataclass(frozen=True, kw_only=True)
class ProposalMade(Event):
    """A proposal of ``asked`` items was stored; ``needed`` approvals by ``expires_ms`` (UTC ms).

    ``again`` is the number of the proposal whose rest it is about. A request for many things is named without them;
    ``request_digest`` is then the SHA-256 of all of it, as canonical JSON (``targets.in_log``).
    """

    action = "proposal.made"
    request: StoredRequest
    request_digest: Digest | None = None
    reason: str
    needed: int
    expires_ms: int
    created_ms: int | None = None
    collect_by_ms: int | None = None
    again: int | None = None
    asked: int | None = None


@dataclass(frozen=True, kw_only=True)
class RestProposed(Event):
    """The ``count`` things that a finished deletion had left were proposed again, as number ``proposal``."""

    action = "rest.proposed"
    proposal: int
    count: int


@dataclass(frozen=True, kw_only=True)
class ProposalRefused(Refused):
    """A proposal of ``asked`` items was not stored. Of a request for many things see ``ProposalMade``."""

    action = "proposal.refused"
    request: StoredRequest | None = None
    request_digest: Digest | None = None
    asked: int | None = None


@dataclass(frozen=True, kw_only=True)
class WithdrawalRefused(Refused):
    """A proposal was not withdrawn."""

    action = "withdrawal.refused"


@dataclass(frozen=True, kw_only=True)
class RejectionRefused(Refused):
    """A proposal was not rejected."""

    action = "rejection.refused"


@dataclass(frozen=True, kw_only=True)
class StopRefused(Refused):
    """A deletion was not stopped."""

    action = "stop.refused"


@dataclass(frozen=True, kw_only=True)
class FreezeRefused(Refused):
    """Nothing was frozen."""

    action = "freeze.refused"


@dataclass(frozen=True, kw_only=True)
class ReadingRefused(Refused):
    """Nothing was shown of what is proposed."""

    action = "reading.refused"


@dataclass(frozen=True, kw_only=True)
class VoteRefused(Refused):
    """A vote was not even cast; ``digest`` None: the button named none."""

    action = "vote.refused"
    digest: Digest | None = None


@dataclass(frozen=True, kw_only=True)
class QuestionRefused(Refused):
    """A question about a proposal was not stored."""

    action = "question.refused"


@dataclass(frozen=True, kw_only=True)
class AnswerRefused(Refused):
    """An answer to a question was not stored."""

    action = "answer.refused"


@dataclass(frozen=True, kw_only=True)
class RefusalsCounted(Refused):
    """The same was refused ``count`` times more than there are events, which are named ``refused``.

    Times are UTC ms: of the first refusal of them all, and of the last one that was counted.
    """

    action = "refusals.counted"
    refused: str
    count: int
    since_ms: int
    last_ms: int


@dataclass(frozen=True, kw_only=True)
class PlanFrozen(Event):
    """The assets were read, and the plan that people approve was stored.

    Its digest stands for everything in it. Earlier versions named its ``targets``, and all that was ``left_out``,
    of which the first are named now.
    """

    action = "plan.frozen"
    digest: Digest
    revision: int
    count: int | None = None
    targets: tuple[str, ...] = ()
    left_out: tuple[LeftOutItem, ...] = ()
    left_out_count: int | None = None
    stored_ms: int | None = None

    @property
    def size(self) -> int:
        """Return how many targets the plan has."""
        return len(self.targets) if self.count is None else self.count


@dataclass(frozen=True, kw_only=True)
class PlanChanged(Event):
    """The assets were not as shown: every vote is void, and a new plan is shown. ``vote`` led to the reading.

    ``drift`` are the first of ``drift_count`` differences. Earlier versions named the ``targets``.
    """

    action = "plan.changed"
    old: Digest
    digest: Digest
    drift: tuple[Difference, ...]
    drift_count: int | None = None
    count: int | None = None
    targets: tuple[str, ...] = ()
    votes_voided: tuple[str, ...] = ()
    vote: VoteId | None = None
    stored_ms: int | None = None

    @property
    def size(self) -> int:
        """Return how many targets the plan has."""
        return len(self.targets) if self.count is None else self.count


@dataclass(frozen=True, kw_only=True)
class CollectionFailed(Event):
    """The assets could not be read, or what was read must not be proposed. One of the fields says why."""

    action = "proposal.not_collected"
    vod: VodFault | None = None
    refused: StoredRefusal | None = None
    problems: tuple[ProblemFound, ...] = ()
    left_out: tuple[LeftOutItem, ...] = ()
    left_out_count: int | None = None
    finished_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class Closed(Event):
    """A proposal ended with nothing deleted. ``votes_voided`` are the people whose votes were live."""

    votes_voided: tuple[str, ...] = ()
    closed_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class ProposalRejected(Closed):
    """Somebody who may approve said no, and why."""

    action = "proposal.rejected"
    why: str


@dataclass(frozen=True, kw_only=True)
class ProposalWithdrawn(Closed):
    """Its proposer took it back."""

    action = "proposal.withdrawn"


@dataclass(frozen=True, kw_only=True)
class ProposalExpired(Closed):
    """Its time was up."""

    action = "proposal.expired"


@dataclass(frozen=True, kw_only=True)
class ProposalStopped(Closed):
    """A person stopped it during its hold, or the program did (``by`` is None), and why."""

    action = "proposal.stopped"
    because: StoredCause | None = None


@dataclass(frozen=True, kw_only=True)
class AssetsGone(Closed):
    """Nothing of it is in VOD any more."""

    action = "proposal.assets_gone"
    drift: tuple[Difference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlanBroken(Closed):
    """The approved plan must not be carried out."""

    action = "proposal.plan_broken"
    because: StoredCause


@dataclass(frozen=True, kw_only=True)
class VoteCast(Event):
    """Somebody approved what has this digest; it counts once everything was read again.

    ``typed`` is the number of items, which the voter has typed; None where nobody asked for it. ``comment`` is what
    they say with it, if anything.
    """

    action = "vote.cast"
    vote: VoteId
    digest: Digest = NO_DIGEST
    cast_ms: int | None = None
    typed: int | None = None
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class VoteCounted(Event):
    """A vote counts: ``counted`` of ``needed`` people by now.

    ``rule`` and ``group`` say what entitles the voter; ``reached``: with this vote the quorum is there.
    ``newcomers``: how many more things matched the query by then, which are no part of what was approved.
    """

    action = "vote.counted"
    vote: VoteId | None = None
    digest: Digest = NO_DIGEST
    counted: int
    needed: int
    reached: bool = False
    rule: str = ""
    group: str = ""
    settled_ms: int | None = None
    newcomers: int = 0


@dataclass(frozen=True, kw_only=True)
class VoteVoided(Refused):
    """A vote that was cast does not count; ``was_counted``: it did until now."""

    action = "vote.voided"
    vote: VoteId | None = None
    digest: Digest | None = None
    settled_ms: int | None = None
    was_counted: bool = False


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event):
    """Somebody asks the proposer something before they decide; ``digest`` is of the plan that they looked at.

    It holds nothing up, and no text is a vote.
    """

    action = "question.asked"
    question: QuestionId
    digest: Digest
    text: str
    asked_ms: int


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Event):
    """The proposer answered a question, which ``asker`` (``team/user``) had asked."""

    action = "question.answered"
    question: QuestionId
    asker: str
    text: str
    answered_ms: int


@dataclass(frozen=True, kw_only=True)
class ProposalApproved(Event):
    """The quorum was reached; ``approvals`` are ``team/user``. Times are UTC ms; older events do not have them.

    ``hold_no`` is the number of the hold of ``hold_s`` seconds that begins when people can see it (HoldBegun); 0 in
    older events, whose hold began with the quorum and lasted until ``hold_until_ms``.
    """

    action = "proposal.approved"
    digest: Digest
    approvals: tuple[str, ...]
    hold_until_ms: int | None = None
    execute_by_ms: int | None = None
    hold_s: int = 0
    decided_ms: int | None = None
    hold_no: int = 0


@dataclass(frozen=True, kw_only=True)
class HoldAwaited(Event):
    """A hold of ``hold_s`` seconds begins anew, as number ``hold_no``, once people can see it (HoldBegun).

    ``silence``: the approvals channel took no messages, or could not be read, from ``silent_ms`` (UTC ms) on; a
    code for the log. None where people let it go on themselves.
    """

    action = "hold.awaited"
    hold_no: int
    hold_s: int
    silence: str | None = None
    silent_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class HoldBegun(Event):
    """The card with the Stop button is in the channel, as message ``ts``: from now on people can stop it.

    ``hold_no`` is 1 after the approval and grows when a hold begins anew. Times are UTC ms.
    """

    action = "hold.begun"
    hold_no: int
    begun_ms: int
    hold_until_ms: int
    channel: str
    ts: str


@dataclass(frozen=True, kw_only=True)
class QuorumRaised(Event):
    """By the rules of a later day it takes more approvals: ``counted`` of ``needed`` people by now."""

    action = "quorum.raised"
    counted: int
    needed: int


@dataclass(frozen=True, kw_only=True)
class QuorumLost(Event):
    """It was approved, and is no longer: ``counted`` of ``needed`` people. It waits for approval again.

    ``votes_voided`` are the people, ``team/user``, whose votes no longer count; each has an event of its own.
    """

    action = "quorum.lost"
    digest: Digest
    counted: int
    needed: int
    votes_voided: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExecutionStarted(Event):
    """The hold is over and the items were dealt out. ``where`` is the text of a Place, here and below.

    ``ramp`` are the stages with which it begins, as JSON; None where it has none.
    """

    action = "execution.started"
    digest: Digest
    count: int
    canary: bool = False
    lanes: int | None = None
    started_ms: int | None = None
    where: str | None = None
    ramp: str | None = None


@dataclass(frozen=True, kw_only=True)
class RampRaised(Event):
    """A big deletion goes on with the next stage of its beginning, number ``stage`` from 0.

    It is of so many ``items`` more, or of so many ``percent`` of VOD's quota, for at least ``seconds``; all of
    these are None after the last stage. ``below``: how many items may have been sent by its end. Times are UTC ms.
    """

    action = "ramp.raised"
    stage: int
    items: int | None = None
    percent: int | None = None
    seconds: int | None = None
    below: int | None = None
    begun_ms: int
    until_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class ExecutionStopped(Event):
    """Nothing more is sent; ``count`` items were still waiting."""

    action = "execution.stopped"
    count: int
    because: StoredCause


@dataclass(frozen=True, kw_only=True)
class ExecutionFinished(Event):
    """Every item has its final word. ``tally`` counts items by outcome.

    ``root`` is the Merkle root over (target, outcome) of every item in their order (``results.root_of``); earlier
    versions named each instead.
    """

    action = "execution.finished"
    digest: Digest
    tally: Mapping[Outcome, int]
    outcomes: tuple[ItemOutcome, ...] = ()
    root: str | None = None
    finished_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class ItemsHeld(Event):
    """Items of a batch were not sent: they are gone, changed, or must not be.

    They have their final word since ``settled_ms`` (UTC ms), here and below.
    """

    action = "items.held"
    items: tuple[HeldItem, ...]
    where: str | None = None
    settled_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class ItemsSettled(Event):
    """Items were read back and have their final word."""

    action = "items.settled"
    items: tuple[ItemOutcome, ...]
    where: str | None = None
    settled_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class CanaryPassed(Event):
    """The first item, deleted alone, is gone. ``rest``: others follow; ``target`` None: there was none to try."""

    action = "canary.passed"
    target: str | None = None
    outcome: Outcome | None = None
    rest: bool = True


@dataclass(frozen=True, kw_only=True)
class CallIntended(Event):
    """A delete call is about to be made: written before it is."""

    action = "call.intent"
    call: CallId
    api: str
    targets: tuple[str, ...]
    digest: Digest
    where: str | None = None


@dataclass(frozen=True, kw_only=True)
class CallAnswered(Event):
    """A delete call was answered, or certainly did nothing; ``state`` is how the journal has it.

    ``meaning`` is what the answer was taken for: what became of its items follows from that.
    """

    action = "call.answered"
    call: CallId
    state: str
    answer: CallAnswer
    meaning: AnswerMeaning | None = None
    settled_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class CallAdopted(Event):
    """The instance that made a call did not report back; another reads back what it did."""

    action = "call.adopted"
    call: CallId
    state: str
    answer: CallAnswer


@dataclass(frozen=True, kw_only=True)
class CallFenced(Event):
    """An answer came after another instance had adopted the call, and was ignored."""

    action = "call.fenced"
    call: CallId
    answer: CallAnswer = field(default_factory=CallAnswer)


@dataclass(frozen=True, kw_only=True)
class FreezeBegun(Event):
    """Nothing is deleted any more, whatever was approved."""

    action = "freeze.begun"
    why: str
    digest: Digest = NO_DIGEST
    frozen_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class FreezeEnded(Event):
    """Enough people wanted it: deletions go on. ``people`` are ``team/user``.

    ``released`` are the proposals whose hold begins anew; None in older events, after which they went on at once.
    """

    action = "freeze.ended"
    people: tuple[str, ...]
    thawed_ms: int | None = None
    released: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class AnchorLost(Event):
    """A head in the audit channel is not in this record; nothing is deleted any more. ``digest`` is of the rest.

    ``posted_record`` is '' where the head names none; ``at_ms`` is None where this record has no events yet.
    """

    action = "anchor.lost"
    digest: Digest
    finding: Finding
    record: RecordId
    seq: int
    hash: str
    at_ms: int | None = None
    posted_record: RecordId = NO_RECORD
    posted_seq: int
    posted_hash: str
    posted_ms: int
    seen_ts: str = ""


@dataclass(frozen=True, kw_only=True)
class AnchorRestored(Event):
    """Enough people took this record for the true one: deletions go on. ``people`` are ``team/user``.

    ``released`` are the proposals whose hold begins anew.
    """

    action = "anchor.restored"
    digest: Digest
    people: tuple[str, ...]
    released: tuple[int, ...] = ()
    closed_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class UnknownEvent(Event):
    """An event that this version does not know, or cannot read: shown as it is."""

    action = ""
    named: str
    payload: str


class Audience(StrEnum):
    """Who hears of an event, besides the audit channel, which hears of all."""

    CARD = "the card is shown anew"
    CARDS = "the cards of all deletions that are under way or open are shown anew"
    LIST = "the whole list, when it is longer than a card"
    OUTCOMES = "what became of every item, when they are more than a result names"
    THREAD = "a reply under the card"
    CHANNEL = "a post in the approvals channel"
    PROPOSER = "a direct message to the proposer, unless they did it themselves"
    APPROVED_BY = "the direct message to each whose approval made it, which is shown anew"
    VOTER = "a private answer to the voter"
    ASKER = "a direct message to whoever asked"


_CARD_AND_THREAD = (Audience.CARD, Audience.THREAD)
_ALL_OF_IT = (*_CARD_AND_THREAD, Audience.PROPOSER)

AUDIENCE: Mapping[type[Event], tuple[Audience, ...]] = {
    ProposalMade: (),
    RestProposed: _CARD_AND_THREAD,
    ProposalRefused: (),
    WithdrawalRefused: (),
    RejectionRefused: (),
    StopRefused: (),
    FreezeRefused: (),
    ReadingRefused: (),
    VoteRefused: (),
    QuestionRefused: (),
    AnswerRefused: (),
    RefusalsCounted: (),
    # The proposer is told once the card is there (notices.CardPosted): until then nobody can decide.
    PlanFrozen: (Audience.CARD, Audience.LIST),
    PlanChanged: (Audience.CARD, Audience.LIST, Audience.THREAD, Audience.VOTER),
    CollectionFailed: (Audience.PROPOSER,),
    ProposalRejected: _ALL_OF_IT,
    ProposalWithdrawn: _CARD_AND_THREAD,
    ProposalExpired: _ALL_OF_IT,
    ProposalStopped: _ALL_OF_IT,
    AssetsGone: _ALL_OF_IT,
    PlanBroken: (Audience.CARD, Audience.PROPOSER),
    VoteCast: (Audience.CARD,),
    VoteCounted: (Audience.CARD, Audience.THREAD),
    VoteVoided: (Audience.CARD, Audience.VOTER),
    # Not by a mention in the thread: whoever is mentioned there is notified of every further reply.
    QuestionAsked: _ALL_OF_IT,
    QuestionAnswered: (*_CARD_AND_THREAD, Audience.ASKER),
    ProposalApproved: (Audience.CARD, Audience.PROPOSER, Audience.APPROVED_BY),
    HoldAwaited: _CARD_AND_THREAD,
    HoldBegun: _CARD_AND_THREAD,
    QuorumRaised: _CARD_AND_THREAD,
    QuorumLost: _ALL_OF_IT,
    ExecutionStarted: _CARD_AND_THREAD,
    ExecutionStopped: _CARD_AND_THREAD,
    ExecutionFinished: (*_ALL_OF_IT, Audience.OUTCOMES),
    ItemsHeld: (),
    ItemsSettled: (),
    CanaryPassed: (Audience.THREAD,),
    RampRaised: _CARD_AND_THREAD,
    CallIntended: (),
    CallAnswered: (),
    CallAdopted: (),
    CallFenced: (),
    FreezeBegun: (Audience.CHANNEL, Audience.CARDS),
    FreezeEnded: (Audience.CHANNEL, Audience.CARDS),
    AnchorLost: (Audience.CHANNEL, Audience.CARDS),
    AnchorRestored: (Audience.CHANNEL, Audience.CARDS),
}
"""Of every event, who is told."""
