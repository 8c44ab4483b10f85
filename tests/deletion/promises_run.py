"""``python -m tests.deletion.promises_run --steps 100000``: the promises, tested for as long as is wanted."""

import random
import sys
import time

import click
import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.deletion.promises_machine import Promises

EXAMPLES = 200
STEPS = 60

unhurried = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@click.command()
@click.option("--steps", default=100_000, show_default=True, help="Go on until this many were driven.")
@click.option("--seed", type=int, help="Repeats a run. By default a new one.")
def main(steps: int, seed: int | None) -> None:
    """Drive the program at random; exit code 1, and the shortest way there, when a promise was broken."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    click.echo(f"promises: seed {seed}")
    begun, broken = time.monotonic(), False
    while Promises.steps < steps and not broken:
        hypothesis.seed(seed)(Promises)
        try:
            run_state_machine_as_test(Promises, settings=unhurried)
        except AssertionError as exc:
            click.echo(f"{exc}\n" + "\n".join(getattr(exc, "__notes__", [])))
            broken = True
        seed += 1
    done = ", ".join(f"{number:,} {word}" for word, number in Promises.tally.items())
    found = "BROKEN" if broken else "0 violations"
    click.echo(f"promises: {Promises.steps:,} steps in {time.monotonic() - begun:.0f} s ({done}): {found}")
    sys.exit(broken)


if __name__ == "__main__":
    main()
