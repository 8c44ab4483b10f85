"""Forms, opened within the three seconds that Slack gives a listener for its answer and for the form alike."""

from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.models.views import View

from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.policy import decisions
from deletion.terms.refusals import Refusal
from handlers.services import Services
from handlers.slack import guard
from handlers.slack.api.failures import TIMED_OUT, trouble

OVERTAKEN = frozenset({"hash_conflict", "not_found"})
"""What Slack says of a view that another press has changed, or that its reader has closed: nothing is missing."""

LEAST_S = 0.1
"""Seconds in which no form was ever opened."""


def in_time(client: WebClient) -> WebClient:
    """Return a request's own client with calls that take no longer than its listener has left."""
    client.timeout = min(client.timeout, max(LEAST_S, guard.left_s()))  # type: ignore[assignment] # or parts of one
    return client


def open_form(client: WebClient, trigger_id: str, view: View) -> str | None:
    """Open a form; return None, or the code of why Slack did not."""
    if guard.left_s() < LEAST_S:
        return TIMED_OUT
    try:
        in_time(client).views_open(trigger_id=trigger_id, view=view)
    except (SlackClientError, OSError, HTTPException) as exc:
        return trouble(exc).code
    return None


def turned_away(services: Services, action: SlackAction) -> Refusal | None:
    """Turn away whoever may not propose, before anything is read or asked."""
    if decisions.may_propose(services.config.policy, action.actor) is None:
        return None
    return services.database.write(lambda tx: proposing.turn_away(tx, services.config, action))
