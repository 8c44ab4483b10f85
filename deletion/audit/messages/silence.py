"""Whether the channels take messages, by the record of what was sent to them, whichever instance tried.

Being throttled is no silence, nor is a long queue whose messages are taken one after the other.
"""

from dataclasses import dataclass

from deletion.audit.messages import places
from storage import Tx
from storage.tables import outbox

LONG_MS = 10_000
"""How long the approvals channel is silent before people are given another hold: a look comes as often."""

UNTRIED = "not_tried"
"""The code of a silence in which nobody tried."""


@dataclass(frozen=True)
class Silence:
    """A channel, by its place, that takes no messages since ``since_ms`` (UTC ms): a code for why, for the log."""

    place: str
    code: str
    since_ms: int

    @property
    def hides(self) -> bool:
        """Say whether people cannot see by it what there is to stop; the audit channel shows what happened."""
        return self.place == places.APPROVALS

    def is_long(self, now_ms: int) -> bool:
        """Say whether this is more than a hiccup."""
        return now_ms - self.since_ms >= LONG_MS


def in_channels(tx: Tx) -> tuple[Silence, ...]:
    """Return the silence in each channel that has one, that of the approvals channel first."""
    found = outbox.silent_channels(tx)
    return tuple(Silence(each.lane, each.code or UNTRIED, each.since_ms) for each in found)
