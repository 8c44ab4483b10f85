"""What people are told that changed nothing in the record: that something waits, is late, or how far it is.

Unlike an event a notice is not in the log. What is told of events: ``audience``.
"""

from dataclasses import dataclass

from deletion.audit.fields import StoredRefusal, Trouble
from deletion.terms.ids import ProposalNumber, SubjectKind
from deletion.terms.requests.list_files import BadList, LineProblem, ListFacts
from deletion.terms.requests.targets import Kind
from deletion.terms.results.faults import VodFault
from deletion.terms.states import State


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What all notices have: the proposal they are about, if they are about one."""

    number: ProposalNumber | None = None


@dataclass(frozen=True, kw_only=True)
class CardPosted(Notice):
    """The card of a proposal is in the approvals channel: from now on people can decide."""


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(Notice):
    """The card of a proposal is in the channel: the user groups and people ``of``, by id, are asked to decide."""

    of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ApprovalReminded(Notice):
    """Proposals wait for the reader's decision, by number; those that are decided meanwhile are not named."""

    of: tuple[ProposalNumber, ...]


@dataclass(frozen=True, kw_only=True)
class CollectionWaits(Notice):
    """The assets of a proposal cannot be read yet; tried again until ``until_ms`` (UTC ms)."""

    vod: VodFault
    until_ms: int


@dataclass(frozen=True, kw_only=True)
class VoteWaits(Notice):
    """The assets cannot be read again yet, so a vote does not count yet."""

    vod: VodFault


@dataclass(frozen=True, kw_only=True)
class CallsWait(Notice):
    """VOD takes no delete calls, or its assets cannot be read before one; retried."""

    vod: VodFault


@dataclass(frozen=True, kw_only=True)
class PeopleUnconfirmed(Notice):
    """Slack cannot say who the people of an approved deletion are, so it waits; retried."""


@dataclass(frozen=True, kw_only=True)
class VoterUnconfirmed(Notice):
    """Slack cannot say who a voter is, so a vote does not count yet.

    ``on`` is what kind of thing it is about; without that, and about no proposal, it is one to unfreeze.
    """

    on: SubjectKind | None = None


@dataclass(frozen=True, kw_only=True)
class AuditChannelUnread(Notice):
    """A channel is closed to us, or cannot be read (``code``), so nobody can see or know; retried."""

    code: str


@dataclass(frozen=True, kw_only=True)
class AuditChannelSilent(Notice):
    """The audit channel takes no messages (``code``), so nothing is sent that could not be shown there; retried."""

    code: str


@dataclass(frozen=True, kw_only=True)
class DeletionsLate(Notice):
    """VOD was asked to delete ``count`` items which are still there; they are read back again."""

    count: int


@dataclass(frozen=True, kw_only=True)
class ProgressMade(Notice):
    """How far a deletion is. ``per_minute`` and ``left_s`` (seconds) are None while there is nothing to go by."""

    done: int
    total: int
    per_minute: int | None = None
    left_s: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActionRefused(Notice):
    """The answer to a click that was refused."""

    refusal: StoredRefusal


@dataclass(frozen=True, kw_only=True)
class AgainProposed(Notice):
    """The answer to a click on Propose the rest again: ``count`` things of ``first`` are proposed as ``number``."""

    first: ProposalNumber
    count: int


@dataclass(frozen=True, kw_only=True)
class VoteRecorded(Notice):
    """The answer to a click on Approve."""


@dataclass(frozen=True, kw_only=True)
class QuestionRecorded(Notice):
    """The answer to a submitted question."""


@dataclass(frozen=True, kw_only=True)
class AnswerRecorded(Notice):
    """The answer to a submitted answer."""


@dataclass(frozen=True, kw_only=True)
class RejectionRecorded(Notice):
    """The answer to a submitted rejection."""


@dataclass(frozen=True, kw_only=True)
class WithdrawalRecorded(Notice):
    """The answer to a click on Withdraw."""


@dataclass(frozen=True, kw_only=True)
class StopRecorded(Notice):
    """The answer to a click on Stop; ``was`` is where the proposal stood."""

    was: State


@dataclass(frozen=True, kw_only=True)
class VoteNotCounted(Notice):
    """A vote that was still to be counted fell away with what it was cast on."""

    refusal: StoredRefusal


@dataclass(frozen=True, kw_only=True)
class ListRead(Notice):
    """The answer to a submitted form: the file ``name`` is being read."""

    name: str


@dataclass(frozen=True, kw_only=True)
class ListProposed(Notice):
    """What was read from the file ``name`` is proposed: ``count`` things of the kind ``of``."""

    name: str
    of: Kind
    count: int
    facts: ListFacts


@dataclass(frozen=True, kw_only=True)
class ListRefused(Notice):
    """What was read from a file (``count`` things, 0 if it was not read) may not be proposed."""

    name: str
    count: int
    refusals: tuple[StoredRefusal, ...]


@dataclass(frozen=True, kw_only=True)
class ListUnread(Notice):
    """Nothing is proposed from a file, because of what is wrong with it; of many problems here are the first."""

    name: str
    bad: BadList


@dataclass(frozen=True, kw_only=True)
class ListProblems(Notice):
    """All problems with the lines of a file, but for those above ``total`` that were not kept: a file itself."""

    name: str
    problems: tuple[LineProblem, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class TroubleBegun(Notice):
    """Something began that only an operator can mend."""

    trouble: Trouble


@dataclass(frozen=True, kw_only=True)
class TroubleEnded(Notice):
    """It is over; it was known since ``since_ms`` (UTC ms)."""

    trouble: Trouble
    since_ms: int
