"""What a terminal is shown: every line of ours as it is, and nothing in it that the terminal would obey."""

import unicodedata

OBEYED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
"""Unicode categories of what moves, hides or turns round what stands beside it."""


def plain(text: str, encoding: str | None) -> str:
    """Return a text with its control and format characters, and those that ``encoding`` lacks, as escapes."""
    escaped = "".join(
        char if char == "\n" or unicodedata.category(char) not in OBEYED else ascii(char)[1:-1] for char in text
    )
    known = encoding or "ascii"
    return escaped.encode(known, "backslashreplace").decode(known)
