from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import Clock


def test_the_clock_tells_real_time_in_utc() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert Clock().now().tzinfo is UTC


def test_advancing_moves_the_clock_and_only_this_clock() -> None:
    moved, other = Clock(), Clock()
    moved.advance(3600)
    moved.advance(0.5)
    assert timedelta(hours=1) < moved.now() - other.now() < timedelta(hours=1, seconds=5)


def test_the_clock_never_goes_back() -> None:
    with pytest.raises(ValueError, match="forward"):
        Clock().advance(-1)
