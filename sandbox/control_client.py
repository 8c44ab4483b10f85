"""The HTTP client with which the command line talks to the control planes of a running demo."""

from typing import Any

import httpx

SLACK_URL = "http://127.0.0.1:8710"
VOD_URL = "http://127.0.0.1:8711"
# Longer than the sandbox itself may wait for a bot to answer.
TIMEOUT_S = 30.0


class NotRunningError(Exception):
    """Nothing answers at the sandbox's address."""


class RefusedByControlError(Exception):
    """The control plane said no; the message is meant for a person."""


def ask(url: str, name: str, **query: str | None) -> dict[str, Any]:
    """GET /control/`name`. Raises NotRunningError or RefusedByControlError."""
    given = {key: value for key, value in query.items() if value is not None}
    return _answer("GET", url, name, params=given)


def tell(url: str, name: str, **what: Any) -> dict[str, Any]:
    """POST /control/`name` with JSON. Raises NotRunningError or RefusedByControlError."""
    return _answer("POST", url, name, json=what)


def _answer(method: str, url: str, name: str, **content: Any) -> dict[str, Any]:
    where = f"{url.rstrip('/')}/control/{name}"
    try:
        answer = httpx.request(method, where, timeout=TIMEOUT_S, trust_env=False, **content)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as exc:
        raise NotRunningError(url) from exc
    if not isinstance(body, dict):
        raise NotRunningError(url)
    if answer.is_error:
        raise RefusedByControlError(str(body.get("error", answer.status_code)))
    return body
