import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.cli import app_manifest
from handlers.cards import ids
from handlers.views import reject
from sandbox.vod import seed
from tests.bot.process import ROOT
from tests.stage import Stage

URL = "https://bot.example.com/slack/events"

NEEDED: dict[str, frozenset[str]] = {
    "auth_test": frozenset(),
    "users_info": frozenset({"users:read"}),
    "chat_postMessage": frozenset({"chat:write"}),
    "chat_postEphemeral": frozenset({"chat:write"}),
    "chat_update": frozenset({"chat:write"}),
    "files_getUploadURLExternal": frozenset({"files:write"}),
    "files_completeUploadExternal": frozenset({"files:write"}),
    "files_info": frozenset({"files:read"}),
    "conversations_open": frozenset({"im:write"}),
    "conversations_info": frozenset({"channels:read", "groups:read"}),
    "conversations_history": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations_replies": frozenset({"channels:history", "groups:history"}),
    "views_open": frozenset(),
    "views_publish": frozenset(),
    "views_push": frozenset(),
    "views_update": frozenset(),
    "apps_connections_open": frozenset(),
}
"""The bot scopes of every Web API method the program calls, as each method's page lists them.

`apps.connections.open` goes by the app-level token (connections:write), which is not in the manifest.
"""

PRIVATE_FILES = "files:read"
"""The scope that the address of a file is read with, which is no method."""


def called() -> Iterator[str]:
    """Yield every method of the Web API client that the code names."""
    methods = {name for name in vars(WebClient) if not name.startswith("_") and "_" in name} - {"api_call"}
    for package in ("bot", "handlers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            named = (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
            yield from (name for name in named if name in methods)


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a manifest with where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, path)
    elif isinstance(value, str):
        yield path, value


def test_the_table_names_the_methods_that_the_code_calls() -> None:
    assert set(called()) == set(NEEDED)


def test_the_scopes_are_those_of_the_methods_and_of_the_command_and_no_other() -> None:
    assert set(app_manifest.SCOPES) == {"commands", PRIVATE_FILES}.union(*NEEDED.values())


def test_the_whole_job_works_with_these_scopes_and_nothing_else(stage: Stage) -> None:
    stage.slack.scopes.intersection_update(app_manifest.SCOPES)
    many = [video.video_id for video in stage.vod.library.videos()][-15:]
    number = stage.propose("ana", f"video {' '.join(many)}")
    stage.click("bo", "Reject", number)
    stage.slack.submit("bo", {reject.INPUT_ID: "still needed"})
    stage.settle()
    second = stage.propose("ana", f"video {seed.SPRING_TEASER.video_id}")
    stage.click("bo", "Approve", second)

    assert stage.outcomes(second) == {seed.SPRING_TEASER.video_id: "deleted"}
    refused = [call for call in stage.slack.calls if "missing_scope" in str(call.answer)]
    assert refused == []


def test_without_the_optional_scopes_a_deletion_goes_through_and_everybody_is_told(stage: Stage) -> None:
    stage.slack.scopes.intersection_update(app_manifest.SCOPES.keys() - app_manifest.OPTIONAL)
    assert set(app_manifest.OPTIONAL) < set(app_manifest.SCOPES)
    number = stage.propose("ana", f"video {seed.SPRING_TEASER.video_id}")
    stage.click("bo", "Approve", number)

    assert stage.outcomes(number) == {seed.SPRING_TEASER.video_id: "deleted"}
    assert stage.slack.dm("ana")
    assert [call for call in stage.slack.calls if "missing_scope" in str(call.answer)] == []


def test_the_file_in_the_repository_is_the_manifest_for_socket_mode() -> None:
    text = (ROOT / "manifest.json").read_text(encoding="utf-8")

    assert json.loads(text) == app_manifest.manifest(url=None)
    assert text == app_manifest.text(url=None)


def test_the_page_about_scopes_says_what_the_code_says() -> None:
    page = (ROOT / "docs" / "slack-scopes.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]

    assert rows == [f"| `{scope}` | {purpose} |" for scope, purpose in app_manifest.SCOPES.items()]


def test_for_socket_mode_no_address_is_named() -> None:
    made = json.dumps(app_manifest.manifest(url=None))

    assert '"socket_mode_enabled": true' in made
    assert "url" not in made


def test_for_http_slack_is_told_one_address_for_everything() -> None:
    made = app_manifest.manifest(url=URL)
    found = {path: text for path, text in strings(made) if "url" in path}

    assert found == {
        "/features/slash_commands/url": URL,
        "/settings/interactivity/message_menu_options_url": URL,
        "/settings/interactivity/request_url": URL,
        "/settings/event_subscriptions/request_url": URL,
    }
    assert '"socket_mode_enabled": false' in json.dumps(made)


LIMITS = {
    "/display_information/name": (1, 35),
    "/display_information/description": (1, 140),
    "/display_information/background_color": (4, 7),
    "/features/bot_user/display_name": (1, 80),
    "/features/shortcuts/name": (1, 24),
    "/features/shortcuts/type": (6, 7),
    "/features/shortcuts/callback_id": (1, 255),
    "/features/shortcuts/description": (1, 150),
    "/features/slash_commands/command": (2, 32),
    "/features/slash_commands/description": (1, 2000),
    "/features/slash_commands/usage_hint": (1, 1000),
    "/features/slash_commands/url": (1, 3000),
    "/settings/interactivity/request_url": (1, 3000),
    "/settings/interactivity/message_menu_options_url": (1, 3000),
    "/settings/event_subscriptions/request_url": (1, 3000),
    "/settings/event_subscriptions/bot_events": (1, 100),
    "/oauth_config/scopes/bot": (1, 255),
    "/oauth_config/scopes/bot_optional": (1, 255),
}
"""Lengths in characters (manifest schema, version 2)."""

SETTINGS = {
    "allowed_ip_address_ranges",
    "event_subscriptions",
    "interactivity",
    "is_hosted",
    "org_deploy_enabled",
    "socket_mode_enabled",
    "token_rotation_enabled",
}
"""Keys of `settings`; the schema takes no others."""


@pytest.mark.parametrize("url", [None, URL, "https://" + "a" * 2900 + ".example.com/slack/events"])
def test_every_text_keeps_to_slacks_limits(url: str | None) -> None:
    made: Any = app_manifest.manifest(url=url)

    for path, text in strings(made):
        low, high = LIMITS[path]
        assert low <= len(text) <= high, path
    assert made["settings"].keys() <= SETTINGS
    assert made["_metadata"] == {"major_version": 2, "minor_version": 1}
    assert len(made["oauth_config"]["scopes"]["bot"]) == len(set(made["oauth_config"]["scopes"]["bot"])) <= 255


def test_the_command_is_the_one_that_is_listened_to() -> None:
    made: Any = app_manifest.manifest(url=None)
    (command,) = made["features"]["slash_commands"]

    assert command["command"] == ids.COMMAND
    assert command["command"].startswith("/")
    assert command["should_escape"] is False, "ids and URLs are parsed as they were typed"


def test_what_is_clicked_is_delivered_and_direct_messages_can_be_read() -> None:
    made: Any = app_manifest.manifest(url=None)

    assert made["settings"]["interactivity"]["is_enabled"] is True
    assert made["features"]["app_home"]["messages_tab_enabled"] is True
    assert made["features"]["app_home"]["home_tab_enabled"] is True
    assert made["settings"]["token_rotation_enabled"] is False, "the program reads its token once"
