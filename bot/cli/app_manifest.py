"""What the Slack app asks for; ``manifest.json`` is made from it, and a test keeps the two alike."""

import json

from handlers.cards import ids
from handlers.commands import every_verb
from handlers.views.proposing import form

SCOPES: dict[str, str] = {
    "commands": "the /vod command",
    "chat:write": "cards, replies, private answers, what the channel is told of a freeze",
    "files:write": "the full list of a large proposal, the problems with a list that somebody gave",
    "files:read": "proposing from a file; reading a list back that may be there, instead of posting it twice",
    "users:read": "whether somebody who approves or thaws is a full, active member right now; names and time zones",
    "im:write": "telling proposers how their proposal ends, and people what was done under their name",
    "channels:read": "`check`: is the bot in its channels, are they shared",
    "groups:read": "the same for private channels",
    "channels:history": "finding a message whose sending was broken off, instead of posting it twice",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
}
"""Bot scopes, each with what it is for."""

OPTIONAL: dict[str, str] = {
    "files:read": "nobody can propose from a file, and a list whose upload was broken off may be posted twice",
    "im:history": "a direct message whose sending was broken off may be sent twice",
}
"""Those that whoever installs the app may refuse (``bot_optional``), each with what that costs."""


EVENTS: dict[str, str] = {"app_home_opened": "the Home tab, which is made when somebody opens it"}
"""Events of Slack that the bot hears of, each with what it is for; they take no scope."""


def manifest(*, url: str | None) -> dict[str, object]:
    """Return the app manifest: for HTTP at ``url``, or for Socket Mode when it is None."""
    command: dict[str, object] = {
        "command": ids.COMMAND,
        "description": "Propose a deletion that somebody else has to approve",
        "usage_hint": every_verb.HINT,
        "should_escape": False,
    }
    interactivity: dict[str, object] = {"is_enabled": True}
    subscriptions: dict[str, object] = {"bot_events": list(EVENTS)}
    if url:
        command["url"] = interactivity["request_url"] = subscriptions["request_url"] = url
        interactivity["message_menu_options_url"] = url
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Countersign",
            "description": "Deleting media from ApsaraVideo VOD takes two people",
            "background_color": "#1f2a44",
        },
        "features": {
            "bot_user": {"display_name": "countersign", "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "shortcuts": [
                {
                    "name": "Propose a deletion…",
                    "type": "global",
                    "callback_id": form.GLOBAL_SHORTCUT,
                    "description": "Say what is to go, see it, then propose it",
                },
                {
                    "name": "Propose deletion…",
                    "type": "message",
                    "callback_id": form.MESSAGE_SHORTCUT,
                    "description": "Propose deleting what a file or IDs in this message name",
                },
            ],
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL)}},
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def text(*, url: str | None) -> str:
    """Return the manifest as the file that Slack's page takes."""
    return json.dumps(manifest(url=url), indent=2, ensure_ascii=False) + "\n"
