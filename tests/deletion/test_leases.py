from dataclasses import replace

import pytest

from deletion.jobs.leases import Keeper, LeaseLostError
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from storage.tables import jobs
from storage.tables.jobs import JobRow
from tests.deletion.bench import Bench


def a_job(bench: Bench) -> JobRow:
    bench.database.write(lambda tx: jobs.add(tx, "collect", 99))
    job = bench.database.write(lambda tx: jobs.claim(tx, owner="me", lease_ms=tx.now_ms() + bench.ctx.lease_ms))
    assert job is not None
    return job


def leased_until(bench: Bench) -> int:
    row = bench.database.read(lambda tx: tx.one("SELECT lease_ms FROM jobs WHERE ref = 99"))
    assert row is not None
    return int(row["lease_ms"])


def pass_time(bench: Bench, ms: int) -> None:
    bench.monotonic_ms += ms
    bench.clock.ms += ms


def test_a_lease_is_renewed_when_a_third_of_it_has_passed_and_not_before(bench: Bench) -> None:
    keeper = Keeper(bench.ctx, a_job(bench))
    first = leased_until(bench)
    pass_time(bench, bench.ctx.lease_ms // 3 - 1)
    keeper()
    assert leased_until(bench) == first
    pass_time(bench, 1)
    keeper()
    assert leased_until(bench) == first + bench.ctx.lease_ms // 3


def test_a_job_that_was_taken_over_is_not_worked_at_any_longer(bench: Bench) -> None:
    keeper = Keeper(bench.ctx, a_job(bench))
    pass_time(bench, bench.ctx.lease_ms + 1)
    bench.database.write(lambda tx: jobs.claim(tx, owner="another", lease_ms=tx.now_ms() + 1))

    with pytest.raises(LeaseLostError):
        keeper()


def test_reading_a_long_list_keeps_its_job_however_long_it_takes(bench: Bench) -> None:
    """Each batch of 20 takes most of a lease, so that without renewal another instance would begin anew."""
    ids = tuple(video.video_id for video in bench.vod.library.videos() if not video.forbidden)[:60]
    bench.ctx = replace(bench.ctx, config=replace(bench.ctx.config))
    others: list[bool] = []

    def slowly() -> None:
        pass_time(bench, bench.ctx.lease_ms * 9 // 10)
        others.append(bench.step(bench.other_instance()))
        bench.meddled.before["get_media"] = slowly

    bench.meddled.before["get_media"] = slowly
    number = bench.propose(Videos(ids))

    assert bench.state(number) == State.PENDING
    assert others == [False] * 3
    assert len(bench.events("plan.frozen")) == 1
