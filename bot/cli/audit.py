"""``python -m bot audit``: the audit log, checked."""

import sys
from contextlib import closing
from pathlib import Path

import click

from bot import database_url
from bot.cli.exits import FAILED, UNREADABLE, result_or_exit
from bot.cli.terminal import plain
from deletion.evidence import record_check
from storage import Reader, StorageError, parse

READINGS = 3
"""How often a file is read that somebody writes to meanwhile."""


@click.group()
def audit() -> None:
    """The audit log."""


@audit.command()
@click.option(
    "--database",
    envvar="DATABASE_URL",
    default=database_url.DEFAULT,
    help="path, sqlite:///path or postgresql://…; needs no secrets but that database's. By default DATABASE_URL.",
)
def verify(database: str) -> None:
    """Check that the log is whole and that every table holds what it says.

    Nothing is written; a file that may only be read will do, and so will a role of that kind. Ends with 0 when the
    record holds, 1 when it does not, 2 when there is none or it could not be read.
    """
    found, is_sound = result_or_exit(lambda: _found(database), code=UNREADABLE)
    click.echo(plain(found, sys.stdout.encoding))
    if not is_sound:
        sys.exit(FAILED)


def _found(database: str) -> tuple[str, bool]:
    """Return what there is to say of a record, and whether it holds; StorageError when it cannot be read."""
    for _ in range(READINGS):
        with closing(_opened(database)) as reader:
            try:
                found = _report(reader)
            except StorageError:
                if not reader.was_changed():
                    raise
                continue
            if not reader.was_changed():
                return found
    raise StorageError("Somebody writes to this file while it is read. Stop them, or verify a copy.")


def _report(reader: Reader) -> tuple[str, bool]:
    try:
        report = record_check.verify(reader)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, MemoryError) as exc:
        # Whoever made the file put in what no record has.
        raise StorageError(
            f"The {reader.place} holds what no record does ({type(exc).__name__}); it cannot be verified."
        ) from exc
    if not report.events and report.holds:
        raise StorageError(f"The {reader.place} is a record without a single event: there is nothing to verify.")
    return f"{report.text()}\nRead from: {reader.place}, schema {reader.schema()}", report.holds


def _opened(database: str) -> Reader:
    """Open what is named by a URL or a file's path; any other text is not repeated: it may hold a password."""
    text = database.strip()
    if "://" not in text and Path(text).exists():
        text = f"sqlite:///{text}"
    elif "://" not in text and text.endswith((".db", ".sqlite", ".sqlite3")):
        raise StorageError(f"There is no SQLite database at {text}. Check DATABASE_URL or the path.")
    return parse(text).open_for_reading()
