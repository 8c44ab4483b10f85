"""Why the program itself stopped, closed or held something: a code and what it saw. Pure."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.results.outcomes import Outcome


class Why(StrEnum):
    """Every reason of the program's own."""

    CLOSED = "closed"
    NOT_THE_APPROVED_PLAN = "not the approved plan"
    OTHER_REGION = "other region"
    OTHER_PLACE = "other place"
    TIME_TO_EXECUTE_OVER = "time to execute over"
    STOPPED_BY_PERSON = "stopped by a person"
    APPROVALS_MISSING = "approvals missing"
    PROPOSER_GONE = "proposer gone"
    ACCOUNT_REFUSED = "account refused"
    MEDIA_REFUSED = "media refused"
    STOPPING_OUTCOME = "stopping outcome"
    CANARY_FAILED = "canary failed"
    BATCH_STOPPED = "batch stopped"
    NOT_IN_PLAN = "not in the plan"
    UNREADABLE = "unreadable"
    UNSENDABLE = "unsendable"
    NO_REPORT = "no report"
    ASSETS_GONE = "assets gone"
    EARLIER_WORDS = "earlier words"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A reason. ``outcome`` of the item that stopped the rest; ``vod_code`` is VOD's own error code.

    ``place`` is where the plan was made, ``here`` where the program works: texts of a Place; ``region`` and
    ``here`` are bare regions in OTHER_REGION, which an earlier version wrote. ``words`` are those of one that wrote
    sentences instead of codes (EARLIER_WORDS). ``rule`` is the one by which the proposer may not take part any more
    (PROPOSER_GONE).
    """

    why: Why
    outcome: Outcome | None = None
    vod_code: str | None = None
    region: str | None = None
    place: str | None = None
    here: str | None = None
    words: str | None = None
    rule: str | None = None

    def __str__(self) -> str:
        """Return it for a log line."""
        return self.words or self.why

    def to_json(self) -> Json:
        """Return the reason as a value for canonical JSON."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def from_json(cls, value: Any) -> "Cause":
        """Read back what ``to_json`` made, or the sentence of an earlier version; ValueError for anything else."""
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(why=Why.EARLIER_WORDS, words=value)
        known = {each.name: value[each.name] for each in fields(cls) if each.name in value}
        outcome = known.get("outcome")
        return cls(**{**known, "why": Why(value["why"]), "outcome": Outcome(outcome) if outcome else None})


@dataclass(frozen=True)
class Halt:
    """Why a deletion that was under way was stopped, and the Slack user who did it; None is the program itself."""

    because: Cause
    actor: str | None = None

    def text(self) -> str:
        """Return it as canonical JSON."""
        return canonical.dumps({"because": self.because.to_json(), "actor": self.actor})

    @classmethod
    def parse(cls, text: str) -> "Halt":
        """Read back what ``text`` made, or what an earlier version wrote."""
        value: dict[str, Any] = canonical.loads(text)
        return cls(Cause.from_json(value["because"]), value.get("actor"))


class NotSent(StrEnum):
    """Why a call that was written down was not made after all."""

    TAKEN_OVER = "taken over"
    FROZEN = "frozen"
    ON_HOLD = "on hold"
    STOPPED = "stopped"
    NOT_FRESH = "no longer fresh"
    NOT_ANCHORED = "the record was not compared with the audit channel"
    CHANNEL_SILENT = "a channel takes no messages"
    HELD_UP = "held up"
    PROGRAM_ENDING = "the program is ending"
    RECORD_UNREACHABLE = "the record could not be asked"
