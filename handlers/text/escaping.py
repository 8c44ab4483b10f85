"""Text on its way to a person: escaped, with control characters shown instead of obeyed."""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

ELLIPSIS = "…"

MODIFIER_GRAVE = "\u02cb"
"""What stands for a backtick, which would end a code span or begin one."""

_ALIKE = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": MODIFIER_GRAVE})
"""What stands for the characters that format a text in mrkdwn, which has no escape for them."""

_SHOWN_AS_CODE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_HARMLESS = frozenset("\u200d\u200c\ufe0f")
"""Joiners that emoji and several scripts are written with."""


def visible(text: str) -> str:
    """Show control, format and bidirectional characters by their code; line breaks and tabs as a space."""
    if text.isprintable():
        # Most texts are, and lists of them are long.
        return text
    flat = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\t", " ")
    return "".join(_shown(char) for char in flat)


def _shown(char: str) -> str:
    if char in _HARMLESS or unicodedata.category(char) not in _SHOWN_AS_CODE:
        return char
    code = ord(char)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def clip(text: str, most: int) -> str:
    """Cut a text to at most ``most`` characters, the last one saying so."""
    return text if len(text) <= most else text[: most - 1] + ELLIPSIS


def packed(lines: Iterable[str], most: int = 3000) -> list[str]:
    """Join lines into as few texts as hold them all, none longer than ``most`` (Slack: 3000 in a section)."""
    parts: list[str] = []
    for line in (clip(whole, most) for whole in lines):
        if parts and len(parts[-1]) + 1 + len(line) <= most:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


def plain(text: str, most: int = 300) -> str:
    """Make outside text fit for a plain_text object."""
    return clip(visible(text), most) or "(empty)"


def escape(text: str) -> str:
    """Escape the three characters that Slack's markup is made of."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def safe(text: str, most: int = 300) -> str:
    """Make outside text fit for a mrkdwn object or a message's top-level text."""
    return escape(plain(text, most))


def unformatted(text: str, most: int = 300) -> str:
    """Make an outside name fit to stand between our own words in mrkdwn: what would format it looks alike only."""
    return safe(text, most).translate(_ALIKE)


def code(text: str, most: int = 300) -> str:
    """Make outside text a code span for a mrkdwn object: nothing in it formats, links or mentions."""
    return f"`{escape(plain(text, most).replace('`', MODIFIER_GRAVE))}`"


def mention(user: str) -> str:
    """Name a person; only ids that came from Slack itself get here."""
    return f"<@{user}>" if user.isalnum() else escape(user)


def clock(at_ms: int) -> str:
    """Tell a time to the second in UTC, for the audit log."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")


def duration(ms: int | None) -> str | None:
    """Tell a length as ``1:02:03`` or ``2:03``."""
    if ms is None:
        return None
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def sentence_list(names: list[str]) -> str:
    """Join names as a person would: ``a``, ``a and b``, ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
