from typing import Any

import pytest

from sandbox.slack.model.block_kit.blocks import message_problems, view_problems

Json = dict[str, Any]


def text(words: str = "words", kind: str = "mrkdwn") -> Json:
    return {"type": kind, "text": words}


def plain(words: str = "words") -> Json:
    return text(words, "plain_text")


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain("Press"), **fields}


def option(words: str = "One", value: str = "1") -> Json:
    return {"text": plain(words), "value": value}


def options(count: int) -> list[Json]:
    return [option(str(number), str(number)) for number in range(count)]


def section(**fields: Any) -> Json:
    return {"type": "section", "text": text(), **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def entry(element: Json, **fields: Any) -> Json:
    return {"type": "input", "label": plain(), "element": element, **fields}


def typed(**fields: Any) -> Json:
    return {"type": "plain_text_input", **fields}


def confirm(**fields: Any) -> Json:
    return {"title": plain(), "text": text(), "confirm": plain(), "deny": plain(), **fields}


def image(**fields: Any) -> Json:
    return {"type": "image", "image_url": "https://img.example/a.png", "alt_text": "a", **fields}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def sentence(*words: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(words)}


def menu(**fields: Any) -> Json:
    return {"type": "static_select", "placeholder": plain(), **fields}


GOOD: list[Json] = [
    {"type": "header", "text": plain("h" * 150)},
    section(text=text("s" * 3000)),
    {"type": "section", "fields": [text("f" * 2000)] * 10},
    section(accessory=button()),
    section(accessory=image()),
    context(*[text("c" * 2000)] * 9, image()),
    actions(*[button(action_id=str(number), value="v" * 2000) for number in range(25)]),
    actions(button(text=plain("b" * 75), style="danger", confirm=confirm(style="danger"))),
    actions(
        button(confirm=confirm(title=plain("t" * 100), text=plain("x" * 300), deny=plain("d" * 30)), url="u" * 3000)
    ),
    actions({"type": "overflow", "options": options(5)}, menu(options=options(100))),
    actions(menu(option_groups=[{"label": plain(), "options": options(2)}], initial_option=option("1", "1"))),
    actions({"type": "checkboxes", "options": [option()], "initial_options": [option()]}),
    actions({"type": "radio_buttons", "options": [option()]}, {"type": "datepicker", "initial_date": "2025-01-31"}),
    {"type": "divider"},
    image(title=plain("t" * 2000), alt_text="a" * 2000),
    {"type": "image", "slack_file": {"id": "F01"}, "alt_text": "a"},
    rich(sentence({"type": "text", "text": "raw <!channel>", "style": {"bold": True}})),
    rich({"type": "rich_text_list", "style": "bullet", "elements": [sentence({"type": "emoji", "name": "eyes"})]}),
    entry(typed(min_length=3, max_length=20, initial_value="four"), hint=plain(), optional=True),
    section(block_id="b" * 255),
]

BAD: list[tuple[Any, str, str]] = [
    ("words", "must be an object", "/blocks/0"),
    ({"text": text()}, "missing required field: type", "/blocks/0"),
    ({"type": "data_table"}, "unsupported type: data_table", "/blocks/0/type"),
    ({"type": ["section"]}, "unsupported type: ['section']", "/blocks/0/type"),
    ({"type": "context_actions", "elements": []}, "unsupported type: context_actions", "/blocks/0/type"),
    ({"type": "section"}, "missing required field: text or fields", "/blocks/0"),
    (section(text=text("")), "must be more than 0 characters", "/blocks/0/text/text"),
    (section(text=text("s" * 3001)), "must be less than 3001 characters", "/blocks/0/text/text"),
    (section(text="words"), "must be an object", "/blocks/0/text"),
    (section(colour="red"), "invalid additional property: colour", "/blocks/0"),
    (section(fields=[text()] * 11), "no more than 10 items allowed", "/blocks/0/fields"),
    (section(fields=[]), "no fewer than 1 items allowed", "/blocks/0/fields"),
    (section(fields=[text("f" * 2001)]), "must be less than 2001 characters", "/blocks/0/fields/0/text"),
    (section(block_id="b" * 256), "must be less than 256 characters", "/blocks/0/block_id"),
    (section(accessory=typed()), "unsupported type: plain_text_input", "/blocks/0/accessory/type"),
    (section(text={**text(), "emoji": True}), "invalid additional property: emoji", "/blocks/0/text"),
    ({"type": "header", "text": text()}, "unsupported type: mrkdwn", "/blocks/0/text/type"),
    ({"type": "header", "text": plain("h" * 151)}, "must be less than 151 characters", "/blocks/0/text/text"),
    (context(*[text()] * 11), "no more than 10 items allowed", "/blocks/0/elements"),
    (context(), "no fewer than 1 items allowed", "/blocks/0/elements"),
    (context(button()), "unsupported type: button", "/blocks/0/elements/0/type"),
    (actions(*[button()] * 26), "no more than 25 items allowed", "/blocks/0/elements"),
    (actions(image()), "unsupported type: image", "/blocks/0/elements/0/type"),
    (actions(button(text=text())), "unsupported type: mrkdwn", "/blocks/0/elements/0/text/type"),
    (actions(button(text=plain("b" * 76))), "must be less than 76 characters", "/blocks/0/elements/0/text/text"),
    (actions(button(value="v" * 2001)), "must be less than 2001 characters", "/blocks/0/elements/0/value"),
    (actions(button(url="u" * 3001)), "must be less than 3001 characters", "/blocks/0/elements/0/url"),
    (actions(button(action_id="")), "must be more than 0 characters", "/blocks/0/elements/0/action_id"),
    (actions(button(style="warning")), "must be one of: primary, danger", "/blocks/0/elements/0/style"),
    (actions(button(value=4)), "must be a string", "/blocks/0/elements/0/value"),
    (
        actions(button(accessibility_label="a" * 76)),
        "must be less than 76 characters",
        "/blocks/0/elements/0/accessibility_label",
    ),
    (
        actions(button(confirm=confirm(title=plain("t" * 101)))),
        "must be less than 101 characters",
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (
        actions(button(confirm=confirm(text=text("t" * 301)))),
        "must be less than 301 characters",
        "/blocks/0/elements/0/confirm/text/text",
    ),
    (
        actions(button(confirm=confirm(deny=plain("t" * 31)))),
        "must be less than 31 characters",
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    (
        actions(button(confirm=confirm(confirm=plain("t" * 31)))),
        "must be less than 31 characters",
        "/blocks/0/elements/0/confirm/confirm/text",
    ),
    (
        actions(button(confirm={"title": plain(), "confirm": plain(), "deny": plain()})),
        "missing required field: text",
        "/blocks/0/elements/0/confirm",
    ),
    (
        actions({"type": "overflow", "options": options(1)}),
        "no fewer than 2 items allowed",
        "/blocks/0/elements/0/options",
    ),
    (
        actions({"type": "overflow", "options": options(6)}),
        "no more than 5 items allowed",
        "/blocks/0/elements/0/options",
    ),
    (
        actions(menu()),
        "exactly one of these fields must be given: options, option_groups",
        "/blocks/0/elements/0",
    ),
    (actions(menu(options=options(101))), "no more than 100 items allowed", "/blocks/0/elements/0/options"),
    (
        actions(menu(options=[option("o" * 76)])),
        "must be less than 76 characters",
        "/blocks/0/elements/0/options/0/text/text",
    ),
    (
        actions(menu(options=[option(value="v" * 151)])),
        "must be less than 151 characters",
        "/blocks/0/elements/0/options/0/value",
    ),
    (
        actions(menu(options=options(1), placeholder=plain("p" * 151))),
        "must be less than 151 characters",
        "/blocks/0/elements/0/placeholder/text",
    ),
    (
        actions(menu(options=options(2), initial_option=option("Nine", "9"))),
        "the initial option is not one of the options",
        "/blocks/0/elements/0",
    ),
    (
        actions({"type": "datepicker", "initial_date": "31.1.2025"}),
        "must be a date such as 2025-01-31",
        "/blocks/0/elements/0/initial_date",
    ),
    ({"type": "image", "image_url": "https://img.example/a.png"}, "missing required field: alt_text", "/blocks/0"),
    (
        {"type": "image", "alt_text": "a"},
        "exactly one of these fields must be given: image_url, slack_file",
        "/blocks/0",
    ),
    (image(alt_text="a" * 2001), "must be less than 2001 characters", "/blocks/0/alt_text"),
    (image(title=plain("t" * 2001)), "must be less than 2001 characters", "/blocks/0/title/text"),
    (image(image_url="u" * 3001), "must be less than 3001 characters", "/blocks/0/image_url"),
    (entry(typed(), label=plain("l" * 2001)), "must be less than 2001 characters", "/blocks/0/label/text"),
    (entry(button()), "unsupported type: button", "/blocks/0/element/type"),
    (
        entry(typed(min_length=9, max_length=3)),
        "min_length must not be more than max_length",
        "/blocks/0/element",
    ),
    (
        entry(typed(initial_value="abcd", max_length=3)),
        "initial_value does not respect min_length and max_length",
        "/blocks/0/element",
    ),
    (entry(typed(max_length=3001)), "must be between 1 and 3000", "/blocks/0/element/max_length"),
    (entry(typed(max_length="9")), "must be an integer", "/blocks/0/element/max_length"),
    (entry(typed(), optional="yes"), "must be a boolean", "/blocks/0/optional"),
    (rich(sentence({"type": "marquee"})), "unsupported type: marquee", "/blocks/0/elements/0/elements/0/type"),
    (rich({"type": "text", "text": "x"}), "unsupported type: text", "/blocks/0/elements/0/type"),
    (
        actions(button(action_id="a"), button(action_id="a")),
        'action_id "a" is used more than once',
        "/blocks/0/elements/1/action_id",
    ),
]


@pytest.mark.parametrize("block", GOOD)
def test_a_block_at_its_limits_is_accepted(block: Json) -> None:
    assert message_problems([block]) == []


@pytest.mark.parametrize(("block", "words", "pointer"), BAD)
def test_a_block_past_its_limits_is_refused_with_the_place(block: Any, words: str, pointer: str) -> None:
    assert [(problem.text, problem.pointer) for problem in message_problems([block])] == [(words, pointer)]


def test_a_problem_is_worded_as_slack_words_it() -> None:
    (problem,) = message_problems([{"type": "section"}])
    assert str(problem) == "[ERROR] missing required field: text or fields [json-pointer:/blocks/0]"


def test_a_message_has_at_most_fifty_blocks() -> None:
    assert message_problems([{"type": "divider"}] * 50) == []
    (problem,) = message_problems([{"type": "divider"}] * 51)
    assert (problem.text, problem.pointer) == ("no more than 50 items allowed", "/blocks")


def test_a_block_id_is_used_once_in_a_message() -> None:
    (problem,) = message_problems([section(block_id="b"), {"type": "divider", "block_id": "b"}])
    assert (problem.text, problem.pointer) == ('block_id "b" is used more than once', "/blocks/1/block_id")


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert message_problems([actions(button(action_id="a")), actions(button(action_id="a"))]) == []


def modal(**fields: Any) -> Json:
    return {"type": "modal", "title": plain("Reject"), "blocks": [section()], **fields}


@pytest.mark.parametrize(
    "view",
    [
        modal(),
        modal(blocks=[{"type": "divider"}] * 100, private_metadata="m" * 3000, callback_id="c" * 255),
        modal(blocks=[entry(typed())], submit=plain("s" * 24), close=plain("c" * 24), notify_on_close=True),
    ],
)
def test_a_modal_at_its_limits_is_accepted(view: Json) -> None:
    assert view_problems(view) == []


@pytest.mark.parametrize(
    ("view", "words", "pointer"),
    [
        (modal(type="home"), "must be one of: modal", "/view/type"),
        ({"type": "modal", "blocks": []}, "missing required field: title", "/view"),
        (modal(title=plain("t" * 25)), "must be less than 25 characters", "/view/title/text"),
        (modal(submit=plain("t" * 25)), "must be less than 25 characters", "/view/submit/text"),
        (modal(private_metadata="m" * 3001), "must be less than 3001 characters", "/view/private_metadata"),
        (modal(callback_id="c" * 256), "must be less than 256 characters", "/view/callback_id"),
        (modal(blocks=[{"type": "divider"}] * 101), "no more than 100 items allowed", "/view/blocks"),
        (modal(blocks=[{"type": "video"}]), "unsupported type: video", "/view/blocks/0/type"),
        (
            modal(blocks=[entry(typed())]),
            "missing required field: submit (there is an input block)",
            "/view",
        ),
        (
            modal(blocks=[section(block_id="b"), section(block_id="b")]),
            'block_id "b" is used more than once',
            "/view/blocks/1/block_id",
        ),
    ],
)
def test_a_modal_past_its_limits_is_refused_with_the_place(view: Json, words: str, pointer: str) -> None:
    assert [(problem.text, problem.pointer) for problem in view_problems(view)] == [(words, pointer)]
