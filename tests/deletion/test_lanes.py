"""A deletion dealt out to several lanes: jobs side by side, of which the last to end finishes the whole."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from deletion import work
from deletion.evidence import record_check
from deletion.jobs.context import Context
from deletion.plan.library.quota import Quota
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from storage import Tx
from storage.tables import items
from tests.deletion.bench import Bench


@pytest.fixture
def ids(bench: Bench) -> tuple[str, ...]:
    """Return enough for seven batches."""
    made = [bench.vod.library.add_video(title=f"Take {n}", has_cover=False).video_id for n in range(125)]
    return tuple(made)


def lanes(bench: Bench, lanes: int) -> None:
    rules = replace(bench.ctx.config.policy, max_items=1_000, canary_from=1_000)
    config = replace(bench.ctx.config, policy=rules)
    bench.ctx = replace(bench.ctx, lanes=lanes, config=config)


def jobs_of(bench: Bench, number: int) -> list[tuple[int, str]]:
    def read(tx: Tx) -> list[tuple[int, str]]:
        found = tx.rows("SELECT lane, state FROM jobs WHERE kind = 'execute' AND ref = :n ORDER BY lane", n=number)
        return [(int(row["lane"]), str(row["state"])) for row in found]

    return bench.database.read(read)


def test_there_are_no_more_lanes_than_batches(bench: Bench, ids: tuple[str, ...]) -> None:
    lanes(bench, 16)
    number = bench.executing(Videos(ids))

    assert [lane for lane, _ in jobs_of(bench, number)] == list(range(7))


@pytest.mark.parametrize("number_of_lanes", [1, 2, 3, 16])
def test_all_lanes_together_delete_everything_once_and_finish_once(
    bench: Bench, ids: tuple[str, ...], number_of_lanes: int
) -> None:
    lanes(bench, number_of_lanes)
    number = bench.approved(Videos(ids))
    bench.settle()

    assert bench.outcomes(number) == dict.fromkeys(ids, "deleted")
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)
    assert len(bench.vod.ledger.calls()) == 7
    assert len(bench.events("execution.finished")) == 1
    assert {state for _, state in jobs_of(bench, number)} == {"done"}


def test_what_came_of_all_items_is_put_together_while_others_can_write(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    only_reads, outcomes = list[object](), items.outcomes

    def look(tx: Tx, proposal_id: int) -> list[tuple[str, str | None]]:
        only_reads.extend(value for row in tx.rows("PRAGMA query_only") for value in row.values())
        return outcomes(tx, proposal_id)

    monkeypatch.setattr(items, "outcomes", look)
    lanes(bench, 3)
    number = bench.approved(Videos(ids))
    bench.settle()

    assert set(only_reads) == {1}
    assert bench.outcomes(number) == dict.fromkeys(ids, "deleted")
    assert record_check.verify(bench.database).holds


def test_instances_working_side_by_side_send_nothing_twice(bench: Bench, ids: tuple[str, ...]) -> None:
    lanes(bench, 5)
    number = bench.approved(Videos(ids))
    start = threading.Barrier(4)

    def work_on(name: str) -> None:
        ctx: Context = replace(bench.other_instance(), owner=name, quota=Quota(bench.database, lambda _: None))
        start.wait()
        while bench.state(number) != State.FINISHED:
            work.run_one(ctx)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work_on, ("a", "b", "c", "d")))

    assert bench.outcomes(number) == dict.fromkeys(ids, "deleted")
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)
    assert len(bench.events("execution.finished")) == 1
    assert record_check.verify(bench.database).holds


def test_a_lane_whose_instance_died_in_a_call_is_taken_up_and_the_others_do_not_wait(
    bench: Bench, ids: tuple[str, ...]
) -> None:
    lanes(bench, 3)
    number = bench.executing(Videos(ids))

    def die() -> None:
        raise KeyboardInterrupt

    bench.meddled.after["delete_videos"] = die
    with pytest.raises(KeyboardInterrupt):
        bench.settle()
    bench.settle()

    waiting = [item for item in bench.items(number) if item.state != "settled"]
    assert len({item.batch % 3 for item in waiting}) == 1
    assert bench.state(number) == State.EXECUTING
    bench.advance(31)
    bench.advance(31)
    assert bench.outcomes(number) == dict.fromkeys(ids, "deleted")
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)
    assert len(bench.events("call.adopted")) == 1


def test_the_first_to_look_adopts_every_call_whose_instance_died(bench: Bench, ids: tuple[str, ...]) -> None:
    lanes(bench, 3)
    number = bench.executing(Videos(ids))

    def die() -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        bench.meddled.after["delete_videos"] = die
        with pytest.raises(KeyboardInterrupt):
            bench.settle()
    bench.clock.advance(31)

    assert work.run_one(bench.other_instance())

    assert len(bench.events("call.adopted")) == 2
    bench.advance(31)
    assert bench.outcomes(number) == dict.fromkeys(ids, "deleted")
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)
