"""``python -m benchmarks.brakes``: how soon a stop and a freeze are answered, and what VOD gets after them.

A bot's process deletes; somebody attacks it, its Slack or its workers; people stop deletions and freeze the rest.
"""

import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

import click

from benchmarks import postgres
from benchmarks.attacks import SHORT, SLACK_IS_TO_BLAME, WITHIN_S, Attack, Size
from benchmarks.braking import Braked, Transport, measure

ENGINES = ("sqlite", "postgres")

HEAD = """\
| attack | over | record | brakes | answered | seen | in effect | calls after it | calls that reached VOD late |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"""


@click.command()
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), help="Only on this engine.")
@click.option("--over", "transports", multiple=True, type=click.Choice(Transport), help="Only over this transport.")
@click.option("--only", multiple=True, type=click.Choice(Attack, case_sensitive=False), help="Only this attack.")
@click.option("--short", is_flag=True, help="Fewer and smaller deletions, two stops of each.")
def main(engines: Sequence[str], transports: Sequence[Transport], only: Sequence[Attack], *, short: bool) -> None:
    """Print a table, the slowest brake of each attack in a line; exit code 1 when a limit is missed."""
    size, missed = SHORT if short else Size(), []
    click.echo(HEAD)
    with _records(engines or ENGINES) as records:
        for attack in only or Attack:
            for over in transports or Transport:
                for engine, new in records.items():
                    with new() as url:
                        try:
                            found = measure(attack, over, url, size)
                        except (TimeoutError, LookupError, RuntimeError) as exc:
                            raise RuntimeError(f"{attack}, {over}, {engine}: {exc}") from exc
                    click.echo(line(f"{attack} | {over} | {engine}", found))
                    missed += [f"{attack}, {over}, {engine}: {what}" for what in misses(attack, found)]
    click.echo("".join(f"\nMISSED: {what}" for what in missed))
    sys.exit(1 if missed else 0)


def misses(attack: Attack, found: Sequence[Braked]) -> Iterator[str]:
    """Say which limits were missed."""
    for each in found:
        what = f"the stop of #{each.number}" if each.number else "a freeze"
        if each.answered_s is None or each.answered_s > WITHIN_S:
            yield f"{what} was not answered in time"
        elif attack not in SLACK_IS_TO_BLAME and (each.seen_s is None or each.seen_s > WITHIN_S):
            yield f"the answer to {what} was not seen in time"
        if each.in_effect_s is None or each.in_effect_s > WITHIN_S:
            yield f"{what} did not take effect in time"
        if each.number and not each.left:
            yield f"nothing was left to stop of #{each.number}"
        if each.journalled:
            yield f"{each.journalled} call(s) were journalled after {what}"
        if each.late:
            yield f"{each.late} call(s) reached VOD after {what}"


def line(where: str, found: Sequence[Braked]) -> str:
    """Return a row of the table: the slowest of everything, and sums."""
    slowest = [
        _slowest([each.answered_s for each in found]),
        _slowest([each.seen_s for each in found]),
        _slowest([each.in_effect_s for each in found]),
    ]
    late = sum(each.late for each in found)
    on_its_way = sum(each.arrived for each in found) - late
    arrived = f"{late} (on their way: {on_its_way})" if on_its_way else f"{late}"
    freezes = sum(not each.number for each in found)
    many = f"{len(found) - freezes} + {freezes}"
    return f"| {where} | {many} | {' | '.join(slowest)} | {sum(each.journalled for each in found)} | {arrived} |"


def _slowest(seconds: Sequence[float | None]) -> str:
    known = [each for each in seconds if each is not None]
    never = len(seconds) - len(known)
    told = f"{max(known):.2f} s" if known else ""
    return f"{told}, {never} not" if never and known else told or "no answer"


NewRecord = Callable[[], AbstractContextManager[str]]


@contextmanager
def _records(engines: Sequence[str]) -> Iterator[dict[str, NewRecord]]:
    """Yield, by engine, what makes a new record and yields its URL."""
    with ExitStack() as stack:
        folder, numbers = Path(stack.enter_context(tempfile.TemporaryDirectory())), itertools.count(1)
        found: dict[str, NewRecord] = {}
        if "sqlite" in engines:
            found["SQLite"] = lambda: nullcontext(f"sqlite:///{folder}/record-{next(numbers)}.db")
        if "postgres" in engines:
            server = stack.enter_context(postgres.server(folder / "postgres"))
            found["PostgreSQL"] = lambda: postgres.database(server, f"record_{next(numbers)}")
        yield found


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.brakes")
