from collections.abc import Callable
from typing import TypeVar

from deletion.audit import chain
from deletion.evidence import record_check
from deletion.terms.canonical import Json
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from storage import Database, Tx
from storage.tables import calls
from storage.tables.calls import Intent
from tests.deletion.bench import ANA, BO, Bench
from tests.harness.delegating import Delegating

T = TypeVar("T")


class Busy(Delegating):
    """A record that somebody writes to whenever it was read, as a bot does while it is being verified."""

    def __init__(self, database: Database, meanwhile: Callable[[], object]) -> None:
        super().__init__(database)
        self._meanwhile = meanwhile

    def read(self, work: Callable[[Tx], T], /) -> T:
        found = self._database.read(work)
        self._meanwhile()
        return found


def test_a_record_can_be_verified_while_the_bot_is_at_work(bench: Bench) -> None:
    number = bench.executing(Videos(tuple(video.video_id for video in bench.vod.library.videos()[-60:])))

    reports = [record_check.verify(Busy(bench.database, bench.step)) for _ in range(3)]

    assert [report.violations for report in reports] == [()] * 3
    bench.settle()
    assert bench.state(number) == State.FINISHED
    assert record_check.verify(bench.database).holds


def test_a_frozen_and_stopped_deletion_verifies_and_a_call_that_was_slipped_in_does_not(bench: Bench) -> None:
    number = bench.executing(Videos(tuple(video.video_id for video in bench.vod.library.videos()[-60:])))
    bench.step()
    bench.freeze()
    bench.settle()
    for who in (ANA, BO):
        bench.thaw(who)
    bench.step()
    bench.stop(number)
    bench.settle()
    assert "stopped" in bench.outcomes(number).values()
    assert record_check.verify(bench.database).holds

    digest = bench.row(number).digest

    def slip_in(tx: Tx) -> None:
        calls.intend(tx, Intent("slipped in", number, "DeleteVideo", '["x"]', "one", 0))
        data: dict[str, Json] = {"call": "slipped in", "api": "DeleteVideo", "targets": ["x"], "digest": digest}
        chain.append(tx, actor="countersign", action="call.intent", ref=f"proposal/{number}", data=data)

    bench.database.write(slip_in)
    report = record_check.verify(bench.database)
    assert "a delete call on a plan that was not the approved one" in report.text()


def test_a_hold_that_was_shortened_behind_the_programs_back_is_found(open_bench: Callable[..., Bench]) -> None:
    bench = open_bench(hold_s=600)
    number = bench.approved(Videos((bench.vod.library.videos()[0].video_id,)))
    bench.sql("UPDATE proposals SET hold_until_ms = 0")
    bench.sql("UPDATE jobs SET due_ms = 0 WHERE kind = 'execute'")
    bench.settle()
    assert bench.state(number) == State.FINISHED

    assert "ms before the hold was over" in record_check.verify(bench.database).text()


def test_an_event_beyond_the_head_of_the_log_is_found(bench: Bench) -> None:
    bench.approved(Videos((bench.vod.library.videos()[0].video_id,)))
    bench.sql(
        "INSERT INTO audit SELECT seq + 1, hash, 'h', 'e', at_ms, actor, action, ref, payload FROM audit"
        " ORDER BY seq DESC LIMIT 1"
    )

    assert not record_check.verify(bench.database).holds
