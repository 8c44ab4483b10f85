import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database, pace
from tests.storage.engines import Clock


def turn(database: Database, name: str = "DeleteVideo", interval_ms: int = 100) -> int:
    return database.write(lambda tx: pace.take_turn(tx, name, interval_us=interval_ms * 1000))


def complain(database: Database, quiet_ms: int = 1_000, name: str = "DeleteVideo") -> None:
    database.write(lambda tx: pace.slow_down(tx, name, quiet_ms=quiet_ms))


def percent(database: Database, name: str = "DeleteVideo") -> int:
    return database.read(lambda tx: pace.percent_of(tx, name))


def test_the_first_turn_is_now_and_the_next_ones_an_interval_apart(database: Database) -> None:
    assert [turn(database) for _ in range(4)] == [0, 100, 200, 300]


def test_turns_finer_than_a_millisecond_add_up(database: Database) -> None:
    waits = [database.write(lambda tx: pace.take_turn(tx, "a", interval_us=2_500)) for _ in range(5)]

    assert waits == [0, 2, 5, 7, 10]


def test_operations_do_not_wait_for_each_other(database: Database) -> None:
    assert [turn(database, "a"), turn(database, "b"), turn(database, "a")] == [0, 0, 100]


def test_turns_not_taken_are_lost(database: Database, clock: Clock) -> None:
    turn(database)
    clock.advance(10_000)

    assert [turn(database), turn(database)] == [0, 100]


def test_nobody_has_a_turn_while_the_other_side_wants_quiet(database: Database) -> None:
    turn(database)
    complain(database, 5_000)

    assert turn(database) == 5_000


def test_quiet_is_never_shortened(database: Database) -> None:
    turn(database)
    complain(database, 5_000)
    complain(database, 1_000)

    assert turn(database) == 5_000


def test_a_complaint_makes_the_turns_rarer_and_several_at_once_count_as_one(
    database: Database, clock: Clock
) -> None:
    for _ in range(3):
        complain(database, 0)
    assert percent(database) == 75
    assert [turn(database, interval_ms=75), turn(database, interval_ms=75)] == [0, 100]

    clock.advance(pace.ONE_COMPLAINT_MS)
    complain(database, 0)
    assert percent(database) == 56


def test_the_rate_never_falls_to_nothing(database: Database, clock: Clock) -> None:
    for _ in range(50):
        complain(database, 0)
        clock.advance(pace.ONE_COMPLAINT_MS)

    assert percent(database) == pace.LEAST


def test_the_rate_comes_back_a_step_at_a_time_while_nobody_complains(database: Database, clock: Clock) -> None:
    complain(database, 0)
    seen = []
    for _ in range(7):
        clock.advance(pace.STEP_AFTER_MS)
        turn(database)
        turn(database)
        seen.append(percent(database))

    assert seen == [80, 85, 90, 95, 100, 100, 100]


def test_what_was_never_called_has_its_full_rate(database: Database) -> None:
    assert percent(database, "never called") == pace.FULL


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 300), st.booleans()), min_size=2, max_size=12),
    interval_ms=st.integers(1, 200),
)
def test_turns_are_never_closer_than_the_interval_whoever_complains(
    database: Database, clock: Clock, steps: list[tuple[int, bool]], interval_ms: int
) -> None:
    name = f"operation at {clock.ms}"
    moments = []
    for pause, complains in steps:
        clock.advance(pause)
        if complains:
            complain(database, 50, name)
        moments.append(clock.ms + turn(database, name, interval_ms))
    clock.advance(1)

    assert all(later - earlier >= interval_ms for earlier, later in itertools.pairwise(moments))
