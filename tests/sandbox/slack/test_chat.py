from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackSandbox

DELETIONS = "C0VODDELETE"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "words"}}


def refusal(call: Any, *args: Any, **fields: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **fields)
    data = caught.value.response.data
    assert isinstance(data, dict)
    return data


def code(call: Any, *args: Any, **fields: Any) -> str:
    return str(refusal(call, *args, **fields)["error"])


def test_a_posted_message_stands_in_its_channel(slack: SlackSandbox, client: WebClient) -> None:
    answer = client.chat_postMessage(channel=DELETIONS, text="hello", blocks=[SECTION])
    (message,) = slack.messages("vod-deletions")
    assert (message.ts, message.text, message.user) == (answer["ts"], "hello", slack.bot_user_id)
    assert message.blocks[0]["block_id"]
    assert answer["message"]["bot_id"] == "B0COUNTER01"
    assert slack.unknown_calls == []


def test_a_channel_may_be_named(slack: SlackSandbox, client: WebClient) -> None:
    client.chat_postMessage(channel="#vod-audit", text="head")
    assert [message.text for message in slack.messages("vod-audit")] == ["head"]


def test_a_post_to_a_person_opens_their_direct_message(slack: SlackSandbox, client: WebClient) -> None:
    answer = client.chat_postMessage(channel=slack.people["ana"].id, text="for you")
    assert answer["channel"].startswith("D0")
    assert [message.text for message in slack.dm("ana")] == ["for you"]
    assert slack.dm("bo") == []


def test_timestamps_are_unique_and_grow(client: WebClient) -> None:
    stamps = [client.chat_postMessage(channel=DELETIONS, text=str(number))["ts"] for number in range(5)]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"channel": "C0NOWHERE01", "text": "x"}, "channel_not_found"),
        ({"channel": "C0GENERAL01", "text": "x"}, "not_in_channel"),
        ({"channel": "U0NOBODY001", "text": "x"}, "channel_not_found"),
        ({"channel": "U0KIM6X0DSU", "text": "x"}, "channel_not_found"),
        ({"channel": "U0RON3C7VTB", "text": "x"}, "cannot_dm_bot"),
        ({"channel": DELETIONS, "text": ""}, "no_text"),
        ({"channel": DELETIONS, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": DELETIONS, "text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"channel": DELETIONS, "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"channel": DELETIONS, "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": DELETIONS, "text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
        (
            {
                "channel": DELETIONS,
                "text": "x",
                "metadata": {"event_type": "e", "event_payload": {"a": "b" * 9000}},
            },
            "metadata_too_large",
        ),
    ],
)
def test_a_post_is_refused_in_slacks_words(
    slack: SlackSandbox, client: WebClient, fields: dict[str, Any], error: str
) -> None:
    assert code(client.api_call, "chat.postMessage", json=fields) == error
    assert slack.messages(DELETIONS) == []


def test_invalid_blocks_come_with_a_json_pointer(client: WebClient) -> None:
    data = refusal(client.chat_postMessage, channel=DELETIONS, text="x", blocks=[{"type": "section"}])
    assert data["error"] == "invalid_blocks"
    (words,) = data["response_metadata"]["messages"]
    assert words == "[ERROR] missing required field: text or fields [json-pointer:/blocks/0]"


def test_an_archived_channel_takes_no_post(slack: SlackSandbox, client: WebClient) -> None:
    slack.change_channel("vod-audit", is_archived=True)
    assert code(client.chat_postMessage, channel="C0VODAUDIT1", text="x") == "is_archived"


def test_a_private_channel_without_the_bot_does_not_exist_for_it(slack: SlackSandbox, client: WebClient) -> None:
    slack.change_channel("general", is_private=True)
    assert code(client.chat_postMessage, channel="C0GENERAL01", text="x") == "channel_not_found"


def test_a_post_is_cut_at_forty_thousand_characters(slack: SlackSandbox, client: WebClient) -> None:
    client.chat_postMessage(channel=DELETIONS, text="x" * 40_001)
    assert len(slack.messages(DELETIONS)[0].text) == 40_000


def test_a_reply_stands_in_the_thread_and_not_in_the_channel(slack: SlackSandbox, client: WebClient) -> None:
    first = client.chat_postMessage(channel=DELETIONS, text="first")["ts"]
    reply = client.chat_postMessage(channel=DELETIONS, text="reply", thread_ts=first)["ts"]
    client.chat_postMessage(channel=DELETIONS, text="to a reply", thread_ts=reply)
    assert [message.text for message in slack.messages(DELETIONS)] == ["first"]
    assert [message.text for message in slack.thread(DELETIONS, first)] == ["first", "reply", "to a reply"]


def test_an_update_without_blocks_removes_them_and_keeps_the_metadata(
    slack: SlackSandbox, client: WebClient
) -> None:
    metadata = {"event_type": "vod_proposal", "event_payload": {"proposal_id": 4}}
    ts = client.chat_postMessage(channel=DELETIONS, text="a", blocks=[SECTION], metadata=metadata)["ts"]
    client.chat_update(channel=DELETIONS, ts=ts, text="b")
    (message,) = slack.messages(DELETIONS)
    assert (message.text, message.blocks, message.metadata) == ("b", (), metadata)
    assert [version.text for version in message.history] == ["a", "b"]
    assert message.is_marked_edited


def test_an_update_with_blocks_is_not_marked_edited(slack: SlackSandbox, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=DELETIONS, text="a")["ts"]
    client.chat_update(channel=DELETIONS, ts=ts, text="b", blocks=[SECTION])
    (message,) = slack.messages(DELETIONS)
    assert (message.edits, message.is_marked_edited) == (1, False)


def test_an_update_is_refused_in_slacks_words(slack: SlackSandbox, client: WebClient) -> None:
    slack.say("ana", "mine", channel=DELETIONS)
    (mine,) = slack.messages(DELETIONS)
    ts = str(client.chat_postMessage(channel=DELETIONS, text="a")["ts"])
    private = client.chat_postEphemeral(channel=DELETIONS, user=slack.people["bo"].id, text="psst")
    assert code(client.chat_update, channel=DELETIONS, ts=mine.ts, text="x") == "cant_update_message"
    assert code(client.chat_update, channel=DELETIONS, ts="1.000000", text="x") == "message_not_found"
    assert code(client.chat_update, channel=DELETIONS, ts=private["message_ts"], text="x") == "message_not_found"
    assert code(client.chat_update, channel=DELETIONS, ts=ts, text="x" * 4001) == "msg_too_long"
    assert code(client.chat_update, channel="vod-deletions", ts=ts, text="x") == "channel_not_found"
    empty = {"channel": DELETIONS, "ts": ts}
    assert code(client.api_call, "chat.update", json=empty) == "no_text"


def test_a_private_message_is_seen_by_one_person(slack: SlackSandbox, client: WebClient) -> None:
    client.chat_postEphemeral(channel=DELETIONS, user=slack.people["bo"].id, text="psst")
    assert [message.text for message in slack.visible_to("bo", DELETIONS)] == ["psst"]
    assert slack.visible_to("ana", DELETIONS) == slack.messages(DELETIONS) == []
    assert [message.text for message in slack.ephemerals("bo")] == ["psst"]


def test_a_private_message_needs_a_member(slack: SlackSandbox, client: WebClient) -> None:
    eve = slack.people["eve"].id
    assert code(client.chat_postEphemeral, channel="C0VODAUDIT1", user=eve, text="x") == "user_not_in_channel"
    assert code(client.chat_postEphemeral, channel=DELETIONS, user="U0NOBODY001", text="x") == "user_not_found"
    slack.change_person("bo", deleted=True)
    bo = slack.people["bo"].id
    assert code(client.chat_postEphemeral, channel=DELETIONS, user=bo, text="x") == "user_not_in_channel"


def test_only_own_messages_can_be_deleted(slack: SlackSandbox, client: WebClient) -> None:
    slack.say("ana", "mine", channel=DELETIONS)
    (mine,) = slack.messages(DELETIONS)
    ts = client.chat_postMessage(channel=DELETIONS, text="a")["ts"]
    client.chat_delete(channel=DELETIONS, ts=ts)
    assert slack.messages(DELETIONS) == [mine]
    assert [message.text for message in slack.deleted] == ["a"]
    assert code(client.chat_delete, channel=DELETIONS, ts=mine.ts) == "cant_delete_message"


def test_history_reads_newest_first_with_metadata_on_request(slack: SlackSandbox, client: WebClient) -> None:
    metadata = {"event_type": "vod_proposal", "event_payload": {"proposal_id": 4}}
    stamps = [
        str(client.chat_postMessage(channel=DELETIONS, text=str(number), metadata=metadata)["ts"])
        for number in range(4)
    ]
    client.chat_postEphemeral(channel=DELETIONS, user=slack.people["bo"].id, text="psst")
    plain = client.conversations_history(channel=DELETIONS)
    assert [message["ts"] for message in plain["messages"]] == stamps[::-1]
    assert "metadata" not in plain["messages"][0]
    full = client.conversations_history(channel=DELETIONS, include_all_metadata=True, oldest=stamps[1])
    assert [message["ts"] for message in full["messages"]] == [stamps[3], stamps[2]]
    assert full["messages"][0]["metadata"] == metadata
    inclusive = client.conversations_history(channel=DELETIONS, oldest=stamps[1], latest=stamps[2], inclusive=True)
    assert [message["ts"] for message in inclusive["messages"]] == [stamps[2], stamps[1]]


def test_history_comes_in_pages(client: WebClient) -> None:
    for number in range(5):
        client.chat_postMessage(channel=DELETIONS, text=str(number))
    pages = [page["messages"] for page in client.conversations_history(channel=DELETIONS, limit=2)]
    assert [[message["text"] for message in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]
    assert code(client.conversations_history, channel=DELETIONS, cursor="bm9uc2Vuc2U=") == "invalid_cursor"
    assert code(client.conversations_history, channel="C0GENERAL01") == "not_in_channel"


def test_replies_read_oldest_first(client: WebClient) -> None:
    first = str(client.chat_postMessage(channel=DELETIONS, text="first")["ts"])
    client.chat_postMessage(channel=DELETIONS, text="reply", thread_ts=first)
    thread = client.conversations_replies(channel=DELETIONS, ts=first)["messages"]
    assert [message["text"] for message in thread] == ["first", "reply"]
    assert code(client.conversations_replies, channel=DELETIONS, ts="1.000000") == "thread_not_found"


def test_arguments_may_come_as_a_form(slack: SlackSandbox, client: WebClient) -> None:
    form = {"channel": DELETIONS, "text": "form", "blocks": '[{"type": "divider"}]'}
    client.api_call("chat.postMessage", data=form)
    assert slack.messages(DELETIONS)[0].blocks[0]["type"] == "divider"


def test_a_thread_cannot_hang_on_a_private_message(slack: SlackSandbox, client: WebClient) -> None:
    bo = slack.people["bo"].id
    ts = client.chat_postEphemeral(channel=DELETIONS, user=bo, text="psst")["message_ts"]
    assert code(client.chat_postMessage, channel=DELETIONS, text="x", thread_ts=ts) == "thread_not_found"


def test_a_broadcast_reply_stands_in_the_channel_too(slack: SlackSandbox, client: WebClient) -> None:
    first = str(client.chat_postMessage(channel=DELETIONS, text="first")["ts"])
    client.chat_postMessage(channel=DELETIONS, text="to all", thread_ts=first, reply_broadcast=True)
    assert [message.text for message in slack.messages(DELETIONS)] == ["first", "to all"]
    history = client.conversations_history(channel=DELETIONS)["messages"]
    assert [message["text"] for message in history] == ["to all", "first"]


def test_pages_have_limits(client: WebClient) -> None:
    assert code(client.conversations_history, channel=DELETIONS, limit=1001) == "invalid_limit"
    assert code(client.api_call, "conversations.history", json={"channel": DELETIONS, "limit": "many"}) == (
        "invalid_arguments"
    )
    assert code(client.conversations_history, channel=DELETIONS, oldest="noon") == "invalid_ts_oldest"


def test_public_channels_can_be_posted_to_with_the_scope_for_it(slack: SlackSandbox, client: WebClient) -> None:
    slack.scopes.add("chat:write.public")
    client.chat_postMessage(channel="C0GENERAL01", text="hello")
    assert [message.text for message in slack.messages("general")] == ["hello"]


@pytest.mark.parametrize("method", ["chat_postMessage", "chat_update"])
def test_all_blocks_together_hold_only_so_much(client: WebClient, method: str) -> None:
    ts = client.chat_postMessage(channel=DELETIONS, text="x")["ts"]
    more = {"ts": ts} if method == "chat_update" else {}

    def blocks(characters: int) -> list[dict[str, Any]]:
        texts = ("w" * min(3_000, characters - at) for at in range(0, characters, 3_000))
        return [{"type": "section", "text": {"type": "plain_text", "text": text}} for text in texts]

    call = getattr(client, method)
    call(channel=DELETIONS, text="x", blocks=blocks(11_800), **more)
    assert code(call, channel=DELETIONS, text="x", blocks=blocks(11_900), **more) == "msg_blocks_too_long"
    escaped = [{"type": "section", "text": {"type": "plain_text", "text": "&" * 2_500}}]
    assert code(call, channel=DELETIONS, text="x", blocks=escaped, **more) == "msg_blocks_too_long"


def test_an_archived_channel_takes_no_update(slack: SlackSandbox, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=DELETIONS, text="x")["ts"]
    slack.change_channel("vod-deletions", is_archived=True)
    assert code(client.chat_update, channel=DELETIONS, ts=ts, text="y") == "is_archived"
