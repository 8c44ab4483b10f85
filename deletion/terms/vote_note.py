"""What is kept beside a vote that counts: what entitles its voter, and what else matched by then. Pure."""

from deletion.terms import canonical
from deletion.terms.canonical import Json


def counted(rule: str, group: str, newcomers: int) -> dict[str, Json]:
    """Return it as a value for canonical JSON; no newcomers are not mentioned, nor did earlier versions look."""
    return {"rule": rule, "group": group} | ({"newcomers": newcomers} if newcomers else {})


def newcomers(note: str) -> int:
    """Read how many more things matched the query when a vote was counted."""
    return int(canonical.loads(note).get("newcomers", 0))
