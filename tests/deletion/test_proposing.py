from collections.abc import Callable
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from deletion.approval import proposal
from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.evidence import record_check
from deletion.jobs.config import JobKind
from deletion.terms import canonical, states
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.requests.targets import NAMED_IN_LOG, ImageUrls, Request, Videos
from deletion.terms.states import OPEN, Event, IllegalEventError, State
from sandbox.vod import seed
from storage import Tx
from storage.tables import audit_log, outbox, proposals
from tests.deletion.bench import ANA, BO, TEAM, Bench

ONE = Videos((seed.SPRING_TEASER.video_id,))
ZED = Actor(TEAM, "UZED")


def propose(
    bench: Bench, request: Request = ONE, who: Actor = ANA, delivery: str = "trigger", reason: str = ""
) -> int | tuple[Refusal, ...]:
    wish = ProposalDraft(request, reason)
    return bench.database.write(
        lambda tx: proposing.propose(tx, bench.ctx.config, SlackAction(who, delivery), wish)
    )


def refused(found: object) -> Rule:
    if isinstance(found, tuple):
        (found,) = found
    assert isinstance(found, Refusal)
    return found.rule


@pytest.mark.parametrize("more", [0, 1])
def test_the_log_names_few_things_and_of_many_how_many_they_are_and_their_digest(bench: Bench, more: int) -> None:
    """A proposal, and one that is refused for its size alone: both would fill the log with ids."""
    many = Videos(tuple(f"video{n}" for n in range(NAMED_IN_LOG + more)))
    bench.ctx = bench.with_rules(max_items=NAMED_IN_LOG + 1)
    number = propose(bench, many)
    bench.ctx = bench.with_rules(max_items=1)
    assert refused(propose(bench, many, delivery="again")) is Rule.TOO_MANY

    assert isinstance(number, int)
    request = bench.database.read(lambda tx: proposals.request_of(tx, number))
    made, no = bench.events("proposal.made")[0], bench.events("proposal.refused")[0]
    for event in (made, no):
        assert event["request"] == {"by": "videos", "ids": [] if more else list(many.ids)}
        assert event.get("request_digest") == (canonical.sha256(request) if more else None)
        assert event["asked"] == len(many.ids)


def test_another_id_among_many_that_were_asked_for_is_named_by_verify(bench: Bench) -> None:
    bench.ctx = bench.with_rules(max_items=1_000)
    number = propose(bench, Videos(tuple(f"video{n}" for n in range(NAMED_IN_LOG + 1))))
    assert isinstance(number, int)
    assert record_check.verify(bench.database).holds

    bench.sql("UPDATE proposals SET request = replace(request, 'video7\"', 'video8\"') WHERE id = :id", id=number)
    (found,) = record_check.verify(bench.database).violations
    assert f"proposals #{number}, request: the log says a text with the SHA-256" in found.problem


def put_in(bench: Bench, state: State) -> int:
    """Store a proposal and put it into a state, as if it had got there."""
    number = propose(bench)
    assert isinstance(number, int)
    bench.sql("UPDATE proposals SET state = :state WHERE id = :id", state=state, id=number)
    return number


def test_a_proposal_is_stored_with_its_job_and_its_event(bench: Bench) -> None:
    number = propose(bench, reason="rights expired\0")

    assert isinstance(number, int)
    row = bench.row(number)
    assert (row.state, row.proposer, row.team, row.needed) == (State.COLLECTING, ANA.user, TEAM, 1)
    assert (row.kind, row.reason) == ("video", "rights expired\ufffd")
    assert row.expires_ms == bench.clock.ms + 3600 * 1000
    assert row.collect_by_ms == bench.clock.ms + proposing.COLLECT_WITHIN_MS
    request = bench.database.read(lambda tx: proposals.request_of(tx, number))
    assert canonical.loads(request) == {"by": "videos", "ids": list(ONE.ids)}
    assert bench.queued() == 1
    assert bench.events("proposal.made")[0]["needed"] == 1


@pytest.mark.parametrize(
    ("request_", "who", "rule"),
    [
        (ONE, ZED, Rule.NOT_A_PROPOSER),
        (ONE, Actor("TELSE", ANA.user), Rule.STRANGER),
        (Videos(tuple(f"{n:032}" for n in range(101))), ANA, Rule.TOO_MANY),
    ],
)
def test_a_proposal_that_may_not_be_made_leaves_nothing_but_an_event(
    bench: Bench, request_: Request, who: Actor, rule: Rule
) -> None:
    assert refused(propose(bench, request_, who)) is rule

    assert bench.database.read(lambda tx: tx.rows("SELECT id FROM proposals")) == []
    assert bench.queued() == 0
    (event,) = bench.events("proposal.refused")
    assert event["rule"] == rule


def test_everything_that_is_wrong_with_a_request_is_said_at_once(bench: Bench) -> None:
    urls = tuple(f"https://elsewhere.example/{n}.png" for n in range(101))

    found = propose(bench, ImageUrls(urls))

    assert isinstance(found, tuple)
    assert {refusal.rule for refusal in found} == {Rule.TOO_MANY, Rule.URL_OUTSIDE}
    assert {event["rule"] for event in bench.events("proposal.refused")} == {Rule.TOO_MANY, Rule.URL_OUTSIDE}


@pytest.mark.parametrize("first", ["made", "refused"])
def test_a_delivery_that_comes_twice_is_acted_on_once(bench: Bench, first: str) -> None:
    propose(bench, who=ANA if first == "made" else ZED)

    assert refused(propose(bench)) is Rule.REPLAYED

    assert len(bench.events("proposal.made")) == (first == "made")


def test_replays_of_every_deed_are_refused(bench: Bench) -> None:
    number = bench.propose(ONE)
    deed = SlackAction(BO, "trigger")
    config = bench.ctx.config

    def reject() -> object:
        return bench.database.write(lambda tx: proposing.reject(tx, config, deed, number, why="no"))

    def withdraw() -> object:
        return bench.database.write(lambda tx: proposing.withdraw(tx, deed, number))

    assert not isinstance(reject(), Refusal)
    assert refused(reject()) is Rule.REPLAYED
    assert refused(withdraw()) is Rule.REPLAYED


DEEDS: dict[str, tuple[Callable[[Bench, int], object], set[State], State]] = {
    "withdraw": (
        lambda bench, number: bench.withdraw(number, ANA),
        {State.COLLECTING, State.PENDING, State.APPROVED},
        State.WITHDRAWN,
    ),
    "reject": (lambda bench, number: bench.reject(number, BO), {State.PENDING}, State.REJECTED),
}


@pytest.mark.parametrize(("deed", "state"), list(product(DEEDS, State)))
def test_what_people_may_do_in_which_state(bench: Bench, deed: str, state: State) -> None:
    act, allowed, after = DEEDS[deed]
    number = put_in(bench, state)

    found = act(bench, number)

    if state in allowed:
        assert bench.state(number) == after
        assert bench.row(number).finished_ms == bench.clock.ms
    else:
        assert refused(found) is Rule.NOT_OPEN
        assert bench.state(number) == state


@pytest.mark.parametrize(("state", "late"), list(product(State, (False, True))))
def test_only_what_is_pending_and_late_expires(bench: Bench, state: State, *, late: bool) -> None:
    number = put_in(bench, state)
    bench.clock.advance(3600 if late else 3599)

    done = bench.database.write(lambda tx: proposing.expire(tx, number))

    assert done == (late and state is State.PENDING)
    assert bench.state(number) == (State.EXPIRED if done else state)


def test_only_its_proposer_withdraws_a_proposal(bench: Bench) -> None:
    number = bench.propose(ONE)

    for who in (BO, ZED, Actor("TELSE", ANA.user)):
        assert refused(bench.withdraw(number, who)) is Rule.NOT_THE_PROPOSER
    assert bench.state(number) == State.PENDING
    assert len(bench.events("withdrawal.refused")) == 3


@pytest.mark.parametrize(("who", "rule"), [(ANA, Rule.OWN_PROPOSAL), (ZED, Rule.NOT_AN_APPROVER)])
def test_only_who_may_approve_may_reject(bench: Bench, who: Actor, rule: Rule) -> None:
    number = bench.propose(ONE)

    assert refused(bench.reject(number, who)) is rule
    assert bench.state(number) == State.PENDING


@pytest.mark.parametrize(("who", "state"), list(product((ANA, BO, ZED), State)))
def test_the_form_for_a_rejection_is_refused_exactly_where_the_rejection_is(
    bench: Bench, who: Actor, state: State
) -> None:
    number = put_in(bench, state)
    action, config = SlackAction(who, "click"), bench.ctx.config

    before = bench.database.write(lambda tx: proposing.may_open_rejection(tx, config, action, number))

    assert bench.state(number) == state
    assert [event["rule"] for event in bench.events("rejection.refused")] == ([before.rule] if before else [])
    rejected = bench.reject(number, who)
    assert (rejected if isinstance(rejected, Refusal) else None) == before


def test_there_is_nothing_to_be_done_about_a_proposal_that_was_never_made(bench: Bench) -> None:
    for found in (bench.withdraw(99), bench.reject(99), bench.approve(99, digest="d")):
        assert refused(found) is Rule.NO_SUCH_PROPOSAL
    assert not bench.database.write(lambda tx: proposing.expire(tx, 99))


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_a_transition_is_made_only_where_the_table_has_one(bench: Bench, state: State, event: Event) -> None:
    number = put_in(bench, state)
    row = bench.row(number)

    def work(tx: Tx) -> State:
        return proposal.transition(tx, row, event)

    if (state, event) in states.TABLE:
        assert bench.database.write(work) == bench.state(number) == states.TABLE[state, event]
    else:
        with pytest.raises(IllegalEventError):
            bench.database.write(work)
        assert bench.state(number) == state


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_transition_from_a_state_that_somebody_else_has_left_changes_nothing(bench: Bench, state: State) -> None:
    number = put_in(bench, state)
    row = bench.row(number)
    event = next(event for (source, event) in states.TABLE if source is state)
    bench.sql("UPDATE proposals SET state = 'rejected' WHERE id = :id", id=number)

    with pytest.raises(IllegalEventError, match="no longer"):
        bench.database.write(lambda tx: proposal.transition(tx, row, event))

    assert bench.state(number) == State.REJECTED


def test_closing_voids_every_vote_and_stops_every_clock(bench: Bench) -> None:
    number = bench.approved(ONE)

    bench.withdraw(number)

    assert [vote.state for vote in bench.votes(number)] == ["void"]
    left = bench.database.read(lambda tx: tx.rows("SELECT kind FROM jobs WHERE state = 'queued'"))
    assert left == []
    assert {JobKind.EXECUTE, JobKind.EXPIRE} <= {
        row["kind"] for row in bench.database.read(lambda tx: tx.rows("SELECT kind FROM jobs"))
    }


def test_nothing_of_a_long_list_is_written_out_while_others_wait_for_the_log(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noting(what: str, module: ModuleType, name: str) -> None:
        function = getattr(module, name)

        def noted(*args: Any, **options: Any) -> Any:
            done.append(what)
            return function(*args, **options)

        monkeypatch.setattr(module, name, noted)

    noting("written", proposing, "in_log")
    noting("written", proposing, "to_json")
    noting("locked", outbox, "lock_lane")
    noting("locked", audit_log, "head")
    assert isinstance(propose(bench), int)
    assert done[:2] == ["written", "written"]
    assert set(done[2:]) == {"locked"}
