"""What a person sees of a text: two that look alike are alike, and one that shows nothing is blank. Pure."""

import unicodedata

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0")
"""Characters that show nothing, though they are letters or marks: fillers, joiners, the empty Braille pattern."""

_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


def seen(text: str) -> str:
    """Return what shows of a text, composed alike: nothing of what is invisible, and any run of blanks as one."""
    shown = "".join(char for char in text if char.isspace() or not _shows_nothing(char))
    return " ".join(unicodedata.normalize("NFC", shown).split())


def is_blank(text: str) -> bool:
    """Say whether nothing of a text shows."""
    return all(map(_shows_nothing, text))


def _shows_nothing(char: str) -> bool:
    is_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return is_selector or char in _BLANK or unicodedata.category(char) in _INVISIBLE
