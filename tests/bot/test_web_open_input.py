"""Whatever is posted, signed or not, the program answers; and what is not signed changes nothing."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.cards import ids
from handlers.views import reject
from sandbox.slack import SlackSandbox
from tests.stage import Stage

OUTER = (
    "type",
    "user",
    "team",
    "enterprise",
    "authorizations",
    "actions",
    "view",
    "state",
    "channel",
    "message",
    "event",
)
INNER = (
    "id",
    "action_id",
    "block_id",
    "value",
    "callback_id",
    "container",
    "team_id",
    "user_id",
    "ssl_check",
    "token",
)
FIELDS = ("command", "text", "payload", "trigger_id", "response_url", "is_enterprise_install", "challenge")
NAMES = st.sampled_from((*OUTER, *INNER, *FIELDS))
WORDS = st.sampled_from(
    [
        "block_actions",
        "view_submission",
        "/vod",
        ids.APPROVE,
        ids.REJECT,
        reject.CALLBACK_ID,
        "event_callback",
        "true",
        "1",
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=5),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=8)
TYPES = st.sampled_from(["application/x-www-form-urlencoded", "application/json", "", "text/plain; charset=utf-16"])
HEADER = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30)

many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def web(served: Stage) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", trust_env=False) as client:
        yield client


def post(web: httpx.Client, body: bytes, headers: dict[str, str]) -> httpx.Response:
    raw = [(name.encode(), value.strip().encode("latin-1")) for name, value in headers.items()]
    return web.post("/slack/events", content=body, headers=raw)


@many
@given(body=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()), kind=TYPES)
def test_an_unsigned_body_of_any_kind_is_refused(web: httpx.Client, body: bytes, kind: str) -> None:
    answer = post(web, body, {"Content-Type": kind})

    assert answer.status_code in {400, 401} or dict(parse_qsl(body)).get(b"ssl_check") == b"1"


@many
@given(value=JSON, field=st.sampled_from(["payload", "Payload", "text", "payload[]"]))
def test_an_unsigned_form_of_any_kind_is_refused(web: httpx.Client, value: object, field: str) -> None:
    body = urlencode({field: json.dumps(value)}).encode()

    assert post(web, body, {"Content-Type": "application/x-www-form-urlencoded"}).status_code in {400, 401}


@many
@given(stamp=HEADER, signature=HEADER, kind=HEADER)
def test_headers_of_any_kind_are_refused(web: httpx.Client, stamp: str, signature: str, kind: str) -> None:
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": kind}

    assert post(web, b"command=%2Fvod&text=list", headers).status_code in {400, 401}


@many
@given(text=st.text(max_size=60) | st.text("deltvois 0123456789abcfimg-\"'payload<!@&>删\u202e\n", max_size=60))
def test_a_signed_command_with_any_text_is_answered_in_words(served: Stage, web: httpx.Client, text: str) -> None:
    form = {
        "command": ids.COMMAND,
        "text": text,
        "team_id": served.slack.team_id,
        "user_id": served.slack.user("ana").id,
        "channel_id": "C0VODDELETE",
        "trigger_id": f"t{served.slack.workspace.serial()}",
        "response_url": f"{served.slack.url}/response/none",
    }
    body = urlencode(form, errors="replace").encode()
    answer = post(web, body, SlackSandbox.sign(body))

    assert answer.status_code == 200
    assert answer.json()["text"].strip()
    assert answer.json()["response_type"] == "ephemeral"


@many
@given(sent=OBJECTS, fields=st.dictionaries(NAMES, st.text(max_size=10) | WORDS, max_size=8))
def test_signed_nonsense_is_answered_by_us_or_by_bolt_and_leaves_the_program_well(
    web: httpx.Client, sent: dict[str, object], fields: dict[str, str]
) -> None:
    forms: list[dict[str, str]] = [{"payload": json.dumps(sent)}, fields]
    bodies = [*(urlencode(form, errors="replace").encode() for form in forms), json.dumps(sent).encode()]

    for body in bodies:
        answer = post(web, body, SlackSandbox.sign(body))
        assert answer.status_code in {200, 400, 404, 500}
        assert "unexpected condition" not in answer.text, "the words of the server when an exception reached it"
    assert web.get("/healthz").status_code == 200
