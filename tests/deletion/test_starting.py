from dataclasses import replace

import pytest

from deletion import work
from deletion.approval.proposal import SlackAction
from deletion.execution import starting, stopping
from deletion.jobs.context import Context
from deletion.terms.ids import ProposalNumber
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from storage import Tx
from storage.tables import items
from storage.tables.proposals import ProposalRow
from tests.deletion.bench import BO, CY, Bench


class Killed(BaseException):
    """What nothing in the program catches."""


@pytest.fixture
def ids(bench: Bench) -> tuple[str, ...]:
    return tuple(video.video_id for video in bench.vod.library.videos() if not video.forbidden)[:45]


def test_items_are_dealt_out_in_batches_of_twenty_in_the_order_of_the_plan(
    bench: Bench, ids: tuple[str, ...]
) -> None:
    number = bench.executing(Videos(ids))

    dealt = bench.items(number)
    assert [item.target for item in dealt] == list(ids)
    assert [item.batch for item in dealt] == [place // 20 for place in range(45)]


def test_an_instance_killed_while_dealing_out_is_followed_by_one_that_goes_on(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "DEALT_AT_ONCE", 10)
    number = bench.approved(Videos(ids))
    real, calls = items.add_all, iter([False, False, True])

    def dying(tx: Tx, proposal_id: int, targets: list[tuple[int, str, int]]) -> int:
        if next(calls, False):
            raise Killed
        return real(tx, proposal_id, targets)

    monkeypatch.setattr(items, "add_all", dying)
    with pytest.raises(Killed):
        bench.step()
    assert (bench.state(number), len(bench.items(number))) == (State.APPROVED, 20)

    bench.advance(31)

    assert bench.state(number) == State.FINISHED
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)
    assert len(bench.events("execution.started")) == 1


def test_the_database_looks_over_many_items_once_they_are_dealt_out(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[tuple[str, int]] = []
    monkeypatch.setattr(starting, "DEALT_AT_ONCE", 20)
    monkeypatch.setattr(starting, "MANY", 45)
    number = bench.approved(Videos(ids))
    monkeypatch.setattr(bench.database, "analyze", lambda table: looked.append((table, len(bench.items(number)))))
    bench.step()

    assert looked == [("items", 45)]


def test_a_few_items_are_nothing_to_analyze(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(bench.database, "analyze", looked.append)
    number = bench.approved(Videos(ids))
    bench.step()

    assert (len(bench.items(number)), looked) == (45, [])


def die(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize(("dealt_from", "started_from"), [(1_000, 20), (20, 1_000)])
def test_a_canary_is_what_was_dealt_out_as_one_whatever_the_rules_of_whoever_starts(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, dealt_from: int, started_from: int
) -> None:
    bench.ctx = replace(with_canary_from(bench, dealt_from), lanes=16)
    number = bench.approved(Videos(ids))
    with monkeypatch.context() as patch:
        patch.setattr(starting, "_start", die)
        with pytest.raises(Killed):
            bench.step()
    bench.ctx = with_canary_from(bench, started_from)
    bench.clock.advance(31)
    bench.until(number, State.EXECUTING)

    has_canary = dealt_from < started_from
    assert (bench.row(number).canary, bench.row(number).lanes) == (int(has_canary), 4 if has_canary else 3)
    bench.settle()
    first, *rest = [len(call.ids) for call in bench.vod.ledger.calls()]
    assert (first, sorted(rest)) == ((1, [4, 20, 20]) if has_canary else (20, [5, 20]))
    assert set(bench.outcomes(number).values()) == {"deleted"}


def with_canary_from(bench: Bench, count: int) -> Context:
    rules = replace(bench.ctx.config.policy, canary_from=count)
    return replace(bench.ctx, config=replace(bench.ctx.config, policy=rules))


def test_a_proposal_withdrawn_while_it_is_dealt_out_deletes_nothing(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = bench.approved(Videos(ids))
    real = starting._create_items

    def deal_then_withdraw(*args: object) -> None:
        real(*args)  # type: ignore[arg-type] # what the real one is given
        bench.withdraw(number)

    monkeypatch.setattr(starting, "_create_items", deal_then_withdraw)
    bench.settle()

    assert bench.state(number) == State.WITHDRAWN
    assert bench.vod.ledger.calls() == ()
    assert set(bench.outcomes(number).values()) == {"stopped"}


def test_what_is_stopped_while_it_is_dealt_out_by_an_instance_that_dies_leaves_nothing_waiting(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = bench.approved(Videos(ids))
    monkeypatch.setattr(starting, "_start", die)
    real = starting._create_items

    def deal_then_stop(*args: object) -> None:
        real(*args)  # type: ignore[arg-type] # what the real one is given
        bench.stop(number)

    monkeypatch.setattr(starting, "_create_items", deal_then_stop)
    with pytest.raises(Killed):
        bench.step()
    bench.advance(3600)

    assert bench.state(number) == State.STOPPED
    assert {(item.state, item.outcome) for item in bench.items(number)} == {("settled", "stopped")}
    assert bench.vod.ledger.calls() == ()


def test_nothing_is_dealt_out_any_more_of_what_was_closed(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "DEALT_AT_ONCE", 10)
    monkeypatch.setattr(starting, "_start", die)
    number = bench.approved(Videos(ids))
    real, dealt = starting._create_some, iter([False, True])

    def stop_then_deal(tx: Tx, row: ProposalRow, places: list[tuple[int, str, int]]) -> None:
        if next(dealt, False):
            stopping.stop(tx, bench.ctx.config, SlackAction(BO, "trigger.between"), ProposalNumber(row.id))
        real(tx, row, places)

    monkeypatch.setattr(starting, "_create_some", stop_then_deal)
    with pytest.raises(Killed):
        bench.step()

    assert [(item.state, item.outcome) for item in bench.items(number)] == [("settled", "stopped")] * 10


def test_an_instance_that_stood_still_while_it_dealt_out_does_not_stop_what_another_has_begun(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = bench.approved(Videos(ids))
    real, dealing = starting._create_items, iter([True])

    def deal_slowly(*args: object) -> None:
        real(*args)  # type: ignore[arg-type] # what the real one is given
        if next(dealing, False):
            bench.clock.advance(31)
            work.run_one(bench.other_instance())

    monkeypatch.setattr(starting, "_create_items", deal_slowly)
    bench.settle()

    assert bench.state(number) == State.FINISHED
    assert set(bench.outcomes(number).values()) == {"deleted"}
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)
    assert len(bench.events("execution.started")) == 1


def test_an_instance_that_stood_still_while_it_dealt_out_adds_nothing_to_what_was_approved_anew_since(
    bench: Bench, ids: tuple[str, ...]
) -> None:
    bench.ctx = bench.with_rules(hold_s=60)
    number = bench.approved(Videos(ids))
    stood_still = bench.row(number)
    shown = bench.database.read(lambda tx: bench.ctx.plans.approved(tx, stood_still))
    assert shown is not None
    bench.people.unknown.add(BO)
    bench.clock.advance(61)
    bench.settle()
    assert bench.state(number) == State.PENDING
    bench.approve(number, CY)
    bench.settle()
    assert bench.state(number) == State.APPROVED

    starting._create_items(bench.ctx, stood_still, shown)
    bench.clock.advance(61)
    bench.database.write(lambda tx: starting._start(tx, bench.ctx, stood_still, shown))

    assert bench.items(number) == []
    assert bench.state(number) == State.APPROVED
