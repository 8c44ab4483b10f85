"""The ways to be told no: a rule and what it saw. The words for each are handlers' business."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from deletion.terms.canonical import Json
from deletion.terms.states import State


class Rule(StrEnum):
    """Every rule that refuses somebody something."""

    # taking part at all
    DEACTIVATED = "deactivated"
    BOT = "bot"
    STRANGER = "stranger"
    GUEST = "guest"
    UNKNOWN_PERSON = "unknown person"
    # reading what is proposed
    NOT_A_READER = "not a reader"
    # proposing
    NOT_A_PROPOSER = "not a proposer"
    TOO_MANY = "too many"
    URL_OUTSIDE = "url outside"
    TOO_LARGE = "too large"
    TOO_MANY_MATCHES = "too many matches"
    NOTHING_MATCHES = "nothing matches"
    TOO_MANY_OPEN = "too many open"
    TOO_MANY_LATELY = "too many lately"
    TOO_MANY_IN_A_DAY = "too many in a day"
    TOO_MANY_OF_ALL = "too many of all"
    NO_QUORUM_POSSIBLE = "no quorum possible"
    # proposing again what is left of a deletion
    NOTHING_ENDED = "nothing ended"
    NOTHING_LEFT = "nothing left"
    PROPOSED_AGAIN = "proposed again"
    # acting on a proposal
    NO_SUCH_PROPOSAL = "no such proposal"
    OWN_PROPOSAL = "own proposal"
    BLANK_REASON = "blank reason"
    NOT_AN_APPROVER = "not an approver"
    NOT_THE_PROPOSER = "not the proposer"
    ALREADY_APPROVED = "already approved"
    NOT_OPEN = "not open"
    TIME_IS_UP = "time is up"
    PLAN_CHANGED = "plan changed"
    NO_LONGER_MATCHES = "no longer matches"
    DIGEST_UNKNOWN = "digest unknown"
    OTHER_RECORD = "other record"
    OLD_CARD = "old card"
    LIST_NOT_SHOWN = "list not shown"
    NUMBER_NOT_TYPED = "number not typed"
    WRONG_NUMBER = "wrong number"
    OTHER_REGION = "other region"
    OTHER_PLACE = "other place"
    MAY_NOT_STOP = "may not stop"
    ALREADY_STOPPED = "already stopped"
    # asking about a proposal, and answering
    OWN_QUESTION = "own question"
    NO_SUCH_QUESTION = "no such question"
    MAY_NOT_ANSWER = "may not answer"
    ALREADY_ANSWERED = "already answered"
    TOO_MANY_QUESTIONS = "too many questions"
    TOO_MANY_QUESTIONS_OF_ALL = "too many questions of all"
    BLANK_TEXT = "blank text"
    # freezing and thawing
    NOT_IN_CHANNEL = "not in channel"
    ALREADY_FROZEN = "already frozen"
    NOT_FROZEN = "not frozen"
    MAY_NOT_THAW = "may not thaw"
    ALREADY_THAWED = "already thawed"
    # taking a record for the true one
    NOT_LOST = "not lost"
    MAY_NOT_ANCHOR = "may not anchor"
    ALREADY_ANCHORED = "already anchored"
    # every request
    REPLAYED = "replayed"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a rule saw, as far as its words need it. Counts of items, or bytes for TOO_LARGE; Slack user ids.

    ``place`` is where the plan was made, ``here`` where the program works: texts of a Place. ``again`` numbers the
    proposal of what another one had left. ``used`` is what counts towards a limit already, ``wait_s`` in how many
    seconds there is room again, None where nobody knows.
    """

    number: int | None = None
    state: State | None = None
    asked: int | None = None
    most: int | None = None
    needed: int | None = None
    others: int | None = None
    actor: str | None = None
    urls: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    place: str | None = None
    here: str | None = None
    again: int | None = None
    used: int | None = None
    wait_s: int | None = None


NOTHING = Seen()


@dataclass(frozen=True)
class Refusal:
    """A no: which rule, and what it saw."""

    rule: Rule
    seen: Seen = NOTHING

    def to_json(self) -> dict[str, Json]:
        """Return the refusal as a value for canonical JSON; what was not seen is left out."""
        seen = {each.name: getattr(self.seen, each.name) for each in fields(self.seen)}
        facts = {name: value for name, value in seen.items() if value not in (None, ())}
        return {"rule": self.rule, "facts": facts}

    @classmethod
    def about(cls, rule: Rule, number: int) -> "Refusal":
        """Return a refusal of something about a proposal."""
        return cls(rule, Seen(number=number))

    @classmethod
    def from_json(cls, value: Any) -> "Refusal":
        """Read back what ``to_json`` made; what an earlier version saw besides is passed over."""
        if isinstance(value, cls):
            return value
        seen = {each.name: value["facts"][each.name] for each in fields(Seen) if each.name in value["facts"]}
        for name in ("urls", "allowed"):
            seen[name] = tuple(seen.get(name, ()))
        state = State(seen["state"]) if "state" in seen else None
        return cls(Rule(value["rule"]), Seen(**{**seen, "state": state}))
