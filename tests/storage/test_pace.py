import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Database, Tx
from storage.tables import rate_limits
from tests.storage.engines import Clock


def turn(database: Database, name: str = "DeleteVideo", interval_ms: int = 100) -> int:
    return database.write(lambda tx: rate_limits.take_turn(tx, name, interval_us=interval_ms * 1000))


def complain(database: Database, quiet_ms: int = 1_000, name: str = "DeleteVideo") -> None:
    database.write(lambda tx: rate_limits.slow_down(tx, name, quiet_ms=quiet_ms))


def percent(database: Database, name: str = "DeleteVideo") -> int:
    return database.read(lambda tx: rate_limits.percent_of(tx, name))


def test_the_first_turn_is_now_and_the_next_ones_an_interval_apart(database: Database) -> None:
    assert [turn(database) for _ in range(4)] == [0, 100, 200, 300]


def test_turns_finer_than_a_millisecond_add_up(database: Database) -> None:
    waits = [database.write(lambda tx: rate_limits.take_turn(tx, "a", interval_us=2_500)) for _ in range(5)]

    assert waits == [0, 2, 5, 7, 10]


def test_operations_do_not_wait_for_each_other(database: Database) -> None:
    assert [turn(database, "a"), turn(database, "b"), turn(database, "a")] == [0, 0, 100]


def test_turns_not_taken_are_lost(database: Database, clock: Clock) -> None:
    turn(database)
    clock.advance(10_000)

    assert [turn(database), turn(database)] == [0, 100]


def test_nobody_has_a_turn_while_the_other_side_wants_quiet(database: Database, clock: Clock) -> None:
    turn(database)
    complain(database)
    clock.advance(rate_limits.ONE_COMPLAINT_MS)
    complain(database, 5_000)

    assert turn(database) == 5_000


def test_quiet_is_never_shortened(database: Database, clock: Clock) -> None:
    turn(database)
    complain(database)
    clock.advance(rate_limits.ONE_COMPLAINT_MS)
    complain(database, 5_000)
    complain(database, 1_000)

    assert turn(database) == 5_000


def test_a_complaint_out_of_the_blue_is_taken_lightly(database: Database, clock: Clock) -> None:
    turn(database)
    clock.advance(rate_limits.ISOLATED_THROTTLE_MS)
    complain(database, 1_000)

    assert percent(database) == rate_limits.FULL
    assert turn(database) == 1_000 // rate_limits.ISOLATED_PAUSE_DIVISOR


def test_complaints_that_go_on_make_the_turns_rarer_and_several_at_once_count_as_one(
    database: Database, clock: Clock
) -> None:
    for _ in range(3):
        complain(database, 0)
    assert percent(database) == rate_limits.FULL

    for left in (90, 81, 72):
        clock.advance(rate_limits.ONE_COMPLAINT_MS)
        for _ in range(3):
            complain(database, 0)
        assert percent(database) == left
    assert [turn(database, interval_ms=72), turn(database, interval_ms=72)] == [0, 100]


def test_a_complaint_soon_after_the_rate_was_whole_again_is_not_out_of_the_blue(
    database: Database, clock: Clock
) -> None:
    complain(database, 0)
    clock.advance(rate_limits.ONE_COMPLAINT_MS)
    complain(database, 0)
    for left in (95, rate_limits.FULL):
        clock.advance(rate_limits.STEP_AFTER_MS)
        turn(database)
        assert percent(database) == left
    clock.advance(rate_limits.ISOLATED_THROTTLE_MS - 1)
    complain(database, 0)

    assert percent(database) == rate_limits.SLOWER


def sent(database: Database, *, most: int = 3, name: str = "DeleteVideo") -> int:
    def send(tx: Tx) -> int:
        window = rate_limits.check_send_window(tx, name, most=most, within_ms=1_000)
        if not window.wait_ms:
            rate_limits.note_sent(tx, window)
        return window.wait_ms

    return database.write(send)


def test_no_more_are_sent_within_the_time_than_may_be(database: Database, clock: Clock) -> None:
    moments = []
    for _ in range(10):
        while wait_ms := sent(database):
            clock.advance(wait_ms)
        moments.append(clock.ms)
        clock.advance(1)

    assert all(later - earlier >= 1_000 for earlier, later in zip(moments, moments[3:], strict=False))
    assert moments[3] - moments[0] == 1_000


def test_what_is_noted_is_when_it_was_sent_not_when_the_wire_was_looked_at(
    database: Database, clock: Clock
) -> None:
    def send_slowly(tx: Tx) -> None:
        window = rate_limits.check_send_window(tx, "DeleteVideo", most=1, within_ms=1_000)
        clock.advance(40)
        rate_limits.note_sent(tx, window)

    database.write(send_slowly)
    assert sent(database, most=1) == 1_000


def test_what_was_not_sent_is_not_counted(database: Database, clock: Clock) -> None:
    assert [sent(database) for _ in range(3)] == [0, 0, 0]
    assert [sent(database) for _ in range(5)] == [1_000] * 5
    clock.advance(1_000)
    assert [sent(database) for _ in range(3)] == [0, 0, 0]


def test_operations_are_counted_apart_and_turns_do_not_count(database: Database) -> None:
    turn(database)
    assert [sent(database, most=1), sent(database, most=1, name="other")] == [0, 0]
    assert sent(database, most=1) == 1_000


def test_what_an_instance_with_a_clock_a_little_ahead_sent_is_counted(database: Database, clock: Clock) -> None:
    clock.advance(30)
    sent(database, most=2)
    clock.ms -= 30

    assert [sent(database, most=2), sent(database, most=2)] == [0, 1_000]


def test_a_clock_that_was_set_back_does_not_keep_anybody_waiting_for_long(database: Database, clock: Clock) -> None:
    sent(database, most=1)
    clock.ms -= 3_600_000

    assert sent(database, most=1) == 0


def test_the_rate_never_falls_to_nothing(database: Database, clock: Clock) -> None:
    for _ in range(50):
        complain(database, 0)
        clock.advance(rate_limits.ONE_COMPLAINT_MS)

    assert percent(database) == rate_limits.LEAST


def test_the_rate_comes_back_a_step_at_a_time_while_nobody_complains(database: Database, clock: Clock) -> None:
    for _ in range(4):
        complain(database, 0)
        clock.advance(rate_limits.ONE_COMPLAINT_MS)
    seen = []
    for _ in range(8):
        clock.advance(rate_limits.STEP_AFTER_MS)
        turn(database)
        turn(database)
        seen.append(percent(database))

    assert seen == [77, 82, 87, 92, 97, 100, 100, 100]


def test_what_was_never_called_has_its_full_rate(database: Database) -> None:
    assert percent(database, "never called") == rate_limits.FULL


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
