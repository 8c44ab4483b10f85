"""One engine's run: the bots among people and chaos, then the reckoning."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.torture.accounts import reckon
from tests.torture.arena import Arena
from tests.torture.chaos import Chaos
from tests.torture.people import People
from tests.torture.table import Result
from tests.torture.workers import Process, running, wait_for

WORKERS = 4


@dataclass(frozen=True)
class Measure:
    """How much of it. ``first`` and ``most`` are items in the first proposal and in later ones.

    ``begun``: of the assets, how many are approved before anything befalls the bots.

    ``is_patient``: what a killed sender held is waited for, up to a minute; otherwise that minute passes at once.
    """

    assets: int
    begun: int
    first: int
    most: int
    open_at_once: int
    kills: int
    stops: int
    long_stops: int
    gap_s: float
    drain_s: float
    step_every: int
    is_patient: bool


FULL = Measure(
    assets=10_000,
    begun=8_500,
    first=2_500,
    most=1_200,
    open_at_once=12,
    kills=100,
    stops=30,
    long_stops=1,
    gap_s=1.2,
    drain_s=700,
    step_every=1,
    is_patient=True,
)
SHORT = Measure(
    assets=900,
    begun=700,
    first=600,
    most=61,
    open_at_once=7,
    kills=10,
    stops=2,
    long_stops=0,
    gap_s=1.2,
    drain_s=120,
    step_every=20,
    is_patient=False,
)


def run(arena: Arena, measure: Measure, seed: int) -> Result:
    """Torture the bots on one engine."""
    began = time.monotonic()
    rng = random.Random(f"{seed} {arena.engine}")  # noqa: S311 - chaos that can be repeated
    people = People(
        arena=arena,
        rng=random.Random(rng.random()),  # noqa: S311 - as above
        first=measure.first,
        most=measure.most,
        open_at_once=measure.open_at_once,
    )
    with running(arena, WORKERS) as (web, crew):
        chaos = Chaos(
            arena=arena,
            crew=crew,
            rng=random.Random(rng.random()),  # noqa: S311 - as above
            kills=measure.kills,
            stops=measure.stops,
            long_stops=measure.long_stops,
            gap_s=measure.gap_s,
        )
        _suffer(people, chaos, measure)
        # What was ordered and did not come to pass yet is called off: the reckoning is at rest, not in a storm.
        ordered = sum(chaos.weather.values()) - chaos.clear_up()
        if not measure.is_patient:
            _a_minute_later(arena, [web, *crew])
        _come_to_rest(people, measure.drain_s)
        endings = [process.end() for process in (web, *crew)]
    done = {
        "worker processes": WORKERS,
        "kills (SIGKILL)": chaos.done["kill"],
        "stops longer than the lease (SIGSTOP)": chaos.done["stop"] + chaos.done["long stop"],
        "faults of VOD and Slack": ordered,
        "levels of deletion": len(people.levels),
        "assets proposed and never approved": people.decoys,
        "lines of faults in the logs": sum(
            each.logged('"fault"') + each.logged("turn_failed") for each in (web, *crew)
        ),
    }
    unclean = {"processes that did not end when asked": sum(ending != 0 for ending in endings)}
    return Result(arena.engine, time.monotonic() - began, done, reckon(arena).also(unclean))


def _suffer(people: People, chaos: Chaos, measure: Measure) -> None:
    """Let people and chaos work side by side until both have done enough."""
    people.begin(measure.begun)
    with ThreadPoolExecutor(1) as pool:
        striking = pool.submit(chaos.run)
        try:
            people.work(lambda: people.assets >= measure.assets and striking.done())
        finally:
            chaos.end()
        striking.result()


def _a_minute_later(arena: Arena, processes: list[Process]) -> None:
    """Kill everybody, let everything that they held run out, and begin again."""
    for process in processes:
        process.kill()
    arena.let_leases_run_out()
    for process in processes:
        process.start()


def _come_to_rest(people: People, within_s: float) -> None:
    """Wait until all that was approved is finished and all is told; what is not by then shows in the reckoning."""

    def at_rest() -> bool:
        people.approve()
        return people.unfinished() == 0 and people.arena.is_told()

    try:
        wait_for(at_rest, "rest", timeout_s=within_s, every_s=0.25)
    except TimeoutError:
        return
