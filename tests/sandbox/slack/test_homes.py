"""Home tabs in the local Slack: published strictly, opened and pressed as the real one tells of it."""

import json
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackSandbox
from tests.sandbox.slack.conftest import Bot
from tests.sandbox.slack.test_modals import form, plain

Json = dict[str, Any]

STOP = {"type": "button", "action_id": "stop", "text": plain("Stop it"), "value": "4"}
BLOCKS = [{"type": "section", "block_id": "four", "text": plain("#4 goes"), "accessory": STOP}]
HOME: Json = {"type": "home", "callback_id": "mine", "blocks": BLOCKS}


def events(bot: Bot) -> list[Json]:
    return [json.loads(body) for headers, body in bot.requests if headers["Content-Type"] == "application/json"]


def test_opening_is_told_as_slack_tells_it(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ana = slack.user("ana").id
    assert slack.open_home("ana").error is None
    (envelope,) = events(bot)
    assert (envelope["type"], envelope["team_id"]) == ("event_callback", slack.team_id)
    assert envelope["event"].items() >= {"type": "app_home_opened", "user": ana, "tab": "home"}.items()
    assert "view" not in envelope["event"]
    shown = client.views_publish(user_id=ana, view=HOME)["view"]
    slack.open_home("ana")
    slack.open_home("ana", tab="messages")
    first, second = (each["event"] for each in events(bot)[1:])
    assert first["view"]["id"] == shown["id"]
    assert (second["tab"], "view" in second) == ("messages", False)


def test_nothing_is_told_without_a_subscription_and_strangers_have_no_tab(slack: SlackSandbox, bot: Bot) -> None:
    assert slack.open_home("eve").error is not None
    slack.events.clear()
    assert not slack.open_home("ana").was_delivered
    assert events(bot) == []


def test_a_tab_keeps_its_id_and_guards_its_hash(slack: SlackSandbox, client: WebClient) -> None:
    ana = slack.user("ana").id
    first = client.views_publish(user_id=ana, view=HOME)["view"]
    second = client.views_publish(user_id=ana, view=HOME, hash=first["hash"])["view"]
    assert (first["type"], second["id"]) == ("home", first["id"])
    assert second["hash"] != first["hash"]
    for stale in (first["hash"], "unknown"):
        with pytest.raises(SlackApiError, match="hash_conflict"):
            client.views_publish(user_id=ana, view=HOME, hash=stale)
    assert slack.home("ana") is not None
    assert slack.home("bo") is None


@pytest.mark.parametrize(
    "view",
    [
        form(),
        {**HOME, "title": plain("Home")},
        {**HOME, "blocks": [{"type": "divider"}] * 101},
        {**HOME, "blocks": [{"type": "section", "text": plain("x" * 3001)}]},
        {**HOME, "blocks": [*BLOCKS, *BLOCKS]},
        {"type": "home"},
    ],
)
def test_a_view_that_is_no_home_is_refused(slack: SlackSandbox, client: WebClient, view: Json) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.views_publish(user_id=slack.user("ana").id, view=view)


def test_nobody_else_has_a_tab(slack: SlackSandbox, client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="user_not_found"):
        client.views_publish(user_id="U0NOBODY", view=HOME)
    slack.state.has_home = False
    with pytest.raises(SlackApiError, match="not_enabled"):
        client.views_publish(user_id=slack.user("ana").id, view=HOME)


def test_a_press_names_the_view_and_no_place(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    shown = client.views_publish(user_id=slack.user("ana").id, view=HOME)["view"]
    slack.press_at_home("ana", "Stop", match="#4")
    payload = json.loads(bot.forms[-1]["payload"])
    assert payload["container"] == {"type": "view", "view_id": shown["id"]}
    assert payload["view"].items() >= {"type": "home", "hash": shown["hash"], "callback_id": "mine"}.items()
    assert not {"channel", "message", "response_url"} & payload.keys()
    assert payload["actions"][0].items() >= {"action_id": "stop", "block_id": "four", "value": "4"}.items()
    with pytest.raises(LookupError, match="no button"):
        slack.press_at_home("ana", "Stop", match="#5")
    with pytest.raises(LookupError, match="no Home tab"):
        slack.press_at_home("bo", "Stop")


def test_by_socket_mode_an_event_comes_in_an_envelope_of_its_own(slack: SlackSandbox) -> None:
    slack.connect_sockets()
    delivery = slack.open_home("ana")
    assert delivery.error is not None, "nobody is connected"
