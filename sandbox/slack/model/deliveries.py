"""What a person's action became: the request that left the sandbox, what came back, what the person then saw."""

from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.json_types import Json
from sandbox.slack.model.messages import Message
from sandbox.slack.model.modals import View
from sandbox.slack.model.tickets import Origin

TIMEOUT = "operation_timeout"
FAILED = "dispatch_failed"


class DeliveryKind(StrEnum):
    """What a person did. TALK never leaves the sandbox; RAW is bytes a test made up."""

    TALK = "talk"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    SUGGEST = "suggest"
    CLICK = "click"
    SUBMIT = "submit"
    CLOSE = "close"
    EVENT = "event"
    RAW = "raw"


@dataclass(frozen=True)
class SentRequest:
    """The exact request that left the sandbox; in Socket Mode an envelope, which has no headers."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Received:
    """What came back. `error` is TIMEOUT or FAILED, or None after a 200 in time."""

    status: int | None
    error: str | None
    body: str
    elapsed_s: float


@dataclass(frozen=True)
class Delivery:
    """What happened when a person acted.

    `request` is None when nothing left the sandbox: plain talk, a confirm dialog cancelled (`dialog` holds it),
    a form Slack's client would not submit, Socket Mode with nobody connected. `reply` is the bot's first message
    in answer, `modal` what the person looks at now if the bot opened or changed it, `field_errors` message by
    block_id, `options` what the app offers in a menu for what was typed there.
    """

    kind: DeliveryKind
    origin: Origin
    status: int | None = None
    error: str | None = None
    reply: Message | None = None
    modal: View | None = None
    field_errors: dict[str, str] = field(default_factory=dict)
    request: SentRequest | None = None
    elapsed_s: float = 0.0
    body: str = ""
    dialog: Json | None = None
    view: View | None = None
    options: tuple[Json, ...] = ()

    @property
    def was_delivered(self) -> bool:
        """Whether anything was sent to the bot."""
        return self.request is not None
