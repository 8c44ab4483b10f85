import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from sandbox.slack import SlackSandbox
from sandbox.slack.model.sockets import Loss
from tests.sandbox.slack.conftest import Bot

DELETIONS = "C0VODDELETE"
ODD = "payload 删除 \u202egpj.mp4 <!channel>"

Join = Callable[..., SocketModeHandler]


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def bolt(slack: SlackSandbox) -> App:
    return App(
        client=WebClient(token=slack.bot_token, base_url=slack.api_url),
        signing_secret="unused",
        token_verification_enabled=False,
        process_before_response=True,
    )


def answering(slack: SlackSandbox, words: str) -> App:
    """Make an app that answers /vod with these words."""
    app = bolt(slack)

    @app.command("/vod")
    def answer(ack: Ack) -> None:
        ack(words)

    return app


def end(slack: SlackSandbox, handlers: list[SocketModeHandler]) -> None:
    for handler in handlers:  # a client that is cut off ends at once instead of when its reading times out
        handler.client.default_auto_reconnect_enabled = handler.client.auto_reconnect_enabled = False
        handler.client.closed = True
        handler.client.message_queue.put(None)
    slack.sockets.drop()
    for handler in handlers:
        try:
            handler.close()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
        except AttributeError:  # two threads of the SDK's closed the same socket; now there is none left to close
            handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def join(slack: SlackSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Join]:
    """Connect an app as the bot does: the built-in client, the app-level token."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    slack.connect_sockets()
    handlers: list[SocketModeHandler] = []

    def connect(app: App) -> SocketModeHandler:
        client = WebClient(token=slack.app_token, base_url=slack.api_url)
        handler = SocketModeHandler(app, slack.app_token, web_client=client, ping_interval=0.2)
        handlers.append(handler)
        before = slack.sockets.ids
        handler.connect()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
        assert slack.wait_until(lambda: bool(set(slack.sockets.ids) - set(before)))
        return handler

    yield connect
    end(slack, handlers)


@pytest.fixture
def raw(slack: SlackSandbox) -> Iterator[Callable[[], Connection]]:
    """Open bare WebSockets: nothing reads, answers or reconnects by itself."""
    slack.connect_sockets()
    opened: list[Connection] = []

    def connect() -> Connection:
        client = WebClient(token=slack.app_token, base_url=slack.api_url)
        url = client.apps_connections_open(app_token=slack.app_token)["url"]
        connection = Connection(url=str(url), logger=logging.getLogger(__name__))
        connection.connect()
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.disconnect()


def heard(connection: Connection, enough: int) -> list[dict[str, Any]]:
    """Read messages from a bare WebSocket until there are enough."""
    found: list[dict[str, Any]] = []
    state = ConnectionState()  # type: ignore[no-untyped-call] # the SDK leaves it untyped

    def hear(text: str) -> None:
        found.append(json.loads(text))
        state.terminated = len(found) == enough

    connection.on_message_listener = hear
    connection.run_until_completion(state)
    return found


def test_a_command_is_answered_by_the_payload_of_its_acknowledgement(slack: SlackSandbox, join: Join) -> None:
    app, bodies = bolt(slack), []

    @app.command("/vod")
    def answer(ack: Ack, body: dict[str, Any]) -> None:
        bodies.append(body)
        ack({"text": "Proposed.", "response_type": "ephemeral"})

    join(app)
    delivery = slack.say("ana", f"/vod delete {ODD}", channel="payload-alerts")
    assert (delivery.status, delivery.error) == (200, None)
    assert delivery.reply is not None
    assert (delivery.reply.text, delivery.reply.ephemeral_to) == ("Proposed.", slack.user("ana").id)
    assert bodies[0]["text"] == "delete payload 删除 \u202egpj.mp4 &lt;!channel&gt;"
    assert (bodies[0]["user_id"], bodies[0]["channel_name"]) == (slack.user("ana").id, "payload-alerts")
    assert delivery.request is not None
    envelope = json.loads(delivery.request.body)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert delivery.request.url.startswith("ws://127.0.0.1:")


def test_a_click_is_acknowledged_and_answered_through_its_response_url(slack: SlackSandbox, join: Join) -> None:
    app = bolt(slack)

    @app.action("approve")
    def answer(ack: Ack, respond: Callable[..., Any]) -> None:
        respond("Thank you.", replace_original=False)
        ack("ignored, as in the body of a 200")

    join(app)
    button = {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "1"}
    app.client.chat_postMessage(channel=DELETIONS, text="#1", blocks=[{"type": "actions", "elements": [button]}])
    delivery = slack.click("bo", "Approve")
    assert (delivery.status, delivery.error) == (200, None)
    assert json.loads(delivery.body) == {"text": "ignored, as in the body of a 200"}
    assert [message.text for message in slack.ephemerals("bo")] == ["Thank you."]
    assert delivery.request is not None
    envelope = json.loads(delivery.request.body)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", False)


def test_a_form_is_refused_by_the_payload_of_its_acknowledgement(slack: SlackSandbox, join: Join) -> None:
    app = bolt(slack)
    element = {"type": "plain_text_input", "action_id": "words"}
    block = {"type": "input", "block_id": "why", "label": plain("Reason"), "element": element}
    view = {
        "type": "modal",
        "callback_id": "no",
        "title": plain("Reject"),
        "submit": plain("Go"),
        "blocks": [block],
    }

    @app.command("/vod")
    def open_form(ack: Ack, client: WebClient, body: dict[str, Any]) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()

    @app.view("no")
    def check(ack: Ack) -> None:
        ack(response_action="errors", errors={"why": "Too short."})

    join(app)
    assert slack.say("bo", "/vod reject 1").modal is not None
    assert slack.submit("bo", {"why": "x"}).field_errors == {"why": "Too short."}


def test_with_nobody_connected_the_person_sees_that_it_failed(slack: SlackSandbox) -> None:
    slack.connect_sockets()
    delivery = slack.say("ana", "/vod help")
    assert (delivery.error, delivery.status, delivery.was_delivered) == ("dispatch_failed", None, False)
    assert "dispatch_failed" in slack.ephemerals("ana")[0].text


def test_http_can_be_chosen_again(slack: SlackSandbox, bot: Bot) -> None:
    slack.connect_sockets()
    assert slack.say("ana", "/vod help").error == "dispatch_failed"
    slack.connect(bot.url)
    assert slack.say("ana", "/vod help").error is None
    assert len(bot.requests) == 1


def test_an_unacknowledged_command_times_out_and_its_late_acknowledgement_comes_to_nothing() -> None:
    with SlackSandbox.start(environ={}, deadline_s=0.2) as slack:
        slack.connect_sockets()
        app, late = bolt(slack), threading.Event()

        @app.command("/vod")
        def answer(ack: Ack) -> None:
            late.wait(10)
            ack("Too late.")

        client = WebClient(token=slack.app_token, base_url=slack.api_url)
        handler = SocketModeHandler(app, slack.app_token, web_client=client)
        handler.connect()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
        assert slack.wait_until(lambda: slack.sockets.count == 1)
        delivery = slack.say("ana", "/vod help")
        assert (delivery.status, delivery.error) == (None, "operation_timeout")
        assert delivery.was_delivered
        assert delivery.elapsed_s < 2
        late.set()
        assert slack.wait_until(lambda: bool(slack.sockets.strays))
        assert "Too late." in slack.sockets.strays[0]
        assert [message.text for message in slack.ephemerals("ana")] == [
            "That command failed with the error `operation_timeout`"
        ]
        end(slack, [handler])


def test_an_acknowledgement_must_be_readable_and_its_payload_an_object(
    slack: SlackSandbox, raw: Callable[[], Connection]
) -> None:
    connection = raw()
    assert slack.wait_until(lambda: slack.sockets.count == 1)
    with ThreadPoolExecutor() as pool:
        said = pool.submit(slack.say, "ana", "/vod help")
        envelope_id = heard(connection, 2)[1]["envelope_id"]
        connection.send("{")
        connection.send("[]")
        connection.send(json.dumps({"envelope_id": envelope_id, "payload": "words"}))
        assert said.result().error == "dispatch_failed"
    assert slack.sockets.strays == ("{", "[]")


def test_every_delivery_goes_to_one_of_the_connections(slack: SlackSandbox, join: Join) -> None:
    join(answering(slack, "one"))
    join(answering(slack, "two"))
    replies = [slack.say("ana", "/vod help").reply for _ in range(12)]
    words = [reply.text for reply in replies if reply]
    assert len(words) == 12
    assert set(words) == {"one", "two"}
    assert len(slack.ephemerals("ana")) == 12


def test_the_seed_decides_who_gets_a_delivery(slack: SlackSandbox, join: Join) -> None:
    join(answering(slack, "one"))
    join(answering(slack, "two"))

    def drawn() -> list[str]:
        slack.sockets.chance.seed(7)
        return [reply.text for reply in (slack.say("ana", "/vod help").reply for _ in range(8)) if reply]

    assert drawn() == drawn()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_refresh_loses_no_command(slack: SlackSandbox, join: Join, reason: str) -> None:
    app, begun, go = bolt(slack), threading.Event(), threading.Event()

    @app.command("/vod")
    def answer(ack: Ack, body: dict[str, Any]) -> None:
        begun.set()
        assert go.wait(10)
        ack(body["text"])

    join(app)
    with ThreadPoolExecutor() as pool:
        said = pool.submit(slack.say, "ana", "/vod before")
        assert begun.wait(10)
        old = slack.sockets.ids
        slack.sockets.refresh(reason)
        assert slack.wait_until(lambda: slack.sockets.count == 1 and slack.sockets.ids != old)
        go.set()
        during = said.result()
    after = slack.say("ana", "/vod after")
    assert [each.reply and each.reply.text for each in (during, after)] == ["before", "after"]
    assert slack.sockets.strays == ()


def test_during_a_refresh_deliveries_go_to_the_connections_that_stay(
    slack: SlackSandbox, join: Join, raw: Callable[[], Connection]
) -> None:
    raw()
    raw()
    assert slack.wait_until(lambda: slack.sockets.count == 2)
    slack.sockets.refresh()
    slack.sockets.refresh("warning")  # announced once, and no second time
    join(answering(slack, "new"))
    assert [slack.say("ana", "/vod help").error for _ in range(6)] == [None] * 6
    assert slack.sockets.count == 3
    raw()  # now both have a successor
    assert slack.wait_until(lambda: slack.sockets.ids == ("ticket-3", "ticket-4"))


def test_an_old_connection_is_closed_even_if_its_client_opens_no_other(
    slack: SlackSandbox, raw: Callable[[], Connection]
) -> None:
    connection = raw()
    assert slack.wait_until(lambda: slack.sockets.count == 1)
    slack.sockets.refresh(notice_s=0)
    assert slack.wait_until(lambda: slack.sockets.count == 0)
    goodbye = heard(connection, 2)[1]
    assert (goodbye["type"], goodbye["reason"]) == ("disconnect", "refresh_requested")


def test_an_envelope_sent_again_is_carried_out_again_and_answered_once(slack: SlackSandbox, join: Join) -> None:
    app, times = bolt(slack), []

    @app.command("/vod")
    def answer(ack: Ack) -> None:
        times.append(1)
        ack(f"Time {len(times)}.")

    join(app)
    delivery = slack.say("ana", "/vod help")
    again = slack.sockets.resend(delivery)
    assert (again.error, json.loads(again.body)) == (None, {"text": "Time 2."})
    assert [message.text for message in slack.ephemerals("ana")] == ["Time 1."]
    third = slack.replay(delivery)
    assert third.reply is not None
    assert third.reply.text == "Time 3."


def test_only_what_went_by_socket_mode_can_be_sent_again(slack: SlackSandbox, bot: Bot) -> None:
    assert bot.url
    with pytest.raises(ValueError, match="Socket Mode"):
        slack.sockets.resend(slack.say("ana", "/vod help"))


def test_a_client_that_is_cut_off_connects_again(slack: SlackSandbox, join: Join) -> None:
    join(answering(slack, "here"))
    old = slack.sockets.ids
    slack.sockets.drop()
    assert slack.wait_until(lambda: slack.sockets.count == 1 and slack.sockets.ids != old)
    reply = slack.say("ana", "/vod help").reply
    assert reply is not None
    assert reply.text == "here"


def test_the_eleventh_connection_is_one_too_many(slack: SlackSandbox, raw: Callable[[], Connection]) -> None:
    for _ in range(10):
        raw()
    assert slack.wait_until(lambda: slack.sockets.count == 10)
    told = heard(raw(), 1)[0]
    assert (told["type"], told["reason"]) == ("disconnect", "too_many_websockets")
    assert slack.sockets.count == 10


def test_a_connection_is_greeted_and_its_pings_are_answered(
    slack: SlackSandbox, join: Join, raw: Callable[[], Connection]
) -> None:
    raw()
    hello = heard(raw(), 1)[0]
    assert (hello["type"], hello["num_connections"]) == ("hello", 2)
    assert hello["debug_info"]["approximate_connection_time"] == 3600
    slack.sockets.drop()
    assert slack.wait_until(lambda: slack.sockets.count == 0)
    handler = join(answering(slack, "here"))
    slack.say("ana", "/vod help")
    assert handler.client.current_session is not None
    assert handler.client.current_session.last_ping_pong_time is not None


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("apps.connections.open", "xapp-wrong", "invalid_auth"),
        ("apps.connections.open", "xoxb-sandbox", "not_allowed_token_type"),
        ("auth.test", "xapp-sandbox", "not_allowed_token_type"),
    ],
)
def test_each_method_wants_the_right_token(slack: SlackSandbox, method: str, token: str, error: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        WebClient(token=token, base_url=slack.api_url).api_call(method)
    assert refused.value.response["error"] == error


def test_an_address_is_good_for_one_connection(slack: SlackSandbox) -> None:
    client = WebClient(token=slack.app_token, base_url=slack.api_url)
    url = str(client.apps_connections_open(app_token=slack.app_token)["url"])
    connection = Connection(url=url, logger=logging.getLogger(__name__))
    connection.connect()
    assert slack.wait_until(lambda: slack.sockets.count == 1)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13",
    }
    second = httpx.get(url.replace("ws:", "http:"), headers=upgrade, trust_env=False)
    assert second.status_code == 403
    connection.disconnect()
    assert slack.wait_until(lambda: slack.sockets.count == 0)


def test_the_control_plane_refreshes_and_drops(slack: SlackSandbox, join: Join) -> None:
    def tell(**what: object) -> Any:
        return httpx.post(f"{slack.url}/control/sockets", json=what, trust_env=False).json()

    join(answering(slack, "here"))
    old = slack.sockets.ids
    assert "connections" in tell(action="refresh", reason="warning")
    assert slack.wait_until(lambda: slack.sockets.count == 1 and slack.sockets.ids != old)
    old = slack.sockets.ids
    assert "connections" in tell(action="drop")
    assert slack.wait_until(lambda: slack.sockets.count == 1 and slack.sockets.ids != old)
    old = slack.sockets.ids
    assert "connections" in tell(action="drop", how="fin")
    assert slack.wait_until(lambda: slack.sockets.count == 1 and slack.sockets.ids != old, 30)
    assert "connections" in tell(action="deliver", again=True)
    assert slack.sockets.redelivers
    assert "error" in tell(action="drop", how="gently")
    assert "error" in tell(action="refresh", reason="boredom")
    assert "refresh and drop" in tell(action="dance")["error"]
    assert tell() == {"error": "missing: action"}


@pytest.mark.parametrize("how", Loss)
def test_a_connection_can_be_lost_in_every_way_and_another_opened(
    slack: SlackSandbox, raw: Callable[[], Connection], join: Join, how: Loss
) -> None:
    lost = raw()
    assert heard(lost, 1)[0]["type"] == "hello"
    slack.sockets.drop(how)
    if how is Loss.SILENCE:
        assert slack.sockets.count == 1, "Slack does not know yet"
    else:
        assert slack.wait_until(lambda: slack.sockets.count == 0)
    join(answering(slack, "here"))
    assert slack.sockets.count == 1
    reply = slack.say("ana", "/vod help").reply
    assert reply is not None
    assert reply.text == "here"


def test_after_a_fin_the_client_reads_the_end(slack: SlackSandbox, raw: Callable[[], Connection]) -> None:
    lost = raw()
    assert heard(lost, 1)[0]["type"] == "hello"
    slack.sockets.drop(Loss.FIN)
    assert lost.sock is not None
    # An answer to a ping may have been on its way.
    while lost.sock.recv(64):
        pass


def test_what_was_not_acknowledged_is_sent_again_to_who_connects_next(
    slack: SlackSandbox, raw: Callable[[], Connection], join: Join
) -> None:
    slack.sockets.redelivers = True
    lost = raw()
    assert slack.wait_until(lambda: bool(slack.sockets.ids))
    with ThreadPoolExecutor() as pool:
        said = pool.submit(slack.say, "ana", "/vod help")
        assert heard(lost, 2)[1]["type"] == "slash_commands"
        slack.sockets.drop(Loss.RESET)
        join(answering(slack, "here"))
        reply = said.result().reply
    assert reply is not None
    assert reply.text == "here"
