"""``python -m tests.torture``: bots killed, lied to, set back and cut off, on both engines; tables tell of it."""

import random
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import click

from tests.torture import long_list, rounds
from tests.torture.arena import ENGINES, opened
from tests.torture.deaths import die_everywhere
from tests.torture.hostile import run as hostile
from tests.torture.long_list import Length
from tests.torture.rounds import FULL, SHORT, Measure
from tests.torture.table import Result, table

OVER = threading.Event()
"""Whether this process was asked to end."""


@click.command()
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), help="By default both.")
@click.option("--seed", type=int, help="Repeats a run's chances, though not its timing. By default a new one.")
@click.option("--short", is_flag=True, help="The version that is part of make test.")
@click.option(
    "--only", type=click.Choice(("chaos", "steps", "hostile", "long")), help="By default all, one after the other."
)
def main(engines: tuple[str, ...], seed: int | None, *, short: bool, only: str | None) -> None:
    """Torture the bots; exit code 1 when any criterion is missed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    measure, chosen = SHORT if short else FULL, engines or ENGINES
    click.echo(f"Seed {seed}.")
    results: list[Result] = []
    if only in {None, "chaos"}:
        click.echo("Killed and stopped at random moments, with faults of VOD and Slack:\n")
        results += [_chaos(engine, measure, seed) for engine in chosen]
        click.echo(table(results))
    if only in {None, "steps"}:
        click.echo("Killed right before and right after every commit of a story that changes something:\n")
        with ThreadPoolExecutor(len(chosen)) as pool:
            deaths = list(pool.map(lambda engine: _steps(engine, measure, seed), chosen))
        click.echo(table(deaths))
        results += deaths
    if only in {None, "hostile"}:
        click.echo("Set back, crowded, cut off, with clocks set and people leaving, at every step of deletions:\n")
        of_them = hostile.SHORT if short else hostile.FULL
        with ThreadPoolExecutor(len(chosen)) as pool:
            found = list(pool.map(lambda engine: hostile.run(engine, of_them, seed), chosen))
        click.echo(table(found))
        results += found
    if only in {None, "long"}:
        click.echo("Killed at random while a long list is read, shown, voted on, deleted and told of:\n")
        length = long_list.BRIEF if short else long_list.LONG
        with ThreadPoolExecutor(len(chosen)) as pool:
            long = list(pool.map(lambda engine: _long(engine, length, seed), chosen))
        click.echo(table(long))
        results += long
    sys.exit(0 if all(result.holds for result in results) else 1)


def _end(number: int, _frame: object) -> None:
    """End at once, but not before every bot was killed; who is impatient does not hinder that.

    The threads that tell of deaths are waited for, and would go on for minutes.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    OVER.set()
    sys.exit(128 + number)


def _chaos(engine: str, measure: Measure, seed: int) -> Result:
    with opened(engine, seed) as arena:
        return rounds.run(arena, measure, seed)


def _steps(engine: str, measure: Measure, seed: int) -> Result:
    with opened(engine, seed, is_far=False) as arena:
        return die_everywhere(arena, every=measure.step_every, offset=seed % measure.step_every, over=OVER)


def _long(engine: str, length: Length, seed: int) -> Result:
    with opened(engine, seed) as arena:
        return long_list.run(arena, length, seed)


if __name__ == "__main__":
    main()
