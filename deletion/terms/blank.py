"""Text that shows nothing: spaces, and characters that leave no mark. Pure."""

import unicodedata

_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Mn", "Me"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""


def is_blank(text: str) -> bool:
    """Say whether a person who looks at this sees nothing."""
    return all(char in _FILLERS or unicodedata.category(char) in _UNSEEN for char in text)


def without_unseen(text: str) -> str:
    """Return a text without format characters: zero width, byte order marks, soft hyphens, directions."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf")
