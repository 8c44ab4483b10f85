"""Draws a message for a terminal: its blocks, buttons and marks, with nothing in it a terminal would obey."""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.control.mrkdwn import person_name, plain, visible
from sandbox.slack.model.messages import Message
from sandbox.slack.model.modals import View
from sandbox.slack.model.workspace import Workspace

_INDENT = "  "
_RULE = "-" * 40


def render(message: Message, workspace: Workspace) -> str:
    """Several lines: who, when and with which marks, then what they wrote."""
    lines = [_head(message, workspace), *_body(message, workspace)]
    return visible("\n".join(lines))


def render_view(view: View, workspace: Workspace) -> str:
    """A modal: its title, its blocks, each field with the block_id to fill it in by, its buttons."""
    lines = [f"[ {view.title} ]"]
    lines += [f"{_INDENT}{line}" for block in view.blocks for line in _block(block, workspace)]
    buttons = [view.content[name]["text"] for name in ("submit", "close") if view.content.get(name)]
    return visible("\n".join([*lines, _INDENT + "  ".join(f"[ {label} ]" for label in buttons)]))


def _head(message: Message, workspace: Workspace) -> str:
    marks = []
    if message.ephemeral_to:
        marks.append(f"only {person_name(message.ephemeral_to, workspace)} sees this")
    if message.is_reply:
        marks.append("in a thread")
    if message.edits:
        marks.append("edited" if message.edits == 1 else f"edited {message.edits} times")
    posted = message.history[0].at
    who = "Slackbot" if message.user == "USLACKBOT" else person_name(message.user, workspace)
    return f"{who} {posted:%H:%M:%S}" + (f" ({', '.join(marks)})" if marks else "")


def _body(message: Message, workspace: Workspace) -> Iterator[str]:
    written = [line for block in message.blocks for line in _block(block, workspace)]
    if not written and message.text:
        written = plain(message.text, workspace).splitlines()
    written += [f"[file: {file.title}, {len(file.content)} bytes]" for file in message.files]
    for line in written:
        yield f"{_INDENT}{line}"


def _block(block: Json, workspace: Workspace) -> Iterator[str]:
    draw = _DRAWN.get(block["type"])
    if draw is not None:
        yield from draw(block, workspace)


def _header(block: Json, workspace: Workspace) -> Iterator[str]:
    words = _text(block["text"], workspace)
    yield from words
    yield "=" * max(len(line) for line in words)


def _section(block: Json, workspace: Workspace) -> Iterator[str]:
    if "text" in block:
        yield from _text(block["text"], workspace)
    for field in block.get("fields", []):
        yield f"{_INDENT}{': '.join(_text(field, workspace))}"
    if "accessory" in block:
        yield _element(block["accessory"], workspace)


def _context(block: Json, workspace: Workspace) -> Iterator[str]:
    yield "· " + " · ".join(_element(element, workspace) for element in block["elements"])


def _actions(block: Json, workspace: Workspace) -> Iterator[str]:
    yield "  ".join(_element(element, workspace) for element in block["elements"])


def _divider(_block: Json, _workspace: Workspace) -> Iterator[str]:
    yield _RULE


def _image(block: Json, _workspace: Workspace) -> Iterator[str]:
    yield f"[image: {block['alt_text']}]"


def _input(block: Json, workspace: Workspace) -> Iterator[str]:
    label = " ".join(_text(block["label"], workspace))
    yield f"{label} ({block['block_id']}=…)" + (" optional" if block.get("optional") else "")


def _rich_text(block: Json, workspace: Workspace) -> Iterator[str]:
    for part in block["elements"]:
        if part["type"] == "rich_text_list":
            for number, item in enumerate(part["elements"], start=1):
                bullet = f"{number}." if part["style"] == "ordered" else "-"
                yield f"{bullet} {_words(item, workspace)}"
        else:
            quote = "> " if part["type"] == "rich_text_quote" else ""
            yield from (f"{quote}{line}" for line in _words(part, workspace).splitlines())


def _words(part: Json, workspace: Workspace) -> str:
    return "".join(_word(word, workspace) for word in part["elements"])


def _word(word: Json, workspace: Workspace) -> str:
    kind = word["type"]
    if kind == "link":
        return f"{word['text']} ({word['url']})" if word.get("text") else str(word["url"])
    if kind == "broadcast":
        return plain(f"<!{word['range']}>", workspace)
    written = {"user": "<@{user_id}>", "channel": "<#{channel_id}>", "usergroup": "<!subteam^{usergroup_id}>"}
    if kind in written:
        return plain(written[kind].format_map(word), workspace)
    if kind == "date":
        return plain(f"<!date^{word['timestamp']}^{word['format']}|{word.get('fallback', '')}>", workspace)
    return f":{word['name']}:" if kind == "emoji" else str(word["text"])


def _element(element: Json, workspace: Workspace) -> str:
    kind = element["type"]
    if kind in {"mrkdwn", "plain_text"}:
        return " ".join(_text(element, workspace))
    if kind == "image":
        return f"[image: {element['alt_text']}]"
    if kind == "button":
        return f"[ {element['text']['text']} ]"
    options = [option["text"]["text"] for option in element.get("options", [])]
    return f"[ {kind.replace('_', ' ')}: {' | '.join(options)} ]"


def _text(text: Json, workspace: Workspace) -> list[str]:
    words = plain(text["text"], workspace) if text["type"] == "mrkdwn" else str(text["text"])
    return words.splitlines() or [""]


_DRAWN: dict[str, Callable[[Any, Workspace], Iterator[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "image": _image,
    "input": _input,
    "rich_text": _rich_text,
}
