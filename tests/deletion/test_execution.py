from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from deletion.audit.events import PlanBroken
from deletion.evidence import record_check, replay
from deletion.execution import lanes
from deletion.execution.calls.results import root_of
from deletion.execution.steps import JudgeCanary
from deletion.jobs.config import JobKind
from deletion.plan import merkle
from deletion.plan.library.whereabouts import Whereabouts
from deletion.terms import canonical
from deletion.terms.ids import ProposalNumber
from deletion.terms.requests.targets import Videos
from deletion.terms.results.causes import Cause, Why
from deletion.terms.states import TERMINAL, State
from sandbox.vod import seed
from tests.deletion.bench import ANA, BO, CY, Bench

ONE = seed.SPRING_TEASER.video_id
TWO = seed.WAREHOUSE_TOUR.video_id
BOTH = Videos((ONE, TWO))


def holds(bench: Bench) -> bool:
    return record_check.verify(bench.database).holds


def test_an_approved_proposal_is_carried_out_and_said_to_be(bench: Bench) -> None:
    number = bench.approved(BOTH)

    bench.settle()

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: "deleted", TWO: "deleted"}
    assert bench.vod.ledger.ids() == [ONE, TWO]
    assert bench.events("execution.finished")[0]["root"] == root_of([(ONE, "deleted"), (TWO, "deleted")])
    assert bench.news("thread")[-2:] == ["execution.started", "execution.finished"]
    assert bench.news("direct")[-1] == "execution.finished"
    assert bench.row(number).finished_ms == bench.clock.ms
    assert bench.queued() == 0
    assert holds(bench)


def test_a_finished_proposal_is_not_touched_again(bench: Bench) -> None:
    number = bench.approved(BOTH)
    bench.settle()
    before = bench.row(number)

    bench.sql("UPDATE jobs SET state = 'queued', due_ms = 0 WHERE kind = :kind", kind=JobKind.EXECUTE)
    bench.settle()

    assert bench.row(number) == before
    assert bench.vod.ledger.ids() == [ONE, TWO]


def test_an_approval_that_was_not_used_in_time_expires(bench: Bench) -> None:
    number = bench.approved(BOTH)

    bench.advance(3600)

    assert bench.state(number) == State.EXPIRED
    assert bench.vod.ledger.calls() == ()
    assert bench.news("direct")[-1] == "proposal.expired"
    assert holds(bench)


def test_what_was_not_sent_when_the_time_is_over_is_stopped_and_said_so(bench: Bench) -> None:
    number = bench.executing(BOTH)

    bench.advance(3600)

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: "stopped", TWO: "stopped"}
    assert bench.vod.ledger.calls() == ()
    assert [event["count"] for event in bench.events("execution.stopped")] == [2]
    assert holds(bench)


def test_what_was_sent_before_the_time_was_over_is_still_read_back(bench: Bench) -> None:
    request = Videos(tuple(video.video_id for video in bench.vod.library.videos()[-25:]))
    bench.vod.faults.set("late", "DeleteVideo", seconds=1)
    number = bench.executing(request)
    while not bench.vod.ledger.calls():
        bench.step()

    bench.clock.advance(3600)
    bench.vod.library.settle()
    bench.settle()

    assert sorted(bench.outcomes(number).values(), key=str) == ["deleted"] * 20 + ["stopped"] * 5
    assert len(bench.vod.ledger.ids()) == 20
    assert holds(bench)


@pytest.mark.parametrize("seconds", [3599, 3600, 3601])
def test_nothing_is_sent_from_the_last_moment_on(bench: Bench, seconds: int) -> None:
    bench.executing(Videos((ONE,)))
    bench.clock.advance(seconds)

    bench.settle()

    assert bool(bench.vod.ledger.calls()) == (seconds < 3600)


def tamper(bench: Bench, number: int) -> None:
    """Change the stored plan and its row so that they name another video, as somebody with the file might."""
    other = bench.vod.library.video(TWO)
    assert other is not None
    (row,) = bench.database.read(
        lambda tx: tx.rows(
            "SELECT * FROM plan_rows r JOIN plans p ON p.rows_id = r.set_id WHERE proposal_id = :id", id=number
        )
    )
    fields = row["fields"].replace(ONE, TWO)
    bench.sql(
        "UPDATE plan_rows SET target = :target, fields = :fields, leaf = :leaf WHERE set_id = :id",
        target=TWO,
        fields=fields,
        leaf=merkle.leaf(fields),
        id=row["set_id"],
    )
    forged = row["plan"].replace(row["leaf"], merkle.leaf(fields))
    bench.sql("UPDATE plans SET plan = :plan WHERE proposal_id = :id", plan=forged, id=number)


@pytest.mark.parametrize(
    "change",
    [
        "plan_rows SET fields = replace(fields, :one, :two) WHERE set_id > 0",
        "plan_rows SET target = :two WHERE target = :one",
        """plan_rows SET fields = replace(fields, '"size":', '"size":1') WHERE set_id > 0""",
        "plan_rows SET leaf = substr(leaf, 1, 32) || substr(leaf, 1, 32) WHERE set_id > 0",
        "plan_rows SET leaf = 'no hash' WHERE set_id > 0",
        "plan_rows SET leaf = '' WHERE set_id > 0",
        "plan_rows SET leaf = leaf || '00' WHERE set_id > 0",
        "plan_rows SET fields = replace(fields, :one, :two), target = :two WHERE set_id > 0",
        "plan_rows SET part = 1 WHERE set_id > 0",
        "plans SET rows_id = NULL WHERE revision > 0",
        """plans SET plan = replace(plan, '"count":1', '"count":2') WHERE revision > 0""",
    ],
)
@pytest.mark.parametrize("when", [State.APPROVED, State.EXECUTING])
def test_whatever_is_changed_in_the_rows_of_a_plan_nothing_but_it_is_deleted(
    bench: Bench, change: str, when: State
) -> None:
    number = bench.approved(Videos((ONE,)))
    bench.until(number, when)
    bench.sql(f"UPDATE {change} AND :one <> :two", one=ONE, two=TWO)
    bench.settle()

    # Columns beside the text say nothing of their own: the text is what was approved, and it alone is carried out.
    assert set(bench.vod.ledger.ids()) <= ({ONE} if when is State.EXECUTING and "fields" not in change else set())
    assert bench.vod.library.video(TWO) is not None
    assert State(bench.state(number)) in TERMINAL
    assert not record_check.verify(bench.database).holds


@pytest.mark.parametrize("when", [State.APPROVED, State.EXECUTING])
def test_a_plan_that_was_tampered_with_deletes_nothing_and_it_is_said_so(bench: Bench, when: State) -> None:
    number = bench.approved(Videos((ONE,)))
    bench.until(number, when)
    tamper(bench, number)

    bench.settle()

    assert State(bench.state(number)) in TERMINAL
    assert bench.vod.ledger.calls() == ()
    assert bench.vod.library.video(ONE) is not None
    assert bench.vod.library.video(TWO) is not None
    if when is State.APPROVED:
        assert bench.state(number) == State.STALE
        broken = bench.reported("direct")[-1]
        assert isinstance(broken, PlanBroken)
        assert broken.because == Cause(why=Why.NOT_THE_APPROVED_PLAN)
    else:
        assert bench.outcomes(number) == {ONE: "stopped"}
        assert bench.news("thread")[-1] == "execution.finished"
    assert bench.queued() == 0


def test_a_plan_tampered_with_after_a_batch_was_sent_says_unknown_of_what_it_cannot_read_back(bench: Bench) -> None:
    bench.vod.faults.set("late", "DeleteVideo", seconds=1)
    number = bench.executing(Videos((ONE,)))
    while not bench.vod.ledger.calls():
        bench.step()
    tamper(bench, number)

    bench.settle()

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: "unknown"}
    assert bench.vod.ledger.ids() == [ONE]


def test_a_plan_swapped_for_another_of_the_same_size_and_its_digest_is_still_not_what_was_countersigned(
    bench: Bench,
) -> None:
    number = bench.executing(Videos((ONE,)))
    tamper(bench, number)
    forged = bench.database.read(lambda tx: tx.one("SELECT plan FROM plans WHERE proposal_id = :id", id=number))
    assert forged is not None
    digest = canonical.sha256(forged["plan"])
    bench.sql("UPDATE proposals SET digest = :digest WHERE id = :id", digest=digest, id=number)

    bench.settle()

    assert bench.state(number) == State.FINISHED
    assert bench.vod.ledger.calls() == ()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM votes WHERE subject_id = :id",
        "UPDATE votes SET state = 'void' WHERE subject_id = :id",
        "UPDATE votes SET state = 'cast' WHERE subject_id = :id",
        "UPDATE votes SET digest = 'another' WHERE subject_id = :id",
        "UPDATE votes SET voter = 'UANA' WHERE subject_id = :id",
        "UPDATE proposals SET needed = 2 WHERE id = :id",
        "UPDATE proposals SET needed = 0 WHERE id = :id",
        "UPDATE proposals SET proposer = 'UBO' WHERE id = :id",
        "UPDATE proposals SET execute_by_ms = NULL WHERE id = :id",
    ],
)
@pytest.mark.parametrize("when", [State.APPROVED, State.EXECUTING])
def test_without_its_quorum_nothing_is_sent_and_the_proposal_ends_or_waits_for_approval_again(
    bench: Bench, when: State, statement: str
) -> None:
    number = bench.approved(BOTH)
    bench.until(number, when)
    bench.sql(statement, id=number)

    bench.settle()

    assert bench.vod.ledger.calls() == ()
    assert State(bench.state(number)) in TERMINAL | ({State.PENDING} if when is State.APPROVED else set())
    assert set(bench.outcomes(number).values()) <= {"stopped"}
    assert bench.queued() == 0


def test_a_quorum_lost_between_two_batches_stops_the_second(bench: Bench) -> None:
    request = Videos(tuple(video.video_id for video in bench.vod.library.videos()[-25:]))
    number = bench.executing(request)
    while not bench.vod.ledger.calls():
        bench.step()
    bench.sql("DELETE FROM votes")

    bench.settle()

    assert sorted(bench.outcomes(number).values(), key=str) == ["deleted"] * 20 + ["stopped"] * 5
    assert bench.events("execution.stopped")[0]["count"] == 5


@pytest.mark.parametrize("rules", [{"approvers": frozenset({ANA.user, CY.user})}, {"approvals_needed": 2}])
def test_rules_that_became_stricter_after_the_approval_stop_the_execution(
    bench: Bench, rules: dict[str, Any]
) -> None:
    number = bench.executing(BOTH)
    config = replace(bench.ctx.config, policy=replace(bench.ctx.config.policy, **rules))
    bench.ctx = replace(bench.ctx, config=config)

    bench.settle()

    assert set(bench.outcomes(number).values()) == {"stopped"}
    assert bench.vod.ledger.calls() == ()


@pytest.mark.parametrize("end", ["withdraw", "reject", "expire", "finish"])
def test_every_end_of_a_proposal_is_one_that_the_inquest_knows(bench: Bench, end: str) -> None:
    match end:
        case "withdraw":
            bench.withdraw(bench.approved(BOTH), ANA)
        case "reject":
            bench.reject(bench.propose(BOTH), BO)
        case "expire":
            bench.propose(BOTH)
            bench.advance(3600)
        case _:
            bench.approved(BOTH)
    bench.settle()

    actions = bench.database.read(lambda tx: tx.rows("SELECT action FROM audit ORDER BY seq"))
    assert actions[-1]["action"] in replay.CLOSING


OTHERS = {"region": "ap-southeast-1", "account": "6543210987654321", "endpoint": "vod.example"}


@pytest.mark.parametrize("what", OTHERS)
@pytest.mark.parametrize("when", [State.APPROVED, State.EXECUTING])
def test_a_plan_of_another_place_is_not_carried_out(bench: Bench, when: State, what: str) -> None:
    number = bench.approved(Videos((ONE,)))
    bench.until(number, when)
    elsewhere = replace(bench.ctx.where(), **{what: OTHERS[what]})

    bench.settle(replace(bench.ctx, where=lambda: elsewhere))

    assert State(bench.state(number)) in TERMINAL
    assert bench.vod.ledger.calls() == ()
    assert set(bench.outcomes(number).values()) <= {"stopped"}


def test_what_was_sent_is_neither_read_nor_settled_in_another_place(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.vod.faults.set("late", "DeleteVideo", seconds=3600)
    bench.step()
    elsewhere = replace(bench.ctx.where(), account="6543210987654321")
    bench.meddled.before["get_videos"] = lambda: pytest.fail("it was read in another place")

    bench.settle(replace(bench.ctx, where=lambda: elsewhere))
    bench.clock.advance(3600)
    bench.settle(replace(bench.ctx, where=lambda: elsewhere))
    assert bench.state(number) == State.EXECUTING
    assert {item.state for item in bench.items(number)} == {"sent"}
    assert bench.events("items.settled") == []
    (stopped,) = bench.events("execution.stopped")
    assert stopped["because"]["why"] == "other place"

    bench.meddled.before.clear()
    bench.vod.clock.advance(3600)
    bench.advance(60)
    assert bench.outcomes(number) == {ONE: "deleted", TWO: "deleted"}
    assert bench.events("items.settled")[0]["where"] == bench.ctx.where().text()
    assert holds(bench)


def test_what_can_never_be_read_where_it_was_sent_ends_as_no_more_than_accepted(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.vod.faults.set("late", "DeleteVideo", seconds=3600)
    bench.step()
    elsewhere = replace(bench.ctx.where(), endpoint="vod.example")
    bench.ctx = replace(bench.ctx, where=lambda: elsewhere)
    bench.settle()

    bench.advance(bench.ctx.timings.give_up_unread / 1000 + 60)

    assert bench.state(number) == State.FINISHED
    assert bench.outcomes(number) == {ONE: "accepted", TWO: "accepted"}


def test_nothing_is_sent_while_nobody_can_say_whose_account_this_is(bench: Bench) -> None:
    number = bench.approved(BOTH)
    bench.ctx = replace(bench.ctx, where=Whereabouts(bench.client.get_account, bench.client.endpoint, lambda: 0))
    bench.vod.faults.set("unavailable", "GetCallerIdentity")
    for _ in range(4):
        bench.advance(60)
    assert bench.vod.ledger.calls() == ()
    assert bench.state(number) == State.APPROVED

    bench.vod.faults.clear()
    bench.advance(60)
    assert bench.outcomes(number) == {ONE: "deleted", TWO: "deleted"}


def test_what_was_put_back_after_a_stop_is_settled_when_the_plan_is_broken_off(bench: Bench) -> None:
    number = bench.executing(BOTH)
    bench.vod.faults.set("late", "DeleteVideo", seconds=3600)
    bench.step()
    bench.stop(number)
    # As a lane does whose call was throttled while the stop committed.
    bench.sql("UPDATE items SET state = 'pending', call_id = NULL, outcome = NULL WHERE target = :one", one=ONE)
    elsewhere = replace(bench.ctx.where(), region="cn-beijing")
    bench.ctx = replace(bench.ctx, where=lambda: elsewhere)
    bench.settle()
    assert bench.outcomes(number) == {ONE: "unknown", TWO: "accepted"}
    assert {item.state for item in bench.items(number)} == {"settled", "sent"}

    bench.advance(bench.ctx.timings.give_up_unread / 1000 + 60)
    assert bench.state(number) == State.FINISHED
    assert {item.state for item in bench.items(number)} == {"settled"}


def test_a_canary_that_another_has_judged_meanwhile_does_not_end_the_lane(bench: Bench) -> None:
    number = bench.executing(BOTH)

    following = lanes._do(bench.ctx, JudgeCanary(ProposalNumber(number)), bench.ctx.where())

    assert bench.row(number).canary == 0
    assert following == lanes.AT_ONCE


def test_a_withdrawn_approval_is_not_carried_out(bench: Bench) -> None:
    number = bench.approved(BOTH)
    bench.withdraw(number)

    bench.settle()

    assert bench.state(number) == State.WITHDRAWN
    assert bench.vod.ledger.calls() == ()
    assert holds(bench)


def test_two_approvals_are_needed_when_the_rules_say_two(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(approvals_needed=2)
    number = bench.propose(BOTH)
    bench.approve(number, BO)
    bench.settle()
    assert bench.state(number) == State.PENDING
    assert bench.vod.ledger.calls() == ()

    bench.approve(number, replace(BO, user="UCY"))
    bench.settle()

    assert bench.state(number) == State.FINISHED
    assert holds(bench)
