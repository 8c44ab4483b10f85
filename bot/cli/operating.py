"""``python -m bot list``, ``show``, ``log``, ``stop`` and ``freeze``: for whoever has the database, without Slack.

They read, and they brake. Nothing here approves anything: a vote is a click of a person whom Slack knows.
"""

import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NoReturn

import click

from bot import database_url
from bot.cli.exits import FAILED, UNREADABLE, result_or_exit
from bot.cli.terminal import plain
from deletion import inspecting
from deletion.approval.holds import freezing
from deletion.execution import stopping
from deletion.inspecting import Detail, Summary
from deletion.terms import canonical
from deletion.terms.blank import is_blank
from deletion.terms.ids import ProposalNumber
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal
from deletion.terms.states import State
from handlers.text import words
from handlers.text.facts import sizes
from handlers.text.language import ENGLISH
from storage import Database, Reader, Tx, parse

LISTED = 50
"""Proposals that are listed unless more are asked for."""

LAST = 50
"""Events that are shown unless more are asked for."""

MOST = 10_000

MOST_NAME = 60
"""Characters of an operator's name that are written down."""

_NUMBER = click.argument("number", metavar="PROPOSAL", type=click.IntRange(min=1))

_DATABASE = click.option(
    "--database",
    envvar="DATABASE_URL",
    default=database_url.DEFAULT,
    help="sqlite:///path or postgresql://…; by default DATABASE_URL.",
)

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON value a line; times are UTC ms.")


@click.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are over as well.")
@click.option("--limit", type=click.IntRange(1, MOST), default=LISTED, show_default=True)
@_JSON
@_DATABASE
def list_proposals(database: str, limit: int, *, everything: bool, as_json: bool) -> None:
    """List the open proposals, the newest first."""
    with _reader(database) as reader:
        found = result_or_exit(
            lambda: reader.read(lambda tx: inspecting.listed(tx, only_open=not everything, limit=limit)),
            code=UNREADABLE,
        )
    for each in found:
        _say(_json(asdict(each)) if as_json else _line(each))
    if not found and not as_json:
        _say("There are no proposals." if everything else "No proposals are open.")


@click.command()
@_NUMBER
@_JSON
@_DATABASE
def show(database: str, number: int, *, as_json: bool) -> None:
    """Show one proposal: where it stands, who voted, what became of its items. Ends with 1 when there is none."""
    with _reader(database) as reader:
        found = result_or_exit(lambda: reader.read(lambda tx: inspecting.detail(tx, number)), code=UNREADABLE)
    if found is None:
        _fail(f"There is no proposal #{number}.")
    _say(_json(asdict(found)) if as_json else _page(found))


@click.command("log")
@click.argument("number", metavar="[PROPOSAL]", type=click.IntRange(min=1), required=False)
@click.option("--last", type=click.IntRange(1, MOST), default=LAST, show_default=True, help="How many events back.")
@click.option("--from", "first", type=click.IntRange(min=1), help="From the event of this number on, however many.")
@_JSON
@_DATABASE
def show_log(database: str, number: int | None, last: int, first: int | None, *, as_json: bool) -> None:
    """Show the audit log, of a PROPOSAL or whole; with a PROPOSAL all that is about it."""
    with _reader(database) as reader:

        def lines() -> None:
            newest = reader.read(inspecting.newest_event)
            begin = first or (1 if number else max(1, newest - last + 1))
            for row in inspecting.events(reader.read, first=begin, number=number):
                event = json.loads(row.payload)
                told = {"seq": row.seq, "at_ms": row.at_ms, "hash": row.hash, **event}
                data = _json(event["data"])
                text = f"{row.seq:>7}  {_time(row.at_ms)}  {row.action:<22} {row.ref:<14} {row.actor:<24} {data}"
                _say(_json(told) if as_json else text)

        result_or_exit(lines, code=UNREADABLE)


@click.command()
@_NUMBER
@_DATABASE
def stop(database: str, number: int) -> None:
    """Stop an approved deletion: nothing more of it is sent. The log says who was logged in here."""
    done = _braked(database, lambda tx: stopping.stop_as_operator(tx, _operator(), ProposalNumber(number)))
    if isinstance(done, Refusal):
        _fail(words.refusal(ENGLISH, done))
    if done.state == State.APPROVED:
        _say(f"#{number} is stopped before it started. Nothing of it was deleted, and nothing will be.")
        return
    _say(f"#{number} is stopped: nothing more of it is sent. What was sent is read back and reported.")


@click.command()
@click.argument("why", metavar="REASON")
@_DATABASE
def freeze(database: str, why: str) -> None:
    """Freeze everything: no delete call is sent until two people unfreeze it in Slack."""
    if is_blank(why):
        raise click.BadParameter("say why: people read it in the channel.", param_hint="REASON")
    done = _braked(database, lambda tx: freezing.freeze_as_operator(tx, _operator(), why=why))
    if isinstance(done, Refusal):
        _fail(words.refusal(ENGLISH, done))
    _say("Frozen: no delete call is sent until two people, one of them an approver, type /vod unfreeze.")


def _operator() -> Actor:
    """Return who acts, as the log names them: the user of this machine, in no workspace of Slack's."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container whose user has no name.
        name = "unnamed"
    # Whatever the environment says: a name that cannot be written down must not keep a brake from being pulled.
    return Actor("", f"operator {canonical.clean(name).replace('/', '_')[:MOST_NAME]}")


@contextmanager
def _reader(database: str) -> Iterator[Reader]:
    with closing(result_or_exit(lambda: parse(database).open_for_reading(), code=UNREADABLE)) as reader:
        result_or_exit(reader.check_schema, code=UNREADABLE)
        yield reader


def _braked(database: str, work: Callable[[Tx], Any]) -> Any:
    with closing(result_or_exit(lambda: parse(database).open(), code=UNREADABLE)) as opened:

        def write() -> Any:
            _check(opened)
            return opened.write(work)

        return result_or_exit(write, code=UNREADABLE)


def _check(database: Database) -> None:
    database.check_schema()
    database.check_not_moved()


def _say(text: str) -> None:
    click.echo(plain(text, sys.stdout.encoding))


def _fail(text: str) -> NoReturn:
    click.echo(plain(text, sys.stderr.encoding), err=True)
    sys.exit(FAILED)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _time(at_ms: int | None) -> str:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at_ms else "-"


def _line(each: Summary) -> str:
    size = sizes.known(ENGLISH, each.bytes, at_least=each.at_least)
    items = "1 item" if each.items == 1 else f"{each.items} items"
    facts = (
        f"#{each.number}",
        each.state,
        f"{each.level}: {items}",
        size,
        f"by {each.proposer}",
        _time(each.created_ms),
        _quoted(each.title),
        _quoted(each.reason),
    )
    return "  ".join(filter(None, facts))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text else ""


def _page(found: Detail) -> str:
    one = found.summary
    outcomes = ", ".join(f"{count} {word}" for word, count in found.outcomes.items()) or "-"
    rows = [
        ("State", one.state),
        ("Level", one.level),
        ("Items", str(one.items)),
        ("Size", sizes.known(ENGLISH, one.bytes, at_least=one.at_least) or "-"),
        ("First title", _quoted(one.title) or "-"),
        ("Query", found.query or "-"),
        ("Proposed by", one.proposer),
        ("Reason", _quoted(one.reason) or "-"),
        ("Created", _time(one.created_ms)),
        ("Expires", _time(one.expires_ms)),
        ("Plan", f"revision {found.revision}, {found.digest}" if found.digest else "-"),
        ("Approvals", f"{sum(each.state == 'counted' for each in found.votes)} counted, {found.needed} needed"),
        ("Decided", _time(found.decided_ms)),
        ("Hold until", _time(found.hold_until_ms)),
        ("Started", _time(found.started_ms)),
        ("Finished", _time(found.finished_ms)),
        ("Outcomes", outcomes),
        ("Stopped", found.halted or ("before it started" if one.state == State.STOPPED else "-")),
        ("Ended by", found.note if found.note != "{}" else "-"),
        ("Card", f"{found.channel} {found.ts}" if found.ts else "-"),
    ]
    lines = [f"Proposal #{one.number}", *(f"  {name + ':':<13} {value}" for name, value in rows)]
    lines += [
        f"  vote: {each.voter} {each.state} on {each.digest[:12]} at {_time(each.cast_ms)}" for each in found.votes
    ]
    return "\n".join(lines)
