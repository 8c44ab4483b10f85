"""Which Slack channel a place by name is."""

from dataclasses import dataclass

from deletion.audit.messages import places
from deletion.audit.messages.delivery import Posted
from handlers.slack.api.failures import PLACE_GONE


@dataclass(frozen=True)
class Places:
    """The Slack channels that the settings name: where people approve, and where the log is shown.

    ``operators`` is where operators are told what only they can mend; '' where they are told nothing.
    """

    approvals: str
    audit: str
    operators: str = ""

    def channel_of(self, place: str) -> str:
        """Return the channel that messages to a place go to, or the person; LookupError for an unknown place."""
        name, _, rest = place.partition(":")
        match name:
            case places.APPROVALS | "list" | "outcomes":
                return self.approvals
            case places.AUDIT:
                return self.audit
            case places.OPERATORS if self.operators:
                return self.operators
            case "person" | "private":
                return rest
            case _:
                raise LookupError(f"no such place: {place}")

    def is_elsewhere(self, at: Posted | None, place: str) -> bool:
        """Say whether a message is in another channel than its place is now: the settings were changed."""
        return at is not None and at.channel != self.channel_of(place)

    def is_lost(self, at: Posted | None, place: str, code: str) -> bool:
        """Say whether what is at ``at`` cannot be reached any more after this error, so that it is posted anew.

        In the channel of today's settings that is for people to mend, and everything waits; one that the settings
        named before may well be gone for good.
        """
        return code in PLACE_GONE and self.is_elsewhere(at, place)
