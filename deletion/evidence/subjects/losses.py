"""One finding that the record did not lead to the audit channel, and the votes on it, as told by the log. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deletion.audit import events
from deletion.audit.events import Event
from deletion.evidence.claims import Claim, Exactly, Finding, HasDigest, IsSet, Row, compared, strays
from deletion.evidence.subjects.votes import Votes
from deletion.terms.ids import ANCHOR, Ref
from deletion.terms.refusals import Refusal, Rule


@dataclass
class Loss:
    """What the log has said of finding ``number`` so far; ``is_followed`` by a later one, it is open no more."""

    number: int
    is_followed: bool = False
    said: dict[str, Claim] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.votes = Votes(Ref(ANCHOR, self.number))

    def follow(self, action: str, event: Event) -> None:
        """Take up what happened."""
        self.votes.follow(action, event)
        match event:
            case events.AnchorLost():
                self.said = {
                    "digest": Exactly(event.digest),
                    "found": HasDigest(event.digest),
                    "closed_ms": Exactly(None),
                    "accepted": Exactly(0),
                }
                if event.seen_ts:
                    self.said["seen_ts"] = Exactly(event.seen_ts)
            case events.AnchorRestored(closed_ms=closed_ms):
                self.said["closed_ms"] = IsSet() if closed_ms is None else Exactly(closed_ms)
                self.said["accepted"] = Exactly(1)
            case _:
                return

    def findings(self, rows: Sequence[Row], votes: Sequence[Row]) -> Iterator[Finding]:
        """Compare with what is stored."""
        name = f"#{self.number}"
        if self.is_followed and self.said.get("accepted") == Exactly(0):
            # What the channel showed by then was another head: that is asked about, and this no more.
            self.said["closed_ms"] = IsSet()
            self.votes.void_live(Refusal(Rule.NOT_LOST), None)
        if rows and not self.said:
            yield from strays("anchor_losses", [name], missing=False)
        elif self.said and not rows:
            yield from strays("anchor_losses", [name], missing=True)
        elif rows:
            yield from compared("anchor_losses", name, rows[0], [self.said])
        yield from self.votes.findings(votes)
