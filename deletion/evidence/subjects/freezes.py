"""One freeze and the votes to end it, as the log tells them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deletion.audit import events
from deletion.audit.events import Event
from deletion.evidence.claims import Claim, Exactly, Finding, IsSet, Row, compared, strays
from deletion.evidence.subjects.votes import Votes
from deletion.terms.ids import freeze_ref


@dataclass
class Freeze:
    """What the log has said of freeze ``number`` so far."""

    number: int
    said: dict[str, Claim] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.votes = Votes(freeze_ref(self.number))

    def follow(self, action: str, event: Event) -> None:
        """Take up what happened."""
        self.votes.follow(action, event)
        match event:
            case events.FreezeBegun():
                self.said = _begun(event)
            case events.FreezeEnded(thawed_ms=None):
                self.said["thawed_ms"] = IsSet()
            case events.FreezeEnded(thawed_ms=at_ms):
                self.said["thawed_ms"] = Exactly(at_ms)
            case _:
                return

    def findings(self, rows: Sequence[Row], votes: Sequence[Row]) -> Iterator[Finding]:
        """Compare with what is stored."""
        name = f"#{self.number}"
        if rows and not self.said:
            yield from strays("freezes", [name], missing=False)
        elif self.said and not rows:
            yield from strays("freezes", [name], missing=True)
        elif rows:
            yield from compared("freezes", name, rows[0], [self.said])
        yield from self.votes.findings(votes)


def _begun(event: events.FreezeBegun) -> dict[str, Claim]:
    said: dict[str, Claim] = {
        "team": Exactly(event.by.team if event.by else ""),
        "person": Exactly(event.by.user if event.by else ""),
        "reason": Exactly(event.why),
        "thawed_ms": Exactly(None),
    }
    if event.digest:
        said["digest"] = Exactly(event.digest)
    if event.frozen_ms is not None:
        said["frozen_ms"] = Exactly(event.frozen_ms)
    return said
