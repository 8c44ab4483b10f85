"""What the fields of events and notices hold, where that is more than a term: values with a form in the log."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, TypeAlias

from pydantic import PlainSerializer, PlainValidator

from deletion.terms.ids import Digest
from deletion.terms.refusals import Refusal
from deletion.terms.requests.targets import Request, from_json, to_json
from deletion.terms.results.causes import Cause
from deletion.terms.results.findings import FieldChange
from deletion.terms.results.outcomes import Outcome

NO_DIGEST = Digest("")

StoredRequest: TypeAlias = Annotated[Request, PlainSerializer(to_json, return_type=Any), PlainValidator(from_json)]
StoredRefusal: TypeAlias = Annotated[
    Refusal, PlainSerializer(Refusal.to_json, return_type=Any), PlainValidator(Refusal.from_json)
]
StoredCause: TypeAlias = Annotated[
    Cause, PlainSerializer(Cause.to_json, return_type=Any), PlainValidator(Cause.from_json)
]


class ItemOutcome(NamedTuple):
    """An item and the word for what became of it."""

    target: str
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class HoldReason:
    """Why an item was held back: what changed, or another cause."""

    because: StoredCause | None = None
    drift: tuple[FieldChange, ...] = ()


class HeldItem(NamedTuple):
    """An item that was not sent, the word for it, and why."""

    target: str
    outcome: Outcome
    reason: HoldReason


class AnswerMeaning(StrEnum):
    """What the answer to a delete call amounts to."""

    ANSWERED = "answered"
    NONE_FOUND = "none found"
    NOTHING_DONE = "nothing done"
    REJECTED = "rejected"
    REFUSED_ALL = "refused all"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class CallAnswer:
    """What came of a delete call: VOD's answer, its error, or why it was not sent."""

    request_id: str | None = None
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    code: str | None = None
    advice: str | None = None
    not_sent: str | None = None
    because: StoredCause | None = None


class TroubleKind(StrEnum):
    """What only an operator can mend."""

    ACCOUNT = "account"
    """VOD refuses every call."""
    ACTION = "action"
    """VOD refuses one action."""
    CHANNEL = "channel"
    """A channel takes no messages, or cannot be read."""
    RECORD = "record"
    """The record does not lead to the newest head in the audit channel."""
    WORKER = "worker"
    """Nobody takes jobs."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One trouble: ``what`` is an action of VOD or a channel's place, ``code`` what VOD or Slack answered.

    ``advice`` is a code for what to do about it, where VOD gave one.
    """

    kind: TroubleKind
    what: str = ""
    code: str = ""
    advice: str = ""

    @property
    def name(self) -> str:
        """Return what tells one trouble from another."""
        return f"{self.kind} {self.what}" if self.kind is TroubleKind.ACTION else str(self.kind)
