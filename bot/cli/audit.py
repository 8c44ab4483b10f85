"""``python -m bot audit``: the audit log checked, and proofs of what was approved."""

import sys
from contextlib import closing
from pathlib import Path
from typing import TextIO

import click

from bot import database_url
from bot.cli.exits import FAILED, UNREADABLE, result_or_exit
from bot.cli.terminal import plain
from deletion.evidence import proof, record_check
from storage import Reader, StorageError, parse

READINGS = 3
"""How often a file is read that somebody writes to meanwhile."""


MOST_CHARACTERS = 10_000_000
"""Characters of a proof that are read; one is a few thousand long."""

_DATABASE = click.option(
    "--database",
    envvar="DATABASE_URL",
    default=database_url.DEFAULT,
    help="path, sqlite:///path or postgresql://…; needs no secrets but that database's. By default DATABASE_URL.",
)


@click.group()
def audit() -> None:
    """The audit log."""


@audit.command()
@_DATABASE
def verify(database: str) -> None:
    """Check that the log is whole and that every table holds what it says.

    Nothing is written; a file that may only be read will do, and so will a role of that kind. Ends with 0 when the
    record holds, 1 when it does not, 2 when there is none or it could not be read.
    """
    found, is_sound = result_or_exit(lambda: _found(database), code=UNREADABLE)
    click.echo(plain(found, sys.stdout.encoding))
    if not is_sound:
        sys.exit(FAILED)


@audit.command("proof")
@click.argument("number", metavar="PROPOSAL", type=click.IntRange(min=1))
@click.argument("target", metavar="ID")
@_DATABASE
def prove(number: int, target: str, database: str) -> None:
    """Prove that one asset (its id, as the list of the proposal has it) is part of the plan of a proposal.

    The proof is one line of JSON. Who has it checks it without this database, with "audit check-proof" or any
    implementation of RFC 6962: docs/decisions.md says how. Ends with 1 when the asset is not in the plan.
    """
    made = result_or_exit(lambda: _proof(database, number, target), code=UNREADABLE)
    if isinstance(made, proof.NoProofError):
        click.echo(plain(str(made), sys.stderr.encoding), err=True)
        sys.exit(FAILED)
    click.echo(made.text())


@audit.command("check-proof")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def check_proof(file: TextIO) -> None:
    """Check a proof from a FILE (or -), without any database.

    Which proposal and revision it is of is not proved: compare all 64 digits of the digest that it names with the
    line of the plan in the audit channel.
    """
    try:
        found = proof.check(file.read(MOST_CHARACTERS))
    except (proof.NoProofError, UnicodeDecodeError) as exc:
        click.echo(plain(f"The proof does NOT hold: {exc}", sys.stdout.encoding))
        sys.exit(FAILED)
    told = (
        f"The proof holds: this is row {found.place + 1} of {found.size} of the plan with the digest\n"
        f"{found.digest}\n"
        f"{found.row}\n"
        f"NOT proved: that it is the plan of proposal {found.proposal}, revision {found.revision}, as the file "
        "says. Compare all 64 digits of the digest with the line of that plan in the audit channel. "
        "Eight equal digits, as on a card, prove nothing: a plan can be made to have them."
    )
    click.echo(plain(told, sys.stdout.encoding))


def _proof(database: str, number: int, target: str) -> proof.Proof | proof.NoProofError:
    with closing(_opened(database)) as reader:
        reader.check_schema()
        try:
            return reader.read(lambda tx: proof.make(tx, number, target))
        except proof.NoProofError as exc:
            return exc


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
