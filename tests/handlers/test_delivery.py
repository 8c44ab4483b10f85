"""What a failed call to Slack means: a table of everything that can come back, by the real SDK."""

import http.client
import ssl
from urllib.error import HTTPError, URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse

from handlers.slack.api.failures import (
    AMBIGUOUS,
    BAD_MESSAGE,
    NOT_ADMITTED,
    RATE_LIMITED,
    Failure,
    NotYetError,
    Trouble,
    trouble,
)
from sandbox.slack import SlackSandbox
from sandbox.slack.model.faults import FaultKind
from storage import StorageError

BAD_PLACES = ("channel_not_found", "not_in_channel", "is_archived", "restricted_action", "user_not_in_channel")


def refused(code: str | None, *, status: int = 200, headers: dict[str, object] | None = None) -> SlackApiError:
    data = {"ok": False} if code is None else {"ok": False, "error": code}
    response = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.com/api/chat.postMessage",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("secret words of a library", response)  # type: ignore[no-untyped-call] # the SDK's own gap


CODES = [
    *((code, Failure.PERHAPS_SENT) for code in sorted(AMBIGUOUS)),
    *((code, Failure.BAD_MESSAGE) for code in sorted(BAD_MESSAGE)),
    *((code, Failure.NOT_SENT) for code in sorted(NOT_ADMITTED)),
    *((code, Failure.BAD_PLACE) for code in BAD_PLACES),
    ("an_error_of_next_year", Failure.BAD_PLACE),
]


@pytest.mark.parametrize(("code", "failure"), CODES)
def test_every_error_of_slack_has_one_meaning(code: str, failure: Failure) -> None:
    assert trouble(refused(code)) == Trouble(failure, code)


def test_no_error_has_two_meanings() -> None:
    groups = [AMBIGUOUS, RATE_LIMITED, BAD_MESSAGE, NOT_ADMITTED, frozenset(BAD_PLACES)]
    assert sum(map(len, groups)) == len(frozenset().union(*groups))


@pytest.mark.parametrize("code", sorted(RATE_LIMITED))
@pytest.mark.parametrize(
    ("headers", "pause_ms"),
    [
        ({"Retry-After": "30"}, 30_000),
        ({"retry-after": "7"}, 7_000),
        ({"Retry-After": ["4", "9"]}, 4_000),
        ({}, 1_000),
        ({"Retry-After": "soon"}, 1_000),
        ({"Retry-After": "-3"}, 1_000),
        ({"Retry-After": "1.5"}, 1_000),
    ],
)
def test_being_told_to_wait_means_not_sent_and_for_how_long(
    code: str, headers: dict[str, object], pause_ms: int
) -> None:
    expected = Trouble(Failure.NOT_SENT, "ratelimited", pause_ms)
    assert trouble(refused(code, headers=headers)) == expected
    assert trouble(refused("anything", status=429, headers=headers)) == expected


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_server_may_have_done_it(status: int) -> None:
    assert trouble(refused("invalid_blocks", status=status)).failure is Failure.PERHAPS_SENT


@pytest.mark.parametrize("status", [200, 403, 404, 500, 503])
def test_an_answer_that_is_not_slacks_may_have_done_it_and_is_not_repeated_in_the_log(status: int) -> None:
    sentence = "Received a response in a non-JSON format: <!DOCTYPE html><html>…"
    assert trouble(refused(sentence, status=status)) == Trouble(Failure.PERHAPS_SENT, f"http_{status}")


def test_an_answer_without_an_error_names_none() -> None:
    assert trouble(refused(None)) == Trouble(Failure.BAD_PLACE, "no_error_named")


@pytest.mark.parametrize(
    ("exc", "expected"),
    [
        (URLError(ConnectionRefusedError()), Trouble(Failure.NOT_SENT, "connection_refused")),
        (URLError(TimeoutError()), Trouble(Failure.PERHAPS_SENT, "TimeoutError")),
        (URLError(ssl.SSLError()), Trouble(Failure.PERHAPS_SENT, "URLError")),
        (
            HTTPError("https://x", 502, "Bad", http.client.HTTPMessage(), None),
            Trouble(Failure.PERHAPS_SENT, "HTTPError"),
        ),
        (TimeoutError("secret"), Trouble(Failure.PERHAPS_SENT, "TimeoutError")),
        (ConnectionResetError("secret"), Trouble(Failure.PERHAPS_SENT, "ConnectionResetError")),
        (http.client.RemoteDisconnected("secret"), Trouble(Failure.PERHAPS_SENT, "RemoteDisconnected")),
        (http.client.IncompleteRead(b""), Trouble(Failure.PERHAPS_SENT, "IncompleteRead")),
        (SlackRequestError("secret"), Trouble(Failure.PERHAPS_SENT, "SlackRequestError")),
        (StorageError("secret"), Trouble(Failure.NOT_SENT, "StorageError")),
        (NotYetError(), Trouble(Failure.NOT_SENT, "NotYetError")),
        (KeyError("secret"), Trouble(Failure.BROKEN, "broken KeyError")),
        (ValueError("secret"), Trouble(Failure.BROKEN, "broken ValueError")),
    ],
    ids=repr,
)
def test_everything_else_is_told_by_its_kind_and_never_by_its_text(exc: Exception, expected: Trouble) -> None:
    assert trouble(exc) == expected


@pytest.fixture
def client(local_slack: SlackSandbox) -> WebClient:
    return WebClient(local_slack.bot_token, base_url=local_slack.api_url, timeout=2, retry_handlers=[])


@pytest.mark.parametrize(
    ("kind", "failure", "code"),
    [
        (FaultKind.RATELIMITED, Failure.NOT_SENT, "ratelimited"),
        (FaultKind.HTTP_503, Failure.PERHAPS_SENT, "http_503"),
        (FaultKind.INTERNAL_ERROR, Failure.PERHAPS_SENT, "internal_error"),
        (FaultKind.FATAL_ERROR_AFTER, Failure.PERHAPS_SENT, "fatal_error"),
        (FaultKind.RESET_BEFORE, Failure.PERHAPS_SENT, None),
        (FaultKind.RESET_AFTER, Failure.PERHAPS_SENT, None),
        (FaultKind.DOWN, Failure.PERHAPS_SENT, None),
    ],
)
def test_what_the_sdk_really_raises_is_understood(
    local_slack: SlackSandbox, client: WebClient, kind: FaultKind, failure: Failure, code: str | None
) -> None:
    local_slack.faults.add(kind, "chat.postMessage", retry_after=9)
    with pytest.raises((SlackApiError, OSError)) as raised:
        client.chat_postMessage(channel=local_slack.channel("vod-deletions").id, text="words")
    found = trouble(raised.value)
    assert found.failure is failure
    assert code is None or found.code == code
    assert found.retry_after_ms == (9_000 if kind is FaultKind.RATELIMITED else 0)


def test_a_slack_that_is_not_there_got_nothing(local_slack: SlackSandbox, client: WebClient) -> None:
    local_slack.stop()
    with pytest.raises(URLError) as raised:
        client.chat_postMessage(channel="C0VODDELETE", text="words")
    assert trouble(raised.value) == Trouble(Failure.NOT_SENT, "connection_refused")
