"""``python -m bot check``, ``settings`` and ``manifest``: what the program needs, and whether it has it."""

import re
import sys

import click

from bot.cli import app_manifest, checking
from bot.cli.exits import FAILED, settings_or_exit
from bot.settings import markdown


@click.command()
def check() -> None:
    """Try tokens, scopes, channels, VOD permissions, database and clock; say what to do about each problem."""
    findings = checking.check(settings_or_exit())
    for finding in findings:
        click.echo(finding.line())
    if any(finding.ok is False for finding in findings):
        sys.exit(FAILED)


@click.command()
def settings() -> None:
    """Print every setting, its default and what it is for, as a Markdown table."""
    click.echo(markdown(), nl=False)


@click.command()
@click.option("--url", help="https://your-host/slack/events for HTTP; without it, the manifest is for Socket Mode.")
def manifest(url: str | None) -> None:
    """Print the Slack app's manifest, to be pasted on https://api.slack.com/apps."""
    if url is not None and not re.fullmatch(r"https://[^\s/]+/\S+", url):
        raise click.BadParameter(
            f"{url!r} is not an address such as https://your-host/slack/events.", param_hint="--url"
        )
    click.echo(app_manifest.text(url=url), nl=False)
