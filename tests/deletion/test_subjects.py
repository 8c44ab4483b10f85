"""The approval machine with a subject that the product does not have: nothing in it knows a deletion."""

from dataclasses import dataclass, field

import pytest

from deletion.approval import voting
from deletion.approval.proposal import SlackAction
from deletion.approval.voting import Ballot, PostponedError
from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages.audience import ReplyTo
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Again, Context, Done
from deletion.policy.quorum import Entitled, GroupNeed, Quorum
from deletion.terms.ids import Digest, Ref, SubjectKind
from deletion.terms.people import Actor, Person
from deletion.terms.refusals import Refusal, Rule
from storage import Tx
from storage.tables import jobs, votes
from storage.tables.jobs import JobRow
from storage.tables.votes import Subject, VoteRow, VoteState
from tests.deletion.bench import ANA, BO, CY, Bench

KIND = SubjectKind("menu")
DIGEST = Digest("d" * 64)
COOKS, GUESTS = frozenset({ANA.user, BO.user}), frozenset({CY.user})


@dataclass
class Kitchen:
    """What goes on around the test's subject: a menu that a cook and a guest have to approve."""

    open: bool = True
    unread: bool = False
    changed: bool = False
    served: list[frozenset[Actor]] = field(default_factory=list)


@dataclass(frozen=True)
class Menu:
    number: int
    kitchen: Kitchen

    @property
    def ref(self) -> Ref:
        return Ref(KIND, self.number)

    def refuses(
        self,
        _: Tx,
        config: Config,
        actor: Actor,
        digest: str,
        *,
        typed: int | None = None,  # noqa: ARG002 - as a subject
    ) -> Refusal | None:
        if not self.kitchen.open or digest != DIGEST:
            return Refusal(Rule.TIME_IS_UP)
        found = self.entitles(config, actor)
        return found if isinstance(found, Refusal) else None

    def entitles(self, config: Config, actor: Actor) -> Entitled | Refusal:
        if actor.team != config.policy.home_team:
            return Refusal(Rule.STRANGER)
        return Entitled("eats here", "cooks" if actor.user in COOKS else "guests")

    def quorum(self, config: Config) -> Quorum:
        return Quorum(
            2, (GroupNeed("cooks", COOKS, 1), GroupNeed("guests", GUESTS, config.policy.approvals_needed))
        )

    def read_again(self, _: Context, __: JobRow, ___: VoteRow) -> bool:
        if self.kitchen.unread:
            raise PostponedError
        return self.kitchen.changed

    def replaced(self, tx: Tx, _: Config, vote: VoteRow, read: bool) -> bool:  # noqa: FBT001 - what it read
        if read:
            voting.void(tx, self.ref, vote, Refusal(Rule.PLAN_CHANGED))
        return read

    def newcomers(self, _: bool) -> int:  # noqa: FBT001 - what it read
        return 0

    def approve(self, _: Tx, __: Config, voters: frozenset[Actor]) -> Event:
        self.kitchen.served.append(voters)
        return events.FreezeEnded(about=self.ref, people=tuple(str(voter) for voter in sorted(voters)))


@dataclass(frozen=True)
class Menus:
    kitchen: Kitchen
    kind: SubjectKind = KIND
    already: Rule = Rule.ALREADY_APPROVED
    ask_within_ms: int = 0

    def find(self, _: Tx, number: int, *, locked: bool) -> Menu | None:  # noqa: ARG002 - nobody else changes it
        return Menu(number, self.kitchen) if number == 1 else None


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


def cast(bench: Bench, kitchen: Kitchen, who: Actor, *, number: int = 1, request: str = "") -> int | Refusal:
    action = SlackAction(who, request or f"{who.user}.{number}")
    ballot = Ballot(number, DIGEST, ReplyTo("C1", who.user))
    return bench.database.write(lambda tx: voting.cast(tx, bench.ctx.config, action, ballot, Menus(kitchen)))


def count(bench: Bench, kitchen: Kitchen) -> list[Done | Again]:
    """Do every job that counts a vote, once."""
    found = []
    while job := bench.database.write(lambda tx: jobs.claim(tx, owner="test", lease_ms=tx.now_ms() + 60_000)):
        assert job.kind == JobKind.COUNT
        found.append(voting.step(bench.ctx, job, {KIND: Menus(kitchen)}))
    return found


def states(bench: Bench) -> list[VoteState]:
    found = bench.database.read(lambda tx: votes.of(tx, Subject(KIND, 1), *VoteState))
    return [vote.state for vote in found]


def test_a_third_subject_is_approved_by_its_own_quorum_of_groups(bench: Bench, kitchen: Kitchen) -> None:
    for who in (ANA, BO):
        assert isinstance(cast(bench, kitchen, who), int)
    count(bench, kitchen)
    assert kitchen.served == []

    assert isinstance(cast(bench, kitchen, CY), int)
    count(bench, kitchen)

    assert kitchen.served == [frozenset({ANA, BO, CY})]
    assert states(bench) == [VoteState.COUNTED] * 3
    assert [event["reached"] for event in bench.events("vote.counted")] == [False, False, True]
    assert bench.events("vote.counted")[2]["group"] == "guests"
    assert bench.events("freeze.ended") == [{"people": [str(ANA), str(BO), str(CY)]}]


def test_a_yes_is_kept_with_what_entitled_the_voter(bench: Bench, kitchen: Kitchen) -> None:
    cast(bench, kitchen, BO)
    count(bench, kitchen)

    (vote,) = bench.database.read(lambda tx: votes.of(tx, Subject(KIND, 1), VoteState.COUNTED))
    assert vote.note == '{"group":"cooks","rule":"eats here"}'


def test_nobody_votes_twice_on_what_they_were_shown(bench: Bench, kitchen: Kitchen) -> None:
    cast(bench, kitchen, BO)

    again = cast(bench, kitchen, BO, request="another click")
    replayed = cast(bench, kitchen, BO)

    assert isinstance(again, Refusal)
    assert again.rule is Rule.ALREADY_APPROVED
    assert isinstance(replayed, Refusal)
    assert replayed.rule is Rule.REPLAYED


def test_a_subject_that_is_not_there_takes_no_votes(bench: Bench, kitchen: Kitchen) -> None:
    found = cast(bench, kitchen, BO, number=2)

    assert isinstance(found, Refusal)
    assert bench.events("vote.refused")[0]["rule"] == found.rule


def test_a_vote_waits_while_what_it_is_about_cannot_be_read_and_then_counts(bench: Bench, kitchen: Kitchen) -> None:
    kitchen.unread = True
    cast(bench, kitchen, BO)

    (waits,) = count(bench, kitchen)

    assert isinstance(waits, Again)
    assert states(bench) == [VoteState.CAST]


def test_a_vote_that_waits_is_void_once_its_subject_takes_none(bench: Bench, kitchen: Kitchen) -> None:
    kitchen.unread = True
    cast(bench, kitchen, BO)
    kitchen.open = False

    assert count(bench, kitchen) == [Done()]
    assert states(bench) == [VoteState.VOID]
    assert bench.news("private") == ["vote.voided"]


def test_a_vote_on_what_changed_is_settled_by_the_subject(bench: Bench, kitchen: Kitchen) -> None:
    kitchen.changed = True
    cast(bench, kitchen, BO)

    count(bench, kitchen)

    assert states(bench) == [VoteState.VOID]
    assert bench.events("vote.counted") == []


def test_whoever_slack_calls_a_guest_does_not_count_for_any_subject(bench: Bench, kitchen: Kitchen) -> None:
    bench.people.said[CY] = Person(CY, deleted=False, is_bot=False, is_guest=True, is_stranger=False)
    cast(bench, kitchen, CY)

    count(bench, kitchen)

    assert states(bench) == [VoteState.VOID]
    assert bench.events("vote.voided")[0]["rule"] == Rule.GUEST
