"""The grammar Block Kit is checked with: small checks for JSON values that say what is wrong, and where."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.json_types import Json

Check = Callable[[Any, str], Iterator["Problem"]]


@dataclass(frozen=True)
class Problem:
    """One fault in somebody's JSON. `pointer` is a JSON pointer such as `/blocks/0/text`."""

    text: str
    pointer: str

    def __str__(self) -> str:
        """As Slack words it in `response_metadata.messages`."""
        return f"[ERROR] {self.text} [json-pointer:{self.pointer}]"


@dataclass(frozen=True)
class Field:
    """A member of an object: how its value is checked, and whether it must be there."""

    check: Check
    required: bool = False


def must(check: Check) -> Field:
    """A field that has to be there."""
    return Field(check, required=True)


def may(check: Check) -> Field:
    """A field that can be left out."""
    return Field(check)


def string(low: int, high: int) -> Check:
    """A string of `low` to `high` characters."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("must be a string", at)
        elif len(value) < low:
            yield Problem(f"must be more than {low - 1} characters", at)
        elif len(value) > high:
            yield Problem(f"must be less than {high + 1} characters", at)

    return check


def pattern(expression: str, wording: str) -> Check:
    """A string that matches all of `expression`; `wording` completes "must be …"."""
    compiled = re.compile(expression)

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            yield Problem(f"must be {wording}", at)

    return check


def one_of(*values: str) -> Check:
    """One of a closed set of strings."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in values:
            yield Problem(f"must be one of: {', '.join(values)}", at)

    return check


def boolean(value: Any, at: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem("must be a boolean", at)


def whole(low: int, high: int) -> Check:
    """An integer from `low` to `high`."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem("must be an integer", at)
        elif not low <= value <= high:
            yield Problem(f"must be between {low} and {high}", at)

    return check


def array(low: int, high: int, item: Check) -> Check:
    """A list of `low` to `high` items, each of which `item` accepts."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("must be an array", at)
            return
        if len(value) < low:
            yield Problem(f"no fewer than {low} items allowed", at)
        if len(value) > high:
            yield Problem(f"no more than {high} items allowed", at)
        for index, entry in enumerate(value):
            yield from item(entry, f"{at}/{index}")

    return check


def shape(fields: Mapping[str, Field], *rules: Check) -> Check:
    """An object with these fields and no other; `rules` run when the fields themselves are right."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must be an object", at)
            return
        found = [*_missing(fields, value, at), *_members(fields, value, at)]
        yield from found
        if not found:
            for rule in rules:
                yield from rule(value, at)

    return check


def _missing(fields: Mapping[str, Field], value: Json, at: str) -> Iterator[Problem]:
    for name, field in fields.items():
        if field.required and name not in value:
            yield Problem(f"missing required field: {name}", at)


def _members(fields: Mapping[str, Field], value: Json, at: str) -> Iterator[Problem]:
    for name, member in value.items():
        if name in fields:
            yield from fields[name].check(member, f"{at}/{name}")
        else:
            yield Problem(f"invalid additional property: {name}", at)


def by_type(table: Mapping[str, Check]) -> Check:
    """An object whose `type` picks its check from `table`."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must be an object", at)
        elif "type" not in value:
            yield Problem("missing required field: type", at)
        elif not isinstance(value["type"], str) or value["type"] not in table:
            yield Problem(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            yield from table[value["type"]](value, at)

    return check


def exactly_one(*names: str) -> Check:
    """A rule: exactly one of these fields is given."""

    def check(value: Json, at: str) -> Iterator[Problem]:
        if sum(name in value for name in names) != 1:
            yield Problem(f"exactly one of these fields must be given: {', '.join(names)}", at)

    return check


def at_least_one(*names: str) -> Check:
    """A rule: one or more of these fields are given."""

    def check(value: Json, at: str) -> Iterator[Problem]:
        if not any(name in value for name in names):
            yield Problem(f"missing required field: {' or '.join(names)}", at)

    return check


def duplicates(values: Sequence[tuple[str, str]], name: str) -> Iterator[Problem]:
    """For (pointer, value) pairs: a problem for each value that came before."""
    seen: set[str] = set()
    for at, value in values:
        if value in seen:
            yield Problem(f'{name} "{value}" is used more than once', at)
        seen.add(value)
