"""What a failed call to Slack means for the message: try later, look first, or give up."""

import re
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from ssl import SSLCertVerificationError
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from deletion.jobs.record import StorageError

AMBIGUOUS = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
)
"""Errors after which 'some aspect of the operation may have succeeded' (chat.postMessage, Errors)."""

THROTTLED = "ratelimited"
"""Slack answers, and asks for a pause."""

RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})

NOT_ADMITTED = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "no_permission",
        "missing_scope",
        "not_allowed_token_type",
        "access_denied",
        "accesslimited",
        "ekm_access_denied",
        "org_login_required",
        "team_access_not_granted",
    }
)
"""Errors about the bot itself, which people mend: nothing was sent, and nothing is wrong with what is owed."""

CARD_GONE = frozenset({"thread_not_found", "cannot_reply_to_message"})
"""Errors that say that there is nothing to reply to."""

NOT_UPDATABLE = frozenset(
    {
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "is_inactive",
        "update_failed",
    }
)
"""Errors that say that a message stays as it is, if it is there at all: what it shows has to be posted anew."""

PLACE_GONE = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "channel_is_limited_access",
        "not_allowed",
    }
)
"""Errors that say that a channel is gone or closed to us."""

BAD_MESSAGE = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "metadata_too_large",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "thread_not_found",
        "cannot_reply_to_message",
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "update_failed",
        "invalid_arguments",
        "file_type_not_allowed",
        "file_upload_size_restricted",
        "file_uploads_disabled",
        "file_uploads_except_images_disabled",
        "storage_limit_reached",
    }
)
"""Errors that are about this one message: the next one may go through."""


UNTRUSTED = "certificate_not_trusted"
"""Not one byte of the request was sent."""

TIMED_OUT = "TimeoutError"
"""We gave up waiting: Slack may be at it still."""

_CODE = re.compile("[a-z0-9_]+")
"""What Slack's error codes look like."""


class NotYetError(Exception):
    """A message that has to wait for another one."""


class Failure(StrEnum):
    """What is known about a message that was not confirmed."""

    NOT_SENT = "not sent"
    PERHAPS_SENT = "perhaps sent"
    BAD_MESSAGE = "bad message"
    BAD_PLACE = "bad place"
    BROKEN = "broken"


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
    if isinstance(exc, URLError) and isinstance(exc.reason, SSLCertVerificationError):
        return Trouble(Failure.NOT_SENT, UNTRUSTED)
    if isinstance(exc, URLError) and isinstance(exc.reason, TimeoutError):
        return Trouble(Failure.PERHAPS_SENT, TIMED_OUT)
    if isinstance(exc, OSError | HTTPException | SlackClientError):
        # Resets, time-outs, answers that broke off: the message may be there already.
        return Trouble(Failure.PERHAPS_SENT, type(exc).__name__)
    if isinstance(exc, StorageError | NotYetError):
        kind = StorageError if isinstance(exc, StorageError) else NotYetError
        return Trouble(Failure.NOT_SENT, kind.__name__)
    # Neither Slack nor the network: something of ours broke, and nobody knows how far it had got.
    return Trouble(Failure.BROKEN, f"broken {type(exc).__name__}")


def is_silence(found: Trouble) -> bool:
    """Say whether a place takes nothing: it is closed to us, or Slack does not answer. A pause is not that."""
    is_closed = found.failure in {Failure.NOT_SENT, Failure.PERHAPS_SENT, Failure.BAD_PLACE}
    return is_closed and found.code not in {THROTTLED, StorageError.__name__, NotYetError.__name__}


def _refused(exc: SlackApiError) -> Trouble:
    code = str(exc.response.get("error") or "no_error_named")
    status = exc.response.status_code
    if status == 429 or code in RATE_LIMITED:
        return Trouble(Failure.NOT_SENT, THROTTLED, _retry_after_ms(exc))
    if not _CODE.fullmatch(code):
        # An answer that is not Slack's JSON: the SDK puts its own sentence, with the body in it, for the error.
        return Trouble(Failure.PERHAPS_SENT, f"http_{status}")
    if status >= 500 or code in AMBIGUOUS:
        return Trouble(Failure.PERHAPS_SENT, code)
    if code in NOT_ADMITTED:
        return Trouble(Failure.NOT_SENT, code)
    return Trouble(Failure.BAD_MESSAGE if code in BAD_MESSAGE else Failure.BAD_PLACE, code)


def _retry_after_ms(exc: SlackApiError) -> int:
    """Read Retry-After (seconds); one second when it is missing or not a number."""
    headers = {str(name).lower(): value for name, value in exc.response.headers.items()}
    raw = headers.get("retry-after", "1")
    text = raw[0] if isinstance(raw, list) else str(raw)
    return int(text) * 1000 if text.isdigit() else 1000
