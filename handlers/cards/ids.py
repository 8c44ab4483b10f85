"""The identifiers of a card that Slack hands back: its command, buttons and metadata. A form has its own."""

import re

from deletion.approval.people.questions import Named
from deletion.approval.shown import Shown
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.ids import (
    NO_RECORD,
    PROPOSAL,
    Digest,
    ProposalNumber,
    QuestionId,
    RecordId,
    Ref,
    SubjectKind,
    proposal_ref,
)

COMMAND = "/vod"

APPROVE = "countersign_approve"
COMMENT = "countersign_approve_comment"
ASK = "countersign_ask"
ANSWER = "countersign_answer"
REJECT = "countersign_reject"
WITHDRAW = "countersign_withdraw"
STOP = "countersign_stop"
ANCHOR = "countersign_anchor"
AGAIN = "countersign_again"
PROPOSE = "countersign_propose_open"
"""Opens the form that proposes, with what the value holds."""

VIEW_ALL = "countersign_view_all"

OPEN_CARD = "countersign_open_card"
"""A button that leads to a card by its address: Slack tells of the press, and nothing follows."""

METADATA_EVENT = "countersign"


_BUTTON = re.compile(
    r'\{"digest":"(?P<digest>[0-9a-f]{64})","record":"(?P<record>[0-9a-f]{32})",'
    r'"subject":"(?P<kind>[a-z]{1,20})/(?P<number>[1-9][0-9]{0,14})"\}'
)
"""The one text that ``button_value`` makes of a record, a subject and a digest."""

_EARLIER_BUTTON = re.compile(r'\{"digest":"(?P<digest>[0-9a-f]{64})","proposal":(?P<number>[1-9][0-9]{0,14})\}')
"""What a button carried before records had ids."""

_ANSWER = re.compile(
    r'\{"question":(?P<question>[1-9][0-9]{0,14}),"record":"(?P<record>[0-9a-f]{32})",'
    r'"subject":"proposal/(?P<number>[1-9][0-9]{0,14})"\}'
)
"""The one text that ``answer_value`` makes of a question."""


def button_value(shown: Shown) -> str:
    """Return what a button carries: the record, the subject and the digest of what is shown, nothing else."""
    return canonical.dumps(facts(shown))


def facts(shown: Shown) -> dict[str, Json]:
    """Return what a button or a form names, as a value for canonical JSON."""
    return {"digest": shown.digest, "record": shown.record, "subject": str(shown.subject)}


def read_button(value: str) -> Shown | None:
    """Read a button's value; None when it is not one of ours."""
    found = _BUTTON.fullmatch(value)
    if found:
        subject = Ref(SubjectKind(found["kind"]), int(found["number"]))
        return Shown(RecordId(found["record"]), subject, Digest(found["digest"]))
    earlier = _EARLIER_BUTTON.fullmatch(value)
    return Shown(NO_RECORD, proposal_ref(int(earlier["number"])), Digest(earlier["digest"])) if earlier else None


def answer_value(named: Named) -> str:
    """Return what the button under a question carries: the record, the proposal and the question's number."""
    subject = str(Ref(PROPOSAL, named.number))
    return canonical.dumps({"question": named.question, "record": named.record, "subject": subject})


def read_answer(value: str) -> Named | None:
    """Read such a value; None when it is not one of ours."""
    found = _ANSWER.fullmatch(value)
    if found is None:
        return None
    return Named(
        RecordId(found["record"]), ProposalNumber(int(found["number"])), QuestionId(int(found["question"]))
    )
