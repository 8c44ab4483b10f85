"""Turns Slack's mrkdwn into what a person reads: names for ids, dates, links, and mentions marked as live."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sandbox.slack.model.workspace import Workspace

_ANGLE = re.compile(r"<([^<>\s][^<>]*)>")
_TOKEN = re.compile(r"\{(\w+)\}")
_BROADCASTS = {"channel", "here", "everyone"}
_BREAKS = {"\n"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str, workspace: Workspace) -> str:
    """What a person reads. A mention that would notify everybody reads `[@channel, notifying everybody]`."""
    words = _ANGLE.sub(lambda found: _reference(found[1], workspace), text)
    return unescape(words)


def unescape(text: str) -> str:
    """Slack's three entities back to characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def visible(text: str) -> str:
    """The same text with control, bidirectional and other invisible characters shown as escapes."""
    return "".join(
        character if character in _BREAKS or unicodedata.category(character) not in _HIDDEN else _escape(character)
        for character in text
    )


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _reference(inside: str, workspace: Workspace) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return f"@{person_name(target[1:], workspace)}"
    if target.startswith("#"):
        return f"#{_channel_name(target[1:], workspace)}"
    if target.startswith("!date^"):
        return date_text(target, label)
    if target.startswith("!subteam^"):
        return f"@{_group_name(target.split('^')[1], workspace)}"
    if target.removeprefix("!") in _BROADCASTS and target.startswith("!"):
        return f"[@{target[1:]}, notifying everybody]"
    return f"{label} ({target})" if label and label != target else target


def person_name(user_id: str, workspace: Workspace) -> str:
    """A person's first name, or the id when nobody has it."""
    try:
        return workspace.person(user_id).label
    except LookupError:
        return user_id


def _channel_name(channel_id: str, workspace: Workspace) -> str:
    try:
        return workspace.channel(channel_id).name
    except LookupError:
        return channel_id


def _group_name(group_id: str, workspace: Workspace) -> str:
    handles = {group.id: group.handle for group in workspace.user_groups()}
    return handles.get(group_id, group_id)


def date_text(target: str, fallback: str) -> str:
    """A `!date^epoch^format^link` reference in UTC; what Slack cannot read shows its fallback."""
    parts = target.split("^")
    try:
        moment = datetime.fromtimestamp(int(parts[1]), UTC)
        shown = _TOKEN.sub(lambda found: DATE_TOKENS[found[1]](moment), parts[2])
    except (IndexError, KeyError, ValueError, OverflowError, OSError):
        return fallback
    return f"{shown} ({parts[3]})" if len(parts) > 3 else shown


def _ordinal(day: int) -> str:
    suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _date(moment: datetime) -> str:
    return f"{moment:%B} {_ordinal(moment.day)}, {moment.year}"


def _short(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


def _long(moment: datetime) -> str:
    return f"{moment:%A}, {_date(moment)}"


def _pretty(written: Callable[[datetime], str]) -> Callable[[datetime], str]:
    def near(moment: datetime) -> str:
        today = datetime.now(UTC).date()
        names = {today: "today", today - timedelta(days=1): "yesterday", today + timedelta(days=1): "tomorrow"}
        return names.get(moment.date(), written(moment))

    return near


DATE_TOKENS: dict[str, Callable[[datetime], str]] = {
    "date_num": lambda moment: f"{moment:%Y-%m-%d}",
    "date_slash": lambda moment: f"{moment:%m/%d/%Y}",
    "date": _date,
    "date_short": _short,
    "date_long": _long,
    "date_pretty": _pretty(_date),
    "date_short_pretty": _pretty(_short),
    "date_long_pretty": _pretty(_long),
    "time": lambda moment: f"{moment:%H:%M} UTC",
    "time_secs": lambda moment: f"{moment:%H:%M:%S} UTC",
}
