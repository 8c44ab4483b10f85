"""What Slack accepts inside a block: text objects, options, confirm dialogs and interactive elements."""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.block_kit.grammar import (
    Check,
    Field,
    Problem,
    array,
    boolean,
    by_type,
    exactly_one,
    may,
    must,
    one_of,
    pattern,
    shape,
    string,
    whole,
)

ID = string(1, 255)
URL = string(1, 3000)
DATE = pattern(r"\d{4}-\d{2}-\d{2}", "a date such as 2025-01-31")


def text(high: int, *kinds: str) -> Check:
    """A text object of one of `kinds` (`plain_text`, `mrkdwn`) with 1 to `high` characters."""
    fields = {
        "plain_text": {
            "type": must(one_of("plain_text")),
            "text": must(string(1, high)),
            "emoji": may(boolean),
        },
        "mrkdwn": {
            "type": must(one_of("mrkdwn")),
            "text": must(string(1, high)),
            "verbatim": may(boolean),
        },
    }
    return by_type({kind: shape(fields[kind]) for kind in kinds})


def plain(high: int) -> Check:
    """A plain_text object; mrkdwn is an unsupported type here."""
    return text(high, "plain_text")


def either(high: int) -> Check:
    """A text object of either kind."""
    return text(high, "plain_text", "mrkdwn")


CONFIRM = shape(
    {
        "title": must(plain(100)),
        "text": must(either(300)),
        "confirm": must(plain(30)),
        "deny": must(plain(30)),
        "style": may(one_of("primary", "danger")),
    }
)

_OPTION_FIELDS = {"text": must(plain(75)), "value": must(string(1, 150)), "description": may(plain(75))}
OPTION = shape(_OPTION_FIELDS)
# Checkboxes and radio buttons may carry formatted options; menus may not.
RICH_OPTION = shape({**_OPTION_FIELDS, "text": must(either(75)), "description": may(either(75))})
OVERFLOW_OPTION = shape({**_OPTION_FIELDS, "url": may(URL)})
OPTION_GROUP = shape({"label": must(plain(75)), "options": must(array(1, 100, OPTION))})


def _initial_is_offered(value: Json, at: str) -> Iterator[Problem]:
    offered = list(value.get("options", []))
    for group in value.get("option_groups", []):
        offered += group["options"]
    chosen = list(value.get("initial_options", []))
    chosen += [value["initial_option"]] if "initial_option" in value else []
    if any(option not in offered for option in chosen):
        yield Problem("the initial option is not one of the options", at)


def _lengths_agree(value: Json, at: str) -> Iterator[Problem]:
    low, high = value.get("min_length", 0), value.get("max_length", 3000)
    if low > high:
        yield Problem("min_length must not be more than max_length", at)
    elif "initial_value" in value and not low <= len(value["initial_value"]) <= high:
        yield Problem("initial_value does not respect min_length and max_length", at)


def _element(kind: str, fields: dict[str, Field], *rules: Check) -> Check:
    return shape({"type": must(one_of(kind)), "action_id": may(ID), **fields}, *rules)


BUTTON = _element(
    "button",
    {
        "text": must(plain(75)),
        "value": may(string(0, 2000)),
        "url": may(URL),
        "style": may(one_of("primary", "danger")),
        "confirm": may(CONFIRM),
        "accessibility_label": may(string(1, 75)),
        "visible_to_user_ids": may(array(1, 1000, string(1, 32))),
    },
)
STATIC_SELECT = _element(
    "static_select",
    {
        "placeholder": may(plain(150)),
        "options": may(array(1, 100, OPTION)),
        "option_groups": may(array(1, 100, OPTION_GROUP)),
        "initial_option": may(OPTION),
        "confirm": may(CONFIRM),
        "focus_on_load": may(boolean),
    },
    exactly_one("options", "option_groups"),
    _initial_is_offered,
)
MULTI_STATIC_SELECT = _element(
    "multi_static_select",
    {
        "placeholder": may(plain(150)),
        "options": may(array(1, 100, OPTION)),
        "option_groups": may(array(1, 100, OPTION_GROUP)),
        "initial_options": may(array(1, 100, OPTION)),
        "max_selected_items": may(whole(1, 100)),
        "confirm": may(CONFIRM),
        "focus_on_load": may(boolean),
    },
    exactly_one("options", "option_groups"),
    _initial_is_offered,
)
_EXTERNAL: dict[str, Field] = {
    "placeholder": may(plain(150)),
    "min_query_length": may(whole(0, 3000)),
    "confirm": may(CONFIRM),
    "focus_on_load": may(boolean),
}
EXTERNAL_SELECT = _element("external_select", {**_EXTERNAL, "initial_option": may(OPTION)})
MULTI_EXTERNAL_SELECT = _element(
    "multi_external_select",
    {**_EXTERNAL, "initial_options": may(array(1, 100, OPTION)), "max_selected_items": may(whole(1, 100))},
)
# What an app answers when somebody types into a menu with options of its own.
SUGGESTIONS = shape(
    {"options": may(array(0, 100, OPTION)), "option_groups": may(array(0, 100, OPTION_GROUP))},
    exactly_one("options", "option_groups"),
)
OVERFLOW = _element("overflow", {"options": must(array(2, 5, OVERFLOW_OPTION)), "confirm": may(CONFIRM)})
CHECKBOXES = _element(
    "checkboxes",
    {
        "options": must(array(1, 10, RICH_OPTION)),
        "initial_options": may(array(1, 10, RICH_OPTION)),
        "confirm": may(CONFIRM),
        "focus_on_load": may(boolean),
    },
    _initial_is_offered,
)
RADIO_BUTTONS = _element(
    "radio_buttons",
    {
        "options": must(array(1, 10, RICH_OPTION)),
        "initial_option": may(RICH_OPTION),
        "confirm": may(CONFIRM),
        "focus_on_load": may(boolean),
    },
    _initial_is_offered,
)
DATEPICKER = _element(
    "datepicker",
    {
        "initial_date": may(DATE),
        "placeholder": may(plain(150)),
        "confirm": may(CONFIRM),
        "focus_on_load": may(boolean),
    },
)
PLAIN_TEXT_INPUT = _element(
    "plain_text_input",
    {
        "placeholder": may(plain(150)),
        "initial_value": may(string(0, 3000)),
        "multiline": may(boolean),
        "min_length": may(whole(0, 3000)),
        "max_length": may(whole(1, 3000)),
        "focus_on_load": may(boolean),
        "dispatch_action_config": may(
            shape({"trigger_actions_on": must(array(1, 2, one_of("on_enter_pressed", "on_character_entered")))})
        ),
    },
    _lengths_agree,
)

NUMBER = pattern(r"-?\d+(\.\d+)?", "a number, as text")


def _bounds_agree(value: Json, at: str) -> Iterator[Problem]:
    if {"min_value", "max_value"} <= value.keys() and float(value["min_value"]) > float(value["max_value"]):
        yield Problem("min_value must not be more than max_value", at)


NUMBER_INPUT = _element(
    "number_input",
    {
        "is_decimal_allowed": must(boolean),
        "initial_value": may(NUMBER),
        "min_value": may(NUMBER),
        "max_value": may(NUMBER),
        "placeholder": may(plain(150)),
        "focus_on_load": may(boolean),
    },
    _bounds_agree,
)

FILE_INPUT = _element(
    "file_input",
    {"filetypes": may(array(1, 100, string(1, 32))), "max_files": may(whole(1, 10))},
)

SLACK_FILE = shape({"id": may(string(1, 32)), "url": may(URL)}, exactly_one("id", "url"))
IMAGE_FIELDS: dict[str, Field] = {
    "type": must(one_of("image")),
    "image_url": may(URL),
    "slack_file": may(SLACK_FILE),
    "alt_text": must(string(1, 2000)),
}
IMAGE = shape(IMAGE_FIELDS, exactly_one("image_url", "slack_file"))

MENUS: dict[str, Check] = {
    "button": BUTTON,
    "static_select": STATIC_SELECT,
    "external_select": EXTERNAL_SELECT,
    "overflow": OVERFLOW,
    "checkboxes": CHECKBOXES,
    "radio_buttons": RADIO_BUTTONS,
    "datepicker": DATEPICKER,
}
# Menus of several are for sections and inputs only.
SEVERAL: dict[str, Check] = {
    "multi_static_select": MULTI_STATIC_SELECT,
    "multi_external_select": MULTI_EXTERNAL_SELECT,
}
IN_ACTIONS = by_type(MENUS)
IN_SECTION = by_type({**MENUS, **SEVERAL, "image": IMAGE})
IN_INPUT = by_type(
    {
        "plain_text_input": PLAIN_TEXT_INPUT,
        "number_input": NUMBER_INPUT,
        "file_input": FILE_INPUT,
        **SEVERAL,
        **{kind: each for kind, each in MENUS.items() if kind not in {"button", "overflow"}},
    }
)
IN_CONTEXT = by_type(
    {
        "image": IMAGE,
        "plain_text": either(2000),
        "mrkdwn": either(2000),
    }
)

_STYLE = shape({name: may(boolean) for name in ("bold", "italic", "strike", "code")})
_STYLED = {"style": may(_STYLE)}


def _rich(kind: str, fields: dict[str, Field]) -> Check:
    return shape({"type": must(one_of(kind)), **fields})


_WORDS: dict[str, Check] = {
    "text": _rich("text", {"text": must(string(1, 3000)), **_STYLED}),
    "link": _rich("link", {"url": must(URL), "text": may(string(1, 3000)), "unsafe": may(boolean), **_STYLED}),
    "emoji": _rich("emoji", {"name": must(ID), "unicode": may(ID), **_STYLED}),
    "user": _rich("user", {"user_id": must(ID), **_STYLED}),
    "usergroup": _rich("usergroup", {"usergroup_id": must(ID), **_STYLED}),
    "channel": _rich("channel", {"channel_id": must(ID), **_STYLED}),
    "broadcast": _rich("broadcast", {"range": must(one_of("here", "channel", "everyone"))}),
    "date": _rich(
        "date",
        {
            "timestamp": must(whole(0, 10**11)),
            "format": must(ID),
            "url": may(URL),
            "fallback": may(string(1, 3000)),
        },
    ),
}
_SENTENCE = must(array(0, 1000, by_type(_WORDS)))
_RICH_SECTION = _rich("rich_text_section", {"elements": _SENTENCE})
RICH_TEXT_ELEMENT = by_type(
    {
        "rich_text_section": _RICH_SECTION,
        "rich_text_preformatted": _rich(
            "rich_text_preformatted", {"elements": _SENTENCE, "border": may(whole(0, 1))}
        ),
        "rich_text_quote": _rich("rich_text_quote", {"elements": _SENTENCE, "border": may(whole(0, 1))}),
        "rich_text_list": _rich(
            "rich_text_list",
            {
                "style": must(one_of("bullet", "ordered")),
                "elements": must(array(1, 1000, by_type({"rich_text_section": _RICH_SECTION}))),
                "indent": may(whole(0, 8)),
                "offset": may(whole(0, 10**6)),
                "border": may(whole(0, 1)),
            },
        ),
    }
)


def identified(block: Json, new_id: Callable[[], int]) -> Json:
    """A checked block in which the block and all that can be acted on have ids, as Slack gives them."""
    block = {"block_id": f"b{new_id()}", **block}
    for name, value in block.items():
        if name == "elements" and block["type"] == "actions":
            block[name] = [{"action_id": f"a{new_id()}", **entry} for entry in value]
        elif name == "element" or (name == "accessory" and value["type"] != "image"):
            block[name] = {"action_id": f"a{new_id()}", **value}
    return block


def interactive(block: Json) -> list[tuple[str, Json]]:
    """The elements of a checked block that can be acted on, with their place in it (`/elements/0`)."""
    places: list[tuple[str, Any]] = [
        *((f"/elements/{index}", entry) for index, entry in enumerate(block.get("elements", []))),
        ("/accessory", block.get("accessory")),
        ("/element", block.get("element")),
    ]
    return [
        (at, entry)
        for at, entry in places
        if isinstance(entry, dict)
        and entry.get("type") in {*MENUS, *SEVERAL, "plain_text_input", "number_input", "file_input"}
    ]
