import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.cards import ids
from handlers.slack.brakes import is_brake, is_brake_envelope
from handlers.views import reject


def command(text: str) -> str:
    return urlencode({"command": "/vod", "text": text})


def interaction(payload: object) -> str:
    return urlencode({"payload": json.dumps(payload)})


@pytest.mark.parametrize("text", ["stop 3", "STOP 3", " freeze", "freeze wrong folder", "withdraw 1", "reject 1"])
def test_a_command_that_holds_back_is_a_brake(text: str) -> None:
    assert is_brake(command(text))


@pytest.mark.parametrize(
    "text",
    ["", " ", "delete video x --reason stop", "list", "unfreeze", "approve 1", "stopping", "help stop"],
)
def test_any_other_command_is_none(text: str) -> None:
    assert not is_brake(command(text))


@pytest.mark.parametrize(
    ("action", "brakes"), [(ids.STOP, True), (ids.REJECT, True), (ids.WITHDRAW, True), (ids.APPROVE, False)]
)
def test_a_click_is_a_brake_by_its_button(action: str, *, brakes: bool) -> None:
    assert is_brake(interaction({"type": "block_actions", "actions": [{"action_id": action}]})) == brakes


def test_the_form_behind_reject_is_a_brake() -> None:
    assert is_brake(interaction({"type": "view_submission", "view": {"callback_id": reject.CALLBACK_ID}}))
    assert not is_brake(interaction({"type": "view_submission", "view": {"callback_id": "other"}}))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.sampled_from([ids.APPROVE, "actions", "view"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["actions", "view", "action_id", "callback_id"]), inner, max_size=3)
        ),
    )
)
def test_whatever_was_signed_can_be_asked_about(payload: object) -> None:
    assert is_brake(interaction(payload)) in {True, False}


@pytest.mark.parametrize("body", ["", "payload=", "payload=%7Bbad", "payload=" + "[" * 100_000, "{", "a=b&text"])
def test_what_is_no_form_is_no_brake(body: str) -> None:
    assert not is_brake(body)


@pytest.mark.parametrize(
    ("payload", "brakes"),
    [
        ({"command": "/vod", "text": "stop 1"}, True),
        ({"command": "/vod", "text": "list"}, False),
        ({"command": "/vod"}, False),
        ({"text": "stop 1"}, False),
        ({"type": "block_actions", "actions": [{"action_id": ids.STOP}]}, True),
        ({"type": "block_actions", "actions": [{"action_id": ids.APPROVE}]}, False),
        ({"type": "view_submission", "view": {"callback_id": reject.CALLBACK_ID}}, True),
        (None, False),
        ([], False),
    ],
)
def test_what_socket_mode_brings_is_told_apart_alike(payload: object, *, brakes: bool) -> None:
    assert is_brake_envelope(json.dumps({"envelope_id": "1", "payload": payload})) == brakes


@pytest.mark.parametrize("message", ["", "hello", "{", "[]", '{"type": "hello"}'])
def test_what_is_no_envelope_is_no_brake(message: str) -> None:
    assert not is_brake_envelope(message)
