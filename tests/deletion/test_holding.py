"""When a hold begins, and that nobody waits for one that never will."""

import pytest

from deletion.approval import holding
from deletion.audit import chain
from deletion.audit.delivery import CardShown
from deletion.terms.ids import ProposalNumber
from deletion.terms.states import State
from deletion.terms.targets import Videos
from sandbox.vod import seed
from storage.tables import items, jobs, proposals
from tests.deletion.bench import BO, CY, Bench

TEASER = seed.SPRING_TEASER.video_id


def cards_queued(bench: Bench) -> int:
    (row,) = bench.database.read(
        lambda tx: tx.rows("SELECT count(*) AS n FROM outbox WHERE kind = 'card' AND state = 'queued'")
    )
    return int(row["n"])


def test_the_card_of_what_was_stopped_while_its_hold_was_awaited_is_not_shown_again_and_again(
    bench: Bench,
) -> None:
    number = bench.executing(Videos((TEASER,)))
    bench.posts_cards = False
    bench.freeze()
    for who in (BO, CY):
        bench.thaw(who)
        bench.step()
    while bench.step():
        pass
    assert bench.row(number).hold_until_ms is None
    bench.stop(number)
    assert bench.row(number).state == State.EXECUTING
    bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'card'")

    shown = CardShown(ProposalNumber(number), "CAPPROVALS", "1780000000.000100", 0)
    bench.database.write(lambda tx: holding.begin(tx, shown))

    assert cards_queued(bench) == 0


def test_whoever_puts_all_on_hold_has_what_is_under_way_before_its_jobs_and_those_before_the_log(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As whoever stops one: in another order the two would wait for each other on PostgreSQL."""
    bench.executing(Videos((TEASER,)))
    bench.freeze()
    bench.thaw(BO)
    bench.step()
    order: list[str] = []
    for module, name in ((proposals, "lock_under_way"), (jobs, "run_now"), (holding, "record")):
        real = getattr(module, name)

        def noted(*args: object, _real: object = real, _name: str = name, **more: object) -> object:
            order.append(_name)
            return _real(*args, **more)  # type: ignore[operator] # it is what was there

        monkeypatch.setattr(module, name, noted)
    bench.thaw(CY)
    bench.posts_cards = False
    bench.step()

    assert order == ["lock_under_way", "run_now", "record"]


def test_a_roll_call_that_stops_a_deletion_has_its_items_before_the_log(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a batch that is claimed meanwhile: in another order the two would wait for each other on PostgreSQL."""
    number = bench.executing(Videos((TEASER,)))
    bench.people.unknown.add(BO)
    bench.ctx.roll.forget(bench.ctx.owner, number)
    order: list[str] = []
    for module, name in ((items, "settle_pending"), (chain, "append")):
        real = getattr(module, name)

        def noted(*args: object, _real: object = real, _name: str = name, **more: object) -> object:
            order.append(_name)
            return _real(*args, **more)  # type: ignore[operator] # it is what was there

        monkeypatch.setattr(module, name, noted)
    bench.step()

    assert order[:3] == ["settle_pending", "append", "append"]
    assert [event["rule"] for event in bench.events("vote.voided")] == ["unknown person"]
    assert len(bench.events("execution.stopped")) == 1
