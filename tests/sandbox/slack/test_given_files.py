"""Files that people have: in messages with shortcuts, in forms, and read by an app that may see them."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackSandbox
from tests.sandbox.slack.conftest import Bot
from tests.sandbox.slack.test_modals import form, plain, submission

CONTENT = b"id\n" + b"a1" * 16


def file_input(**fields: Any) -> dict[str, Any]:
    element = {"type": "file_input", "action_id": "file", **fields}
    return {"type": "input", "block_id": "list", "label": plain("File"), "element": element}


def opened(slack: SlackSandbox, client: WebClient, bot: Bot, *blocks: dict[str, Any]) -> None:
    slack.say("bo", "/vod delete --file")
    client.views_open(trigger_id=bot.forms[-1]["trigger_id"], view=form(*blocks))


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def fetched(address: str, token: str) -> bytes:
    request = Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - the sandbox's own
    with build_opener(_Stay()).open(request, timeout=5) as answer:
        return bytes(answer.read())


def refused(client: WebClient, file_id: str) -> str:
    with pytest.raises(SlackApiError) as error:
        client.files_info(file=file_id)
    return str(error.value.response["error"])


def test_a_shortcut_brings_the_message_its_files_and_a_trigger(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    file = slack.upload("ana", "list.csv", CONTENT)
    message = slack.share("ana", file, text="here", channel="vod-deletions")
    delivery = slack.shortcut("bo", "propose", message)
    assert delivery.error is None
    payload = submission(bot)
    assert (payload["type"], payload["callback_id"], payload["message_ts"]) == (
        "message_action",
        "propose",
        message.ts,
    )
    assert payload["user"]["id"] == slack.user("bo").id
    assert payload["message"]["text"] == "here"
    (named,) = payload["message"]["files"]
    assert (named["id"], named["name"], named["size"], named["filetype"]) == (file.id, "list.csv", 35, "csv")
    assert client.views_open(trigger_id=payload["trigger_id"], view=form())["ok"]
    assert payload["response_url"].startswith(slack.url)


def test_a_file_in_a_message_is_read_with_the_token_by_an_app_that_is_there(
    slack: SlackSandbox, client: WebClient
) -> None:
    file = slack.upload("ana", "list.csv", CONTENT)
    assert refused(client, file.id) == "file_not_found"
    slack.share("ana", file, channel="vod-deletions")
    info = client.files_info(file=file.id)["file"]
    assert fetched(info["url_private"], slack.bot_token) == CONTENT
    assert fetched(info["url_private_download"], slack.bot_token) == CONTENT
    with pytest.raises(HTTPError) as error:
        fetched(info["url_private"], "xoxb-other")
    assert error.value.code == 302
    error.value.close()


def test_a_file_that_is_deleted_leaves_a_tombstone(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    file = slack.upload("ana", "list.csv", CONTENT)
    message = slack.share("ana", file)
    address = client.files_info(file=file.id)["file"]["url_private"]
    slack.delete_file(file.id)
    assert refused(client, file.id) == "file_deleted"
    with pytest.raises(HTTPError) as error:
        fetched(address, slack.bot_token)
    error.value.close()
    slack.shortcut("ana", "propose", message)
    assert submission(bot)["message"]["files"] == [{"id": file.id, "mode": "tombstone"}]
    assert refused(client, "F0NEVER") == "file_not_found"


def test_a_file_given_in_a_form_is_shown_to_the_app(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    opened(slack, client, bot, file_input(filetypes=["csv"], max_files=1))
    file = slack.upload("bo", "list.csv", CONTENT)
    slack.submit("bo", {"file": file.id})
    state = submission(bot)["view"]["state"]["values"]["list"]["file"]
    assert state["type"] == "file_input"
    (given,) = state["files"]
    assert (given["id"], given["name"]) == (file.id, "list.csv")
    assert fetched(client.files_info(file=file.id)["file"]["url_private_download"], slack.bot_token) == CONTENT


def test_slacks_client_takes_no_file_that_does_not_fit(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    opened(slack, client, bot, file_input(filetypes=["csv"], max_files=1))
    good, other = (slack.upload("bo", name, CONTENT) for name in ("list.csv", "list.pdf"))
    large = slack.upload("bo", "large.csv", b"x" * (10 * 2**20 + 1))
    for answer in ("", other.id, large.id, f"{good.id}, {good.id}"):
        delivery = slack.submit("bo", {"file": answer})
        assert delivery.request is None
        assert "list" in delivery.field_errors
    with pytest.raises(LookupError):
        slack.submit("bo", {"file": "F0NEVER"})


@pytest.mark.parametrize("fields", [{"max_files": 0}, {"max_files": 11}, {"filetypes": []}, {"multiple": True}])
def test_the_element_is_checked(slack: SlackSandbox, client: WebClient, bot: Bot, fields: dict[str, Any]) -> None:
    with pytest.raises(SlackApiError) as error:
        opened(slack, client, bot, file_input(**fields))
    assert error.value.response["error"] == "invalid_arguments"


def test_the_scope_is_needed_to_ask_for_files_and_to_read_them(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    file = slack.upload("ana", "list.csv", CONTENT)
    slack.share("ana", file)
    slack.scopes.discard("files:read")
    assert refused(client, file.id) == "missing_scope"
    with pytest.raises(SlackApiError) as error:
        opened(slack, client, bot, file_input())
    assert (error.value.response["error"], error.value.response["needed"]) == ("missing_scope", "files:read")
    assert json.loads(json.dumps(error.value.response.data))["ok"] is False
