"""How a command ends that cannot do its work: a sentence on standard error, and an exit code."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import click

from bot.cli.terminal import plain
from bot.runtime.program import StartError
from bot.settings import Settings, SettingsError, load
from storage import StorageError

T = TypeVar("T")

BAD_SETTINGS = 2
FAILED = 1
UNREADABLE = 2
"""Of what verifies: it could not look."""


def settings_or_exit() -> Settings:
    """Read the settings; end with every problem of theirs."""
    try:
        return load(os.environ)
    except SettingsError as exc:
        count = len(exc.problems)
        lines = "\n".join(f"  - {problem}" for problem in exc.problems)
        _end(f"Invalid configuration ({count} problem{'' if count == 1 else 's'}):\n{lines}", BAD_SETTINGS)


def result_or_exit(work: Callable[[], T], *, code: int = FAILED) -> T:
    """Run something; end with a sentence and this exit code, not a traceback, when it fails in an expected way."""
    try:
        return work()
    except (StorageError, StartError) as exc:
        _end(str(exc), code)


def _end(text: str, code: int) -> NoReturn:
    click.echo(plain(text, sys.stderr.encoding), err=True)
    sys.exit(code)
