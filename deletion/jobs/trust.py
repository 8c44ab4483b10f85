"""What one instance knows of the record it works on: whether it leads to the heads in the audit channel."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

LOOK_EVERY_MS = 10_000
"""How long a look stands for the batches that follow it: Slack takes about 50 looks a minute of the whole bot."""

TRUST_MS = 60_000
"""How old a look may be when a call is sent."""


class Verdict(StrEnum):
    """What a look at the audit channel came to."""

    HOLDS = "holds"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class _Look:
    verdict: Verdict
    server: str
    began_ms: int


class Trust:
    """The newest look of this instance. It is about one server: another one may have another record.

    It is not in the record, because a record cannot vouch for itself.
    """

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._look: _Look | None = None
        self._doubts = 0
        self._begun_ms: int | None = None
        self._unread: str | None = None
        self._is_hidden = False
        self.looking = threading.Lock()
        """Held by the one thread that looks; the others wait for what it finds."""

    def begin(self) -> tuple[int, int]:
        """Begin to look; return when that was, and how often there was reason for doubt until then."""
        with self._lock:
            self._begun_ms = self._monotonic_ms()
            return self._begun_ms, self._doubts

    def is_due(self, pause_ms: int) -> bool:
        """Say whether the last look began so long ago, or there was reason for doubt since."""
        with self._lock:
            return self._begun_ms is None or self._monotonic_ms() - self._begun_ms >= pause_ms

    @property
    def unread(self) -> str | None:
        """Return the code of why the audit channel could not be read at the last look, or None when it could."""
        with self._lock:
            return self._unread

    def doubt(self) -> None:
        """Forget what is known: a connection was lost, and nobody knows what is at its other end now."""
        with self._lock:
            self._doubts += 1
            self._begun_ms = None
            self._look = None

    def vouches(self, server: str, *, within_ms: int) -> bool:
        """Say whether what is known, of this server and not older, is that the record holds.

        What is known of another server, or too long ago, is forgotten. Where nothing is known there is nothing to
        forget: somebody may be looking just now, and what they find is not to be forgotten before it is known.
        """
        if self.known(server, within_ms=within_ms) is Verdict.HOLDS:
            return True
        if self.known() is not Verdict.UNKNOWN:
            self.doubt()
        return False

    def looked(self, verdict: Verdict, *, server: str, began_ms: int, doubts: int) -> None:
        """Keep what a look has found, unless there was reason for doubt since it began."""
        with self._lock:
            self._unread, self._is_hidden = None, False
            if doubts == self._doubts:
                self._look = _Look(verdict, server, began_ms)

    def not_read(self, code: str) -> None:
        """Keep that the audit channel could not be read: what was known is getting old."""
        with self._lock:
            self._unread = code

    @property
    def is_hidden(self) -> bool:
        """Say whether, by this instance's last look, people cannot see what there is to stop."""
        with self._lock:
            return self._is_hidden

    def hide(self, *, yes: bool = True) -> None:
        """Keep that people cannot see what there is to stop, until a look finds that they can."""
        with self._lock:
            self._is_hidden = yes

    def known(self, server: str | None = None, *, within_ms: int | None = None) -> Verdict:
        """Return what is known of the record, on this server if one is named, from a look that is not older."""
        with self._lock:
            look = self._look
        if look is None or server not in {None, look.server}:
            return Verdict.UNKNOWN
        if within_ms is not None and self._monotonic_ms() - look.began_ms > within_ms:
            return Verdict.UNKNOWN
        return look.verdict
