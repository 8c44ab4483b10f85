import json
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackSandbox
from tests.sandbox.slack.conftest import Bot

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text.casefold()}


def reason(**fields: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "words", "min_length": 3, "max_length": 10, **fields}
    return {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": element}


def form(*blocks: Json, **fields: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "reject",
        "private_metadata": "4",
        "title": plain("Reject"),
        "submit": plain("Reject"),
        "blocks": list(blocks or [reason()]),
        **fields,
    }


@pytest.fixture
def trigger(slack: SlackSandbox, bot: Bot) -> str:
    slack.say("bo", "/vod reject 4")
    return bot.forms[-1]["trigger_id"]


def submission(bot: Bot) -> Json:
    found: Json = json.loads(bot.forms[-1]["payload"])
    return found


def test_a_modal_is_opened_for_the_person_who_acted(slack: SlackSandbox, client: WebClient, trigger: str) -> None:
    view = client.views_open(trigger_id=trigger, view=form())["view"]
    shown = slack.modal("bo")
    assert shown is not None
    assert (shown.id, shown.title, view["private_metadata"]) == (view["id"], "Reject", "4")
    assert slack.modal("ana") is None


def test_a_trigger_works_once_and_for_three_seconds(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot
) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.views_open(trigger_id=trigger, view=form(title=plain("t" * 25)))
    client.views_open(trigger_id=trigger, view=form())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=trigger, view=form())
    slack.say("bo", "/vod reject 4")
    slack.clock.advance(3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        client.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=form())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        client.views_open(trigger_id="1.2.3", view=form())


def test_a_modal_slack_would_not_show_is_refused(client: WebClient, trigger: str) -> None:
    with pytest.raises(SlackApiError, match=r"/view/blocks/0/type"):
        client.views_open(trigger_id=trigger, view=form({"type": "video"}))
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.api_call("views.open", json={"trigger_id": trigger})
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.api_call("views.open", json={"trigger_id": trigger, "view": "{"})
    words = {"type": "section", "text": plain("x" * 3000)}
    with pytest.raises(SlackApiError, match="view_too_large"):
        client.views_open(trigger_id=trigger, view=form(*[words] * 90))


def test_at_most_three_views_are_stacked(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    for push in (client.views_open, client.views_push, client.views_push, client.views_push):
        slack.say("bo", "/vod reject 4")
        trigger = bot.forms[-1]["trigger_id"]
        if len(bot.forms) < 4:
            push(trigger_id=trigger, view=form())
        else:
            with pytest.raises(SlackApiError, match="push_limit_reached"):
                push(trigger_id=trigger, view=form())


def test_a_view_is_updated_by_id_and_hash(slack: SlackSandbox, client: WebClient, trigger: str) -> None:
    view = client.views_open(trigger_id=trigger, view=form(external_id="mine"))["view"]
    client.views_update(view_id=view["id"], hash=view["hash"], view=form(title=plain("Once"), external_id="mine"))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_update(view_id=view["id"], hash=view["hash"], view=form())
    client.views_update(external_id="mine", view=form(title=plain("Twice")))
    shown = slack.modal("bo")
    assert shown is not None
    assert shown.title == "Twice"
    with pytest.raises(SlackApiError, match="not_found"):
        client.views_update(view_id="V9", view=form())


def test_a_submission_arrives_as_slack_sends_it(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot
) -> None:
    client.views_open(trigger_id=trigger, view=form())
    delivery = slack.submit("bo", {"reason": "too new"})
    sent = submission(bot)
    assert (sent["type"], sent["user"]["id"]) == ("view_submission", slack.people["bo"].id)
    assert (sent["view"]["callback_id"], sent["view"]["private_metadata"]) == ("reject", "4")
    assert sent["view"]["state"]["values"] == {
        "reason": {"words": {"type": "plain_text_input", "value": "too new"}}
    }
    assert (delivery.status, delivery.error, delivery.modal) == (200, None, None)
    assert slack.modal("bo") is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [({}, "This is a required field"), ({"words": "ab"}, "Use 3 to 10 characters"), ({"words": "a" * 11}, "Use 3")],
)
def test_slacks_client_checks_before_it_submits(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot, typed: dict[str, str], words: str
) -> None:
    client.views_open(trigger_id=trigger, view=form())
    delivery = slack.submit("bo", typed)
    assert delivery.field_errors["reason"].startswith(words)
    assert not delivery.was_delivered
    assert len(bot.forms) == 1
    assert delivery.modal == slack.modal("bo") is not None


def test_every_kind_of_input_is_filled_in(slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot) -> None:
    options = [option("Low"), option("High")]

    def entry(name: str, **element: Any) -> Json:
        return {
            "type": "input",
            "block_id": name,
            "label": plain(name),
            "optional": True,
            "element": {"action_id": "a", **element},
        }

    blocks = [
        entry("menu", type="static_select", option_groups=[{"label": plain("g"), "options": options}]),
        entry("radio", type="radio_buttons", options=options, initial_option=options[0]),
        entry("boxes", type="checkboxes", options=options),
        entry("preset", type="checkboxes", options=options, initial_options=options[:1]),
        entry("day", type="datepicker"),
        entry("text", type="plain_text_input"),
    ]
    client.views_open(trigger_id=trigger, view=form(*blocks))
    slack.submit("bo", {"menu": "High", "boxes": "low, High", "day": "2025-01-31"})
    values = {name: state["a"] for name, state in submission(bot)["view"]["state"]["values"].items()}
    assert values["menu"] == {"type": "static_select", "selected_option": options[1]}
    assert values["radio"]["selected_option"] == options[0]
    assert values["boxes"]["selected_options"] == options
    assert values["preset"]["selected_options"] == options[:1]
    assert values["day"]["selected_date"] == "2025-01-31"
    assert values["text"]["value"] is None


def test_a_field_or_option_that_is_not_there_is_told(slack: SlackSandbox, client: WebClient, trigger: str) -> None:
    with pytest.raises(LookupError, match="no modal open"):
        slack.submit("bo", {})
    menu = {"type": "radio_buttons", "action_id": "a", "options": [option("Low")]}
    radio = {"type": "input", "block_id": "radio", "label": plain("l"), "element": menu}
    client.views_open(trigger_id=trigger, view=form(radio))
    with pytest.raises(LookupError, match="no such field: colour; there are a, radio"):
        slack.submit("bo", {"colour": "red"})
    with pytest.raises(LookupError, match="there is no option 'High'; there are 'Low'"):
        slack.submit("bo", {"radio": "High"})


def answer(bot: Bot, **body: Any) -> None:
    bot.answers = lambda _: (200, json.dumps(body))


def test_the_bots_field_errors_keep_the_modal_open(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot
) -> None:
    client.views_open(trigger_id=trigger, view=form())
    answer(bot, response_action="errors", errors={"reason": "Say more."})
    delivery = slack.submit("bo", {"reason": "too new"})
    assert delivery.field_errors == {"reason": "Say more."}
    assert delivery.modal == slack.modal("bo") is not None


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors"},
        {"response_action": "explode"},
        {"response_action": "update"},
    ],
)
def test_an_answer_that_makes_no_sense_is_an_error(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot, body: Json
) -> None:
    client.views_open(trigger_id=trigger, view=form())
    answer(bot, **body)
    assert slack.submit("bo", {"reason": "too new"}).error in {"invalid_response", "invalid_arguments"}
    assert slack.modal("bo") is not None


def test_an_answer_can_update_push_and_clear(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot
) -> None:
    client.views_open(trigger_id=trigger, view=form())
    answer(bot, response_action="update", view=form(title=plain("Updated")))
    updated = slack.submit("bo", {"reason": "too new"}).modal
    assert updated is not None
    assert updated.title == "Updated"
    answer(bot, response_action="push", view=form(title=plain("Pushed")))
    pushed = slack.submit("bo", {"reason": "too new"}).modal
    assert pushed is not None
    assert (pushed.title, pushed.previous) == ("Pushed", updated.id)
    answer(bot, response_action="clear")
    assert slack.submit("bo", {"reason": "too new"}).modal is None


def test_a_modal_that_wants_to_know_is_told_of_its_end(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot
) -> None:
    client.views_open(trigger_id=trigger, view=form(notify_on_close=True))
    assert slack.close_modal("bo").was_delivered
    assert submission(bot)["type"] == "view_closed"
    slack.say("bo", "/vod reject 4")
    client.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=form())
    assert not slack.close_modal("bo").was_delivered
    assert slack.modal("bo") is None


def turns(*labels: str) -> Json:
    elements = [{"type": "button", "action_id": label, "text": plain(label), "value": "7"} for label in labels]
    return {"type": "actions", "block_id": "turns", "elements": elements}


def test_a_press_on_a_button_of_a_modal_arrives_as_slack_sends_it(
    slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot
) -> None:
    client.views_open(trigger_id=trigger, view=form(turns("Back", "Next"), private_metadata="page 1"))
    slack.press_in_modal("bo", "next")
    sent = submission(bot)
    assert sent["type"] == "block_actions"
    assert (sent["container"]["type"], sent["container"]["view_id"]) == ("view", sent["view"]["id"])
    assert (sent["view"]["private_metadata"], sent["user"]["id"]) == ("page 1", slack.user("bo").id)
    assert sent["view"]["hash"]
    assert not {"channel", "message", "response_url"} & sent.keys()
    (action,) = sent["actions"]
    assert (action["action_id"], action["value"], action["block_id"]) == ("Next", "7", "turns")
    client.views_update(view_id=sent["view"]["id"], hash=sent["view"]["hash"], view=form(title=plain("Page 2")))
    shown = slack.modal("bo")
    assert shown is not None
    assert shown.title == "Page 2"


def test_a_button_that_a_modal_has_not_is_said_with_those_there_are(
    slack: SlackSandbox, client: WebClient, trigger: str
) -> None:
    with pytest.raises(LookupError, match="has no modal open"):
        slack.press_in_modal("bo", "Next")
    client.views_open(trigger_id=trigger, view=form(turns("Back")))
    with pytest.raises(LookupError, match="no button 'Next'; there are: 'Back'"):
        slack.press_in_modal("bo", "Next")


def test_a_modal_with_a_picture_that_cannot_be_fetched_is_refused(client: WebClient, trigger: str) -> None:
    picture = {"type": "image", "image_url": "http://127.0.0.1:9/cover.png", "alt_text": "A cover"}
    shown = {"type": "section", "text": plain("One video"), "accessory": picture}
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger, view=form(shown))
    assert refused.value.response["error"] == "invalid_arguments"
    assert "downloading image failed [json-pointer:/view/blocks/0/accessory/image_url]" in str(
        refused.value.response
    )


def test_a_press_tells_what_is_filled_in(slack: SlackSandbox, client: WebClient, trigger: str, bot: Bot) -> None:
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": [option("One"), option("Two")]}
    ticks = {"type": "input", "block_id": "ticks", "label": plain("Tick"), "optional": True, "element": boxes}
    button = {"type": "button", "action_id": "next", "text": plain("Next")}
    client.views_open(trigger_id=trigger, view=form(ticks, {"type": "actions", "elements": [button]}))
    slack.press_in_modal("bo", "Next", answers={"ticks": "two"})
    state = submission(bot)["view"]["state"]["values"]["ticks"]["boxes"]
    assert state == {"type": "checkboxes", "selected_options": [option("Two")]}
