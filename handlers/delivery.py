"""What a failed call to Slack means for the message: try later, look first, or give up."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

AMBIGUOUS = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
)
"""Errors after which 'some aspect of the operation may have succeeded' (chat.postMessage, Errors)."""

RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})


BAD_MESSAGE = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "metadata_too_large",
        "thread_not_found",
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "invalid_arguments",
    }
)
"""Errors that are about this one message: the next one may go through."""


class Failure(StrEnum):
    """What is known about a message that was not confirmed."""

    NOT_SENT = "not sent"
    PERHAPS_SENT = "perhaps sent"
    BAD_MESSAGE = "bad message"
    BAD_PLACE = "bad place"


@dataclass(frozen=True)
class Trouble:
    """A failure, a code for the log (never a library's text), and the pause Slack asked for."""

    failure: Failure
    code: str
    retry_after_ms: int = 0


def trouble(exc: Exception) -> Trouble:
    """Say what an exception from the Slack SDK means."""
    if isinstance(exc, SlackApiError):
        return _refused(exc)
    if isinstance(exc, URLError) and isinstance(exc.reason, ConnectionRefusedError):
        return Trouble(Failure.NOT_SENT, "connection_refused")
    if isinstance(exc, OSError):
        # Resets and time-outs: the message may be there already.
        return Trouble(Failure.PERHAPS_SENT, type(exc).__name__)
    return Trouble(Failure.PERHAPS_SENT, f"unexpected {type(exc).__name__}")


def _refused(exc: SlackApiError) -> Trouble:
    code = str(exc.response.get("error") or "no_error_named")
    status = exc.response.status_code
    if status == 429 or code in RATE_LIMITED:
        return Trouble(Failure.NOT_SENT, "ratelimited", _retry_after_ms(exc))
    if status >= 500 or code in AMBIGUOUS:
        return Trouble(Failure.PERHAPS_SENT, code)
    return Trouble(Failure.BAD_MESSAGE if code in BAD_MESSAGE else Failure.BAD_PLACE, code)


def _retry_after_ms(exc: SlackApiError) -> int:
    """Read Retry-After (seconds); one second when it is missing or not a number."""
    headers = {str(name).lower(): value for name, value in exc.response.headers.items()}
    raw = headers.get("retry-after", "1")
    text = raw[0] if isinstance(raw, list) else str(raw)
    return int(text) * 1000 if text.isdigit() else 1000
