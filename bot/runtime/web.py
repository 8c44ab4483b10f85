"""The bot's HTTP side: Slack's requests, health and metrics, as one WSGI application."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.context import BoltContext
from slack_bolt.request.internals import build_context

from bot.runtime.health import Report
from bot.runtime.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = structlog.get_logger()

EVENTS = "/slack/events"
HEALTH = ("/healthz", "/health")
METRICS = "/metrics"

_NUMBER = re.compile("[0-9]{1,15}")

LARGEST_BODY = 1_000_000
"""Bytes of a request; Slack's own stay far below (a view is at most 250 kB)."""


class BadRequestError(ValueError):
    """A request that Slack would never send."""


def bolt_request(raw: str, headers: Mapping[str, str], query: str) -> BoltRequest:
    """Parse a request for Bolt; ValueError when it cannot be parsed.

    Bolt 1.30.0 takes every form that contains the letters "payload" for an interaction, whatever field they are
    in, and then finds no body (slack_bolt/request/internals.py). Here such a form is parsed as what it is. The raw
    body is untouched, so that its signature still verifies.
    """
    request = BoltRequest(body=raw, headers={**headers}, query=query)
    if not request.body and "payload" in raw:
        fields = dict(parse_qsl(raw, keep_blank_values=True))
        if "payload" not in fields:
            request.body = fields
            request.context = build_context(BoltContext({}), fields)
    return request


Answer = tuple[HTTPStatus, list[tuple[str, str]], bytes]


class WebApp:
    """Serves ``POST /slack/events`` through Bolt unless that is None, and health and metrics to GET and HEAD."""

    def __init__(
        self,
        bolt: App | None,
        *,
        health: Callable[[], Report],
        metrics: Callable[[], bytes],
    ) -> None:
        self._bolt = bolt
        self._health = health
        self._metrics = metrics

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        status, headers, body = self._answer(environ)
        start_response(f"{status.value} {status.phrase}", [*headers, ("Content-Length", str(len(body)))])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _answer(self, environ: "WSGIEnvironment") -> Answer:
        method, path = environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")
        if method in {"GET", "HEAD"} and path in HEALTH:
            ok, facts = self._health()
            return _json(HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE, facts)
        if method in {"GET", "HEAD"} and path == METRICS:
            return HTTPStatus.OK, [("Content-Type", CONTENT_TYPE)], self._metrics()
        if path == EVENTS and method == "POST" and self._bolt is not None:
            try:
                return self._dispatch(self._bolt, environ)
            except BadRequestError as exc:
                return _json(HTTPStatus.BAD_REQUEST, {"error": str(exc)})
        return _json(HTTPStatus.NOT_FOUND, {"error": "not found"})

    def _dispatch(self, bolt: App, environ: "WSGIEnvironment") -> Answer:
        request = _read(environ)
        response = bolt.dispatch(request)
        headers = [
            (name, value)
            for name, values in response.headers.items()
            if name.lower() != "content-length"
            for value in values
        ]
        return HTTPStatus(response.status), headers, response.body.encode("utf-8")


def _read(environ: "WSGIEnvironment") -> BoltRequest:
    """Read a request, refusing whatever Bolt would stumble over before it checks the signature."""
    headers = {
        name.removeprefix("HTTP_").lower().replace("_", "-"): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    if not _NUMBER.fullmatch(headers.get("x-slack-request-timestamp", "0")):
        raise BadRequestError("the timestamp is not a number")
    if not headers.get("x-slack-signature", "").isascii():
        raise BadRequestError("the signature is not in ASCII")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not _NUMBER.fullmatch(length) or int(length) > LARGEST_BODY:
        raise BadRequestError("the body has no length or is too long")
    raw = environ["wsgi.input"].read(int(length))
    try:
        request = bolt_request(raw.decode("utf-8"), headers, environ.get("QUERY_STRING", ""))
    except Exception:  # noqa: BLE001 - nothing is signed yet, and Bolt stumbles over strange bodies in many ways
        raise BadRequestError("the body is not a form or JSON that Slack would send") from None
    if not isinstance(request.body, dict):
        raise BadRequestError("the body is not an object")
    return request


def _json(status: HTTPStatus, value: dict[str, object]) -> Answer:
    headers = [("Content-Type", "application/json; charset=utf-8")]
    return status, headers, json.dumps(value).encode("utf-8")
