"""Whether a record leads to the heads that the audit channel shows. Pure, but for who asks the channel.

The channel remembers what a restored backup, a lost disk or a failed-over replica has forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from deletion.terms.ids import NO_RECORD, RecordId


@dataclass(frozen=True)
class PostedHead:
    """A head of the log as the audit channel shows it; ``ts`` is Slack's name for the post, its time in seconds.

    ``record`` is NO_RECORD in posts of versions that gave records no id.
    """

    record: RecordId
    seq: int
    hash: str
    ts: str

    @property
    def at_ms(self) -> int:
        """Return when it was posted (UTC ms)."""
        return round(float(self.ts) * 1000)


@dataclass(frozen=True)
class OwnHead:
    """The record's own head; ``at_ms`` is when its newest event was written (UTC ms), None when it has none."""

    record: RecordId
    seq: int
    hash: str
    at_ms: int | None = None


class Finding(StrEnum):
    """How a record does not lead to a head in the audit channel."""

    BEHIND = "behind"
    DIFFERENT = "different"
    OTHER_RECORD = "other record"


@dataclass(frozen=True)
class Mismatch:
    """A head in the audit channel that is not in the record, and how."""

    finding: Finding
    posted: PostedHead
    own: OwnHead

    @property
    def lost(self) -> int | None:
        """Return how many events are missing at least; None when that cannot be told."""
        return self.posted.seq - self.own.seq if self.finding is Finding.BEHIND else None


class ChannelUnreadableError(Exception):
    """A channel is closed to us, or could not be read, so nobody knows; the text is a code for the log.

    ``hides``: people cannot see in the approvals channel what there is to stop, or nobody knows whether they can.
    """

    def __init__(self, code: str, *, hides: bool = False) -> None:
        super().__init__(code)
        self.hides = hides


class AuditHeads(Protocol):
    """Where the heads in the audit channel are read."""

    def recent(self) -> tuple[PostedHead, ...]:
        """Return the newest heads that we ourselves posted, newest first; empty when there never was one.

        ChannelUnreadableError when that cannot be told.
        """
        ...


def mismatch(
    heads: Sequence[PostedHead], own: OwnHead, hashes: Mapping[int, str], *, accepted: str
) -> Mismatch | None:
    """Return the newest head that the record does not lead to, or None when it leads to all of them.

    ``hashes`` are those of the record's own events, as far as heads name them. Heads up to ``accepted`` (a Slack
    ts) were looked at by two people, who took this record for the true one nevertheless.
    """
    for head in sorted(heads, key=lambda head: float(head.ts), reverse=True):
        if accepted and float(head.ts) <= float(accepted):
            return None
        found = _finding(head, own, hashes)
        if found is not None:
            return Mismatch(found, head, own)
    return None


def _finding(head: PostedHead, own: OwnHead, hashes: Mapping[int, str]) -> Finding | None:
    if head.record not in {NO_RECORD, own.record}:
        return Finding.OTHER_RECORD
    if head.seq > own.seq:
        return Finding.BEHIND
    return None if hashes.get(head.seq) == head.hash else Finding.DIFFERENT
