"""What the listeners work with, and how they answer when something of ours breaks."""

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from deletion.approval.proposal import SlackAction
from deletion.jobs.config import Config
from deletion.terms.people import Actor
from storage import Database
from storage.engine import deadline

log = structlog.get_logger()

Body = dict[str, Any]


WAITS_S = 2.0
"""How long a listener waits for others that write: of three seconds, one is left to say that it was in vain."""


@dataclass(frozen=True)
class Desk:
    """The database, the rules, and ``wake`` to tell the worker that something was written."""

    database: Database
    config: Config
    wake: Callable[[], None]


def guarded(name: str, work: Callable[[], None], answer: Callable[[str], object]) -> None:
    """Run a listener's work; when it breaks, tell the person the number of the log entry, and log it once.

    The outermost edge of every listener: an exception that left it would reach the person as silence. The person
    comes first: what is left of Slack's three seconds is not for writing a long log entry.
    """
    try:
        with deadline.within(WAITS_S):
            work()
    except Exception:  # noqa: BLE001 - logged once the person was told
        fault = secrets.token_hex(4)
        broken = sys.exc_info()
        try:
            answer(
                f"Something broke on our side (fault `{fault}`). Nothing was deleted by it. Look with `/vod list` "
                "whether it took effect; if not, try once more, and give this number to whoever runs Countersign."
            )
        finally:
            log.exception("listener.failed", listener=name, fault=fault, exc_info=broken)


def typed_by(body: Body) -> SlackAction:
    """Return who typed a slash command."""
    actor = Actor(str(body.get("team_id") or ""), str(body["user_id"]))
    return SlackAction(actor, f"command:{body['trigger_id']}")


def clicked_by(body: Body) -> SlackAction:
    """Return who clicked or submitted: the person's own workspace, not the one they are a visitor in."""
    user = body["user"]
    team = user.get("team_id") or (body.get("team") or {}).get("id") or ""
    request = body.get("trigger_id") or body["view"]["id"]
    return SlackAction(Actor(str(team), str(user["id"])), f"{body['type']}:{request}")
