"""The Web API's methods by name, each with the scope it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.json_types import Json
from sandbox.slack.methods import apps, chat, conversations, files, people, views
from sandbox.slack.methods.call import Call, find_channel
from sandbox.slack.model.refusals import RefusedError


@dataclass(frozen=True)
class Method:
    """How a method is carried out. In `scope`, `*` stands for the kind of channel (`channels`, `im`, …)."""

    act: Callable[[Call], Json]
    scope: str | None = None


# Called with the app-level token instead of the bot's.
APP_LEVEL = frozenset({"apps.connections.open"})

METHODS: dict[str, Method] = {
    "api.test": Method(people.api_test),
    "apps.connections.open": Method(apps.connections_open),
    "auth.test": Method(people.auth_test),
    "bots.info": Method(people.bots_info, "users:read"),
    "chat.delete": Method(chat.delete, "chat:write"),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.update": Method(chat.update, "chat:write"),
    "conversations.history": Method(conversations.history, "*:history"),
    "conversations.info": Method(conversations.info, "*:read"),
    "conversations.members": Method(conversations.members, "*:read"),
    "conversations.open": Method(conversations.open_direct, "im:write"),
    "conversations.replies": Method(conversations.replies, "*:history"),
    "files.completeUploadExternal": Method(files.complete_upload, "files:write"),
    "files.getUploadURLExternal": Method(files.get_upload_url, "files:write"),
    "files.info": Method(files.info, "files:read"),
    "usergroups.list": Method(people.usergroups_list, "usergroups:read"),
    "usergroups.users.list": Method(people.usergroups_users_list, "usergroups:read"),
    "users.info": Method(people.users_info, "users:read"),
    "views.open": Method(views.open_view),
    "views.publish": Method(views.publish_view),
    "views.push": Method(views.push_view),
    "views.update": Method(views.update_view),
}


_KINDS = ("channels", "groups", "im")


def scopes_for(method: str) -> tuple[str, ...]:
    """The scopes of which one is enough to call a method."""
    scope = METHODS[method].scope if method in METHODS else None
    if scope is None:
        return ()
    return tuple(scope.replace("*", kind) for kind in _KINDS) if scope.startswith("*") else (scope,)


def carry_out(call: Call) -> Json:
    """Run a call's method. Raises RefusedError in Slack's words, `unknown_method` among them."""
    method = METHODS.get(call.method)
    if method is None:
        raise RefusedError("unknown_method", req_method=call.method)
    needed = _needed(call, method.scope)
    if needed and needed not in call.state.scopes:
        raise RefusedError("missing_scope", needed=needed, provided=",".join(sorted(call.state.scopes)))
    return {"ok": True, **method.act(call)}


def _needed(call: Call, scope: str | None) -> str | None:
    if scope is None or not scope.startswith("*"):
        return scope
    return scope.replace("*", find_channel(call.workspace, call.args.get("channel")).kind)
