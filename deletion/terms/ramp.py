"""How a big deletion begins: stages of so few items, or so slow, that a stop saves nearly everything. Pure.

Written as ``1 for 5s, 20 for 10s, 10% for 30s``: one item, 20 more, then a tenth of VOD's quota, each for at least
so long; all of the quota after that.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from deletion.terms import canonical
from deletion.terms.requests.targets import BATCH

NONE = "none"
DEFAULT = "1 for 5s, 20 for 10s, 10% for 30s"

MOST_STAGES = 10
MOST_ITEMS = 1_000
MOST_SECONDS = 3_600

_STEP = re.compile(
    r"(?P<size>[0-9]{1,6})\s*(?P<percent>%)?(?:\s*(?:for\s)?\s*(?P<seconds>[0-9]{1,6})\s*s(?:econds)?)?"
)


@dataclass(frozen=True)
class Step:
    """A stage as the settings name it: so many items, or so many percent of VOD's quota, for so long."""

    items: int | None
    percent: int | None
    seconds: int


@dataclass(frozen=True)
class Stage:
    """A stage of one deletion: so many items more, for at least so many seconds.

    ``percent`` is None where the items go at once, one call after another; otherwise calls are ``interval_us``
    microseconds apart.
    """

    items: int
    seconds: int
    percent: int | None = None
    interval_us: int = 0


def read(text: str) -> tuple[Step, ...]:
    """Read the steps of a ramp, () for ``none``; ValueError says what is wrong with it."""
    if text.strip().lower() == NONE:
        return ()
    steps = tuple(map(_step, text.split(",")))
    if len(steps) > MOST_STAGES:
        raise ValueError(f"must have at most {MOST_STAGES} stages")
    if steps[0].items != 1:
        raise ValueError("must begin with 1: the first item of a big deletion goes alone; or be none")
    sizes = [(step.percent is not None, step.percent or step.items or 0) for step in steps]
    if any(now >= after for now, after in pairwise(sizes)):
        raise ValueError("must grow from stage to stage: first numbers of items, then percentages")
    return steps


def _step(text: str) -> Step:
    found = _STEP.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"must be none, or stages such as {DEFAULT}")
    size, seconds = int(found["size"]), int(found["seconds"] or 0)
    if seconds > MOST_SECONDS:
        raise ValueError(f"may have stages of up to {MOST_SECONDS} seconds")
    if found["percent"]:
        if not 1 <= size <= 99:
            raise ValueError("may have 1 to 99 percent of VOD's quota in a stage; all of it follows by itself")
        if not seconds:
            raise ValueError("must say for how long a share of VOD's quota is used, such as 10% for 30s")
        return Step(None, size, seconds)
    if not 1 <= size <= MOST_ITEMS:
        raise ValueError(f"may have 1 to {MOST_ITEMS} items in a stage")
    return Step(size, None, seconds)


def written(steps: Sequence[Step]) -> str:
    """Return steps as they are written in the settings."""
    return ", ".join(map(_written, steps)) or NONE


def _written(step: Step) -> str:
    size = f"{step.percent}%" if step.percent is not None else str(step.items)
    return f"{size} for {step.seconds}s" if step.seconds else size


def stages(steps: Sequence[Step], *, per_second: int) -> tuple[Stage, ...]:
    """Return the stages of a deletion whose operation VOD takes so many times a second."""
    return tuple(_stage(step, per_second) for step in steps)


def _stage(step: Step, per_second: int) -> Stage:
    if step.percent is None:
        return Stage(step.items or 0, step.seconds)
    calls = max(1, step.percent * per_second * step.seconds // 100)
    return Stage(calls * BATCH, step.seconds, step.percent, 100_000_000 // (step.percent * per_second))


def below(found: Sequence[Stage], number: int) -> int | None:
    """Return how many items, the first of the plan, may be sent up to and with a stage; None after the last one."""
    return sum(stage.items for stage in found[: number + 1]) if number < len(found) else None


def dumps(found: Sequence[Stage]) -> str:
    """Return stages as the record keeps them."""
    return canonical.dumps([asdict(stage) for stage in found])


def loads(text: str | None) -> tuple[Stage, ...]:
    """Read back what ``dumps`` made; () where there is none."""
    return tuple(Stage(**each) for each in canonical.loads(text)) if text else ()
