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
    return _brakes(fields.get("text", ""), _object(fields.get("payload", "")))


def is_brake_envelope(envelope: str) -> bool:
    """Say the same of what Socket Mode brings."""
    payload = _object(envelope).get("payload")
    if not isinstance(payload, dict):
        return False
    text = payload.get("text")
    return _brakes(text if isinstance(text, str) and "command" in payload else "", payload)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _brakes(text: str, payload: dict[str, Any]) -> bool:
    """Say it of a command's text, and of what a click or a form is about; empty where it is none."""
    if any(word.lower() in WORDS for word in text.split(maxsplit=1)[:1]):
        return True
    actions, view = payload.get("actions"), payload.get("view")
    clicks = [each for each in actions if isinstance(each, dict)] if isinstance(actions, list) else []
    is_form = isinstance(view, dict) and str(view.get("callback_id")) in VIEWS
    return is_form or any(str(each.get("action_id")) in ACTIONS for each in clicks)
