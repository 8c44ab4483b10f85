"""Modals: the stack of views a person has open, and what Slack's own client checks before it submits one."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sandbox.json_types import Json
from sandbox.slack.model.block_kit.elements import identified
from sandbox.slack.model.directory import APP_ID, BOT_ID, TEAM_ID

DEEPEST_STACK = 3
MOST_FILES = 10
LARGEST_FILE = 10 * 2**20
REQUIRED = "This is a required field"


@dataclass(frozen=True)
class View:
    """An open modal, or a Home tab. `content` is the app's own JSON (blocks, callback_id, private_metadata, …)."""

    id: str
    person: str
    content: Json
    hash: str
    root: str
    previous: str | None = None

    @property
    def title(self) -> str:
        """The words in its head; a Home tab has none."""
        return str(self.content["title"]["text"]) if "title" in self.content else "Home"

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, each with a block_id."""
        return list(self.content["blocks"])

    def inputs(self) -> list[Json]:
        """Its input blocks."""
        return [block for block in self.blocks if block["type"] == "input"]


class Modals:
    """Every person's open views, at most three deep. Safe between threads."""

    def __init__(self, serial: Callable[[], int]) -> None:
        self._serial = serial
        self._lock = threading.RLock()
        self._stacks: dict[str, list[View]] = {}
        self._typed: dict[str, dict[str, str]] = {}
        self._offered: dict[tuple[str, str], list[Json]] = {}

    def top(self, person: str) -> View | None:
        """What the person is looking at."""
        with self._lock:
            stack = self._stacks.get(person, [])
            return stack[-1] if stack else None

    def open(self, person: str, content: Json) -> View:
        """Show a new modal in place of whatever was open."""
        with self._lock:
            self._stacks[person] = []
            return self.push(person, content)

    def push(self, person: str, content: Json) -> View:
        """Show a modal on top. Raises OverflowError when three are open."""
        with self._lock:
            stack = self._stacks.setdefault(person, [])
            if len(stack) >= DEEPEST_STACK:
                raise OverflowError("three views are open")
            view_id = f"V0{self._serial():09d}"
            view = View(
                id=view_id,
                person=person,
                content=self._complete(content),
                hash=self._hash(),
                root=stack[0].id if stack else view_id,
                previous=stack[-1].id if stack else None,
            )
            stack.append(view)
            return view

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> View | None:
        """An open view by its id or by the app's own external_id."""
        with self._lock:
            for stack in self._stacks.values():
                for view in stack:
                    if view.id == view_id or (external_id and view.content["external_id"] == external_id):
                        return view
            return None

    def update(self, view: View, content: Json) -> View:
        """Replace what an open view shows; it gets a new hash. Raises LookupError if it was closed."""
        with self._lock:
            stack = self._stacks.get(view.person, [])
            for index, each in enumerate(stack):
                if each.id == view.id:
                    stack[index] = replace(each, content=self._complete(content), hash=self._hash())
                    there = {name for block in stack[index].inputs() for name in _names(block)}
                    typed = self._typed.get(view.id, {})
                    self._typed[view.id] = {name: text for name, text in typed.items() if name in there}
                    return stack[index]
            raise LookupError(f"view {view.id} is not open")

    def close(self, view: View, *, everything: bool = False) -> None:
        """Close a view and what is on top of it, or the person's whole stack."""
        with self._lock:
            stack = self._stacks.get(view.person, [])
            ids = [each.id for each in stack]
            if view.id in ids:
                del stack[0 if everything else ids.index(view.id) :]

    def typed(self, view: View, answers: dict[str, str]) -> dict[str, str]:
        """What is in the fields once a person has typed `answers`: Slack keeps what was typed before.

        It does so for as long as a view has the field, also while another view is on top of it.
        """
        with self._lock:
            self._typed[view.id] = {**self._typed.get(view.id, {}), **answers}
            return dict(self._typed[view.id])

    def offer(self, view: View, action_id: str, options: list[Json]) -> None:
        """Remember what the app offered in a menu of its own: only that can be chosen there."""
        with self._lock:
            known = self._offered.setdefault((view.id, action_id), [])
            known += [option for option in options if option not in known]

    def offered(self, view: View, action_id: str) -> list[Json]:
        """What the app offered in a menu so far."""
        with self._lock:
            return list(self._offered.get((view.id, action_id), []))

    def _hash(self) -> str:
        return f"{self._serial()}.v"

    def _complete(self, content: Json) -> Json:
        blocks = [identified(block, self._serial) for block in content["blocks"]]
        return {"private_metadata": "", "callback_id": "", "external_id": "", **content, "blocks": blocks}


def wire_view(view: View, values: Json | None = None) -> Json:
    """A view as Slack sends it, with the state (`values` by block_id and action_id) of its inputs."""
    return {
        "id": view.id,
        "team_id": TEAM_ID,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.content,
        "state": {"values": values or {}},
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "app_id": APP_ID,
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
    }


def _names(block: Json) -> tuple[str, str]:
    return block["block_id"], block["element"]["action_id"]


def fill(
    view: View,
    answers: dict[str, str],
    file: Callable[[str], Json],
    offered: Callable[[str], list[Json]] = lambda _: [],
) -> Json:
    """The state of a view after a person typed `answers`, keyed by block_id or action_id.

    Options are chosen by their value or their label, files by their ids; several are separated by commas, in a
    menu of several by line breaks. `file` gives the JSON of one; `offered` what the app offered in a menu by its
    action_id. Raises LookupError for a field, an option or a file that is not there.
    """
    known = {name for block in view.inputs() for name in _names(block)}
    if unknown := set(answers) - known:
        raise LookupError(f"no such field: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    values: Json = {}
    for block in view.inputs():
        action = block["element"]["action_id"]
        typed = answers.get(block["block_id"], answers.get(action))
        values[block["block_id"]] = {action: _state(_with(block["element"], offered(action)), typed, file)}
    return values


def _with(element: Json, offered: list[Json]) -> Json:
    """A menu of the app's own with what can be chosen in it."""
    if "external" not in element["type"]:
        return element
    chosen = [*element.get("initial_options", []), *filter(None, [element.get("initial_option")])]
    return {**element, "options": [*offered, *(each for each in chosen if each not in offered)]}


def _state(element: Json, typed: str | None, file: Callable[[str], Json]) -> Json:
    kind = element["type"]
    if kind == "file_input":
        return {"type": kind, "files": [file(each.strip()) for each in (typed or "").split(",") if each.strip()]}
    if kind in {"plain_text_input", "number_input"}:
        return {"type": kind, "value": (element.get("initial_value") if typed is None else typed) or None}
    if kind == "datepicker":
        return {"type": kind, "selected_date": typed or element.get("initial_date")}
    if kind == "checkboxes" or kind.startswith("multi_"):
        if typed is None:
            return {"type": kind, "selected_options": element.get("initial_options", [])}
        between = "," if kind == "checkboxes" else "\n"
        chosen = [option(element, each.strip()) for each in typed.split(between) if each.strip()]
        return {"type": kind, "selected_options": chosen}
    return {"type": kind, "selected_option": option(element, typed) if typed else element.get("initial_option")}


def option(element: Json, wanted: str) -> Json:
    """The option of a menu with this value or label. Raises LookupError, naming those there are."""
    offered = [*element.get("options", [])]
    for group in element.get("option_groups", []):
        offered += group["options"]
    for each in offered:
        if wanted == each.get("value") or wanted.casefold() == each["text"]["text"].casefold():
            return dict(each)
    labels = ", ".join(repr(each["text"]["text"]) for each in offered)
    raise LookupError(f"there is no option {wanted!r}; there are {labels}")


def client_errors(view: View, values: Json) -> dict[str, str]:
    """What Slack's client says before it submits: message by block_id; empty when it would submit."""
    errors: dict[str, str] = {}
    for block in view.inputs():
        element = block["element"]
        state = values[block["block_id"]][element["action_id"]]
        given = next(value for name, value in state.items() if name != "type")
        if not given:
            if not block.get("optional", False):
                errors[block["block_id"]] = REQUIRED
        elif wrong := next(_unfit(element, given), None):
            errors[block["block_id"]] = wrong
    return errors


def _unfit(element: Json, given: Any) -> Iterator[str]:
    """Why Slack's client would not take what was given in a field."""
    match element["type"]:
        case "file_input":
            yield from _unfit_files(element, given)
        case "number_input":
            yield from filter(None, [_unfit_number(element, given)])
        case "plain_text_input":
            low, high = element.get("min_length", 0), element.get("max_length", 3000)
            if not low <= len(given) <= high:
                yield f"Use {low} to {high} characters"
        case "multi_static_select" | "multi_external_select":
            most = element.get("max_selected_items", len(given))
            if len(given) > most:
                yield f"Choose up to {most}"
        case _:
            return


def _unfit_number(element: Json, typed: str) -> str | None:
    """Why Slack's client would not take this as a number, or None."""
    if not re.fullmatch(r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+", typed):
        return "Enter a number" if element["is_decimal_allowed"] else "Enter a whole number"
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(typed) < float(low):
        return f"Enter a number that is at least {low}"
    return f"Enter a number that is at most {high}" if high is not None and float(typed) > float(high) else None


def _unfit_files(element: Json, files: list[Json]) -> Iterator[str]:
    """Why Slack's client would not take these files."""
    wanted = [each.casefold() for each in element.get("filetypes", [])]
    if len(files) > element.get("max_files", MOST_FILES):
        yield f"Choose up to {element.get('max_files', MOST_FILES)} files"
    for each in files:
        if wanted and each["filetype"] not in wanted:
            yield f"{each['name']} is not one of: {', '.join(wanted)}"
        if each["size"] > LARGEST_FILE:
            yield f"{each['name']} has more than 10 MB"
