"""The bodies Slack sends to an app: a slash command's form, the JSON of clicks and of modals."""

import re

from sandbox.json_types import Json
from sandbox.slack.methods.records import message_record
from sandbox.slack.model.directory import (
    APP_ID,
    BOT_USER_ID,
    TEAM_DOMAIN,
    TEAM_ID,
    VERIFICATION_TOKEN,
    Channel,
    Person,
)
from sandbox.slack.model.messages import Message
from sandbox.slack.model.modals import View, wire_view
from sandbox.slack.model.state import State
from sandbox.slack.model.workspace import Workspace

_SPECIAL = re.compile(r"(?P<url>https?://[^\s<>]+)|(?<![\w&])(?P<name>[@#][\w-]+)|(?P<entity>[&<>])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str, workspace: Workspace) -> str:
    """A command's text with `should_escape` on.

    People, groups and channels become `<@U…>`, `<!subteam^S…|@…>`, `<#C…|…>`; links are wrapped in `<…>`; what
    is left of `& < >` becomes an entity, so that a name in the text cannot pass for one of these.
    """

    def replaced(found: re.Match[str]) -> str:
        if url := found["url"]:
            return f"<{url.replace('&', '&amp;')}>"
        if entity := found["entity"]:
            return _ENTITIES[entity]
        return _reference(found["name"], workspace)

    return _SPECIAL.sub(replaced, text)


def entities(text: str) -> str:
    """A command's text with `should_escape` off: as it was typed, but for `& < >`."""
    return "".join(_ENTITIES.get(character, character) for character in text)


def _reference(word: str, workspace: Workspace) -> str:
    sigil, name = word[0], word[1:]
    if sigil == "#":
        for channel in workspace.channels():
            if channel.name == name and not channel.direct_to:
                return f"<#{channel.id}|{name}>"
        return word
    for person in workspace.people().values():
        if person.key == name.casefold():
            return f"<@{person.id}>"
    for group in workspace.user_groups():
        if group.handle == name:
            return f"<!subteam^{group.id}|@{name}>"
    return word


def command_form(
    person: Person, channel: Channel, typed: str, state: State, tickets: dict[str, str]
) -> dict[str, str]:
    """A slash command as a form. `tickets` are its `response_url` and `trigger_id`."""
    command, _, given = typed.strip().partition(" ")
    text = given.strip()
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": person.id,
        "user_name": person.key,
        "command": command,
        "text": escaped(text, state.workspace) if state.should_escape else entities(text),
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        **tickets,
    }


def block_actions(
    person: Person, channel: Channel, message: Message, action: Json, tickets: dict[str, str]
) -> Json:
    """A click on an element of a message. Of a private message Slack sends the place, not the message."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload: Json = {
        "type": "block_actions",
        **_sender(person),
        "container": container,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": {}},
        "actions": [action],
        **tickets,
    }
    if message.ephemeral_to is None:
        payload["message"] = message_record(message)
    return payload


def view_actions(person: Person, view: View, values: Json, action: Json, trigger_id: str) -> Json:
    """A click on an element of a modal or a Home tab with the state `values`: it has no message and no channel."""
    return {
        "type": "block_actions",
        **_sender(person),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": wire_view(view, values),
        "actions": [action],
    }


def block_suggestion(person: Person, view: View, values: Json, block: Json, typed: str) -> Json:
    """What somebody typed into a menu whose options come from the app; it has no trigger and no place to post."""
    return {
        "type": "block_suggestion",
        **_sender(person),
        "container": {"type": "view", "view_id": view.id},
        "action_id": block["element"]["action_id"],
        "block_id": block["block_id"],
        "value": typed,
        "view": wire_view(view, values),
    }


def global_shortcut(person: Person, callback_id: str, action_ts: str, trigger_id: str) -> Json:
    """A shortcut from anywhere: there is no message, no channel and no response URL."""
    return {
        "type": "shortcut",
        **_sender(person),
        "callback_id": callback_id,
        "action_ts": action_ts,
        "trigger_id": trigger_id,
    }


def message_action(
    person: Person, channel: Channel, message: Message, callback_id: str, url: str, tickets: dict[str, str]
) -> Json:
    """A message shortcut; `url` is where the sandbox is. `tickets` are its `response_url` and `trigger_id`."""
    return {
        "type": "message_action",
        **_sender(person),
        "callback_id": callback_id,
        "action_ts": message.ts,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "message": message_record(message, url=url),
        **tickets,
    }


def home_opened(person: Person, direct: Channel, tab: str, view: View | None) -> Json:
    """A person opened a tab of the app; `view` is what the app published for them before."""
    event: Json = {"type": "app_home_opened", "user": person.id, "channel": direct.id, "tab": tab}
    return event | ({"view": wire_view(view)} if view else {})


def event_callback(event: Json, workspace: Workspace) -> Json:
    """An event in its envelope, as the Events API sends it."""
    now = workspace.clock.now().timestamp()
    authorization: Json = {"enterprise_id": None, "team_id": TEAM_ID, "user_id": BOT_USER_ID, "is_bot": True}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": {**event, "event_ts": f"{now:.6f}"},
        "type": "event_callback",
        "event_id": f"Ev0{workspace.serial():08d}",
        "event_time": int(now),
        "authorizations": [{**authorization, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
    }


def view_submission(person: Person, view: View, values: Json, trigger_id: str) -> Json:
    """A modal submitted with the state `values`."""
    return {
        "type": "view_submission",
        **_sender(person),
        "trigger_id": trigger_id,
        "view": wire_view(view, values),
        "response_urls": [],
    }


def view_closed(person: Person, view: View) -> Json:
    """A modal closed by the person."""
    return {"type": "view_closed", **_sender(person), "view": wire_view(view), "is_cleared": False}


def _sender(person: Person) -> Json:
    return {
        "user": {"id": person.id, "username": person.key, "name": person.key, "team_id": person.team_id},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _channel_name(channel: Channel) -> str:
    return "privategroup" if channel.is_private else channel.name
