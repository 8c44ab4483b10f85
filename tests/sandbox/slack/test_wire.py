import time
from http.client import RemoteDisconnected
from urllib.error import URLError

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import FaultKind, SlackSandbox

DELETIONS = "C0VODDELETE"


def texts(slack: SlackSandbox) -> list[str]:
    return [message.text for message in slack.messages(DELETIONS)]


def refused(client: WebClient, text: str = "x") -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=DELETIONS, text=text)
    return caught.value


def test_a_call_needs_the_right_token(slack: SlackSandbox) -> None:
    missing = httpx.post(f"{slack.api_url}auth.test", trust_env=False)
    wrong = httpx.post(f"{slack.api_url}auth.test", headers={"Authorization": "Bearer xoxb-1"}, trust_env=False)
    in_form = httpx.post(f"{slack.api_url}auth.test", data={"token": slack.bot_token}, trust_env=False)
    assert [answer.json().get("error") for answer in (missing, wrong, in_form)] == [
        "not_authed",
        "invalid_auth",
        None,
    ]


def test_every_answer_names_the_granted_scopes(slack: SlackSandbox, client: WebClient) -> None:
    assert set(client.auth_test().headers["x-oauth-scopes"].split(",")) == slack.scopes


def test_a_scope_that_was_not_granted_is_missed(slack: SlackSandbox, client: WebClient) -> None:
    slack.scopes.remove("chat:write")
    answer = refused(client).response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")


def test_history_needs_the_scope_of_its_kind_of_channel(slack: SlackSandbox, client: WebClient) -> None:
    slack.scopes.remove("groups:history")
    client.conversations_history(channel=DELETIONS)
    slack.change_channel(DELETIONS, is_private=True)
    with pytest.raises(SlackApiError, match="groups:history"):
        client.conversations_history(channel=DELETIONS)


def test_an_unknown_method_is_refused_and_remembered(slack: SlackSandbox, client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="unknown_method"):
        client.api_call("chat.scream", json={"volume": 11})
    assert [(call.method, call.args) for call in slack.unknown_calls] == [("chat.scream", {"volume": 11})]


def test_a_body_that_is_not_json_is_refused(slack: SlackSandbox) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slack.bot_token}"}
    for body in (b"{", b"[]", b"\xff"):
        answer = httpx.post(f"{slack.api_url}auth.test", content=body, headers=headers, trust_env=False)
        assert answer.json()["error"] == "invalid_json"


def test_calls_are_recorded_without_the_token(slack: SlackSandbox, client: WebClient) -> None:
    client.chat_postMessage(channel=DELETIONS, text="x")
    (call,) = slack.calls
    assert (call.method, call.args["text"], call.status, call.answer["ok"]) == ("chat.postMessage", "x", 200, True)
    assert "xoxb" not in str(call.args)


def test_posting_faster_than_the_burst_is_limited_until_time_passes(slack: SlackSandbox, client: WebClient) -> None:
    for number in range(slack.rate.burst):
        client.chat_postMessage(channel=DELETIONS, text=str(number))
    answer = refused(client).response
    assert (answer.status_code, answer.headers["Retry-After"], answer["error"]) == (429, "1", "ratelimited")
    client.chat_postMessage(channel="C0VODAUDIT1", text="another channel has its own limit")
    slack.clock.advance(1)
    client.chat_postMessage(channel=DELETIONS, text="later")
    assert len(texts(slack)) == slack.rate.burst + 1


def test_the_posting_limit_can_be_switched_off(slack: SlackSandbox, client: WebClient) -> None:
    slack.rate.enabled = False
    for number in range(20):
        client.chat_postMessage(channel=DELETIONS, text=str(number))
    assert len(texts(slack)) == 20


def test_updates_can_be_limited_by_the_minute(slack: SlackSandbox, client: WebClient) -> None:
    slack.rate.updates_per_minute = 2
    ts = str(client.chat_postMessage(channel=DELETIONS, text="0")["ts"])
    for number in (1, 2):
        client.chat_update(channel=DELETIONS, ts=ts, text=str(number))
    with pytest.raises(SlackApiError, match="ratelimited"):
        client.chat_update(channel=DELETIONS, ts=ts, text="3")
    assert texts(slack) == ["2"]


def test_a_scheduled_rate_limit_strikes_once(slack: SlackSandbox, client: WebClient) -> None:
    slack.faults.add("ratelimited", "chat.postMessage", retry_after=7)
    assert refused(client).response.headers["Retry-After"] == "7"
    client.chat_postMessage(channel=DELETIONS, text="now")
    assert texts(slack) == ["now"]


def test_a_fault_can_strike_several_times_and_one_channel_only(slack: SlackSandbox, client: WebClient) -> None:
    slack.faults.add("error", "chat.postMessage", error="restricted_action", times=2, channel="vod-deletions")
    client.chat_postMessage(channel="C0VODAUDIT1", text="elsewhere")
    assert [refused(client).response["error"] for _ in range(2)] == ["restricted_action"] * 2
    client.chat_postMessage(channel=DELETIONS, text="now")
    assert [call.fault for call in slack.calls] == [None, "error", "error", None]


def test_internal_error_stores_nothing_and_fatal_error_after_does(slack: SlackSandbox, client: WebClient) -> None:
    slack.faults.add(FaultKind.INTERNAL_ERROR, "chat.postMessage")
    assert refused(client, "one").response["error"] == "internal_error"
    slack.faults.add(FaultKind.FATAL_ERROR_AFTER, "chat.postMessage")
    assert refused(client, "two").response["error"] == "fatal_error"
    assert texts(slack) == ["two"]


def test_http_503_is_not_json(slack: SlackSandbox, client: WebClient) -> None:
    slack.faults.add("http_503", "chat.postMessage")
    assert refused(client).response.status_code == 503
    assert texts(slack) == []


def test_a_reset_after_the_post_leaves_the_message_stored(slack: SlackSandbox, client: WebClient) -> None:
    slack.faults.add("reset_before", "chat.postMessage")
    slack.faults.add("reset_after", "chat.postMessage")
    for text in ("lost", "stored"):
        with pytest.raises((ConnectionResetError, RemoteDisconnected)):
            client.chat_postMessage(channel=DELETIONS, text=text)
    assert texts(slack) == ["stored"]
    assert [call.status for call in slack.calls] == [None, None]


def test_down_lasts_until_cleared(slack: SlackSandbox, client: WebClient) -> None:
    slack.faults.add("down")
    for _ in range(3):
        with pytest.raises(OSError, match=r"reset|closed"):
            client.auth_test()
    slack.faults.clear()
    assert client.auth_test()["ok"]


def test_slow_makes_the_client_time_out_and_the_call_still_happen(slack: SlackSandbox) -> None:
    slack.faults.add("slow", "chat.postMessage", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{slack.api_url}chat.postMessage",
            data={"token": slack.bot_token, "channel": DELETIONS, "text": "in the end"},
            timeout=0.1,
            trust_env=False,
        )
    assert slack.wait_until(lambda: texts(slack) == ["in the end"])


def test_slow_delays_an_answer(slack: SlackSandbox, client: WebClient) -> None:
    slack.faults.add("slow", "auth.test", seconds=0.2)
    started = time.monotonic()
    client.auth_test()
    assert time.monotonic() - started >= 0.2


def test_an_answer_that_drips_is_never_late_for_its_next_byte_and_the_call_happened(
    slack: SlackSandbox, client: WebClient
) -> None:
    slack.faults.add("drip_after", "chat.postMessage", seconds=0.01)
    with httpx.stream(
        "POST",
        f"{slack.api_url}chat.postMessage",
        data={"token": slack.bot_token, "channel": DELETIONS, "text": "drops"},
        trust_env=False,
    ) as answer:
        parts = list(answer.iter_raw())
    assert len(parts) > 20
    assert httpx.Response(200, content=b"".join(parts)).json()["ok"]
    assert texts(slack) == ["drops"]
    assert client.auth_test()["ok"]


def test_an_image_on_this_machine_is_really_fetched(slack: SlackSandbox, client: WebClient) -> None:
    def block(url: str) -> list[dict[str, str]]:
        return [{"type": "image", "image_url": url, "alt_text": "a"}]

    slack.rate.enabled = False
    upload(client, b"PNG", "a.png")
    (file,) = slack.files
    there, missing = f"{slack.url}/files/{file.id}/a.png", f"{slack.url}/files/F9/a.png"
    client.chat_postMessage(channel=DELETIONS, text="x", blocks=block(there))
    client.chat_postMessage(channel=DELETIONS, text="x", blocks=block("https://img.example/never-asked.png"))
    with pytest.raises(SlackApiError, match=r"/blocks/0/image_url"):
        client.chat_postMessage(channel=DELETIONS, text="x", blocks=block(missing))
    accessory = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "accessory": block(missing)[0]}
    with pytest.raises(SlackApiError, match=r"/blocks/0/accessory/image_url"):
        client.chat_postMessage(channel=DELETIONS, text="x", blocks=[accessory])
    with pytest.raises(SlackApiError, match=r"/blocks/0/elements/0/image_url"):
        client.chat_postMessage(
            channel=DELETIONS, text="x", blocks=[{"type": "context", "elements": block(missing)}]
        )
    with pytest.raises(SlackApiError, match="downloading image failed"):
        client.chat_postMessage(channel=DELETIONS, text="x", blocks=block("ftp://img.example/a.png"))
    slack.faults.add("image_unfetchable", "chat.postMessage")
    client.chat_postMessage(channel=DELETIONS, text="no image, no fault")
    with pytest.raises(SlackApiError, match="downloading image failed"):
        client.chat_postMessage(channel=DELETIONS, text="x", blocks=block(there))


def test_a_slack_file_block_needs_a_shared_file(slack: SlackSandbox, client: WebClient) -> None:
    def block(file_id: str) -> list[dict[str, object]]:
        return [{"type": "image", "slack_file": {"id": file_id}, "alt_text": "a"}]

    upload(client, b"PNG", "a.png", channel=DELETIONS)
    client.chat_postMessage(channel=DELETIONS, text="x", blocks=block(slack.files[0].id))
    with pytest.raises(SlackApiError, match="invalid slack file"):
        client.chat_postMessage(channel=DELETIONS, text="x", blocks=block("F9"))


def upload(client: WebClient, content: bytes, name: str, channel: str | None = None) -> None:
    client.files_upload_v2(content=content, filename=name, channel=channel, title="A picture")


def test_an_uploaded_file_is_shared_and_served(slack: SlackSandbox, client: WebClient) -> None:
    upload(client, "题,名\n".encode(), "plan.csv", channel=DELETIONS)
    (file,) = slack.files
    assert (file.title, file.content.decode(), file.channels) == ("A picture", "题,名\n", (DELETIONS,))
    assert slack.messages(DELETIONS)[0].files == (file,)
    served = httpx.get(f"{slack.url}/files/{file.id}/plan.csv", trust_env=False)
    assert (served.content, served.headers["content-type"]) == (file.content, "text/csv; charset=utf-8")
    assert slack.unknown_calls == []


def test_an_upload_may_be_a_form(slack: SlackSandbox, client: WebClient) -> None:
    promised = client.files_getUploadURLExternal(filename="a.bin", length=6)
    form = {"filename": ("a.bin", b"\r\n\x00\xff--", "application/octet-stream")}
    assert httpx.post(promised["upload_url"], files=form, trust_env=False).text == "OK - 6"
    client.files_completeUploadExternal(files=[{"id": promised["file_id"]}])
    assert slack.workspace.file(promised["file_id"]).content == b"\r\n\x00\xff--"


def test_an_upload_must_have_the_promised_length_and_come_once(slack: SlackSandbox, client: WebClient) -> None:
    promised = client.files_getUploadURLExternal(filename="a.csv", length=3)
    unsent = [{"id": promised["file_id"]}]
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=unsent)
    statuses = [
        httpx.post(promised["upload_url"], content=content, trust_env=False).status_code
        for content in (b"four", b"abc", b"abc")
    ]
    assert statuses == [400, 200, 400]
    client.files_completeUploadExternal(files=unsent)
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=unsent)
    assert [file.content for file in slack.files] == [b"abc"]
    assert httpx.post(f"{slack.url}/upload/v1/F9", content=b"", trust_env=False).status_code == 404


def test_a_file_is_not_shared_where_the_bot_is_not(client: WebClient) -> None:
    promised = client.files_getUploadURLExternal(filename="a.csv", length=1)
    httpx.post(promised["upload_url"], content=b"a", trust_env=False)
    files = [{"id": promised["file_id"]}]
    with pytest.raises(SlackApiError, match="not_in_channel"):
        client.files_completeUploadExternal(files=files, channel_id="C0GENERAL01")
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=[{"id": "F9"}])


def test_a_slack_that_left_refuses_connections_and_comes_back_as_it_was(
    slack: SlackSandbox, client: WebClient
) -> None:
    client.chat_postMessage(channel=DELETIONS, text="before")
    slack.leave()
    with pytest.raises(URLError) as caught:
        client.chat_postMessage(channel=DELETIONS, text="while away")
    assert isinstance(caught.value.reason, ConnectionRefusedError)
    slack.come_back()
    client.chat_postMessage(channel=DELETIONS, text="after")
    assert texts(slack) == ["before", "after"]
