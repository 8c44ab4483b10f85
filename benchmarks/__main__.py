"""``python -m benchmarks``: prints every measurement next to what bounds it. Nothing is asserted but the truth."""

import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click

from benchmarks import deleting, long_lists, postgres, store
from benchmarks.clicks import Answer, percentile
from benchmarks.deleting import QUOTA, Run
from benchmarks.long_lists import READ_BOUND, Way
from benchmarks.stand import Record, Vod, local_vod
from deletion.terms import ramp
from deletion.terms.requests.targets import BATCH
from sandbox.interrupts import interruptible
from sandbox.slack import SlackSandbox
from storage import Database, SqliteDatabase
from storage.engine.postgres import PostgresDatabase

SIZES = (1_000, 20_000)

SCRIPT_VIDEOS = 300
"""Videos that the one-by-one script deletes: its rate is what counts, and 20,000 would take it eleven minutes."""

BOUND = QUOTA * BATCH
"""Videos that VOD lets be deleted in a second."""

READ_GOAL, DELETED_GOAL = 0.90, 0.95
"""Of what the quotas allow, from 20,000 videos on: fewer are over before it shows."""

GOALS_FROM = 20_000

WORKER_MB, LISTENER_MB = 250, 150

ANSWERED_S = 1.0

ENGINES = ("SQLite", "PostgreSQL")


@click.command()
@click.option("--videos", "sizes", type=int, multiple=True, default=SIZES, show_default=True, help="Of each list.")
@click.option("--script-videos", default=SCRIPT_VIDEOS, show_default=True, help="Videos that go one by one.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), help="Only on this engine.")
@click.option("--lists", "only_lists", is_flag=True, help="Only lists, without the store and without scripts.")
@click.option("--ramp", "how", default=ramp.DEFAULT, show_default=True, help="How deletions begin.")
def main(sizes: Sequence[int], script_videos: int, engines: Sequence[str], how: str, *, only_lists: bool) -> None:
    """Measure the store, and lists of videos the whole way, on both engines, next to quotas and scripts."""
    click.echo(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    chosen = engines or ENGINES
    with interruptible(), tempfile.TemporaryDirectory() as name, postgres.server(Path(name) / "postgres") as server:
        folder = Path(name)
        if not only_lists:
            _stores(folder, server, chosen)
        with local_vod() as vod:
            if not only_lists:
                _scripts(vod, script_videos, max(sizes))
            for size in sizes:
                for engine in chosen:
                    with _record(engine, folder, server, f"record_{size}") as url:
                        _list(engine, Record(url, folder, how), vod, size)


def _record(engine: str, folder: Path, server: str, name: str) -> AbstractContextManager[str]:
    return nullcontext(f"sqlite:///{folder}/{name}.db") if engine == "SQLite" else postgres.database(server, name)


def _stores(folder: Path, server: str, engines: Sequence[str]) -> None:
    if "SQLite" in engines:
        _store("SQLite", SqliteDatabase(folder / "store.db"), store.bare_sqlite(folder / "bare.db"))
    if "PostgreSQL" in engines:
        with postgres.database(server, "store") as url:
            _store("PostgreSQL", PostgresDatabase(url), store.bare_postgres(url))


def _store(engine: str, database: Database, bare: store.Rate) -> None:
    click.echo(f"\nThe record on {engine}: one bare insert a transaction is {bare.per_second:,.0f} a second")
    database.migrate()
    for what, rate in store.all_of(database):
        click.echo(
            f"  {what:<42} {rate.per_second:>9,.0f}/s   {rate.per_second / bare.per_second:5.2f} of the bare insert"
        )
    database.close()


def _scripts(vod: Vod, few: int, many: int) -> None:
    click.echo(f"\nVOD's quota is {QUOTA} DeleteVideo calls a second of {BATCH} ids: {BOUND} videos a second")
    _line("script, one by one", deleting.by_script(vod, vod.fill(few), at_once=1))
    _line("script, 20 a call", deleting.by_script(vod, vod.fill(many), at_once=BATCH))


def _list(engine: str, record: Record, vod: Vod, size: int) -> None:
    click.echo(f"\nA list of {size:,} videos on {engine}, from the file to the file of outcomes:")
    # Another record's heads in the audit channel would hold everything.
    with SlackSandbox.start(environ={}) as slack:
        way = long_lists.go(slack, vod, record, size)
    for each in way.stretches:
        click.echo(
            f"  {each.what:<28} {each.seconds:7.1f} s   worker {each.worker_mb:4.0f} MB, "
            f"listener {each.listener_mb:4.0f} MB"
        )
    for what in ("read", "counted"):
        share = size / way.seconds(what) / READ_BOUND
        click.echo(f"  {what:<28} {size / way.seconds(what):6.1f}/s, {share:6.1%} of quota {_goal(way, share)}")
    _line("deleted, all of it", way.run)
    _line("  after its slow beginning", way.full)
    share = way.full.per_second / BOUND
    click.echo(f"    {_goal(way, share, DELETED_GOAL)}; COUNTERSIGN_RAMP, the slow beginning, is there for people")
    click.echo(
        f"  memory at its highest: worker {way.worker_mb:.0f} of {WORKER_MB} MB, listener {way.listener_mb:.0f} of "
        f"{LISTENER_MB} MB{'' if _is_small(way) else ': TOO MUCH'}"
    )
    _answers(way.answers)
    for fault in way.faults:
        click.echo(f"    NOT ANSWERED: {fault}")


def _is_small(way: Way) -> bool:
    return way.worker_mb <= WORKER_MB and way.listener_mb <= LISTENER_MB


def _goal(way: Way, share: float, goal: float = READ_GOAL) -> str:
    if way.items < GOALS_FROM:
        return "(too few for the goal)"
    return f"({'the goal of' if share >= goal else 'BELOW the goal of'} {goal:.0%})"


def _answers(answers: Sequence[Answer]) -> None:
    """Tell how soon somebody who clicked had an answer, and the slowest of all."""
    for what in sorted({each.what for each in answers}):
        some = [each for each in answers if each.what == what]
        seen = [each.seen_s for each in some if each.seen_s is not None]
        click.echo(
            f"  {what:<28} {len(some):,} times: answered {_spread([each.answered_s for each in some])}; "
            f"seen {_spread(seen)}{f', {len(some) - len(seen)} NOT SEEN' if len(seen) < len(some) else ''}"
        )
    slow = sorted((each for each in answers if _took(each) > ANSWERED_S), key=_took, reverse=True)
    for each in slow[:5]:
        click.echo(f"    SLOW: {each.what} while it was {each.during}: {_took(each):.2f} s")


def _took(answer: Answer) -> float:
    return max(answer.answered_s, float("inf") if answer.seen_s is None else answer.seen_s)


def _spread(seconds: Sequence[float]) -> str:
    half, most = percentile(seconds, 0.5), percentile(seconds, 0.99)
    return f"p50 {half:.2f}, p99 {most:.2f}, max {max(seconds, default=0):.2f} s"


def _line(what: str, run: Run) -> None:
    click.echo(
        f"  {what:<28} {run.videos:>7,} videos in {run.seconds:7.1f} s = {run.per_second:6.1f}/s, "
        f"{run.per_second / BOUND:6.1%} of quota x {BATCH}; calls {run.calls:,} "
        f"({run.calls / deleting.minimum(run.videos):.3f} of ceil(N / {BATCH})), throttled {run.throttled:,}"
    )


if __name__ == "__main__":
    sys.exit(main())
