"""Checks the ids of one call before anything is sent: VOD takes them as one comma-separated string."""

import re
from collections.abc import Sequence
from urllib.parse import quote

MOST_PER_CALL = 20  # VideoIds, JobIds, ImageIds, ImageURLs, MediaIds: 20 each (API pages of the actions)
# No grammar is published; every known id is 32 hex digits. What matters is that no id can be two, or none.
SHAPE = re.compile(r"[0-9A-Za-z_-]{1,64}")
LONGEST_URL = 2048  # none is documented; twenty of these, encoded twice, are what gateways still take


def joined(ids: Sequence[str]) -> str:
    """The ids as VOD wants them. Raises ValueError for none, more than 20, duplicates and malformed ones."""
    _refuse_numbers(ids)
    for each in ids:
        single(each)
    return ",".join(ids)


def single(each: str) -> str:
    """The id itself, or ValueError when it is malformed."""
    if not SHAPE.fullmatch(each):
        raise ValueError("an id has 1 to 64 letters, digits, hyphens or underscores")
    return each


def joined_urls(urls: Sequence[str]) -> str:
    """The addresses, each percent-encoded and then joined, as the page of DeleteImage asks.

    Raises ValueError for none, more than 20, duplicates, and what is no address.
    """
    _refuse_numbers(urls)
    for url in urls:
        if not url.startswith(("http://", "https://")) or any(sign <= " " for sign in url):
            raise ValueError("an image address starts with http:// or https:// and has no blanks in it")
        if len(url) > LONGEST_URL or any("\ud800" <= sign <= "\udfff" for sign in url):
            raise ValueError(f"an image address has at most {LONGEST_URL} characters, all of them whole")
    return ",".join(quote(url, safe="") for url in urls)


def _refuse_numbers(items: Sequence[str]) -> None:
    if isinstance(items, str):
        raise ValueError("a list of ids is wanted, not one string")  # noqa: TRY004 - one error for one kind of mistake
    if not 1 <= len(items) <= MOST_PER_CALL:
        raise ValueError(f"1 to {MOST_PER_CALL} ids go into one call, not {len(items)}")
    if len(set(items)) != len(items):
        raise ValueError("the same id is in the list twice")
