"""The first three promises, decided a second time: from what went in and what was shown, without its rules.

The model is told who did what and when, what each digest showed, and which vote the program says that it counts.
Who may, who suffices, for how long, and whether a call may be made, it works out by itself.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.deletion.memory_vod import Call, Thing
from tests.deletion.promises_facts import Facts, thing_of

LONG = 3
"""From so many things on a card does not hold them all, and their list has to be posted before anybody votes."""

CERTAINLY_NOTHING = frozenset({"Throttled", "NotSent"})
"""The answers after which the same thing may be sent again without looking."""

IN_DOUBT = frozenset({"NotFound", "Rejected", "Ambiguous", "died"})
"""The answers after which it may be sent again once it was seen to be still there."""


@dataclass(frozen=True)
class Rules:
    """The rules in force; people are ``team/user``."""

    approvers: frozenset[str]
    proposers: frozenset[str]
    needed: int = 1
    expires_s: int = 3600
    within_s: int = 3600
    hold_s: int = 0


@dataclass
class Ballot:
    """A vote that was cast; ``stood`` says that it was good when it was."""

    number: int
    who: str
    digest: str
    revision: int
    stood: bool
    counts: bool = False


@dataclass
class Case:
    """What is known of one proposal. Times in milliseconds."""

    number: int
    proposer: str
    needed: int
    expires_ms: int
    digest: str = ""
    revision: int = 0
    digests: list[str] = field(default_factory=list)
    request: dict[str, Any] = field(default_factory=dict)
    posted: bool = False
    shown: dict[Thing, Facts] = field(default_factory=dict)
    is_approved: bool = False
    hold_s: int = 0
    hold_until_ms: int | None = None
    execute_by_ms: int = 0
    closed: str = ""
    sent: dict[Thing, list[Call]] = field(default_factory=dict)
    meant: set[Thing] = field(default_factory=set)


class Model:
    """Everything that was done, and what follows from it."""

    def __init__(self, rules: Rules, now_ms: Callable[[], int]) -> None:
        self.rules = rules
        self.now_ms = now_ms
        self.cases: dict[int, Case] = {}
        self.ballots: dict[int, Ballot] = {}
        self.unfit: set[str] = set()
        self.frozen = False
        self.thawers: set[str] = set()
        self.wishes: set[str] = set()

    def proposed(self, number: int, who: str) -> None:
        """Note that somebody proposed something."""
        expires_ms = self.now_ms() + self.rules.expires_s * 1000
        self.cases[number] = Case(number, who, self.rules.needed, expires_ms)

    def showed(self, number: int, digest: str, text: str, rows: list[str]) -> None:
        """Note what a digest shows. Another plan makes all votes so far void."""
        case = self.cases[number]
        plan = json.loads(text)
        case.request = plan["request"]
        stands_for = plan["targets"] == {"count": len(rows), "root": _root([row.encode() for row in rows])}
        is_digest = hashlib.sha256(text.encode()).hexdigest() == digest
        case.digest = digest if is_digest and stands_for else "not its plan's digest"
        case.revision += 1
        case.digests.append(case.digest)
        case.posted = False
        case.shown = {
            thing_of(case.request, each["id"]): each for each in (json.loads(row)["target"] for row in rows)
        }
        case.is_approved = False
        case.hold_until_ms = None

    def posted(self) -> None:
        """Note that everything that people are owed was posted: now they see what was approved, and can stop it."""
        for case in self.cases.values():
            case.posted = True
            if case.is_approved and case.hold_until_ms is None:
                case.hold_until_ms = self.now_ms() + case.hold_s * 1000

    def cast(self, vote: int, number: int, who: str, digest: str) -> None:
        """Note a vote that the program took."""
        case = self.cases[number]
        stood = digest == case.digest and self._may_approve(case, who)
        self.ballots[vote] = Ballot(number, who, digest, case.revision, stood)

    def counted(self, vote: int) -> None:
        """Note that the program counts a vote; see whether it may, and whether it is enough now."""
        ballot = self.ballots[vote]
        case = self.cases[ballot.number]
        current = ballot.stood and ballot.revision == case.revision and ballot.digest == case.digest
        fit = ballot.who not in self.unfit
        ballot.counts = current and fit and self._may_approve(case, ballot.who)
        if not case.is_approved and len(self._supporters(case)) >= case.needed >= 1:
            case.is_approved, case.hold_s = True, self.rules.hold_s
            case.execute_by_ms = self.now_ms() + (self.rules.hold_s + self.rules.within_s) * 1000

    def recounted(self, number: int, needed: int, *, is_lost: bool) -> None:
        """Note that it takes more people, never fewer, or that the program says that an approval fell.

        Another approval, by the rules of its own day, has to follow before anything is sent.
        """
        case = self.cases[number]
        case.needed = max(case.needed, needed)
        if is_lost:
            case.is_approved = False
            case.hold_until_ms = None

    def meant(self, number: int, targets: list[str]) -> None:
        """Note what the program is about to send."""
        case = self.cases[number]
        case.meant |= {thing_of(case.request, target) for target in targets}

    def ended(self, number: int, how: str) -> None:
        """Note that a proposal was withdrawn, rejected, stopped, or is over for another reason."""
        case = self.cases[number]
        case.closed = case.closed or how

    def froze(self) -> None:
        """Note that everything is frozen."""
        self.frozen = True
        self.thawers.clear()
        self.wishes.clear()

    def wished_to_thaw(self, who: str) -> None:
        """Note that somebody wants the freeze to end."""
        if who in self.rules.approvers | self.rules.proposers:
            self.wishes.add(who)

    def counted_thaw(self, who: str) -> None:
        """Note that the program counts somebody's wish."""
        if who in self.wishes and who not in self.unfit:
            self.thawers.add(who)

    def thawed(self) -> None:
        """Note that the program says the freeze is over; it is when two agree, one of them an approver."""
        able = self.thawers & (self.rules.approvers | self.rules.proposers)
        if len(able) >= 2 and able & self.rules.approvers:
            self.frozen = False
            for case in self.cases.values():
                case.hold_until_ms = None

    def objections(self, number: int, call: Call, now: Callable[[Thing], Facts | None]) -> list[str]:
        """Say why a call that was just made for a proposal should not have been made; ``now`` tells facts."""
        case = self.cases.get(number)
        if case is None:
            return ["nobody proposed it"]
        found = [*self._against_time(case), *self._against_quorum(case)]
        if call.force != case.request.get("force", False):
            found.append("force is not what was shown")
        for thing in call.things:
            if thing not in case.shown:
                found.append(f"{thing} was not shown")
            elif now(thing) != case.shown[thing]:
                found.append(f"{thing} is not what was shown: {case.shown[thing]} -> {now(thing)}")
        return found

    def repeats(self, number: int, call: Call, seen: Callable[[Thing], int], patience_ms: int) -> list[str]:
        """Say which things of a call should not have been sent again; remember the call."""
        found: list[str] = []
        if len(set(call.things)) != len(call.things):
            found.append("the same thing twice in one call")
        for thing in call.things:
            before = self.cases[number].sent.setdefault(thing, [])
            doubtful = [each for each in before if each.word not in CERTAINLY_NOTHING]
            for each in doubtful:
                if each.word not in IN_DOUBT and thing[1] not in each.missing:
                    found.append(f"{thing} sent again after {each.word}")
                elif seen(thing) < each.seq or call.at_ms - each.at_ms < patience_ms:
                    found.append(f"{thing} sent again blindly after {each.word}")
            before.append(call)
        return found

    def untrue(self, number: int, thing: Thing, word: str | None, *, is_there: bool) -> str | None:
        """Say why a final word is not true of a thing, or None when it may be."""
        calls = self.cases[number].sent.get(thing, [])
        told = [call for call in calls if call.word not in CERTAINLY_NOTHING]
        accepted = any(c.word == "accepted" and thing[1] not in c.missing | c.refused for c in calls)
        refused = any(c.word == "Denied" or thing[1] in c.refused for c in calls)
        lies = {
            "deleted": is_there,
            "already gone": is_there or any(thing in call.did for call in calls),
            "accepted": not accepted,
            "refused": not refused,
            "changed": accepted,
            "stopped": bool(told),
            # Whoever was killed just before a call leaves the same behind as who was killed just after it.
            "failed": thing not in self.cases[number].meant,
            "unknown": False,
        }
        return f"{thing} is said to be {word}" if lies.get(word or "", True) else None

    def _may_approve(self, case: Case, who: str) -> bool:
        # One person of two workspaces is one person.
        is_proposer = who.rpartition("/")[2] == case.proposer.rpartition("/")[2]
        in_time = self.now_ms() < case.expires_ms
        was_seen = case.posted or len(case.shown) < LONG
        return who in self.rules.approvers and not is_proposer and in_time and was_seen and not case.closed

    def _supporters(self, case: Case) -> set[str]:
        ballots = (ballot for ballot in self.ballots.values() if ballot.number == case.number and ballot.counts)
        return {b.who for b in ballots if b.digest == case.digest and b.revision == case.revision}

    def _against_quorum(self, case: Case) -> list[str]:
        needed = max(case.needed, self.rules.needed, 1)
        supporters = self._supporters(case) & self.rules.approvers - {case.proposer}
        return [] if len(supporters) >= needed else [f"{len(supporters)} of {needed} approvals"]

    def _against_time(self, case: Case) -> list[str]:
        now = self.now_ms()
        found = ["everything is frozen"] if self.frozen else []
        if case.closed:
            found.append(f"it was {case.closed}")
        if not case.is_approved:
            found.append("it was never approved")
        elif case.hold_until_ms is None:
            found.append("its hold has not begun: nobody could see that it can be stopped")
        elif now < case.hold_until_ms:
            found.append("it is on hold")
        elif now >= case.execute_by_ms:
            found.append("its time to execute is over")
        return found


def _root(rows: list[bytes]) -> str:
    """Return the Merkle tree hash of RFC 6962, section 2.1, as it is written there."""
    return _hash(rows).hex()


def _hash(rows: list[bytes]) -> bytes:
    if not rows:
        return hashlib.sha256(b"").digest()
    if len(rows) == 1:
        return hashlib.sha256(b"\0" + rows[0]).digest()
    split = 1 << (len(rows) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _hash(rows[:split]) + _hash(rows[split:])).digest()
