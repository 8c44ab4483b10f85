from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database, pace
from tests.storage.engines import Clock


def turn(database: Database, name: str = "DeleteVideo", interval_ms: int = 100, burst_ms: int = 0) -> int:
    return database.write(lambda tx: pace.take_turn(tx, name, interval_ms=interval_ms, burst_ms=burst_ms))


def push_back(database: Database, until_ms: int, name: str = "DeleteVideo") -> None:
    database.write(lambda tx: pace.push_back(tx, name, until_ms=until_ms))


def test_the_first_turn_is_now_and_the_next_ones_an_interval_apart(database: Database) -> None:
    assert [turn(database) for _ in range(4)] == [0, 100, 200, 300]


def test_operations_do_not_wait_for_each_other(database: Database) -> None:
    assert [turn(database, "a"), turn(database, "b"), turn(database, "a")] == [0, 0, 100]


def test_turns_not_taken_are_lost_unless_a_burst_is_allowed(database: Database, clock: Clock) -> None:
    turn(database)
    clock.advance(10_000)

    assert [turn(database), turn(database)] == [0, 100]
    clock.advance(10_000)
    assert [turn(database, burst_ms=200) for _ in range(4)] == [0, 0, 0, 100]


def test_nobody_has_a_turn_while_the_other_side_wants_quiet(database: Database, clock: Clock) -> None:
    turn(database)
    push_back(database, clock.ms + 5_000)

    assert [turn(database), turn(database)] == [5_000, 5_100]


def test_quiet_is_never_shortened(database: Database, clock: Clock) -> None:
    turn(database)
    push_back(database, clock.ms + 5_000)
    push_back(database, clock.ms + 1_000)

    assert turn(database) == 5_000


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pauses=st.lists(st.integers(0, 300), min_size=2, max_size=12),
    interval_ms=st.integers(1, 200),
    burst_ms=st.integers(0, 400),
)
def test_no_stretch_of_time_holds_more_turns_than_its_length_and_the_burst_allow(
    database: Database, clock: Clock, pauses: list[int], interval_ms: int, burst_ms: int
) -> None:
    name = f"operation at {clock.ms}"
    moments = []
    for pause in pauses:
        clock.advance(pause)
        moments.append(clock.ms + turn(database, name, interval_ms, burst_ms))
    clock.advance(1)

    for first, start in enumerate(moments):
        for taken, end in enumerate(moments[first:], start=1):
            assert (taken - 1) * interval_ms <= end - start + burst_ms
