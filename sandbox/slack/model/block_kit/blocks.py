"""Says what Slack would refuse about the blocks of a message or about a modal, each with a JSON pointer."""

from collections.abc import Iterator
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.block_kit.elements import (
    ID,
    IMAGE_FIELDS,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_INPUT,
    IN_SECTION,
    RICH_TEXT_ELEMENT,
    either,
    interactive,
    plain,
)
from sandbox.slack.model.block_kit.grammar import (
    Check,
    Field,
    Problem,
    array,
    at_least_one,
    boolean,
    by_type,
    duplicates,
    exactly_one,
    may,
    must,
    one_of,
    shape,
    string,
)

MESSAGE_BLOCKS = 50
# Not documented: "12,000 text characters with a buffer for block containers", and refused at 11,341 characters in
# containers within containers (slackapi/bolt-js, issues 2509 and 2867). This is on the strict side of both.
LARGEST_BLOCKS = 12_000
CONTAINER = 20
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000


def _block(kind: str, fields: dict[str, Field], *rules: Check) -> Check:
    return shape({"type": must(one_of(kind)), "block_id": may(ID), **fields}, *rules)


BLOCKS: dict[str, Check] = {
    "header": _block("header", {"text": must(plain(150))}),
    "section": _block(
        "section",
        {
            "text": may(either(3000)),
            "fields": may(array(1, 10, either(2000))),
            "accessory": may(IN_SECTION),
            "expand": may(boolean),
        },
        at_least_one("text", "fields"),
    ),
    "context": _block("context", {"elements": must(array(1, 10, IN_CONTEXT))}),
    "actions": _block("actions", {"elements": must(array(1, 25, IN_ACTIONS))}),
    "divider": _block("divider", {}),
    "image": _block("image", {**IMAGE_FIELDS, "title": may(plain(2000))}, exactly_one("image_url", "slack_file")),
    "rich_text": _block("rich_text", {"elements": must(array(1, 1000, RICH_TEXT_ELEMENT))}),
    "input": _block(
        "input",
        {
            "label": must(plain(2000)),
            "element": must(IN_INPUT),
            "hint": may(plain(2000)),
            "optional": may(boolean),
            "dispatch_action": may(boolean),
        },
    ),
}
_ANY_BLOCK = by_type(BLOCKS)


def message_problems(blocks: list[Any]) -> list[Problem]:
    """What `chat.*` would refuse as `invalid_blocks`; empty when it would accept them."""
    return _problems(blocks, MESSAGE_BLOCKS, "/blocks")


def _problems(blocks: Any, most: int, at: str) -> list[Problem]:
    found = list(array(0, most, _ANY_BLOCK)(blocks, at))
    return found or list(_repeated_ids(blocks, at))


def _repeated_ids(blocks: list[Json], at: str) -> Iterator[Problem]:
    named = [(f"{at}/{index}/block_id", block) for index, block in enumerate(blocks)]
    yield from duplicates([(where, block["block_id"]) for where, block in named if "block_id" in block], "block_id")
    for index, block in enumerate(blocks):
        actions = [
            (f"{at}/{index}{place}/action_id", element["action_id"])
            for place, element in interactive(block)
            if "action_id" in element
        ]
        yield from duplicates(actions, "action_id")


_MODAL = shape(
    {
        "type": must(one_of("modal")),
        "title": must(plain(24)),
        "blocks": must(array(0, VIEW_BLOCKS, _ANY_BLOCK)),
        "submit": may(plain(24)),
        "close": may(plain(24)),
        "private_metadata": may(string(0, 3000)),
        "callback_id": may(string(0, 255)),
        "external_id": may(string(0, 255)),
        "clear_on_close": may(boolean),
        "notify_on_close": may(boolean),
        "submit_disabled": may(boolean),
    }
)


_HOME = shape(
    {
        "type": must(one_of("home")),
        "blocks": must(array(0, VIEW_BLOCKS, _ANY_BLOCK)),
        "private_metadata": may(string(0, 3000)),
        "callback_id": may(string(0, 255)),
        "external_id": may(string(0, 255)),
    }
)


def home_problems(view: Any, at: str = "/view") -> list[Problem]:
    """What `views.publish` would refuse about a Home tab; empty when it would accept it."""
    found = list(_HOME(view, at))
    return found or list(_repeated_ids(view["blocks"], f"{at}/blocks"))


def view_problems(view: Any, at: str = "/view") -> list[Problem]:
    """What `views.*` would refuse about a modal; empty when it would accept it."""
    found = list(_MODAL(view, at))
    return found or [*_repeated_ids(view["blocks"], f"{at}/blocks"), *_submit_missing(view, at)]


def _submit_missing(view: Json, at: str) -> Iterator[Problem]:
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        yield Problem("missing required field: submit (there is an input block)", at)


def images(blocks: list[Json], at: str = "/blocks") -> Iterator[tuple[str, Json]]:
    """Every image of checked blocks (block, accessory or context element), with its pointer."""
    for index, block in enumerate(blocks):
        here = f"{at}/{index}"
        if block["type"] == "image":
            yield here, block
        if block.get("accessory", {}).get("type") == "image":
            yield f"{here}/accessory", block["accessory"]
        if block["type"] == "context":
            for place, element in enumerate(block["elements"]):
                if element["type"] == "image":
                    yield f"{here}/elements/{place}", element


def weight(blocks: list[Json]) -> int:
    """What blocks weigh against LARGEST_BLOCKS: the characters of their texts as stored, and their containers."""
    stored = sum(
        len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">")) for text in texts(blocks)
    )
    return stored + CONTAINER * _containers(blocks)


def _containers(node: Any) -> int:
    if isinstance(node, list):
        return sum(map(_containers, node))
    if isinstance(node, dict):
        return ("type" in node) + sum(map(_containers, node.values()))
    return 0


def texts(blocks: Any) -> Iterator[str]:
    """Every piece of text in blocks that a person can see, in order."""
    if isinstance(blocks, list):
        for entry in blocks:
            yield from texts(entry)
    elif isinstance(blocks, dict):
        for name, entry in blocks.items():
            if name in {"text", "alt_text", "fallback"} and isinstance(entry, str):
                yield entry
            elif isinstance(entry, dict | list):
                yield from texts(entry)
