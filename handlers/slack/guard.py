"""How a listener answers when something breaks, and who it was that typed or clicked."""

import secrets
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import structlog

from deletion.approval.proposal import SlackAction
from deletion.jobs import record
from deletion.terms.people import Actor
from handlers.text.language import ENGLISH, Language

log = structlog.get_logger()

Body = dict[str, Any]

DB_WAIT_LIMIT_S = 1.8
"""How long a listener waits for other writers: of Slack's three seconds, the rest is left to say so."""

WITHIN_S = 2.7
"""How long a listener may take, what it asks Slack for included: Slack waits three seconds, also for a form."""

_ends: ContextVar[float | None] = ContextVar("ends", default=None)


def left_s() -> float:
    """Return how many seconds the listener at work has left."""
    ends = _ends.get()
    return WITHIN_S if ends is None else max(0.0, ends - time.monotonic())


def guard(
    listener: str,
    language: Callable[[], Language],
    work: Callable[[Language], None],
    answer: Callable[[str], object],
) -> None:
    """Run a listener's work; when it breaks, give the person the reference of the log entry, and log it once.

    The outermost edge of every listener: an exception that left it would reach the person as silence. The person
    comes first: what is left of Slack's three seconds is not for writing a long log entry.
    """
    lang = ENGLISH
    token = _ends.set(time.monotonic() + WITHIN_S)
    try:
        with record.within(DB_WAIT_LIMIT_S):
            lang = language()
            work(lang)
    except record.BusyError as exc:
        # A database that is away is reported by health; who clicked can only do it again.
        log.warning("listener.busy", listener=listener, reason=str(exc))
        answer(_busy(lang))
    except Exception:  # noqa: BLE001 - logged once the person was told
        reference = secrets.token_hex(4)
        broken = sys.exc_info()
        try:
            answer(internal_error(lang, reference))
        finally:
            log.exception("listener.failed", listener=listener, reference=reference, exc_info=broken)
    finally:
        _ends.reset(token)


def _busy(lang: Language) -> str:
    return lang.say(
        "Countersign's record did not answer in the three seconds that Slack gives: it is busy, or its database is "
        "away. It deleted nothing. Do it once more in a few seconds."
    )


def internal_error(lang: Language, reference: str) -> str:
    """Say that something of ours broke, and under which reference it is in the log (mrkdwn)."""
    return lang.say(
        "Internal error (reference `{reference}`). It deleted nothing. Check `/vod list` to see whether your "
        "action was saved; if it was not, try again, and give this reference to the operator of Countersign.",
        reference=reference,
    )


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
