import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from bot.runtime.server.web import LARGEST_BODY
from sandbox.slack import SlackSandbox
from tests.stage import Stage

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def web(served: Stage) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", trust_env=False) as client:
        yield client


def form(stage: Stage, text: str = "list", **more: str) -> bytes:
    """Return a command's body as the local Slack sends it, with fields of the test's own."""
    sent = stage.slack.say("ana", "/vod help").request
    assert sent is not None
    return urlencode({**dict(parse_qsl(sent.body.decode(), keep_blank_values=True)), "text": text, **more}).encode()


def post(web: httpx.Client, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return web.post("/slack/events", content=body, headers=headers)


def signed(web: httpx.Client, body: bytes, *, age_s: int = 0) -> httpx.Response:
    return post(web, body, SlackSandbox.sign(body, int(time.time()) - age_s))


def test_a_signed_command_is_answered_privately(served: Stage, web: httpx.Client) -> None:
    answer = signed(web, form(served))

    assert answer.status_code == 200
    assert answer.json()["response_type"] == "ephemeral"


@pytest.mark.parametrize(
    "where",
    [
        {"text": "status payload"},
        {"text": "payload=1"},
        {"channel_name": "payload-alerts"},
        {"user_name": "payload"},
        {"team_domain": "payload"},
        {"text": "payload 删除 \u202e <!channel> & = %"},
    ],
)
def test_the_letters_payload_anywhere_in_a_command_change_nothing(
    served: Stage, web: httpx.Client, where: dict[str, str]
) -> None:
    answer = signed(web, form(served, **where))

    assert answer.status_code == 200
    assert answer.json()["text"]


def test_a_command_with_the_letters_payload_still_needs_its_signature(served: Stage, web: httpx.Client) -> None:
    body = form(served, "list payload")

    assert post(web, body, SlackSandbox.sign(body + b"x")).status_code == 401
    assert post(web, body, FORM).status_code == 401


SEVEN_SECONDS_AGO = "another time than was signed"


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": None},
        {"X-Slack-Request-Timestamp": SEVEN_SECONDS_AGO},
        {"X-Slack-Request-Timestamp": None},
        {"X-Slack-Request-Timestamp": "0"},
        {"X-Slack-Request-Timestamp": "9" * 15},
    ],
    ids=str,
)
def test_a_command_without_its_own_signature_is_refused_and_does_nothing(
    served: Stage, web: httpx.Client, change: dict[str, str | None]
) -> None:
    body = form(served, 'delete video 0123456789abcdef0123456789abcdef --reason "forged"')
    earlier = str(int(time.time()) - 7)
    changed = {name: earlier if value == SEVEN_SECONDS_AGO else value for name, value in change.items()}
    headers = {name: value for name, value in (SlackSandbox.sign(body) | changed).items() if value is not None}
    before = served.events("proposal.made")

    assert post(web, body, headers).status_code == 401
    assert served.events("proposal.made") == before


@pytest.mark.parametrize(("age_s", "status"), [(310, 401), (290, 200), (0, 200), (-290, 200), (-310, 401)])
def test_a_signature_holds_for_five_minutes(served: Stage, web: httpx.Client, age_s: int, status: int) -> None:
    assert signed(web, form(served), age_s=age_s).status_code == status


@pytest.mark.parametrize("stamp", ["soon", "1.5", "-1", "", "1 2", "0x10", "9" * 16, "9" * 5000])
def test_a_timestamp_that_is_no_number_is_a_bad_request(served: Stage, web: httpx.Client, stamp: str) -> None:
    body = form(served)

    assert post(web, body, SlackSandbox.sign(body) | {"X-Slack-Request-Timestamp": stamp}).status_code == 400


@pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
@pytest.mark.parametrize("value", [b"v0=\xe9", b"\xb2"])
def test_a_header_that_is_not_ascii_is_a_bad_request(
    served: Stage, web: httpx.Client, name: str, value: bytes
) -> None:
    headers = {key.encode(): text.encode() for key, text in SlackSandbox.sign(form(served)).items()}

    assert web.post("/slack/events", content=b"a=b", headers={**headers, name.encode(): value}).status_code == 400


def test_a_request_sent_twice_is_answered_twice_and_done_once(served: Stage, web: httpx.Client) -> None:
    body = form(served, f'delete video {"0" * 32} --reason "sent twice"')
    before = len(served.events("proposal.made"))
    answers = [signed(web, body), signed(web, body)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(served.events("proposal.made")) == before + 1


def test_slacks_check_of_the_certificate_is_answered_without_a_signature(web: httpx.Client) -> None:
    assert post(web, b"ssl_check=1&token=x", FORM).status_code == 200


def test_a_command_of_another_app_is_not_ours(served: Stage, web: httpx.Client) -> None:
    assert signed(web, form(served, command="/other")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"payload=%7Bbad",
        b"payload=",
        b"payload=[]",
        b"payload=5",
        b"{bad",
        b"{",
        b"\xff\xfe",
        b"text=\xff",
        b'{"authorizations": 5}',
        b'{"enterprise": 5}',
        b'{"team": 5, "user": 5}',
        b'{"a":' * 100_000,
        b"payload=" + b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_a_malformed_body_is_refused_before_anything_is_made_of_it(web: httpx.Client, body: bytes) -> None:
    assert post(web, body, FORM).status_code in {400, 401, 413}
    assert signed(web, body).status_code in {400, 404}


@pytest.mark.parametrize("body", [b"", b"a=b", b"{}", b'{"type": "event_callback"}'])
def test_a_body_that_says_nothing_is_refused_for_want_of_a_signature(web: httpx.Client, body: bytes) -> None:
    assert post(web, body, FORM).status_code == 401
    assert signed(web, body).status_code == 404


def test_a_body_larger_than_any_of_slacks_is_not_read(served: Stage, web: httpx.Client) -> None:
    just = form(served).ljust(LARGEST_BODY, b"+")

    assert signed(web, just).status_code == 200
    assert signed(web, just + b"+").status_code == 413


@pytest.mark.parametrize("length", ["\xb2", "-1", "1_0", "9" * 30, "ten"])
def test_a_length_that_is_no_number_is_refused(served: Stage, length: str) -> None:
    head = f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as line:
        line.sendall(head.encode("latin-1"))
        status = line.makefile("rb").readline().split()[1]

    assert status in {b"400", b"413"}


@pytest.mark.parametrize("path", ["/healthz", "/health", "/metrics"])
def test_health_and_metrics_are_answered_to_get_and_head_alike(web: httpx.Client, path: str) -> None:
    asked, looked = web.get(path), web.head(path)

    assert (asked.status_code, looked.status_code) == (200, 200)
    assert asked.content
    assert looked.content == b""
    assert int(looked.headers["content-length"]) > 0
    assert looked.headers["content-type"] == asked.headers["content-type"]
    assert web.get(path).status_code == 200, "the connection goes on after a HEAD"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/slack/events"),
        ("HEAD", "/slack/events"),
        ("POST", "/metrics"),
        ("GET", "/metrics/"),
        ("PUT", "/slack/events"),
        ("POST", "/slack/events/"),
        ("POST", "/healthz"),
        ("GET", "/"),
        ("GET", "/slack"),
        ("POST", "/"),
        ("GET", "/healthz/../slack/events"),
    ],
)
def test_everything_else_is_not_found(web: httpx.Client, method: str, path: str) -> None:
    answer = web.request(method, path, content=b"payload={}")

    assert answer.status_code == 404
    assert method == "HEAD" or answer.json() == {"error": "not found"}


def test_a_listener_that_breaks_answers_with_a_number_to_report_and_no_inner_words(
    served: Stage, web: httpx.Client
) -> None:
    body = form(served, "list")
    served.database.write(lambda tx: tx.run("ALTER TABLE proposals RENAME TO proposals_away"))
    try:
        answer = signed(web, body)
    finally:
        served.database.write(lambda tx: tx.run("ALTER TABLE proposals_away RENAME TO proposals"))

    assert answer.status_code == 200
    assert "reference `" in answer.json()["text"]
    assert not any(word in json.dumps(answer.json()) for word in ("proposals", "Traceback", "sqlite", "Error"))
