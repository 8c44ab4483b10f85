"""``python -m bot audit``: the audit log, checked."""

import sys
from contextlib import closing

import click

from bot import database_url, wiring
from bot.cli.exits import FAILED, result_or_exit
from deletion.evidence import record_check


@click.group()
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
    with closing(result_or_exit(lambda: wiring.open_existing(database))) as opened:
        report = result_or_exit(lambda: record_check.verify(opened))
    click.echo(report.text())
    if not report.holds:
        sys.exit(FAILED)
