"""Which Slack channel a place by name is."""

from dataclasses import dataclass

from deletion.audit import places


@dataclass(frozen=True)
class Places:
    """The Slack channels that the settings name: where people approve, and where the log is shown."""

    approvals: str
    audit: str

    def channel_of(self, place: str) -> str:
        """Return the channel that messages to a place go to, or the person; LookupError for an unknown place."""
        name, _, rest = place.partition(":")
        match name:
            case places.APPROVALS | "list":
                return self.approvals
            case places.AUDIT:
                return self.audit
            case "person" | "private":
                return rest
            case _:
                raise LookupError(f"no such place: {place}")
