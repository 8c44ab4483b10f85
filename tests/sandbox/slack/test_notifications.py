"""Who is notified of what in the local Slack: direct messages, mentions, replies, and nothing of one's own."""

from slack_sdk import WebClient

from sandbox.slack import SlackSandbox

DELETIONS = "C0VODDELETE"


def notified(slack: SlackSandbox) -> dict[str, list[str]]:
    found = {name: [str(each.why) for each in slack.notified(name)] for name in slack.people}
    return {name: why for name, why in found.items() if why}


def test_a_post_notifies_whom_it_mentions_and_an_edit_nobody(slack: SlackSandbox, client: WebClient) -> None:
    bo, cy, kim = (slack.people[name].id for name in ("bo", "cy", "kim"))
    posted = client.chat_postMessage(channel=DELETIONS, text=f"<@{bo}> <@{kim}> and `<@{cy}`")
    block = {"type": "section", "text": {"type": "mrkdwn", "text": f"<@{cy}> <!channel>"}}

    client.chat_update(channel=DELETIONS, ts=posted["ts"], text="hello", blocks=[block])

    assert notified(slack) == {"bo": ["mention"]}


def test_a_mention_in_a_block_of_a_group_or_of_everybody_notifies(slack: SlackSandbox, client: WebClient) -> None:
    group = {"type": "section", "text": {"type": "mrkdwn", "text": "<!subteam^S0APPROVERS> please"}}
    client.chat_postMessage(channel=DELETIONS, text="please", blocks=[group])
    assert notified(slack) == {"bo": ["user group"], "cy": ["user group"]}

    client.chat_postMessage(channel="C0VODAUDIT1", text="<!here>")

    assert notified(slack)["dee"] == ["everybody"]
    assert "eve" not in notified(slack), "who is not in the channel"


def test_a_direct_message_notifies_and_a_private_answer_does_not(slack: SlackSandbox, client: WebClient) -> None:
    bo = slack.people["bo"].id
    client.chat_postMessage(channel=bo, text="for you")
    client.chat_postEphemeral(channel=DELETIONS, user=bo, text=f"<@{bo}>")
    slack.say("bo", "thanks", channel="dm")

    assert notified(slack) == {"bo": ["direct message"]}


def test_replies_notify_who_wrote_or_is_mentioned_in_the_thread(slack: SlackSandbox, client: WebClient) -> None:
    bo = slack.people["bo"].id
    root = client.chat_postMessage(channel=DELETIONS, text=f"<@{bo}>")["ts"]
    slack.share("cy", text="a question", thread_ts=root)
    client.chat_postMessage(channel=DELETIONS, thread_ts=root, text="an answer")
    client.chat_postMessage(channel=DELETIONS, text="elsewhere")

    assert notified(slack) == {"bo": ["mention", *["reply in a thread"] * 2], "cy": ["reply in a thread"]}
