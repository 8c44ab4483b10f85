"""The ways to be told no: a rule and what it saw. The words for each are handlers' business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from deletion.terms.canonical import Json


class Rule(StrEnum):
    """Every rule that refuses somebody something."""

    # taking part at all
    DEACTIVATED = "deactivated"
    BOT = "bot"
    STRANGER = "stranger"
    GUEST = "guest"
    UNKNOWN_PERSON = "unknown person"
    # proposing
    NOT_A_PROPOSER = "not a proposer"
    TOO_MANY = "too many"
    URL_OUTSIDE = "url outside"
    TOO_LARGE = "too large"
    NO_QUORUM_POSSIBLE = "no quorum possible"
    # acting on a proposal
    NO_SUCH_PROPOSAL = "no such proposal"
    OWN_PROPOSAL = "own proposal"
    NOT_AN_APPROVER = "not an approver"
    NOT_THE_PROPOSER = "not the proposer"
    ALREADY_APPROVED = "already approved"
    NOT_OPEN = "not open"
    TIME_IS_UP = "time is up"
    PLAN_CHANGED = "plan changed"
    DIGEST_UNKNOWN = "digest unknown"
    LIST_NOT_SHOWN = "list not shown"
    OTHER_REGION = "other region"
    MAY_NOT_STOP = "may not stop"
    ALREADY_STOPPED = "already stopped"
    # freezing and thawing
    NOT_IN_CHANNEL = "not in channel"
    ALREADY_FROZEN = "already frozen"
    NOT_FROZEN = "not frozen"
    MAY_NOT_THAW = "may not thaw"
    ALREADY_THAWED = "already thawed"
    # every request
    REPLAYED = "replayed"


@dataclass(frozen=True)
class Refusal:
    """A no: which rule, and the facts its words need (canonical JSON values)."""

    rule: Rule
    facts: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """Return the refusal as a value for canonical JSON."""
        return {"rule": self.rule, "facts": self.facts}

    @classmethod
    def from_json(cls, value: Any) -> "Refusal":
        """Read back what ``to_json`` made."""
        return cls(Rule(value["rule"]), dict(value["facts"]))
