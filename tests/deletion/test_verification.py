from collections.abc import Callable
from typing import TypeVar

from bot import verification
from deletion.states import State
from deletion.targets import Videos
from storage import Database, Tx
from tests.deletion.bench import Bench

T = TypeVar("T")


class Busy:
    """A record that somebody writes to whenever it was read, as a bot does while it is being verified."""

    def __init__(self, database: Database, meanwhile: Callable[[], object]) -> None:
        self._database = database
        self._meanwhile = meanwhile

    def read(self, work: Callable[[Tx], T], /) -> T:
        found = self._database.read(work)
        self._meanwhile()
        return found

    def write(self, work: Callable[[Tx], T], /) -> T:
        return self._database.write(work)

    def migrate(self) -> list[str]:
        return self._database.migrate()

    @property
    def place(self) -> str:
        return self._database.place

    def check_schema(self) -> None:
        self._database.check_schema()

    def check_not_moved(self) -> None:
        self._database.check_not_moved()

    def now_ms(self) -> int:
        return self._database.now_ms()

    def close(self) -> None:
        self._database.close()


def test_a_record_can_be_verified_while_the_bot_is_at_work(bench: Bench) -> None:
    number = bench.executing(Videos(tuple(video.video_id for video in bench.vod.library.videos()[-60:])))

    reports = [verification.verify(Busy(bench.database, bench.step)) for _ in range(3)]

    assert [report.faults for report in reports] == [()] * 3
    bench.settle()
    assert bench.state(number) == State.FINISHED
    assert verification.verify(bench.database).holds


def test_an_event_beyond_the_head_of_the_log_is_found(bench: Bench) -> None:
    bench.approved(Videos((bench.vod.library.videos()[0].video_id,)))
    bench.sql(
        "INSERT INTO audit SELECT seq + 1, hash, 'h', 'e', at_ms, actor, action, ref, payload FROM audit"
        " ORDER BY seq DESC LIMIT 1"
    )

    assert not verification.verify(bench.database).holds
