"""The Web API's views methods: open, push and update modals, publish Home tabs."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.methods.call import Call
from sandbox.slack.model.block_kit.blocks import VIEW_BYTES, home_problems, view_problems
from sandbox.slack.model.block_kit.grammar import Problem
from sandbox.slack.model.content import image_problems
from sandbox.slack.model.modals import View, wire_view
from sandbox.slack.model.refusals import RefusedError


def checked_view(
    view: Any, at: str = "/view", problems: Callable[[Any, str], list[Problem]] = view_problems
) -> Json:
    """A modal, or another view, as an app gave it. Raises RefusedError: invalid_arguments, view_too_large."""
    if not isinstance(view, dict):
        raise RefusedError("invalid_arguments", [Problem("missing required field: view", "")])
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise RefusedError("view_too_large")
    if found := problems(view, at):
        raise RefusedError("invalid_arguments", found)
    return view


def open_view(call: Call) -> Json:
    """views.open: needs a trigger id at most 3 s old and never used."""
    origin = call.state.tickets.check_trigger(call.text("trigger_id"))
    content = _content(call)
    call.state.tickets.exchange_trigger(call.text("trigger_id"))
    return _shown(call, call.state.modals.open(origin.person, content))


def push_view(call: Call) -> Json:
    """views.push: on top of what is open, at most three deep."""
    origin = call.state.tickets.check_trigger(call.text("trigger_id"))
    content = _content(call)
    call.state.tickets.exchange_trigger(call.text("trigger_id"))
    try:
        return _shown(call, call.state.modals.push(origin.person, content))
    except OverflowError:
        raise RefusedError("push_limit_reached") from None


def update_view(call: Call) -> Json:
    """views.update: by view_id or external_id; a `hash` that is not the present one is a hash_conflict."""
    view = call.state.modals.find(view_id=call.args.get("view_id"), external_id=call.args.get("external_id"))
    if view is None:
        raise RefusedError("not_found")
    content = _content(call)
    if call.args.get("hash") not in {None, view.hash}:
        raise RefusedError("hash_conflict")
    return _shown(call, call.state.modals.update(view, content))


def publish_view(call: Call) -> Json:
    """views.publish: a person's Home tab; a `hash` that is not that of what they see is a hash_conflict."""
    person = call.known_user(call.text("user_id"))
    content = checked_view(call.parsed("view"), problems=home_problems)
    if not call.state.has_home:
        raise RefusedError("not_enabled")
    seen = call.args.get("hash")
    try:
        view = call.state.homes.publish(person.id, content, None if seen is None else str(seen))
    except LookupError:
        raise RefusedError("hash_conflict") from None
    return _shown(call, view)


def _content(call: Call) -> Json:
    """The modal that a call brings. One that takes files needs a scope (Slack, file input element: files:read)."""
    content = checked_view(call.parsed("view"))
    # Which error is not documented; stricter than a Slack that would show the view with a gap.
    if problems := image_problems(
        content["blocks"], call.workspace, images_fail=call.images_fail, at="/view/blocks"
    ):
        raise RefusedError("invalid_arguments", problems)
    takes_files = any(block.get("element", {}).get("type") == "file_input" for block in content["blocks"])
    if takes_files and "files:read" not in call.state.scopes:
        raise RefusedError("missing_scope", needed="files:read", provided=",".join(sorted(call.state.scopes)))
    return content


def _shown(call: Call, view: View) -> Json:
    call.workspace.notify()
    return {"view": wire_view(view)}
