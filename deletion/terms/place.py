"""Where a deletion happens: media of one account, in one region, behind one address. Pure."""

from dataclasses import dataclass
from typing import Any

from deletion.terms.canonical import Json

SHOWN = 4
"""Last characters of an account that a card shows."""


@dataclass(frozen=True)
class Place:
    """An account (its id, or a fingerprint of the identity where that is not told), a region, ``host[:port]``.

    Plans of earlier versions know their region only: the other two are None there, and never in a place of today.
    """

    region: str
    account: str | None = None
    endpoint: str | None = None

    def is_at(self, here: "Place") -> bool:
        """Say whether what is for this place may be done, or found out, ``here``; as far as it is known."""
        known = ((self.account, here.account), (self.endpoint, here.endpoint))
        return self.region == here.region and all(mine in (None, theirs) for mine, theirs in known)

    def text(self) -> str:
        """Return it in one word, for causes and events; ``parse`` reads it back."""
        return "/".join((self.account or "", self.region, self.endpoint or ""))

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read back what ``text`` made; a bare word is a region."""
        match text.split("/"):
            case [account, region, endpoint]:
                return cls(region, account or None, endpoint or None)
            case _:
                return cls(text)

    def to_json(self) -> dict[str, Json]:
        """Return it as a value for canonical JSON."""
        return {"account": self.account, "region": self.region, "endpoint": self.endpoint}

    @classmethod
    def from_json(cls, value: Any) -> "Place":
        """Read back what ``to_json`` made."""
        return cls(value["region"], value["account"], value["endpoint"])
