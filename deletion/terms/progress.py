"""How far something is: how many of how many, how fast lately, and how long it will still take. Pure."""

from dataclasses import dataclass

STRETCH_MS = 30_000
"""How far back it is measured how fast something goes."""

SHORTEST_MS = 1_000
"""A stretch that is shorter says nothing."""


@dataclass(frozen=True)
class Progress:
    """Items done and in all; ``per_minute`` and ``left_s`` (seconds) are None while there is nothing to go by.

    Both are measured in the last stretch. In a stage of its beginning a deletion will be faster: nothing is said
    then of how long it takes.
    """

    done: int
    total: int
    per_minute: int | None
    left_s: int | None


@dataclass(frozen=True)
class Stretch:
    """The last stretch: so many items were ``done`` in so many milliseconds.

    ``is_slow``: it is in a stage of its beginning.
    """

    done: int
    spent_ms: int
    is_slow: bool = False


NO_STRETCH = Stretch(0, 0)


def of(done: int, total: int, lately: Stretch) -> Progress:
    """Work out the progress from what is done and what was done lately."""
    if not lately.done or lately.spent_ms < SHORTEST_MS:
        return Progress(done, total, None, None)
    left_s = None if lately.is_slow else -(-(total - done) * lately.spent_ms // (lately.done * 1000))
    return Progress(done, total, lately.done * 60_000 // lately.spent_ms, left_s)
