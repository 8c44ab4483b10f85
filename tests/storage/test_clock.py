"""Time goes on evenly, whatever is done to the clock on the wall."""

from hypothesis import given
from hypothesis import strategies as st

from storage import SteadyClock
from storage.engine.clock import TOLERANCE_MS

HOUR = 3_600_000
START = 1_800_000_000_000


class Wall:
    """A clock on the wall that somebody sets, and the time that really passes."""

    def __init__(self) -> None:
        self.wall_ms = START
        self.passed_ns = 0
        self.steady = SteadyClock(lambda: self.wall_ms, monotonic_ns=lambda: self.passed_ns)

    def pass_ms(self, ms: int) -> None:
        self.wall_ms += ms
        self.passed_ns += ms * 1_000_000

    def set_by(self, ms: int) -> None:
        self.wall_ms += ms

    def now(self) -> int:
        return self.steady() - START


def test_it_says_what_the_wall_clock_says() -> None:
    wall = Wall()
    assert wall.now() == 0
    wall.pass_ms(1234)
    assert (wall.now(), wall.steady.off_ms) == (1234, 0)


def test_a_clock_that_is_corrected_by_little_is_followed() -> None:
    wall = Wall()
    wall.now()
    wall.set_by(TOLERANCE_MS)
    assert (wall.now(), wall.steady.off_ms) == (TOLERANCE_MS, 0)


def test_a_leap_forward_is_not_followed_and_known_until_somebody_sees_to_it() -> None:
    wall = Wall()
    wall.now()
    wall.set_by(HOUR)
    for second in range(1, 100):
        wall.pass_ms(1000)
        assert wall.now() == second * 1000
    assert wall.steady.off_ms == HOUR
    wall.steady.follow()
    assert (wall.now(), wall.steady.off_ms) == (HOUR + 99_000, 0)


def test_a_clock_that_is_set_back_lets_time_go_on_at_half_speed_until_it_has_caught_up() -> None:
    wall = Wall()
    wall.now()
    wall.set_by(-HOUR)
    for _ in range(HOUR // 1000):
        wall.pass_ms(1000)
        wall.now()
    assert (wall.now(), wall.steady.off_ms) == (HOUR // 2, -HOUR // 2)
    for _ in range(HOUR // 1000):
        wall.pass_ms(1000)
        wall.now()
    assert (wall.now(), wall.steady.off_ms) == (HOUR, 0)


def test_it_resumes_from_a_time_that_was_seen_and_the_rest_is_a_leap() -> None:
    wall = Wall()
    wall.now()
    wall.steady.resume(START - HOUR)
    wall.pass_ms(500)
    assert (wall.now(), wall.steady.off_ms) == (500 - HOUR, HOUR)


def test_it_resumes_from_a_time_that_the_wall_clock_has_not_reached() -> None:
    wall = Wall()
    wall.steady.resume(START + HOUR)
    wall.pass_ms(1000)
    assert wall.now() == HOUR + 500


def test_an_answer_that_was_long_on_its_way_is_no_leap() -> None:
    wall = Wall()
    wall.steady.read(START, unsure_ms=0)
    wall.pass_ms(8_000)
    wall.steady.read(START + 10, unsure_ms=8_000)
    wall.pass_ms(10)
    assert wall.steady.read(START + 8_010) == START + 8_010


STEPS = st.lists(
    st.tuples(st.integers(0, 100_000), st.one_of(st.just(0), st.integers(-2 * HOUR, 2 * HOUR))), max_size=60
)


@given(STEPS)
def test_it_never_goes_back_and_never_ahead_of_what_passed_by_more_than_it_follows(
    steps: list[tuple[int, int]],
) -> None:
    wall = Wall()
    before, passed = wall.now(), 0
    for pass_ms, set_ms in steps:
        wall.set_by(set_ms)
        wall.pass_ms(pass_ms)
        passed += pass_ms
        now = wall.now()
        assert before + pass_ms // 2 <= now <= before + pass_ms + TOLERANCE_MS
        before = now
