"""``python -m bot migrate`` and ``move-store``: the database, brought up to date or moved."""

import os
from contextlib import closing

import click

from bot import database_url
from bot.cli.exits import result_or_exit
from deletion.evidence import record_check
from storage import parse


@click.command()
def migrate() -> None:
    """Bring the database up to this version; needs no setting but DATABASE_URL."""
    with closing(result_or_exit(lambda: database_url.address(os.environ).open())) as database:
        applied = result_or_exit(database.migrate)
    click.echo(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")


@click.command()
@click.argument("source")
@click.argument("target", envvar="DATABASE_URL")
def move_store(source: str, target: str) -> None:
    """Move the record from sqlite:///path to an empty PostgreSQL database, and verify it there.

    Without TARGET it is moved to DATABASE_URL, where a password is not in everybody's list of processes. The bot
    has to be stopped. Afterwards no bot can start on the old file, nor write to it.
    """
    from storage.transfer import moving  # noqa: PLC0415 - whoever uses SQLite need not load psycopg

    new = result_or_exit(lambda: parse(target))
    moved = result_or_exit(lambda: moving.move(parse(source), new, fault_of=record_check.fault_of))
    click.echo(
        f"Moved to the {new.place}: {sum(moved.rows.values())} rows in {len(moved.rows)} tables.\n"
        f"The audit log holds there. Head: event {moved.head.seq}, {moved.head.hash or 'the log is empty'}\n"
        f"The {parse(source).place} takes no more writes; keep it as a backup.\n"
        "Set DATABASE_URL to the new database and start the bot."
    )
