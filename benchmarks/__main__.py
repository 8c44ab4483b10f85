"""``python -m benchmarks``: prints every measurement next to what bounds it. Nothing is asserted but the truth."""

import os
import platform
import sys
import tempfile
from pathlib import Path

import click

from benchmarks import deleting, postgres, store
from benchmarks.deleting import QUOTA, Countersigned, Run
from deletion.terms.targets import BATCH
from sandbox.interrupts import interruptible
from sandbox.slack import SlackSandbox
from storage import Database, SqliteDatabase
from storage.engine.postgres import PostgresDatabase

VIDEOS = 20_000

SCRIPT_VIDEOS = 300
"""Videos that the one-by-one script deletes: its rate is what counts, and 20,000 would take it eleven minutes."""

GOAL = 0.95
"""Of quota times 20, for a deletion of 20,000 videos."""


@click.command()
@click.option("--videos", default=VIDEOS, show_default=True, help="Videos of the big deletion.")
@click.option("--script-videos", default=SCRIPT_VIDEOS, show_default=True, help="Videos that go one by one.")
def main(videos: int, script_videos: int) -> None:
    """Measure the store on both engines, and a deletion next to quota and scripts."""
    click.echo(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with interruptible(), tempfile.TemporaryDirectory() as name, postgres.server(Path(name) / "postgres") as server:
        folder = Path(name)
        _store("SQLite", SqliteDatabase(folder / "store.db"), store.bare_sqlite(folder / "bare.db"))
        with postgres.database(server, "store") as url:
            _store("PostgreSQL", PostgresDatabase(url), store.bare_postgres(url))
        with postgres.database(server, "record") as url:
            engines = {"SQLite": f"sqlite:///{folder}/record.db", "PostgreSQL": url}
            _deletions(folder, engines, videos, script_videos)


def _store(engine: str, database: Database, bare: store.Rate) -> None:
    click.echo(f"\nThe record on {engine}: one bare insert a transaction is {bare.per_second:,.0f} a second")
    database.migrate()
    for what, rate in store.all_of(database):
        click.echo(
            f"  {what:<42} {rate.per_second:>9,.0f}/s   {rate.per_second / bare.per_second:5.2f} of the bare insert"
        )
    database.close()


def _deletions(folder: Path, engines: dict[str, str], videos: int, script_videos: int) -> None:
    bound = QUOTA * BATCH
    click.echo(
        f"\nDeleting: VOD's quota is {QUOTA} DeleteVideo calls a second of {BATCH} ids: {bound} videos a second"
    )
    with deleting.local_vod() as vod:
        one_by_one = deleting.by_script(vod, vod.fill(script_videos), at_once=1)
        _line("script, one by one", one_by_one, bound)
        by_twenty = deleting.by_script(vod, vod.fill(videos), at_once=BATCH)
        _line("script, 20 a call", by_twenty, bound)
        for engine, url in engines.items():
            # Another record's heads in the audit channel would hold everything.
            with SlackSandbox.start(environ={}) as slack:
                done = deleting.by_bot(slack, vod, url, folder, vod.fill(videos))
            _line(f"Countersign on {engine}", done.run, bound)
            click.echo("    with its slow beginning (COUNTERSIGN_RAMP), which is there for people; after that:")
            _line(f"  {engine}, at full rate", done.full, bound)
            _beside(done, one_by_one, by_twenty, videos)


def _line(what: str, run: Run, bound: int) -> None:
    click.echo(
        f"  {what:<28} {run.videos:>7,} videos in {run.seconds:7.1f} s = {run.per_second:6.1f}/s, "
        f"{run.per_second / bound:6.1%} of quota x {BATCH}; calls {run.calls:,} "
        f"({run.calls / deleting.minimum(run.videos):.3f} of ceil(N / {BATCH})), throttled {run.throttled:,}"
    )


def _beside(done: Countersigned, one_by_one: Run, by_twenty: Run, videos: int) -> None:
    rate = done.full.per_second
    click.echo(
        f"    {rate / one_by_one.per_second:.1f} times the script one by one, "
        f"{rate / by_twenty.per_second:.2f} times the script of 20 a call; "
        f"reading {videos:,} for the card took {done.reading_s:.1f} s, again for the vote {done.counting_s:.1f} s; "
        f"{'the goal of' if rate >= GOAL * QUOTA * BATCH else 'BELOW the goal of'} {GOAL:.0%}"
    )


if __name__ == "__main__":
    sys.exit(main())
