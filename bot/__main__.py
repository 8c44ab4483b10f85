"""The command line: ``python -m bot``."""

import os
import re
import sys
from collections.abc import Callable
from contextlib import closing
from typing import NoReturn, TypeVar

import click

from bot import database_url, wiring
from bot.cli import app_manifest, checking
from bot.runtime import logs, program
from bot.runtime.program import StartError
from bot.settings import Settings, SettingsError, load, markdown
from deletion.evidence import record_check
from storage import StorageError, parse

T = TypeVar("T")

BAD_SETTINGS = 2
FAILED = 1


@click.group()
def main() -> None:
    """Countersign: deleting media from ApsaraVideo VOD as a two-person act, in Slack."""


@main.command()
def run() -> None:
    """Everything in one process: Slack (Socket Mode or HTTP) and the worker."""
    _run(web=True, worker=True)


@main.command()
def web() -> None:
    """Only what Slack talks to; a worker has to run beside it."""
    _run(web=True, worker=False)


@main.command()
def worker() -> None:
    """Only the worker: reading VOD, deleting, sending messages."""
    _run(web=False, worker=True)


@main.command()
def migrate() -> None:
    """Bring the database up to this version; needs no setting but DATABASE_URL."""
    with closing(_told(lambda: database_url.address(os.environ).open())) as database:
        applied = _told(database.migrate)
    click.echo(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")


@main.command()
@click.argument("source")
@click.argument("target", envvar="DATABASE_URL")
def move_store(source: str, target: str) -> None:
    """Move the record from sqlite:///path to an empty PostgreSQL database, and verify it there.

    Without TARGET it is moved to DATABASE_URL, where a password is not in everybody's list of processes. The bot
    has to be stopped. Afterwards no bot can start on the old file, nor write to it.
    """
    from storage.transfer import moving  # noqa: PLC0415 - whoever uses SQLite need not load psycopg

    new = _told(lambda: parse(target))
    moved = _told(lambda: moving.move(parse(source), new, fault_of=record_check.fault_of))
    click.echo(
        f"Moved to the {new.place}: {sum(moved.rows.values())} rows in {len(moved.rows)} tables.\n"
        f"The audit log holds there. Head: event {moved.head.seq}, {moved.head.hash or 'the log is empty'}\n"
        f"The {parse(source).place} takes no more writes; keep it as a backup.\n"
        "Set DATABASE_URL to the new database and start the bot."
    )


@main.command()
def check() -> None:
    """Try tokens, scopes, channels, VOD permissions, database and clock; say what to do about each problem."""
    settings = _settings()
    findings = checking.check(settings)
    for finding in findings:
        click.echo(finding.line())
    if any(finding.well is False for finding in findings):
        sys.exit(FAILED)


@main.group()
def audit() -> None:
    """The audit log."""


@audit.command()
@click.option(
    "--database",
    envvar="DATABASE_URL",
    default=database_url.DEFAULT,
    help="sqlite:///path or postgresql://…; needs no secrets but that database's. By default DATABASE_URL.",
)
def verify(database: str) -> None:
    """Check the chain, the calls that were made, and the approvals behind them."""
    with closing(_told(lambda: wiring.open_existing(database))) as opened:
        report = _told(lambda: record_check.verify(opened))
    click.echo(report.text())
    if not report.holds:
        sys.exit(FAILED)


@main.command()
def settings() -> None:
    """Print every setting, its default and what it is for, as a Markdown table."""
    click.echo(markdown(), nl=False)


@main.command()
@click.option("--url", help="https://your-host/slack/events for HTTP; without it, the manifest is for Socket Mode.")
def manifest(url: str | None) -> None:
    """Print the Slack app's manifest, to be pasted on https://api.slack.com/apps."""
    if url is not None and not re.fullmatch(r"https://[^\s/]+/\S+", url):
        raise click.BadParameter(
            f"{url!r} is not an address such as https://your-host/slack/events.", param_hint="--url"
        )
    click.echo(app_manifest.text(url=url), nl=False)


def _run(*, web: bool, worker: bool) -> None:
    settings = _settings()
    logs.configure(settings.log_level)
    started = _told(lambda: program.start(settings))
    if not _told(lambda: program.run(started, web=web, worker=worker)):
        sys.exit(FAILED)


def _settings() -> Settings:
    try:
        return load(os.environ)
    except SettingsError as exc:
        lines = "\n".join(f"  - {problem}" for problem in exc.problems)
        _give_up(f"The settings cannot be used yet ({len(exc.problems)} to mend):\n{lines}", BAD_SETTINGS)


def _told(work: Callable[[], T]) -> T:
    """Run something; tell expected failures in a sentence instead of a traceback."""
    try:
        return work()
    except (StorageError, StartError) as exc:
        _give_up(str(exc), FAILED)


def _give_up(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
