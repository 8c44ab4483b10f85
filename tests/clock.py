"""A clock that tests move."""

from storage.engine.sqlite import wall_clock_ms


class MovableClock:
    """The bot's clock: real time plus what a test added."""

    def __init__(self) -> None:
        self.offset_ms = 0

    def __call__(self) -> int:
        return wall_clock_ms() + self.offset_ms

    def advance(self, seconds: float) -> None:
        self.offset_ms += round(seconds * 1000)
