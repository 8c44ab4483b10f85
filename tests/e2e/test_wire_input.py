"""What arrives at the HTTP port from anybody: understood where Slack sent it, refused without a trace where not."""

import http.client
import logging
import socket
import time
from dataclasses import replace
from urllib.parse import quote

import pytest

from deletion.terms.states import State
from sandbox.vod import seed
from tests.e2e.evidence import assert_nothing_was_deleted
from tests.stage import Stage

TEASER = seed.SPRING_TEASER.video_id
EVENTS = "/slack/events"

Headers = dict[str, str]


def post(
    stage: Stage, body: bytes, headers: Headers | None = None, path: str = EVENTS, method: str = "POST"
) -> int:
    """Send a request as it is; return the status it was answered with."""
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=10)
    try:
        connection.request(
            method, path, body, {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        )
        return connection.getresponse().status
    finally:
        connection.close()


def send_raw(stage: Stage, request: bytes) -> int:
    """Send bytes that no HTTP client would; return the status they were answered with."""
    with socket.create_connection(("127.0.0.1", stage.port), timeout=10) as connection:
        connection.sendall(request)
        line = connection.makefile("rb").readline()
    return int(line.split()[1])


def assert_quiet(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """Hold that nothing on either stream or in the log is a traceback or an error."""
    written = "".join(capfd.readouterr())
    assert "Traceback" not in written
    assert "Error" not in written
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []


def test_the_word_payload_may_stand_anywhere_in_a_command(stage: Stage) -> None:
    """Bolt 1.30.0 takes every form with these letters in it for a click; people must not notice."""
    stage.slack.workspace._people["payload-ana"] = replace(stage.slack.user("ana"), key="payload-ana")
    for who, channel, reason in (
        ("ana", "vod-deletions", "payload test"),
        ("ana", "payload-alerts", "rights expired"),
        ("payload-ana", "vod-deletions", "payload=%7Bbad"),
        ("ana", "dm", "payload={} & payload"),
    ):
        delivery = stage.say(who, f'/vod delete video {TEASER} --reason "{reason}"', channel)
        assert delivery.reply is not None
        number = len(stage.events("proposal.made"))
        assert f"Proposal #{number} is stored" in delivery.reply.text
        assert stage.view(number).row.reason == reason
    stage.click("bo", "Approve", 4)
    assert stage.outcomes(4) == {TEASER: "deleted"}


UNSIGNED = {
    "not JSON": b"payload=%7Bbad",
    "not JSON either": b"{bad",
    "not UTF-8": b"\xff\xfe=\x80",
    "percent-encoded, not UTF-8": b"payload=%ff%fe",
    "a NUL": b"payload=\x00",
    "a list": b"payload=%5B1%5D",
    "nothing": b"payload=null",
    "a string": b"payload=%22x%22",
    "a number": b"payload=5",
    "not a number": b"payload=NaN",
    "a very large number": b"payload=" + b"9" * 5000,
    "two payloads": b"payload=%7B%7D&payload=%5B%5D",
    "a numeric enterprise": b"payload=" + quote('{"enterprise":5}').encode(),
    "a numeric team": b"payload=" + quote('{"team":5}').encode(),
    "a numeric user": b"payload=" + quote('{"user":5,"team":5}').encode(),
    "numeric authorizations": b"payload=" + quote('{"authorizations":5}').encode(),
    "odd authorizations": b"payload=" + quote('{"authorizations":[5]}').encode(),
    "deep": b"payload=" + b"%5B" * 100_000,
    "deep objects": b'{"a":' * 50_000,
}


ANSWERED = {
    "not UTF-8": 400,
    "deep": 413,
    "deep objects": 413,
}
"""Bodies without a signature that are refused before their signature is looked at."""


def test_bodies_that_slack_never_signed_are_refused_and_leave_no_traceback(
    stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answers = {name: post(stage, body) for name, body in UNSIGNED.items()}
    assert answers == {name: ANSWERED.get(name, 401) for name in UNSIGNED}
    assert_quiet(capfd, caplog)


def test_requests_without_a_true_and_fresh_signature_get_401(
    stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    sent = stage.slack.click("bo", "Approve", match=f"#{number}", confirm=True).request
    assert sent is not None
    body, now = sent.body, int(time.time())
    capfd.readouterr()
    true = stage.slack.sign(body)
    for headers in (
        {},
        {"X-Slack-Request-Timestamp": str(now)},
        {**true, "X-Slack-Signature": "v0=" + "0" * 64},
        {**true, "X-Slack-Signature": ""},
        {**true, "X-Slack-Request-Timestamp": str(now - 1)},
        stage.slack.sign(body + b"&x=1"),
        stage.slack.sign(body, now - 301),
        stage.slack.sign(body, now + 400),
    ):
        assert post(stage, body, headers) == 401
    assert len(stage.events("vote.cast")) == 1
    assert_quiet(capfd, caplog)


def test_headers_that_no_sender_of_slacks_writes_are_refused_quietly(
    stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for stamp in ("abc", "-5", "", "1e9", "\xb2", "9" * 5000):
        assert post(stage, b"a=1", {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=x"}) == 400
    strange = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=\xe9"}
    assert post(stage, b"a=1", strange) == 400
    assert post(stage, b"a=1", {"X-Long": "x" * 70_000}) == 431
    assert_quiet(capfd, caplog)


def test_bodies_without_a_length_or_too_long_are_refused_before_room_is_made_for_them(
    stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /slack/events HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
    assert send_raw(stage, head + b"\r\n") == 401
    assert send_raw(stage, head + b"Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n") == 401
    for length in (b"-1", b"+2", b"abc", b"\xb2", b"", b"9" * 4000):
        assert send_raw(stage, head + b"Content-Length: " + length + b"\r\n\r\n") == 400
    for length in (b"2000000", b"99999999999"):
        assert send_raw(stage, head + b"Content-Length: " + length + b"\r\n\r\n") == 413
    assert send_raw(stage, b"\x16\x03\x01\x02\x00\r\n\r\n") == 400
    assert_quiet(capfd, caplog)


def test_slacks_check_of_the_address_is_answered_and_other_addresses_are_not_there(stage: Stage) -> None:
    assert post(stage, b"ssl_check=1&token=x") == 200
    assert post(stage, b"", path="/healthz", method="GET") == 200
    for path, method in (
        ("/", "POST"),
        ("/", "GET"),
        ("/slack", "POST"),
        (EVENTS, "GET"),
        (f"{EVENTS}/", "POST"),
        ("/healthz", "POST"),
        ("/%ff", "GET"),
    ):
        assert post(stage, b"", path=path, method=method) == 404, path


def test_signed_things_that_the_bot_does_not_know_change_nothing(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    for body in (
        b"command=%2Fother&text=delete&user_id=U0BO93LXT6W&team_id=T0COUNTER01&trigger_id=1&channel_id=C1",
        b"payload=" + quote('{"type":"block_actions","actions":[{"action_id":"other","type":"button"}]}').encode(),
        b"payload=" + quote('{"type":"shortcut","callback_id":"x","user":{"id":"U0BO93LXT6W"}}').encode(),
    ):
        assert post(stage, body, stage.slack.sign(body)) == 404
    stage.settle()

    assert stage.state(number) is State.PENDING
    assert_nothing_was_deleted(stage)
