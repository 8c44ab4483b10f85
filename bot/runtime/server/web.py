"""The bot's HTTP side: Slack's requests, health and metrics, as one ASGI application.

Reading a request and looking at its signature happens on the server's event loop; a thread is taken for what is
signed, and for what tells how the process is.
"""

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest
from slack_bolt.context import BoltContext
from slack_bolt.request.internals import build_context
from slack_sdk.signature import SignatureVerifier

from bot.runtime.health import Report
from bot.runtime.metrics import CONTENT_TYPE
from bot.runtime.server.exchange import Answer, Exchange, GoneError, Message, Receive, Send, TooLargeError
from bot.runtime.server.front import LARGEST_HEAD
from bot.runtime.server.lanes import Lane, SharedQuestion
from bot.runtime.server.refused import Reason
from handlers.slack import brakes

EVENTS = "/slack/events"
HEALTH = ("/healthz", "/health")
METRICS = "/metrics"

LARGEST_BODY = 1_000_000
"""Bytes of a request; Slack's own stay far below (a view is at most 250 kB)."""

LARGEST_UNSIGNED_BODY = 16_000
"""Of a request that has no signature to look at: Slack's check of the certificate is short."""

MOST_HEADERS = 100

REQUEST_THREADS = 16

BRAKE_THREADS = 4
"""Threads for stop, freeze, reject and withdraw alone: no crowd of other commands keeps them waiting."""

STATUS_THREADS = 2

_NUMBER = re.compile("[0-9]{1,15}")
_SIGNATURE = re.compile("v0=[0-9a-f]{64}")
_JSON = (("Content-Type", "application/json; charset=utf-8"),)


class RefusedError(Exception):
    """A request that Slack would never send, or that is not proved to be Slack's; the text says why."""

    def __init__(self, status: HTTPStatus, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.reason = reason


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


class WebApp:
    """Serves ``POST /slack/events`` through Bolt unless that is None, and health and metrics to GET and HEAD.

    ``signing_secret`` is what requests to Bolt are signed with.
    """

    def __init__(
        self,
        bolt: App | None,
        *,
        signing_secret: str = "",
        health: Callable[[], Report],
        metrics: Callable[[], bytes],
    ) -> None:
        self._bolt = bolt
        self._verifier = SignatureVerifier(signing_secret) if bolt is not None else None
        self._requests = Lane("request", REQUEST_THREADS)
        self._brakes = Lane("brake", BRAKE_THREADS)
        self._status = Lane("status", STATUS_THREADS)
        self._health = SharedQuestion(self._status, health)
        self._metrics = SharedQuestion(self._status, metrics)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        exchange = Exchange(scope, receive, send)
        try:
            answer = await self._answer(exchange)
        except GoneError:
            return
        except RefusedError as exc:
            exchange.caller.room.refused.note(exc.reason)
            answer = _json(exc.status, {"error": str(exc)})
        await exchange.answer(answer)

    def end(self, timeout_s: float) -> None:
        """Let the threads end, once the server has."""
        for lane in (self._requests, self._brakes, self._status):
            lane.end(timeout_s)

    async def _answer(self, asked: Exchange) -> Answer:
        if asked.header_count > MOST_HEADERS or asked.head_size > LARGEST_HEAD:
            await _read(asked, LARGEST_UNSIGNED_BODY)
            raise RefusedError(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Reason.TOO_LARGE, "the headers are too many or too long"
            )
        if asked.path == EVENTS and asked.method == "POST" and self._bolt is not None:
            return await self._dispatch(self._bolt, asked)
        await _read(asked, LARGEST_UNSIGNED_BODY)
        if asked.method in {"GET", "HEAD"} and asked.path in HEALTH:
            asked.caller.answering(signed=False)
            ok, facts = await self._health.ask()
            return _json(HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE, facts)
        if asked.method in {"GET", "HEAD"} and asked.path == METRICS:
            asked.caller.answering(signed=False)
            return Answer(HTTPStatus.OK, await self._metrics.ask(), (("Content-Type", CONTENT_TYPE),))
        return _json(HTTPStatus.NOT_FOUND, {"error": "not found"})

    async def _dispatch(self, bolt: App, asked: Exchange) -> Answer:
        """Hand a request to Bolt if it is signed; what is not is answered without a thread."""
        problem = _problem(asked.headers)
        looks_signed = problem is None and _SIGNATURE.fullmatch(asked.headers.get("x-slack-signature", ""))
        raw = await _read(asked, LARGEST_BODY if looks_signed else LARGEST_UNSIGNED_BODY)
        if problem is not None:
            raise RefusedError(HTTPStatus.BAD_REQUEST, Reason.MALFORMED, problem)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise RefusedError(HTTPStatus.BAD_REQUEST, Reason.MALFORMED, "the body is not UTF-8") from None
        if self._verifier is None or not self._verifier.is_valid_request(text, asked.headers):
            if len(text) <= LARGEST_UNSIGNED_BODY and dict(parse_qsl(text)).get("ssl_check") == "1":
                return Answer(HTTPStatus.OK)
            raise RefusedError(HTTPStatus.UNAUTHORIZED, Reason.UNSIGNED, "the request is not signed by Slack")
        asked.caller.answering(signed=True)
        lane = self._brakes if brakes.is_brake(text) else self._requests
        return await lane.run(lambda: _bolted(bolt, text, asked))


async def _read(asked: Exchange, most: int) -> bytes:
    try:
        return await asked.body(most)
    except TooLargeError:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Reason.TOO_LARGE, "the body is too long") from None


def _problem(headers: Mapping[str, str]) -> str | None:
    """Say what is wrong with a request's headers; None when they could be Slack's."""
    if not _NUMBER.fullmatch(headers.get("x-slack-request-timestamp", "0")):
        return "the timestamp is not a number"
    if not headers.get("x-slack-signature", "").isascii():
        return "the signature is not in ASCII"
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return "the body is compressed, which Slack's never is"
    return None


def _bolted(bolt: App, text: str, asked: Exchange) -> Answer:
    """Let Bolt answer a signed request, refusing whatever it would stumble over."""
    try:
        request = bolt_request(text, asked.headers, asked.query)
    except Exception:  # noqa: BLE001 - Bolt stumbles over strange bodies in many ways, before it calls any listener
        words = "the body is not a form or JSON that Slack would send"
        raise RefusedError(HTTPStatus.BAD_REQUEST, Reason.MALFORMED, words) from None
    if not isinstance(request.body, dict):
        raise RefusedError(HTTPStatus.BAD_REQUEST, Reason.MALFORMED, "the body is not an object")
    response = bolt.dispatch(request)
    headers = [
        (name, value)
        for name, values in response.headers.items()
        if name.lower() != "content-length"
        for value in values
    ]
    return Answer(HTTPStatus(response.status), response.body.encode("utf-8"), headers)


def _json(status: HTTPStatus, value: Mapping[str, object]) -> Answer:
    return Answer(status, json.dumps(value).encode("utf-8"), _JSON)
