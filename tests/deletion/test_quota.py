from pathlib import Path

import pytest

from deletion.plan.library.quota import MARGIN_PERCENT, PER_SECOND, QUIET_MS, Quota, StopRequestedError
from storage import SqliteDatabase
from tests.storage.engines import Clock

DELETE = "DeleteVideo"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> SqliteDatabase:
    made = SqliteDatabase(tmp_path / "record.db", now_ms=clock)
    made.migrate()
    return made


@pytest.fixture
def quota(database: SqliteDatabase, clock: Clock) -> Quota:
    return Quota(database, lambda seconds: clock.advance(round(seconds * 1000)))


@pytest.mark.parametrize("action", PER_SECOND)
def test_no_second_holds_more_calls_than_the_operation_allows(quota: Quota, clock: Clock, action: str) -> None:
    moments = []
    for _ in range(PER_SECOND[action] + 20):
        quota.turn(action)
        moments.append(clock.ms)

    most = PER_SECOND[action]
    for earlier, later in zip(moments, moments[most:], strict=False):
        assert later - earlier >= 1000


def test_instances_share_the_turns(database: SqliteDatabase) -> None:
    waits: list[float] = []
    one, other = Quota(database, waits.append), Quota(database, waits.append)

    for quota in (one, other, one):
        quota.turn(DELETE)

    assert waits == [0, 0.034, 0.068]


def test_a_first_turn_is_not_waited_for(database: SqliteDatabase) -> None:
    waits: list[float] = []

    Quota(database, waits.append).turn(DELETE)

    assert waits == [0]


def test_after_throttling_everybody_keeps_quiet_for_that_operation_only(
    database: SqliteDatabase, quota: Quota, clock: Clock
) -> None:
    quota.turn(DELETE)
    quota.throttled(DELETE)
    clock.advance(1_000)
    quota.throttled(DELETE)
    start = clock.ms

    Quota(database, lambda s: clock.advance(round(s * 1000))).turn(DELETE)
    assert clock.ms - start == QUIET_MS
    quota.turn("GetVideoInfos")
    assert clock.ms - start == QUIET_MS


def test_a_wait_that_is_cut_short_is_not_a_turn(database: SqliteDatabase) -> None:
    def stop(seconds: float) -> None:
        if seconds:
            raise StopRequestedError

    quota = Quota(database, stop)
    quota.turn(DELETE)

    with pytest.raises(StopRequestedError):
        quota.turn(DELETE)


def test_a_program_that_ends_gets_no_turn_even_where_none_is_waited_for(database: SqliteDatabase) -> None:
    def stop(_seconds: float) -> None:
        raise StopRequestedError

    with pytest.raises(StopRequestedError):
        Quota(database, stop).turn(DELETE)


def test_turns_are_given_out_a_little_below_the_documented_rate(quota: Quota, clock: Clock) -> None:
    start = clock.ms
    for _ in range(PER_SECOND[DELETE] * 10 + 1):
        quota.turn(DELETE)

    assert 10_000 * (100 + MARGIN_PERCENT) // 100 <= clock.ms - start <= 10_000 * (101 + MARGIN_PERCENT) // 100


def test_an_operation_nobody_has_a_quota_for_is_not_called(quota: Quota) -> None:
    with pytest.raises(KeyError):
        quota.turn("DeleteEverything")
