"""Brings commands and interactions to the bot by Socket Mode: in envelopes, on one of its connections."""

import json
import uuid
from enum import StrEnum
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.deliveries import Received, SentRequest
from sandbox.slack.model.sockets import Sockets


class EnvelopeType(StrEnum):
    """What is in an envelope."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


class SocketCourier:
    """Does over WebSockets what `Courier` does over HTTP."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets

    def command(self, form: dict[str, str]) -> tuple[SentRequest | None, Received]:
        """Deliver a slash command."""
        return self._sockets.deliver(_envelope(EnvelopeType.COMMAND, form, accepts_payload=True))

    def interaction(self, payload: Json) -> tuple[SentRequest | None, Received]:
        """Deliver a click, or what is answered in the acknowledgement: a modal's submission, a menu's question."""
        accepts = payload["type"] in {"view_submission", "block_suggestion"}
        return self._sockets.deliver(_envelope(EnvelopeType.INTERACTION, payload, accepts_payload=accepts))

    def event(self, envelope: Json) -> tuple[SentRequest | None, Received]:
        """Deliver an event."""
        return self._sockets.deliver(
            _envelope(EnvelopeType.EVENT, envelope, accepts_payload=False, retry_attempt=0, retry_reason="")
        )

    def send(self, body: bytes, _headers: dict[str, str]) -> tuple[SentRequest | None, Received]:
        """Deliver this envelope as it is; there are no headers."""
        return self._sockets.deliver(body)


def _envelope(kind: EnvelopeType, payload: Json, *, accepts_payload: bool, **more: Any) -> bytes:
    return json.dumps(
        {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": accepts_payload,
            **more,
        }
    ).encode()
