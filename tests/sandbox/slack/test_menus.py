"""Menus of several, menus whose options the app offers, choices told at once, and shortcuts from anywhere."""

import json
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import FaultKind, SlackSandbox
from tests.sandbox.slack.conftest import Bot
from tests.sandbox.slack.test_modals import form, option, plain, submission

Json = dict[str, Any]


def menu(kind: str, **fields: Any) -> Json:
    element = {"type": kind, "action_id": "pick", **fields}
    return {"type": "input", "block_id": "menu", "label": plain("Menu"), "element": element}


def level() -> Json:
    element = {"type": "static_select", "action_id": "level", "options": [option("A"), option("B")]}
    return {"type": "input", "block_id": "at", "label": plain("L"), "dispatch_action": True, "element": element}


WORDS = {"type": "input", "block_id": "why", "label": plain("Why"), "optional": True} | {
    "element": {"type": "plain_text_input", "action_id": "words"}
}


def shown(slack: SlackSandbox, client: WebClient, bot: Bot, *blocks: Json) -> Json:
    slack.say("bo", "/vod x")
    made: Json = client.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=form(*blocks))["view"]
    return made


def test_several_options_are_chosen_and_no_more_than_the_menu_takes(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    options = [option("HD, high"), option("SD"), option("LD")]
    shown(slack, client, bot, menu("multi_static_select", options=options, max_selected_items=2))
    assert slack.submit("bo", {}).field_errors == {"menu": "This is a required field"}
    assert slack.submit("bo", {"pick": "HD, high\nSD\nLD"}).field_errors == {"menu": "Choose up to 2"}
    slack.submit("bo", {"pick": "HD, high\nsd"})
    assert submission(bot)["view"]["state"]["values"]["menu"]["pick"] == {
        "type": "multi_static_select",
        "selected_options": options[:2],
    }


@pytest.mark.parametrize("kind", ["external_select", "multi_external_select"])
def test_options_come_from_the_app_for_what_is_typed(
    slack: SlackSandbox, client: WebClient, bot: Bot, kind: str
) -> None:
    shown(slack, client, bot, menu(kind), WORDS)
    told = len(bot.requests)
    assert slack.suggest("bo", "pick", "ab").options == ()
    assert len(bot.requests) == told, "Slack asks from three characters on unless the menu says otherwise"
    bot.answers = lambda _: (200, json.dumps({"options": [option("Found")]}))
    delivery = slack.suggest("bo", "menu", "abc")
    sent = submission(bot)
    assert (sent["type"], sent["value"], sent["action_id"], sent["block_id"]) == (
        "block_suggestion",
        "abc",
        "pick",
        "menu",
    )
    assert "trigger_id" not in sent
    assert "why" in sent["view"]["state"]["values"]
    assert [each["value"] for each in delivery.options] == ["found"]
    bot.answers = lambda _: (200, "")
    with pytest.raises(LookupError, match="no option 'other'"):
        slack.submit("bo", {"pick": "other"})
    assert slack.submit("bo", {"pick": "found"}).error is None


def test_what_is_no_list_of_options_is_an_error_and_offers_nothing(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    shown(slack, client, bot, menu("external_select", min_query_length=1))
    for answer in ("", "[]", "{}", json.dumps({"options": [{"text": plain("x" * 76), "value": "v"}]})):
        bot.answers = lambda _, answer=answer: (200, answer)  # type: ignore[misc] # a lambda's default
        delivery = slack.suggest("bo", "pick", "a")
        assert (delivery.error, delivery.options) == ("invalid_response", ())
    slack.faults.add(FaultKind.LATE, "suggest")
    bot.answers = lambda _: (200, json.dumps({"options": [option("Found")]}))
    assert slack.suggest("bo", "pick", "a").error == "operation_timeout"
    assert slack.ephemerals("bo") == []
    shown(slack, client, bot, WORDS)
    with pytest.raises(LookupError, match="do not come from the app"):
        slack.suggest("bo", "why", "abc")


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (menu("multi_static_select"), "exactly one"),
        (menu("external_select", options=[]), "invalid additional property"),
        (menu("multi_external_select", min_query_length=-1), "must be between"),
        ({"type": "actions", "elements": [menu("multi_external_select")["element"]]}, "unsupported type"),
    ],
)
def test_what_slack_would_not_take_of_a_menu_is_refused(
    slack: SlackSandbox, client: WebClient, bot: Bot, block: Json, words: str
) -> None:
    with pytest.raises(SlackApiError, match=words):
        shown(slack, client, bot, block)


def test_a_choice_is_told_at_once_with_what_was_typed_which_stays_while_its_field_does(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    view = shown(slack, client, bot, level(), WORDS)
    slack.choose_in_modal("bo", "level", {"level": "B", "why": "because"})
    sent = submission(bot)
    assert (sent["type"], sent["actions"][0]["selected_option"]["value"]) == ("block_actions", "b")
    assert sent["view"]["state"]["values"]["why"]["words"]["value"] == "because"
    client.views_update(view_id=view["id"], view=form(level(), WORDS))
    slack.submit("bo", {})
    assert submission(bot)["view"]["state"]["values"]["why"]["words"]["value"] == "because"
    view = shown(slack, client, bot, level(), WORDS)
    slack.choose_in_modal("bo", "level", {"level": "B", "why": "because"})
    client.views_update(view_id=view["id"], view=form(level()))
    client.views_update(view_id=view["id"], view=form(level(), WORDS))
    slack.submit("bo", {})
    assert submission(bot)["view"]["state"]["values"]["why"]["words"]["value"] is None
    shown(slack, client, bot, WORDS)
    with pytest.raises(LookupError, match="tells the app nothing"):
        slack.choose_in_modal("bo", "why", {"why": "x"})


def test_a_view_that_came_too_late_leaves_everything_as_it_was(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    shown(slack, client, bot, WORDS)
    bot.answers = lambda _: (200, json.dumps({"response_action": "push", "view": form()}))
    slack.faults.add(FaultKind.LATE, "submit")
    late = slack.submit("bo", {"why": "because"})
    assert (late.error, late.modal and late.modal.previous) == ("operation_timeout", None)
    assert submission(bot)["view"]["state"]["values"]["why"]["words"]["value"] == "because"
    pushed = slack.submit("bo", {})
    assert submission(bot)["view"]["state"]["values"]["why"]["words"]["value"] == "because"
    assert pushed.modal is not None
    assert pushed.modal.previous is not None


def test_a_view_without_a_button_for_it_is_not_submitted(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    section = {"type": "section", "text": plain("nothing to fill in")}
    slack.say("bo", "/vod x")
    bare = {name: value for name, value in form(section).items() if name != "submit"}
    client.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=bare)
    with pytest.raises(LookupError, match="no button to submit"):
        slack.submit("bo", {})


def test_a_shortcut_from_anywhere_brings_a_trigger_and_no_channel(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    delivery = slack.global_shortcut("bo", "begin")
    sent = submission(bot)
    assert (delivery.error, sent["type"], sent["callback_id"]) == (None, "shortcut", "begin")
    assert not {"channel", "response_url", "message"} & set(sent)
    assert client.views_open(trigger_id=sent["trigger_id"], view=form())["ok"]
