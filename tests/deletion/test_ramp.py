"""How a big deletion begins: few items, then a share of VOD's quota, so that a stop saves nearly everything."""

from dataclasses import replace

import pytest

from deletion import views
from deletion.evidence import record_check
from deletion.execution import lanes, steps
from deletion.execution import ramp as ramping
from deletion.execution.steps import NextStep, Snapshot, WaitOrFinish
from deletion.jobs.context import Context
from deletion.terms import ramp
from deletion.terms.ramp import Stage, Step
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from storage.tables import proposal_counts
from storage.tables.jobs import JobRow
from tests.deletion.bench import Bench

SETTING = "1 for 5s, 20 for 10s, 10% for 2s"
FIRST, SECOND, THIRD = 1, 21, 141
"""Items that may have been sent by the end of each stage."""


@pytest.fixture
def ids(bench: Bench) -> tuple[str, ...]:
    return tuple(bench.vod.library.add_video(title=f"Take {n}", has_cover=False).video_id for n in range(200))


def under_rules(bench: Bench, *, lanes: int = 4, setting: str = SETTING, canary_from: int = 50) -> None:
    rules = replace(
        bench.ctx.config.policy, max_items=1_000, canary_from=canary_from, ramp=ramp.read(setting), hold_s=0
    )
    bench.ctx = replace(bench.ctx, lanes=lanes, config=replace(bench.ctx.config, policy=rules))


def sent(bench: Bench) -> int:
    return len(bench.vod.ledger.ids())


def run(bench: Bench, seconds: float, ctx: Context | None = None) -> None:
    """Let so much time pass, waits for turns included."""
    until_ms = bench.clock.ms + round(seconds * 1000)
    while bench.clock.ms < until_ms:
        if not bench.step(ctx):
            bench.clock.advance(0.05)


def stage(bench: Bench, number: int) -> int:
    return bench.row(number).ramp_stage


@pytest.mark.parametrize("lanes", [1, 4])
def test_each_stage_sends_so_much_and_no_more_before_its_time(
    bench: Bench, ids: tuple[str, ...], lanes: int
) -> None:
    under_rules(bench, lanes=lanes)
    number = bench.executing(Videos(ids))
    run(bench, 4.5)
    assert sent(bench) == FIRST
    run(bench, 1)
    assert (sent(bench), stage(bench, number)) == (SECOND, 1)
    run(bench, 9)
    assert (sent(bench), stage(bench, number)) == (SECOND, 1)
    run(bench, 1)
    # A tenth of 30 calls a second is one call every third of a second, whichever lane makes it.
    assert SECOND < sent(bench) <= SECOND + 4 * 20
    assert stage(bench, number) == 2
    while stage(bench, number) == 2:
        assert sent(bench) <= THIRD
        run(bench, 0.1)
    assert sent(bench) >= THIRD - 20
    run(bench, 5)

    assert bench.state(number) == State.FINISHED
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)
    assert [each["stage"] for each in bench.events("ramp.raised")] == [1, 2, 3]
    assert record_check.verify(bench.database).holds
    assert bench.database.read(lambda tx: tx.rows("SELECT name FROM quotas WHERE name LIKE 'ramp %'")) == []


def test_a_lane_that_looked_before_the_last_stage_was_over_goes_on_after_it(
    bench: Bench, ids: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It saw that nothing of its share was left to be sent; before it noted that, another let all be sent."""
    under_rules(bench, lanes=2)
    number = bench.executing(Videos(ids))
    looked = list[JobRow]()
    decide, other = steps.next_step, bench.other_instance()

    def slowly(job: JobRow, seen: Snapshot) -> NextStep:
        following = decide(job, seen)
        if isinstance(following, WaitOrFinish) and stage(bench, number) == 2 and sent(bench) == THIRD:
            monkeypatch.undo()
            looked.append(job)
            while stage(bench, number) == 2:
                run(bench, 0.1, other)
        return following

    monkeypatch.setattr(lanes, "next_step", slowly)
    while stage(bench, number) < 3:
        run(bench, 0.1)
    assert looked
    run(bench, 5)
    assert bench.state(number) == State.FINISHED
    assert sorted(bench.vod.ledger.ids()) == sorted(ids)


@pytest.mark.parametrize(("after_s", "most"), [(3, FIRST), (12, SECOND), (15.5, SECOND + 60)])
def test_a_stop_in_any_stage_saves_all_that_the_stage_has_not_sent(
    bench: Bench, ids: tuple[str, ...], after_s: float, most: int
) -> None:
    under_rules(bench)
    number = bench.executing(Videos(ids))
    run(bench, after_s)
    bench.stop(number)
    before = sent(bench)
    assert before <= most
    run(bench, 5)
    assert sent(bench) == before
    assert bench.state(number) == State.FINISHED
    assert list(bench.outcomes(number).values()).count("stopped") == len(ids) - before
    assert record_check.verify(bench.database).holds


def test_who_takes_over_goes_on_in_the_same_stage_by_the_stages_in_the_record(
    bench: Bench, ids: tuple[str, ...]
) -> None:
    """Another instance that was set up otherwise, after a pause in which nobody worked."""
    under_rules(bench, setting="1 for 5s, 20 for 10s, 10% for 10s")
    number = bench.executing(Videos(ids))
    run(bench, 6)
    assert stage(bench, number) == 1
    under_rules(bench, setting="none", lanes=8)
    bench.clock.advance(1)
    other = bench.other_instance()
    run(bench, 1, other)
    assert (sent(bench), stage(bench, number)) == (SECOND, 1)
    bench.clock.advance(1_000)
    bench.step(other)
    # Not at once at the whole quota, however long nobody worked: what was not sent of a stage is sent at its pace.
    run(bench, 1, other)
    assert stage(bench, number) == 2
    assert sent(bench) <= SECOND + 5 * 20
    bench.clock.advance(1_000)
    run(bench, 0.5, other)
    assert stage(bench, number) == 2
    assert sent(bench) <= SECOND + 8 * 20
    run(bench, 10, other)
    assert bench.state(number) == State.FINISHED
    assert record_check.verify(bench.database).holds


def test_a_stage_does_not_end_while_everything_is_frozen(bench: Bench, ids: tuple[str, ...]) -> None:
    under_rules(bench)
    number = bench.executing(Videos(ids))
    run(bench, 7)
    bench.freeze()
    run(bench, 20)
    assert (sent(bench), stage(bench, number)) == (SECOND, 1)
    assert bench.events("ramp.raised")[-1]["stage"] == 1


def test_a_stage_counts_as_a_hold_for_a_clock_that_was_set(bench: Bench, ids: tuple[str, ...]) -> None:
    under_rules(bench)
    number = bench.executing(Videos(ids))
    until = bench.row(number).ramp_until_ms
    assert until is not None
    now = bench.clock()
    assert bench.database.read(lambda tx: proposal_counts.shortest_hold_left_ms(tx, at_ms=now)) == until - now


def test_a_deletion_without_a_canary_or_without_a_ramp_goes_as_before(bench: Bench, ids: tuple[str, ...]) -> None:
    under_rules(bench, canary_from=500)
    small = bench.executing(Videos(ids[:100]))
    bench.settle()
    assert bench.state(small) == State.FINISHED
    under_rules(bench, setting="none")
    big = bench.executing(Videos(ids[100:]))
    bench.settle()
    assert bench.state(big) == State.FINISHED
    assert bench.events("ramp.raised") == []
    assert (bench.row(big).ramp, bench.row(big).ramp_below) == (None, None)


def test_the_last_items_are_not_waited_for_once_nothing_is_left(bench: Bench, ids: tuple[str, ...]) -> None:
    under_rules(bench, canary_from=2)
    number = bench.executing(Videos(ids[:15]))
    run(bench, 6)
    assert bench.state(number) == State.FINISHED


def test_time_left_is_measured_in_the_last_stretch_and_not_told_while_it_is_slow(
    bench: Bench, ids: tuple[str, ...]
) -> None:
    under_rules(bench)
    number = bench.executing(Videos(ids))

    def progress() -> tuple[int, int | None, int | None]:
        view = bench.database.read(lambda tx: views.proposal(tx, number))
        assert view is not None
        return view.progress.done, view.progress.per_minute, view.progress.left_s

    run(bench, 8)
    assert progress()[0] == SECOND
    per_minute, left_s = progress()[1:]
    assert per_minute is not None
    assert 20 * 60 / 3.5 <= per_minute <= 20 * 60 / 2.5
    assert left_s is None


def test_the_default_saves_nineteen_of_twenty_in_the_first_half_minute() -> None:
    stages = ramp.stages(ramp.read(ramp.DEFAULT), per_second=30)
    assert stages == (Stage(1, 5), Stage(20, 10), Stage(1_800, 30, 10, 333_333))
    assert [ramp.below(stages, n) for n in range(4)] == [1, 21, 1_821, None]
    slow = 1_000_000 * 20 / stages[2].interval_us
    by = {10: 21, 20: 21 + slow * 5, 30: 21 + slow * 15}
    assert [round(deleted / 20_000 * 100, 1) for deleted in by.values()] == [0.1, 1.6, 4.6]


def test_what_the_record_keeps_is_read_back() -> None:
    stages = ramp.stages(ramp.read(SETTING), per_second=50)
    assert ramp.loads(ramp.dumps(stages)) == stages
    assert ramp.loads(None) == ()
    assert ramp.read("1,20 for 3s") == (Step(1, None, 0), Step(20, None, 3))
    assert ramping.turns_of(4) == "ramp 4"
