"""When approvers are reminded: in their working hours, before it expires, at growing intervals, each time once."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deletion.approval.people.reminding import zone_of
from deletion.approval.requests import proposing
from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages import audience
from deletion.audit.notices import ApprovalReminded
from deletion.audit.record import record
from deletion.jobs.config import JobKind
from deletion.policy import reminding
from deletion.policy.asking import mentioned
from deletion.policy.decisions import APPROVERS
from deletion.terms.ids import Digest, proposal_ref
from deletion.terms.people import Actor, Person
from deletion.terms.requests.targets import Videos
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from storage import Tx
from storage.tables import jobs, proposals, revisions
from tests.deletion.bench import ANA, BO, CY, TEAM, Bench
from tests.deletion.pings import MENTION, OWN_DEED, REMINDER, Mailbox
from tests.deletion.posting import somebody_sends
from tests.storage import samples

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
HOUR_MS = 3_600_000


def at(text: str, zone: tzinfo = UTC) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def shown(at_ms: int | None, zone: tzinfo = UTC) -> str:
    return "never" if at_ms is None else f"{datetime.fromtimestamp(at_ms / 1000, zone):%a %H:%M}"


def moments_of(begun_ms: int, expires_ms: int, zone: tzinfo) -> list[int | None]:
    found = (
        reminding.moment(share, begun_ms=begun_ms, expires_ms=expires_ms, zone=zone) for share in reminding.SHARES
    )
    return list(found)


@pytest.mark.parametrize(
    ("begun", "hours", "zone", "moments"),
    [
        ("2026-06-02 10:00", 24, UTC, ["Wed 09:00", "Wed 09:00"]),  # wanted at 18:00 and 6:00
        ("2026-06-02 08:00", 24, SHANGHAI, ["Tue 16:00", "Tue 17:00"]),  # the next morning would be too late
        ("2026-06-05 16:00", 24, UTC, ["Fri 17:00", "Fri 17:00"]),  # expires on Saturday
        ("2026-06-05 16:30", 24, UTC, ["never", "never"]),
        ("2026-06-05 16:30", 72, UTC, ["Mon 09:00", "Mon 09:00"]),
        ("2026-06-02 09:00", 2, UTC, ["Tue 09:40", "Tue 10:40"]),
        ("2026-06-02 20:00", 6, UTC, ["never", "never"]),  # nobody works in that time
        ("2026-06-01 10:00", 24 * 14, NEW_YORK, ["Mon 09:00", "Mon 09:00"]),  # a week apart
    ],
)
def test_the_moments_of_reminders(begun: str, hours: int, zone: tzinfo, moments: list[str]) -> None:
    begun_ms = at(begun, zone)
    expires_ms = begun_ms + hours * HOUR_MS
    found = [
        reminding.moment(share, begun_ms=begun_ms, expires_ms=expires_ms, zone=zone) for share in reminding.SHARES
    ]
    assert [shown(each, zone) for each in found] == moments


@given(
    begun_ms=st.integers(1_767_225_600_000, 1_798_761_600_000),
    hours=st.integers(1, 24 * 14),
    name=st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham"]),
)
def test_a_reminder_comes_while_its_reader_works_and_can_act(begun_ms: int, hours: int, name: str) -> None:
    zone, expires_ms = ZoneInfo(name), begun_ms + hours * HOUR_MS
    for found in moments_of(begun_ms, expires_ms, zone):
        if found is not None:
            assert reminding.is_working_time(found, zone)
            assert begun_ms < found <= expires_ms - reminding.LATEST_MS


def test_a_time_zone_that_this_machine_does_not_know_is_as_far_from_utc_as_slack_says() -> None:
    known = Person(BO, deleted=False, is_bot=False, is_guest=False, is_stranger=False, tz="Asia/Shanghai")
    assert zone_of(known) == SHANGHAI
    for tz in ("", "Moon/Tycho", "../etc/passwd", "x" * 300):
        other = Person(BO, False, False, False, False, tz=tz, utc_offset_s=3600)
        offset = zone_of(other).utcoffset(datetime(2026, 1, 1, tzinfo=UTC))
        assert offset is not None
        assert offset.total_seconds() == 3600


DAY_S = 24 * 3600
MONDAY = at("2029-06-04 09:00")


@dataclass(frozen=True)
class Desk:
    """A bench in Slack, on a Monday morning."""

    bench: Bench
    mail: Mailbox

    def pass_time(self, hours: float) -> None:
        """Let time pass as the worker lives through it, an hour at once."""
        until = self.bench.clock.ms + round(hours * HOUR_MS)
        while self.bench.clock.ms < until:
            self.bench.clock.ms = min(until, self.bench.clock.ms + HOUR_MS)
            self.settle()

    def settle(self) -> None:
        self.bench.settle()
        self.mail.deliver()
        self.bench.settle()

    def propose(self, who: Actor = ANA) -> int:
        video = self.bench.vod.library.add_video(title="take", has_cover=False).video_id
        number = self.bench.propose(Videos((video,)), who)
        self.settle()
        return number

    def reminders(self, who: Actor) -> int:
        return self.mail.why(who.user).count(REMINDER)

    def reminded_of(self) -> list[tuple[int, ...]]:
        return [each.of for each in self.bench.reported("direct") if isinstance(each, ApprovalReminded)]


@pytest.fixture
def desk(open_bench: Callable[..., Bench]) -> Desk:
    bench = open_bench(reminders=True, expires_after_s=2 * DAY_S, approvals_needed=2)
    bench.clock.ms = MONDAY
    bench.database.write(somebody_sends)
    return Desk(bench, Mailbox(bench.database))


def test_approvers_who_have_not_voted_are_reminded_twice_before_it_expires(desk: Desk) -> None:
    number = desk.propose()
    desk.pass_time(23.9)
    desk.bench.approve(number, BO)
    desk.settle()
    assert (desk.reminders(BO), desk.reminders(CY)) == (0, 0), "a third of its time was over at night"

    desk.pass_time(1)
    assert (desk.reminders(ANA), desk.reminders(BO), desk.reminders(CY)) == (0, 0, 1), "the morning after"
    desk.pass_time(48)

    assert desk.bench.state(number) == State.EXPIRED
    assert desk.reminders(CY) == 1, "told at once of what was due that evening, before the end"


def test_what_waits_for_long_is_reminded_of_twice(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(reminders=True, expires_after_s=10 * DAY_S)
    bench.clock.ms = MONDAY
    bench.database.write(somebody_sends)
    desk = Desk(bench, Mailbox(bench.database))
    desk.propose()
    found = []
    for _ in range(10):
        bench.clock.advance(DAY_S)
        desk.settle()
        found.append(desk.reminders(CY))

    assert found == [0, 0, 0, 1, 1, 1, 1, 1, 2, 2], "on the fourth day, and on the Tuesday of the next week"


@pytest.mark.parametrize("ended", ["approved", "rejected", "withdrawn"])
def test_what_is_decided_reminds_nobody(desk: Desk, ended: str) -> None:
    number = desk.propose()
    match ended:
        case "approved":
            desk.bench.approve(number, BO)
            desk.bench.approve(number, CY)
        case "rejected":
            desk.bench.reject(number)
        case _:
            desk.bench.withdraw(number)

    desk.pass_time(47)

    assert desk.reminded_of() == []


def test_who_cannot_act_any_more_or_cannot_be_looked_up_is_not_reminded(desk: Desk) -> None:
    desk.propose()
    desk.bench.people.said[BO] = Person(BO, True, False, False, False)
    desk.bench.people.unknown.add(CY)
    desk.pass_time(25)
    assert (desk.reminders(BO), desk.reminders(CY)) == (0, 0)

    desk.bench.people.unknown.clear()
    desk.bench.ctx = desk.bench.with_rules(approvers=frozenset({ANA.user, CY.user}))
    desk.bench.people.said.clear()
    desk.pass_time(1)

    assert (desk.reminders(BO), desk.reminders(CY)) == (0, 1), "as soon as Slack answers"


def test_what_waits_together_is_told_in_one_message(desk: Desk) -> None:
    numbers = [desk.propose() for _ in range(3)]
    desk.pass_time(1)
    numbers.append(desk.propose())

    desk.pass_time(24)

    assert desk.reminded_of() == [tuple(numbers)] * 2, "one for each of the two"


def test_a_reminder_is_queued_once_whoever_is_killed_and_wherever_the_clock_goes(desk: Desk) -> None:
    desk.propose()
    desk.pass_time(25)
    assert len(desk.reminded_of()) == 2
    for hours in (-3, 6, -2):
        desk.bench.clock.ms += hours * HOUR_MS
        desk.bench.sql(
            "UPDATE jobs SET state = 'queued', owner = NULL, lease_ms = 0, due_ms = 0 WHERE kind = 'remind'"
        )
        desk.bench.settle(desk.bench.other_instance())
        desk.mail.deliver()

    assert len(desk.reminded_of()) == 2


def test_an_instance_that_dies_over_it_leaves_the_job_to_another(desk: Desk) -> None:
    desk.propose()
    desk.bench.clock.ms += 25 * HOUR_MS
    claim = desk.bench.database.write(lambda tx: jobs.claim(tx, owner="killed", lease_ms=tx.now_ms() + 30_000))
    assert claim is not None
    assert claim.kind == JobKind.REMIND
    desk.settle()
    assert desk.reminded_of() == []

    desk.bench.clock.advance(31)
    desk.settle()

    assert len(desk.reminded_of()) == 2


def test_nobody_is_reminded_where_the_settings_say_so(desk: Desk) -> None:
    desk.bench.ctx = desk.bench.with_rules(reminders=False)
    desk.propose()
    desk.pass_time(47)
    assert desk.reminded_of() == []


TEAM_OF_SIX = tuple(Actor(TEAM, f"U{name}") for name in ("ANA", "BO", "CY", "DI", "ED", "FAY"))
PRODUCERS = tuple(Actor(TEAM, f"U{name}") for name in ("PAT", "QUIN", "ROY"))
ZONES = ("UTC", "Europe/Lisbon", "Asia/Shanghai", "America/New_York", "UTC", "Europe/Berlin")


@dataclass(frozen=True)
class Week(Desk):
    """A week in which nothing is read or deleted: what people are told of it follows from the events."""

    def made(self, who: Actor) -> int:
        now = self.bench.clock.ms
        new = replace(samples.NEW, proposer=who.user, team=TEAM, created_ms=now, expires_ms=now + DAY_S * 1000)

        def make(tx: Tx) -> int:
            number = proposals.add(tx, new)
            revisions.add_plan(tx, samples.plan(number))
            audience.card(tx, number)
            return number

        number = self.bench.database.write(make)
        self.mail.deliver()
        return number

    def decided(self, number: int, voter: Actor) -> None:
        about = proposal_ref(number)
        told: list[Event] = [
            events.VoteCounted(about=about, by=voter, counted=1, needed=1, reached=True),
            events.ProposalApproved(about=about, digest=Digest("d"), approvals=(str(voter),)),
            events.ExecutionFinished(about=about, digest=Digest("d"), tally={Outcome.DELETED: 1}),
        ]

        def decide(tx: Tx) -> None:
            if proposals.move(tx, number, old=State.PENDING, new=State.FINISHED, note="{}"):
                for event in told:
                    record(tx, event)

        self.bench.database.write(decide)
        self.mail.deliver()

    def live(self, votes: list[tuple[int, int, Actor]], *, until_ms: int) -> None:
        """Let time pass until then, while people vote when they do, and what waits too long expires."""
        while self.bench.clock.ms < until_ms:
            now = self.bench.clock.ms = min(until_ms, self.bench.clock.ms + HOUR_MS)
            for vote in [each for each in votes if each[0] <= now]:
                votes.remove(vote)
                self.decided(*vote[1:])
            waiting = self.bench.database.read(lambda tx: proposals.in_states(tx, State.PENDING, limit=50))
            for row in waiting:
                self.bench.database.write(lambda tx, row=row: proposing.expire(tx, row.id))  # type: ignore[misc] # mypy cannot infer a lambda's default
            self.bench.settle()
            self.mail.deliver()


def test_a_week_of_fifty_proposals_pings_an_approver_at_most_1_2_times_for_each(
    open_bench: Callable[..., Bench],
) -> None:
    dice = random.Random(13)  # noqa: S311 - a week that is the same each time
    approvers, everybody = frozenset(each.user for each in TEAM_OF_SIX), (*TEAM_OF_SIX, *PRODUCERS)
    bench = open_bench(reminders=True, mention=frozenset({APPROVERS}), approvers=approvers)
    bench.clock.ms = MONDAY
    bench.database.write(somebody_sends)
    for actor, zone in zip(TEAM_OF_SIX, ZONES, strict=True):
        bench.people.said[actor] = Person(actor, False, False, False, False, tz=zone)
    policy = bench.ctx.config.policy
    week = Week(bench, Mailbox(bench.database, asks=lambda proposer: mentioned(policy, proposer=proposer)))
    asked: set[tuple[str, int]] = set()
    votes: list[tuple[int, int, Actor]] = []
    for day in range(5):
        for made_ms in sorted(MONDAY + day * DAY_S * 1000 + dice.randrange(9 * HOUR_MS) for _ in range(10)):
            week.live(votes, until_ms=made_ms)
            proposer = dice.choice(everybody)
            number = week.made(proposer)
            others = [each for each in TEAM_OF_SIX if each != proposer]
            asked |= {(each.user, number) for each in others}
            # Most are decided within two hours, some the next morning, and one in ten by nobody.
            waits_h = dice.choices((dice.uniform(0.1, 2), dice.uniform(14, 18), None), (7, 2, 1))[0]
            if waits_h is not None:
                votes.append((made_ms + round(waits_h * HOUR_MS), number, dice.choice(others)))
    week.live(votes, until_ms=MONDAY + 7 * DAY_S * 1000)

    states = Counter(bench.state(number) for number in range(1, 51))
    assert set(states) == {State.FINISHED, State.EXPIRED}
    assert states[State.EXPIRED] >= 2
    # What proposers are told of their own proposals is no question to an approver.
    pings = [each for each in week.mail.pings if each.why == REMINDER or (each.who, each.number) in asked]
    assert Counter(each.why for each in pings)[MENTION] == len(asked)
    assert Counter(each.why for each in pings)[REMINDER] > 0
    for user in approvers:
        asks = [each for each in pings if each.who == user and each.why != OWN_DEED]
        assert len(asks) <= 1.2 * sum(user == who for who, _ in asked), user
    # With what they are told of their own approvals: a notice of security, to nobody else.
    assert len(pings) <= 1.2 * len(asked), Counter(each.why for each in pings)
