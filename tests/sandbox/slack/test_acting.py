import json
import socket
import threading
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import Delivery, SlackSandbox
from tests.sandbox.slack.conftest import Bot

DELETIONS = "C0VODDELETE"


def button(label: str, value: str = "4", **fields: Any) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": label.split(":", maxsplit=1)[0].casefold(),
        "text": {"type": "plain_text", "text": label},
        "value": value,
        **fields,
    }


def card(*buttons: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "actions", "block_id": "votes", "elements": list(buttons)}]


def dialog(words: str = "Sure?") -> dict[str, Any]:
    def plain(text: str) -> dict[str, str]:
        return {"type": "plain_text", "text": text}

    return {"title": plain("Delete"), "text": plain(words), "confirm": plain("Yes"), "deny": plain("No")}


def post(client: WebClient, text: str, *buttons: dict[str, Any], **fields: Any) -> str:
    answer = client.chat_postMessage(channel=DELETIONS, text=text, blocks=card(*buttons), **fields)
    return str(answer["ts"])


def payload(bot: Bot) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bot.forms[-1]["payload"])
    return found


def test_a_command_arrives_as_slack_sends_it(slack: SlackSandbox, bot: Bot) -> None:
    delivery = slack.say("ana", "/vod delete  abc  ", channel="payload-alerts")
    (form,) = bot.forms
    assert {
        name: form[name] for name in ("command", "text", "user_id", "user_name", "channel_name", "team_id")
    } == {
        "command": "/vod",
        "text": "delete  abc",
        "user_id": slack.people["ana"].id,
        "user_name": "ana",
        "channel_name": "payload-alerts",
        "team_id": slack.team_id,
    }
    assert form["response_url"].startswith(slack.url)
    assert form["trigger_id"].count(".") == 2
    assert (delivery.status, delivery.error, delivery.reply) == (200, None, None)


def test_a_command_is_signed_as_slack_signs_it(slack: SlackSandbox, bot: Bot) -> None:
    delivery = slack.say("ana", "/vod delete 课程")
    assert delivery.request is not None
    (headers, body) = bot.requests[0]
    assert body == delivery.request.body
    assert SignatureVerifier(slack.signing_secret).is_valid_request(body, headers)
    assert not SignatureVerifier("another secret").is_valid_request(body, headers)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ask @bo", "ask <@U0BO93LXT6W>"),
        ("ask @media-approvers", "ask <!subteam^S0APPROVERS|@media-approvers>"),
        ("in #vod-audit now", "in <#C0VODAUDIT1|vod-audit> now"),
        ("see https://a.example/?x=1&y=2 now", "see <https://a.example/?x=1&amp;y=2> now"),
        ("@nobody #4 bo@ana.example", "@nobody #4 bo@ana.example"),
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
    ],
)
def test_names_and_links_are_escaped_for_an_app_that_asks_for_it(
    slack: SlackSandbox, bot: Bot, typed: str, text: str
) -> None:
    slack.escape_commands()
    slack.say("ana", f"/vod {typed}")
    assert bot.forms[0]["text"] == text


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ask @bo in #vod-audit", "ask @bo in #vod-audit"),
        ("see https://a.example/?x=1&y=2", "see https://a.example/?x=1&amp;y=2"),
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
    ],
)
def test_commands_arrive_as_they_were_typed_otherwise(slack: SlackSandbox, bot: Bot, typed: str, text: str) -> None:
    slack.say("ana", f"/vod {typed}")
    assert bot.forms[0]["text"] == text


def test_commands_are_escaped_as_our_manifest_says(slack: SlackSandbox) -> None:
    manifest = json.loads(Path("manifest.json").read_text())
    (command,) = manifest["features"]["slash_commands"]
    assert slack.state.should_escape == command["should_escape"]


def test_a_json_answer_is_shown_to_the_person_alone(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (200, json.dumps({"text": "Proposed.", "blocks": card(button("Withdraw"))}))
    delivery = slack.say("ana", "/vod delete abc")
    assert delivery.reply is not None
    assert slack.visible_to("ana", DELETIONS) == [delivery.reply]
    assert slack.visible_to("bo", DELETIONS) == []
    assert slack.answers(delivery) == [delivery.reply]


def test_a_text_answer_and_an_answer_to_all(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (200, "plain words")
    assert slack.say("ana", "/vod help").reply == slack.ephemerals("ana")[0]
    bot.answers = lambda _: (200, json.dumps({"text": "for all", "response_type": "in_channel"}))
    slack.say("ana", "/vod help")
    assert [message.text for message in slack.messages(DELETIONS)] == ["for all"]


def test_an_answer_slack_cannot_show_is_an_error(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (200, json.dumps({"text": "x", "blocks": [{"type": "section"}]}))
    assert slack.say("ana", "/vod help").error == "invalid_blocks"
    bot.answers = lambda _: (200, "{not json")
    assert slack.say("ana", "/vod help").error == "invalid_response"
    assert "invalid_response" in slack.ephemerals("ana")[-1].text


def test_a_status_other_than_200_is_a_failed_dispatch(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (404, "")
    delivery = slack.say("ana", "/vod delete abc")
    assert (delivery.status, delivery.error, delivery.reply) == (404, "dispatch_failed", None)
    (shown,) = slack.ephemerals("ana")
    assert (shown.user, "dispatch_failed" in shown.text) == ("USLACKBOT", True)


def test_a_bot_that_is_not_there_is_a_failed_dispatch(slack: SlackSandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    slack.connect(f"http://127.0.0.1:{port}/")
    delivery = slack.say("ana", "/vod delete abc")
    assert (delivery.status, delivery.error) == (None, "dispatch_failed")


def test_an_answer_after_the_deadline_is_a_timeout() -> None:
    with SlackSandbox.start(environ={}, deadline_s=0.1) as slack, socket.create_server(("127.0.0.1", 0)) as deaf:
        slack.connect(f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        delivery = slack.say("ana", "/vod delete abc")
        assert (delivery.status, delivery.error) == (None, "operation_timeout")
        assert delivery.elapsed_s >= 0.1
        assert "operation_timeout" in slack.ephemerals("ana")[0].text


def test_several_addresses_take_turns_as_behind_a_load_balancer(slack: SlackSandbox, bot: Bot) -> None:
    one, other = f"{bot.url}?one", f"{bot.url}?other"
    slack.connect(one, other)
    requests = [slack.say("ana", "/vod help").request for _ in range(4)]
    assert [request.url for request in requests if request] == [one, other, one, other]


def test_only_this_machine_is_delivered_to(slack: SlackSandbox) -> None:
    for url in ("https://example.com/slack/events", "http://127.0.0.1.example.com/", "http://[::2]/", "nonsense"):
        with pytest.raises(ValueError, match="only delivers to this machine"):
            slack.connect(url)
    with pytest.raises(RuntimeError, match="connect"):
        slack.say("ana", "/vod help")


def test_people_from_elsewhere_have_no_commands(slack: SlackSandbox, bot: Bot) -> None:
    assert slack.say("eve", "/vod delete abc").error == "not_in_workspace"
    assert bot.forms == []
    assert slack.say("eve", "/vod delete abc", forged=True).status == 200
    assert bot.forms[0]["user_id"] == slack.people["eve"].id


def test_a_command_in_the_direct_message(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (200, "here")
    slack.say("ana", "/vod help", channel="dm")
    assert bot.forms[0]["channel_name"] == "directmessage"
    assert slack.ephemerals("ana")[0].channel.startswith("D0")


def test_talk_stays_in_the_channel(slack: SlackSandbox, bot: Bot) -> None:
    delivery = slack.say("ana", "what is #4 about?")
    assert not delivery.was_delivered
    assert bot.forms == []
    assert [message.text for message in slack.find("#4")] == ["what is #4 about?"]


def test_a_click_arrives_as_slack_sends_it(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = post(client, "Proposal #4", button("Approve: delete 3 videos", style="danger"))
    delivery = slack.click("bo", "approve", match="#4")
    sent = payload(bot)
    bo = slack.people["bo"]
    assert sent["type"] == "block_actions"
    assert sent["user"] == {"id": bo.id, "username": "bo", "name": "bo", "team_id": slack.team_id}
    assert sent["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": DELETIONS,
        "is_ephemeral": False,
    }
    assert (sent["team"]["id"], sent["enterprise"], sent["is_enterprise_install"]) == (slack.team_id, None, False)
    assert (sent["channel"]["name"], sent["message"]["ts"]) == ("vod-deletions", ts)
    (action,) = sent["actions"]
    assert action.pop("action_ts")
    assert action == {
        "action_id": "approve",
        "block_id": "votes",
        "text": {"type": "plain_text", "text": "Approve: delete 3 videos"},
        "value": "4",
        "style": "danger",
        "type": "button",
    }
    assert delivery.status == 200


def test_a_click_from_elsewhere_carries_the_other_team(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    post(client, "Proposal #4", button("Approve"))
    slack.click("eve", "approve")
    sent = payload(bot)
    assert (sent["user"]["team_id"], sent["team"]["id"]) == ("T0PARTNER01", slack.team_id)


def test_number_4_is_not_number_42(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    post(client, "Proposal #4", button("Approve", "four"))
    post(client, "Proposal #42", button("Approve", "forty-two"))
    slack.click("bo", "approve", match="#4")
    assert payload(bot)["actions"][0]["value"] == "four"
    slack.click("bo", "approve")
    assert payload(bot)["actions"][0]["value"] == "forty-two"


def test_metadata_finds_a_message_whose_words_do_not(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    metadata = {"event_type": "vod", "event_payload": {"proposal_id": 7, "more": [{"outbox_id": "x"}]}}
    post(client, "no number", button("Approve", "seven"), metadata=metadata)
    post(client, "newer", button("Approve", "newer"))
    slack.click("bo", "approve", match="#7")
    assert payload(bot)["actions"][0]["value"] == "seven"


def test_a_missing_button_is_told_with_those_there_are(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    assert bot.forms == []
    with pytest.raises(LookupError, match="none at all"):
        slack.click("bo", "approve")
    post(client, "Proposal #4", button("Reject"))
    with pytest.raises(
        LookupError, match=r"no button 'approve' on a message about '#4'; .*'Reject' \(vod-deletions"
    ):
        slack.click("bo", "approve", match="#4")
    slack.change_channel(DELETIONS, members=frozenset({slack.bot_user_id}))
    with pytest.raises(LookupError, match="none at all"):
        slack.click("bo", "reject")


def test_a_confirm_dialog_can_be_cancelled(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    post(client, "Proposal #4", button("Approve", confirm=dialog()))
    delivery = slack.click("bo", "approve", confirm=False)
    assert delivery.dialog == dialog()
    assert not delivery.was_delivered
    assert bot.forms == []
    assert slack.click("bo", "approve").was_delivered


def test_a_value_can_be_tampered_with(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = post(client, "Proposal #4", button("Approve"))
    slack.click("bo", "approve", value="tampered")
    assert payload(bot)["actions"][0]["value"] == "tampered"
    slack.click_message("bo", DELETIONS, ts, "approve", "again")
    assert payload(bot)["actions"][0]["value"] == "again"
    with pytest.raises(LookupError, match="there are: approve"):
        slack.click_message("bo", DELETIONS, ts, "explode")


def test_a_lagging_client_can_press_what_is_gone(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = post(client, "Proposal #4", button("Approve"))
    client.chat_update(channel=DELETIONS, ts=ts, text="Decided")
    with pytest.raises(LookupError):
        slack.click("bo", "approve")
    slack.click_message("bo", DELETIONS, ts, "approve")
    assert payload(bot)["actions"][0]["action_id"] == "approve"


def test_a_button_can_be_for_some_people_only(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    post(client, "Proposal #4", button("Approve", visible_to_user_ids=[slack.people["bo"].id]))
    with pytest.raises(LookupError):
        slack.click("cy", "approve")
    slack.click("bo", "approve")
    assert len(bot.forms) == 1


def test_buttons_in_private_messages_threads_and_direct_messages(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    bo = slack.people["bo"].id
    ts = post(client, "Proposal #4", button("Approve"))
    client.chat_postEphemeral(channel=DELETIONS, user=bo, text="for bo", blocks=card(button("Undo")))
    client.chat_postMessage(channel=DELETIONS, thread_ts=ts, text="reply", blocks=card(button("Hold")))
    client.chat_postMessage(channel=bo, text="direct", blocks=card(button("Mute")))
    slack.click("bo", "undo")
    private = payload(bot)
    assert private["container"]["is_ephemeral"] is True
    assert "message" not in private
    slack.click("bo", "hold")
    assert payload(bot)["container"]["thread_ts"] == ts
    slack.click("bo", "mute")
    assert payload(bot)["channel"]["name"] == "directmessage"
    for word in ("undo", "mute"):
        with pytest.raises(LookupError):
            slack.click("ana", word)


def test_a_menu_choice_arrives_with_its_option(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    options = [{"text": {"type": "plain_text", "text": word}, "value": word[0]} for word in ("Hold", "Withdraw")]
    menu = {"type": "overflow", "action_id": "more", "options": options}
    client.chat_postMessage(channel=DELETIONS, text="#4", blocks=[{"type": "actions", "elements": [menu]}])
    slack.choose("ana", "withdraw", match="#4")
    (action,) = payload(bot)["actions"]
    assert (action["type"], action["action_id"], action["selected_option"]["value"]) == ("overflow", "more", "W")
    with pytest.raises(LookupError, match="no menu"):
        slack.choose("ana", "explode")


def test_a_replay_sends_the_very_same_bytes(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    post(client, "Proposal #4", button("Approve", confirm=dialog()))
    first = slack.click("bo", "approve")
    second = slack.replay(first)
    assert bot.requests[0] == bot.requests[1]
    assert second.request == first.request
    with pytest.raises(ValueError, match="nothing to replay"):
        slack.replay(slack.click("bo", "approve", confirm=False))


def test_raw_bytes_are_delivered_as_they_are(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = lambda _: (418, "short and stout")
    body = b"payload=%7Bbad"
    delivery = slack.deliver_raw(body, slack.sign(body, timestamp=1))
    assert (delivery.status, delivery.body, bot.requests[0][1]) == (418, "short and stout", body)
    assert bot.requests[0][0]["X-Slack-Request-Timestamp"] == "1"


def test_a_private_answer_during_a_click_is_its_reply(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    post(client, "Proposal #4", button("Approve"))

    def answers(form: dict[str, str]) -> tuple[int, str]:
        channel, user = (json.loads(form["payload"])[name]["id"] for name in ("channel", "user"))
        client.chat_postEphemeral(channel=channel, user=user, text="You may not.")
        return 200, ""

    bot.answers = answers
    reply = slack.click("bo", "approve").reply
    assert reply is not None
    assert reply.text == "You may not."


def respond(url: str, **body: Any) -> httpx.Response:
    return httpx.post(url, json=body, trust_env=False)


def test_a_response_url_works_five_times(slack: SlackSandbox, bot: Bot) -> None:
    delivery = slack.say("ana", "/vod help")
    url = bot.forms[0]["response_url"]
    statuses = [respond(url, text=str(number)).status_code for number in range(6)]
    assert statuses == [200] * 5 + [404]
    assert respond(url, text="x").json() == {"ok": False, "error": "used_url"}
    assert [message.text for message in slack.answers(delivery)] == ["0", "1", "2", "3", "4"]
    assert {message.ephemeral_to for message in slack.answers(delivery)} == {slack.people["ana"].id}


def test_a_response_url_works_for_thirty_minutes(slack: SlackSandbox, bot: Bot) -> None:
    slack.say("ana", "/vod help")
    url = bot.forms[0]["response_url"]
    slack.clock.advance(29 * 60)
    assert respond(url, text="in time").status_code == 200
    slack.clock.advance(2 * 60)
    assert respond(url, text="late").json()["error"] == "expired_url"
    assert respond(f"{slack.url}/response/unknown", text="x").json()["error"] == "invalid_url"


def test_a_response_url_replaces_and_deletes_the_message_clicked(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    post(client, "Proposal #4", button("Approve"))
    slack.click("bo", "approve")
    url = payload(bot)["response_url"]
    assert respond(url, text="Decided", replace_original=True).status_code == 200
    assert [message.text for message in slack.messages(DELETIONS)] == ["Decided"]
    assert respond(url, text="to all", response_type="in_channel").status_code == 200
    assert respond(url, text="x", blocks=[{"type": "section"}]).json()["error"] == "invalid_blocks"
    assert respond(url, delete_original=True).status_code == 200
    assert [message.text for message in slack.messages(DELETIONS)] == ["to all"]
    assert respond(url, delete_original=True).json()["error"] == "message_not_found"


def test_fifty_simultaneous_clicks_all_arrive(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = post(client, "Proposal #4", button("Approve"))
    barrier = threading.Barrier(50)
    deliveries: list[Delivery] = []

    def press() -> None:
        barrier.wait()
        deliveries.append(slack.click_message("bo", DELETIONS, ts, "approve"))

    threads = [threading.Thread(target=press) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [delivery.status for delivery in deliveries] == [200] * 50
    assert len({json.loads(form["payload"])["trigger_id"] for form in bot.forms}) == 50


def test_a_real_bolt_app_believes_the_sandbox(slack: SlackSandbox) -> None:
    client = WebClient(base_url=slack.api_url, token=slack.bot_token, retry_handlers=[])
    app = App(client=client, signing_secret=slack.signing_secret, process_before_response=True)

    @app.command("/vod")
    def propose(ack: Any, command: dict[str, str], client: WebClient) -> None:
        ack(f"Heard: {command['text']}")
        client.chat_postMessage(channel=command["channel_id"], text="Proposal #4", blocks=card(button("Approve")))

    @app.action("approve")
    def approve(ack: Any, respond: Any, body: dict[str, Any]) -> None:
        respond(text=f"Thank you, {body['user']['name']}", replace_original=False)
        ack()

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    bolt = SlackRequestHandler(app, path="/slack/events")
    server = make_server("127.0.0.1", 0, bolt, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        slack.connect(f"http://127.0.0.1:{server.server_port}/slack/events")
        said = slack.say("ana", "/vod delete abc")
        clicked = slack.click("bo", "approve", match="#4")
        forged = slack.deliver_raw(b"command=%2Fvod", slack.sign(b"something else"))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert said.reply is not None
    assert said.reply.text == "Heard: delete abc"
    assert clicked.reply is not None
    assert clicked.reply.text == "Thank you, bo"
    assert forged.status == 401
    assert slack.unknown_calls == []
