"""Finds the button or menu choice a person means among the messages they can see."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.block_kit.blocks import texts
from sandbox.slack.model.block_kit.elements import interactive
from sandbox.slack.model.directory import Person
from sandbox.slack.model.messages import Message
from sandbox.slack.model.modals import View, option
from sandbox.slack.model.workspace import Workspace, may_see


@dataclass(frozen=True)
class Pressable:
    """An element of a message. `action` is the entry Slack would send, `dialog` its confirm dialog."""

    message: Message
    label: str
    action: Json
    dialog: Json | None = None


def find_button(workspace: Workspace, person: Person, word: str, match: str | None = None) -> Pressable:
    """The button whose label starts with `word`, on the newest fitting message the person sees.

    Words of the message decide first; only if none fits do metadata values. Raises LookupError with the
    buttons there are.
    """
    seen = visible_messages(workspace, person)
    for candidates in _candidates(seen, match):
        for message in candidates:
            for button in buttons(message, person.id):
                if button.label.casefold().startswith(word.casefold()):
                    return button
    there_are = [
        f"{button.label!r} ({_where(workspace, message)})"
        for message in seen
        for button in buttons(message, person.id)
    ]
    about = f" on a message about {match!r}" if match else ""
    listed = ", ".join(there_are) or "none at all"
    raise LookupError(f"{person.label} sees no button {word!r}{about}; there are: {listed}")


def _where(workspace: Workspace, message: Message) -> str:
    return f"{workspace.channel(message.channel).name} {message.ts}"


def _candidates(seen: list[Message], match: str | None) -> Iterator[list[Message]]:
    if match is None:
        yield seen
        return
    yield [message for message in seen if says(message, match)]
    yield [message for message in seen if is_labelled(message, match)]


def visible_messages(workspace: Workspace, person: Person) -> list[Message]:
    """Everything a person can see in the channels they are in, newest first."""
    found = [
        message
        for channel in workspace.channels()
        if person.id in channel.members
        for message in workspace.history(channel.id)
        if may_see(message, person.id)
    ]
    return sorted(found, key=lambda message: message.ts, reverse=True)


def says(message: Message, match: str) -> bool:
    """Whether the words of a message contain `match` as a whole: `#4` is not in `#42`."""
    whole = re.compile(rf"(?<!\w){re.escape(match)}(?!\w)", re.IGNORECASE)
    return any(whole.search(text) for text in (message.text, *texts(list(message.blocks))))


def is_labelled(message: Message, match: str) -> bool:
    """Whether a value in the message's metadata is `match`, with or without a leading #."""
    payload = (message.metadata or {}).get("event_payload", {})
    return any(str(value) in {match, match.removeprefix("#")} for value in _leaves(payload))


def _leaves(node: Any) -> Iterator[Any]:
    children: Iterable[Any] | None = None
    if isinstance(node, dict):
        children = node.values()
    elif isinstance(node, list):
        children = node
    if children is None:
        yield node
    else:
        for child in children:
            yield from _leaves(child)


def buttons(message: Message, person_id: str | None = None) -> Iterator[Pressable]:
    """The buttons of a message, in order; those meant for others are left out."""
    for block_id, element in _elements(message.blocks):
        shown_to = element.get("visible_to_user_ids")
        if element["type"] == "button" and (not shown_to or person_id in shown_to):
            yield button_of(message, block_id, element)


def _elements(blocks: Iterable[Json]) -> Iterator[tuple[str, Json]]:
    for block in blocks:
        for _, element in interactive(block):
            yield block["block_id"], element


def button_of(message: Message, block_id: str, element: Json, value: str | None = None) -> Pressable:
    """A button as it will be pressed; `value` takes the place of its own."""
    action = _action_of(block_id, element)
    if value is not None:
        action["value"] = value
    return Pressable(message, element["text"]["text"], action, element.get("confirm"))


def _action_of(block_id: str, element: Json) -> Json:
    """The entry that Slack sends of a button that was pressed."""
    named = ("action_id", "text", "value", "style", "type", "url")
    return {name: element[name] for name in named if name in element} | {"block_id": block_id}


def button_in(view: View, wanted: str) -> Json:
    """The entry of a view's button, by its action_id or by how its label starts. Raises LookupError."""
    return find_in_view(view, wanted)[0]


@dataclass(frozen=True)
class Where:
    """In which blocks of a view something is: those that say `match` as a whole word, the one with this id."""

    match: str | None = None
    block: str | None = None

    def holds(self, block: Json) -> bool:
        """Whether this block is one of them."""
        whole = re.compile(rf"(?<!\w){re.escape(self.match or '')}(?!\w)", re.IGNORECASE)
        says = self.match is None or any(map(whole.search, texts(block)))
        return says and self.block in {None, block["block_id"]}


ANYWHERE = Where()


def find_in_view(view: View, wanted: str, where: Where = ANYWHERE) -> tuple[Json, Json | None]:
    """The same of a button somewhere in a view, with its confirm dialog."""
    blocks = [each for each in view.blocks if where.holds(each)]
    there_are = [(block, each) for block, each in _elements(blocks) if each["type"] == "button"]
    for block_id, element in there_are:
        label = str(element["text"]["text"])
        if wanted == element.get("action_id") or label.casefold().startswith(wanted.casefold()):
            return _action_of(block_id, element), element.get("confirm")
    listed = ", ".join(repr(element["text"]["text"]) for _, element in there_are) or "none at all"
    about = f" about {where.match!r}" if where.match else ""
    raise LookupError(f"the view {view.title!r} has no button {wanted!r}{about}; there are: {listed}")


def tampered(button: Pressable, value: str | None) -> Pressable:
    """The same button with another value, as a forged client would send it."""
    if value is None:
        return button
    return Pressable(button.message, button.label, {**button.action, "value": value}, button.dialog)


def button_by_id(message: Message, action_id: str) -> Pressable:
    """A button by its action_id, also one that only an earlier version had: clients lag. LookupError."""
    for version in reversed(message.history):
        for block_id, element in _elements(version.blocks):
            if element.get("action_id") == action_id and element["type"] == "button":
                return button_of(message, block_id, element)
    there_are = ", ".join(str(button.action.get("action_id")) for button in buttons(message)) or "none"
    raise LookupError(f"no version of message {message.ts} has a button {action_id!r}; there are: {there_are}")


def find_choice(workspace: Workspace, person: Person, wanted: str, match: str | None = None) -> Pressable:
    """An option (by label or value) of a menu on the newest fitting message. Raises LookupError."""
    for candidates in _candidates(visible_messages(workspace, person), match):
        for message in candidates:
            for block_id, element in _elements(message.blocks):
                if element["type"] in {"overflow", "static_select", "radio_buttons"}:
                    try:
                        chosen = option(element, wanted)
                    except LookupError:
                        continue
                    return _choice(message, block_id, element, chosen)
    raise LookupError(f"{person.label} sees no menu with an option {wanted!r}")


def _choice(message: Message, block_id: str, element: Json, chosen: Json) -> Pressable:
    action = {
        "type": element["type"],
        "action_id": element.get("action_id", ""),
        "block_id": block_id,
        "selected_option": chosen,
    }
    return Pressable(message, chosen["text"]["text"], action, element.get("confirm"))
