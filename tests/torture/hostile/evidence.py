"""What people and sandboxes saw of a run, as plain values; times are epoch seconds of one clock, ids are videos."""

from collections.abc import Iterator
from dataclasses import dataclass

FOREVER = float("inf")


@dataclass(frozen=True)
class Span:
    """A stretch of time in which something was so; ``what`` says what, or who.

    ``hides``: nobody can see and stop deletions meanwhile.
    """

    what: str
    begins: float
    ends: float = FOREVER
    hides: bool = False

    def covers(self, at: float) -> bool:
        """Say whether it was so then."""
        return self.begins <= at < self.ends


@dataclass(frozen=True)
class Call:
    """A delete call as VOD received it, with what it removed."""

    at: float
    ids: frozenset[str]
    removed: frozenset[str]


@dataclass(frozen=True)
class Face:
    """What a proposal's card in the approvals channel offered from ``at`` on."""

    at: float
    has_stop: bool


@dataclass(frozen=True)
class Approval:
    """A click on Approve that reached the bot."""

    at: float
    who: str


@dataclass(frozen=True)
class Claim:
    """What somebody was told of a proposal at ``at``; ``deleted`` None: that nothing was deleted.

    ``for_good``: that nothing will be, either.
    """

    at: float
    deleted: int | None
    text: str
    for_good: bool = False


@dataclass(frozen=True)
class Case:
    """A proposal as people saw it. ``said_deleted``: items that the record calls deleted."""

    name: str
    proposer: str
    ids: frozenset[str]
    approvals: tuple[Approval, ...] = ()
    faces: tuple[Face, ...] = ()
    claims: tuple[Claim, ...] = ()
    said_deleted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Brake:
    """A stop of these ids, or a freeze of all (None): asked, answered (None: it was not), and when it ended."""

    asked: float
    answered: float | None
    ids: frozenset[str] | None = None
    until: float = FOREVER

    @property
    def took_s(self) -> float:
        """Return how long its answer took."""
        return FOREVER if self.answered is None else self.answered - self.asked


@dataclass(frozen=True)
class Evidence:
    """All of it.

    ``anew``: when people let go on what was held (a thaw, a record taken for the true one); ``old``: when bots had
    a record that lacks what the audit channel shows; ``away``: what was not to be reached; ``gone``: who was no
    full member or no approver; ``present``: what is still in VOD at the end; ``needed``: approvals.
    """

    hold_s: float
    calls: tuple[Call, ...] = ()
    cases: tuple[Case, ...] = ()
    brakes: tuple[Brake, ...] = ()
    anew: tuple[float, ...] = ()
    old: tuple[Span, ...] = ()
    away: tuple[Span, ...] = ()
    gone: tuple[Span, ...] = ()
    present: frozenset[str] = frozenset()
    needed: int = 1

    def calls_of(self, case: Case) -> Iterator[Call]:
        """Yield the calls that named something of a proposal, oldest first."""
        return (call for call in sorted(self.calls, key=lambda call: call.at) if call.ids & case.ids)
