"""The addresses of images as VOD takes them. Pure: what a person typed is brought into that form, or refused."""

import re

LONGEST = 2048
"""Characters of an address that can be sent."""

_ADDRESS = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_UNFIT = re.compile("[\\s\0-\x20\x7f\ud800-\udfff]")


def is_meant(text: str) -> bool:
    """Say whether a word is meant as an address, however its scheme is written."""
    return text[:8].lower().startswith(("http://", "https://"))


def normal(text: str) -> str | None:
    """Return an address with its scheme and host in lower case, as VOD writes them; None when it cannot be sent."""
    found = _ADDRESS.fullmatch(text)
    if found is None or len(text) > LONGEST or _UNFIT.search(text):
        return None
    scheme, host, rest = found.groups()
    return f"{scheme.lower()}://{host.lower()}{rest}"
