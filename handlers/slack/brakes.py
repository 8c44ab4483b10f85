"""Which of Slack's requests hold something back: they are heard before others. Pure."""

import json
from typing import Any
from urllib.parse import parse_qsl

from handlers.cards import ids
from handlers.views import reject

WORDS = frozenset({"stop", "freeze", "withdraw", "reject"})

ACTIONS = frozenset({ids.STOP, ids.REJECT, ids.WITHDRAW})

VIEWS = frozenset({reject.CALLBACK_ID})


def is_brake(form: str) -> bool:
    """Say whether a request's body is a command, a click or a form that stops, freezes, rejects or withdraws."""
    fields = dict(parse_qsl(form))
    first = fields.get("text", "").split(maxsplit=1)[:1]
    return any(word.lower() in WORDS for word in first) or _is_braking(_payload(fields.get("payload", "")))


def _payload(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_braking(payload: dict[str, Any]) -> bool:
    actions, view = payload.get("actions"), payload.get("view")
    clicks = [each for each in actions if isinstance(each, dict)] if isinstance(actions, list) else []
    is_form = isinstance(view, dict) and str(view.get("callback_id")) in VIEWS
    return is_form or any(str(each.get("action_id")) in ACTIONS for each in clicks)
