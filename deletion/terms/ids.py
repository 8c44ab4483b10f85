"""Numbers and names as types of their own, so that one is never taken for another."""

from dataclasses import dataclass
from typing import NewType

ProposalNumber = NewType("ProposalNumber", int)
"""What people call a proposal by: ``#12``."""

FreezeId = NewType("FreezeId", int)
VoteId = NewType("VoteId", int)
QuestionId = NewType("QuestionId", int)

Digest = NewType("Digest", str)
"""SHA-256 of what was shown, 64 hex digits: what people approve."""

RecordId = NewType("RecordId", str)
"""A record's own id, 32 hex digits."""

NO_RECORD = RecordId("")
"""What cards of earlier versions name."""

CallId = NewType("CallId", str)
"""One delete call: 32 hex digits, made before the call."""


SubjectKind = NewType("SubjectKind", str)
"""A kind of thing that events are about and that people can approve."""

PROPOSAL = SubjectKind("proposal")
FREEZE = SubjectKind("freeze")
ANCHOR = SubjectKind("anchor")
"""That the record leads to the newest head in the audit channel, as far as two people have to say so."""


@dataclass(frozen=True)
class Ref:
    """What an event is about; ``number`` None: no such thing exists, as when a proposal was refused."""

    kind: SubjectKind
    number: int | None = None

    def __str__(self) -> str:
        """Return it as the log writes it: ``proposal/12``, ``freeze/none``."""
        return f"{self.kind}/{'none' if self.number is None else self.number}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """Read back what ``str`` made."""
        kind, _, number = text.partition("/")
        return cls(SubjectKind(kind), int(number) if number.isascii() and number.isdigit() else None)

    @property
    def proposal(self) -> ProposalNumber | None:
        """Return the number of the proposal it names, if it names one."""
        return ProposalNumber(self.number) if self.kind == PROPOSAL and self.number else None


def proposal_ref(number: int | None) -> Ref:
    """Return the reference to a proposal."""
    return Ref(PROPOSAL, number)


def freeze_ref(number: int | None) -> Ref:
    """Return the reference to a freeze."""
    return Ref(FREEZE, number)
