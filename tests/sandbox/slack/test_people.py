from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackSandbox


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("ana", {"deleted": False, "is_bot": False, "is_restricted": False, "team_id": "T0COUNTER01"}),
        ("gus", {"is_restricted": True, "is_ultra_restricted": False}),
        ("sol", {"is_restricted": True, "is_ultra_restricted": True}),
        ("eve", {"is_stranger": True, "team_id": "T0PARTNER01"}),
        ("ron", {"is_bot": True}),
        ("kim", {"deleted": True}),
    ],
)
def test_users_info_tells_who_somebody_is(
    slack: SlackSandbox, client: WebClient, name: str, flags: dict[str, Any]
) -> None:
    user: dict[str, Any] = client.users_info(user=slack.people[name].id)["user"]
    assert {flag: user[flag] for flag in flags} == flags


def test_a_changed_person_is_seen_at_the_next_call(slack: SlackSandbox, client: WebClient) -> None:
    bo = slack.people["bo"].id
    assert client.users_info(user=bo)["user"]["deleted"] is False
    slack.change_person("bo", deleted=True)
    user = client.users_info(user=bo)["user"]
    assert user["deleted"] is True
    assert "is_restricted" not in user


def test_somebody_unknown_is_not_found(client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="user_not_found"):
        client.users_info(user="U0NOBODY001")


def test_auth_test_names_the_bot(slack: SlackSandbox, client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (slack.bot_user_id, slack.team_id)
    assert client.bots_info(bot=answer["bot_id"])["bot"]["app_id"] == "A0COUNTER01"
    with pytest.raises(SlackApiError, match="bot_not_found"):
        client.bots_info(bot="B9")


def test_api_test_echoes_and_fails_on_request(client: WebClient) -> None:
    assert client.api_test(foo="bar")["args"]["foo"] == "bar"
    with pytest.raises(SlackApiError, match="my_error"):
        client.api_test(error="my_error")


def test_user_groups_and_their_members(slack: SlackSandbox, client: WebClient) -> None:
    (group,) = client.usergroups_list(include_users=True)["usergroups"]
    bo, cy = slack.people["bo"].id, slack.people["cy"].id
    assert (group["handle"], group["users"]) == ("media-approvers", [bo, cy])
    assert "users" not in client.usergroups_list()["usergroups"][0]
    slack.change_person("cy", deleted=True)
    assert client.usergroups_users_list(usergroup=group["id"])["users"] == [bo]
    assert client.usergroups_users_list(usergroup=group["id"], include_disabled=True)["users"] == [bo, cy]
    slack.change_user_group("media-approvers")
    assert client.usergroups_users_list(usergroup=group["id"])["users"] == []
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        client.usergroups_users_list(usergroup="S9")


def test_conversations_info_says_what_a_channel_is(slack: SlackSandbox, client: WebClient) -> None:
    shared = client.conversations_info(channel="C0VODDELETE", include_num_members=True)["channel"]
    assert (shared["is_ext_shared"], shared["is_member"], shared["num_members"]) == (True, True, 10)
    own: dict[str, Any] = client.conversations_info(channel="C0VODAUDIT1")["channel"]
    assert (own["is_ext_shared"], own["is_archived"], "num_members" in own) == (False, False, False)
    assert client.conversations_info(channel="C0GENERAL01")["channel"]["is_member"] is False
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.conversations_info(channel="C9")
    slack.change_channel("vod-audit", is_archived=True)
    assert client.conversations_info(channel="C0VODAUDIT1")["channel"]["is_archived"] is True


def test_members_come_in_pages(slack: SlackSandbox, client: WebClient) -> None:
    pages = [page["members"] for page in client.conversations_members(channel="C0VODAUDIT1", limit=5)]
    expected = {person.id for key, person in slack.people.items() if key not in {"eve", "sol"}}
    assert ([len(page) for page in pages], {each for page in pages for each in page}) == ([5, 3], expected)


def test_a_direct_message_can_be_opened_with_people_only(slack: SlackSandbox, client: WebClient) -> None:
    ana = slack.people["ana"].id
    opened = client.conversations_open(users=ana)["channel"]["id"]
    assert client.conversations_info(channel=opened)["channel"]["user"] == ana
    for name, error in (("ron", "cannot_dm_bot"), ("kim", "user_disabled")):
        with pytest.raises(SlackApiError, match=error):
            client.conversations_open(users=slack.people[name].id)


def test_people_and_channels_are_found_by_name_or_not_at_all(slack: SlackSandbox) -> None:
    assert slack.user("Ana") == slack.user("U0ANA4K2M7Q") == slack.people["ana"]
    assert slack.channel("#vod-audit") == slack.channel("C0VODAUDIT1")
    with pytest.raises(LookupError, match="ana, bo, cy"):
        slack.user("zoe")
    with pytest.raises(LookupError, match="vod-deletions, vod-audit"):
        slack.channel("random")
