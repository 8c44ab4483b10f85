"""A Web API call in the hands of a method: its arguments, read strictly, and what the method may look at."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.block_kit.grammar import Problem
from sandbox.slack.model.directory import BOT_USER_ID, Channel, Person
from sandbox.slack.model.refusals import RefusedError
from sandbox.slack.model.state import State
from sandbox.slack.model.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """One call. `args` come from a form, a query or a JSON body: numbers and flags may be strings."""

    state: State
    args: Json
    method: str = ""
    images_fail: bool = False

    @property
    def workspace(self) -> Workspace:
        """The workspace the token belongs to."""
        return self.state.workspace

    def text(self, name: str) -> str:
        """A required string. Raises RefusedError(invalid_arguments)."""
        value = self.args.get(name)
        if not isinstance(value, str) or not value:
            raise RefusedError("invalid_arguments", [Problem(f"missing required field: {name}", "")])
        return value

    def flag(self, name: str) -> bool:
        """An optional boolean; forms say `1` or `true`."""
        return self.args.get(name) in (True, "1", "true", "True")

    def number(self, name: str, default: int, high: int) -> int:
        """An optional positive integer. Raises RefusedError(invalid_limit) outside 1 to `high`."""
        try:
            value = int(self.args.get(name) or default)
        except (TypeError, ValueError):
            raise RefusedError("invalid_arguments") from None
        if not 1 <= value <= high:
            raise RefusedError("invalid_limit")
        return value

    def parsed(self, name: str) -> Any:
        """An argument that is JSON, also when it came as a string. Raises RefusedError(invalid_arguments)."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise RefusedError("invalid_arguments", [Problem("must be valid JSON", f"/{name}")]) from None

    def known_channel(self) -> Channel:
        """The channel by its id, if the bot could know of it. Raises RefusedError(channel_not_found)."""
        return find_channel(self.workspace, self.args.get("channel"))

    def own_channel(self) -> Channel:
        """The channel by its id, with the bot in it. Raises RefusedError(not_in_channel) otherwise."""
        channel = self.known_channel()
        require_membership(channel)
        return channel

    def known_user(self, user_id: Any) -> Person:
        """A person by user id. Raises RefusedError(user_not_found)."""
        for person in self.workspace.people().values():
            if person.id == user_id:
                return person
        raise RefusedError("user_not_found")


def find_channel(workspace: Workspace, channel_id: Any) -> Channel:
    """A channel by its id. Private ones the bot is not in do not exist for it."""
    for channel in workspace.channels():
        if channel.id == channel_id and (BOT_USER_ID in channel.members or not channel.is_private):
            return channel
    raise RefusedError("channel_not_found")


def require_membership(channel: Channel) -> None:
    """Raises RefusedError(not_in_channel) when the bot was not invited."""
    if BOT_USER_ID not in channel.members:
        raise RefusedError("not_in_channel")
