"""Brings commands and interactions to the bot over HTTP as Slack does: signed, with a deadline, loopback only."""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx

from sandbox.certificates import trusted
from sandbox.json_types import Json
from sandbox.slack.model.content import is_loopback
from sandbox.slack.model.deliveries import FAILED, TIMEOUT, Received, SentRequest
from sandbox.slack.model.directory import SIGNING_SECRET

_FORM = "application/x-www-form-urlencoded"


class Courier:
    """Sends over HTTP. Every request has its own connection; safe between threads."""

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self._urls: Iterator[str] | None = None
        self._client = httpx.Client(
            timeout=deadline_s,
            trust_env=False,
            verify=trusted(),
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def connect(self, *events_urls: str) -> None:
        """Set where to deliver; several addresses take turns. Raises ValueError unless all are on this machine."""
        for url in events_urls:
            if not is_loopback(url):
                raise ValueError(f"the sandbox only delivers to this machine, not to {url}")
        # Taking the next one of a cycle is a single step of the interpreter: no two threads get the same.
        self._urls = itertools.cycle(events_urls)

    def command(self, form: dict[str, str]) -> tuple[SentRequest, Received]:
        """Deliver a slash command."""
        return self.signed(urlencode(form).encode())

    def interaction(self, payload: Json) -> tuple[SentRequest, Received]:
        """Deliver a click or a modal's submission."""
        body = json.dumps(payload, separators=(",", ":"))
        return self.signed(urlencode({"payload": body}).encode())

    def event(self, envelope: Json) -> tuple[SentRequest, Received]:
        """Deliver an event, which is JSON and no form."""
        body = json.dumps(envelope, separators=(",", ":")).encode()
        return self.send(body, {**signature_headers(body), "Content-Type": "application/json"})

    def signed(self, body: bytes) -> tuple[SentRequest, Received]:
        """Sign and send a form body."""
        return self.send(body, signature_headers(body))

    def send(self, body: bytes, headers: dict[str, str]) -> tuple[SentRequest, Received]:
        """Send these bytes and headers as they are. Raises RuntimeError before `connect`."""
        if self._urls is None:
            raise RuntimeError("nothing is connected: call connect(events_url) first")
        request = SentRequest(next(self._urls), body, headers)
        return request, self._received(request)

    def _received(self, request: SentRequest) -> Received:
        started = time.monotonic()
        try:
            answer = self._client.post(request.url, content=request.body, headers=request.headers)
        except httpx.TimeoutException:
            return Received(None, TIMEOUT, "", time.monotonic() - started)
        except httpx.HTTPError:
            return Received(None, FAILED, "", time.monotonic() - started)
        elapsed = time.monotonic() - started
        if elapsed > self.deadline_s:
            return Received(answer.status_code, TIMEOUT, answer.text, elapsed)
        error = None if answer.status_code == httpx.codes.OK else FAILED
        return Received(answer.status_code, error, answer.text, elapsed)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def signature_headers(body: bytes, timestamp: int | None = None) -> dict[str, str]:
    """The headers of a request signed like Slack's (`v0`, HMAC-SHA256 over `v0:timestamp:body`).

    The time is the real one, not the sandbox clock's, because the receiver compares it with its own.
    """
    sent_at = str(int(time.time()) if timestamp is None else timestamp)
    signed = f"v0:{sent_at}:".encode() + body
    return {
        "Content-Type": _FORM,
        "Accept": "application/json,*/*",
        "User-Agent": "Slackbot 1.0 (sandbox)",
        "X-Slack-Request-Timestamp": sent_at,
        "X-Slack-Signature": "v0=" + hmac.new(SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest(),
    }
