"""What only an operator can mend: told to them once, by a durable row, and once more when it is over.

Every instance looks. What VOD refused is known to the one that asked; the rest is in the record.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import vod
from deletion.audit import codec
from deletion.audit.fields import Trouble, TroubleKind
from deletion.audit.messages import audience, silence
from deletion.audit.notices import TroubleBegun, TroubleEnded
from deletion.jobs.context import Context
from deletion.jobs.trust import Verdict
from deletion.terms import canonical
from storage import Tx
from storage.tables import anchor_losses, jobs, troubles
from storage.tables.troubles import TroubleRow

LOOK_MS = 15_000
"""How often is looked."""

CHANNEL_MS = 2 * 60 * 1000
"""How long a channel takes nothing before an operator is told."""

WORKER_MS = 10 * 60 * 1000
"""How long a job waits that nobody takes before an operator is told."""

QUIET_MS = 60 * 60 * 1000
"""For how long after its end the same is not told again: what comes and goes is no news."""

MENDABLE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "missing_scope"})
"""What Slack says of a channel that people have to mend; an outage is over by itself."""

OF_THE_ACCOUNT = frozenset(vod.Advice) - {vod.Advice.PERMIT, vod.Advice.PERMIT_MEDIA, vod.Advice.CHECK_ACCESS}
"""What to do about a refusal that is about every call, not about one action."""


class Heard:
    """What VOD said to this instance since it was asked last. Safe in threads."""

    def __init__(self) -> None:
        self._refused: dict[str, Trouble] = {}
        self._worked: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, action: str, error: vod.VodError | None) -> None:
        """Take note of a call: what came of it, None for an answer."""
        with self._lock:
            if error is None:
                self._worked.add(action)
                self._refused.pop(action, None)
            elif isinstance(error, vod.Denied) and error.advice is not vod.Advice.PERMIT_MEDIA:
                # That some media are closed is told to whoever asked for them.
                self._worked.discard(action)
                self._refused[action] = _refusal(error)

    def take(self) -> tuple[tuple[Trouble, ...], frozenset[str]]:
        """Return what was refused and which actions worked, and forget both."""
        with self._lock:
            found = tuple(self._refused.values()), frozenset(self._worked)
            self._refused, self._worked = {}, set()
            return found


def _refusal(error: vod.VodError) -> Trouble:
    if error.advice in OF_THE_ACCOUNT:
        return Trouble(kind=TroubleKind.ACCOUNT, code=error.code, advice=error.advice)
    return Trouble(kind=TroubleKind.ACTION, what=error.action, code=error.code, advice=error.advice)


@dataclass(frozen=True)
class Seen:
    """What one look found: troubles, actions of VOD that worked, and whether both channels are known to be open.

    Open: they can be read, and neither is silent, for whatever reason.
    """

    found: tuple[Trouble, ...]
    worked: frozenset[str]
    channels_open: bool

    def is_over(self, row: TroubleRow) -> bool:
        """Say whether a trouble that was told is over, for certain."""
        if row.name in {each.name for each in self.found}:
            return False
        kind, _, action = row.name.partition(" ")
        match TroubleKind(kind):
            case TroubleKind.ACCOUNT:
                return bool(self.worked)
            case TroubleKind.ACTION:
                return action in self.worked
            case TroubleKind.CHANNEL:
                return self.channels_open
            case TroubleKind.RECORD | TroubleKind.WORKER:
                return True


class Watch:
    """Looks every now and then; ``to`` is the Slack channel or person who is told."""

    def __init__(self, ctx: Context, heard: Heard, to: str) -> None:
        self._ctx = ctx
        self._heard = heard
        self._to = to
        self._looked_ms: int | None = None

    def step(self) -> bool:
        """Look, if it is time to; say whether there was something to tell.

        Not at once: what waited while no instance ran is to be taken first.
        """
        now = self._ctx.monotonic_ms()
        if self._looked_ms is None:
            self._looked_ms = now
        if now - self._looked_ms < LOOK_MS:
            return False
        self._looked_ms = now
        return self.look()

    def look(self) -> bool:
        """Look now; say whether there was something to tell."""
        refused, worked = self._heard.take()
        trust = self._ctx.trust
        unread = trust.unread if trust.unread in MENDABLE else None
        of_record, going_on, silent = self._ctx.database.read(
            lambda tx: (tuple(_in_record(tx)), troubles.going_on(tx), silence.in_channels(tx))
        )
        unreadable = [Trouble(kind=TroubleKind.CHANNEL, code=unread)] if unread else []
        if any(each.kind is TroubleKind.CHANNEL for each in of_record):
            unreadable = []
        is_read = trust.unread is None and trust.known() is not Verdict.UNKNOWN
        seen = Seen((*refused, *of_record, *unreadable), worked, channels_open=is_read and not silent)
        told = {row.name for row in going_on}
        if {each.name for each in seen.found} <= told and not any(map(seen.is_over, going_on)):
            return False
        return self._ctx.database.write(lambda tx: _tell(tx, seen, self._to))


def _in_record(tx: Tx) -> Iterator[Trouble]:
    now = tx.now_ms()
    for each in silence.in_channels(tx):
        if each.code in MENDABLE and now - each.since_ms >= CHANNEL_MS:
            yield Trouble(kind=TroubleKind.CHANNEL, what=each.place, code=each.code)
            break
    if anchor_losses.current(tx) is not None:
        yield Trouble(kind=TroubleKind.RECORD)
    waiting = [since_ms for count, since_ms in jobs.backlog(tx).values() if count]
    if waiting and min(waiting) < now - WORKER_MS:
        yield Trouble(kind=TroubleKind.WORKER)


def _tell(tx: Tx, seen: Seen, to: str) -> bool:
    """Queue what begins and what is over, each once, whoever else looks at the same time."""
    told = False
    for each in seen.found:
        if troubles.begin(
            tx, each.name, canonical.dumps(codec.encode_notice(TroubleBegun(trouble=each))), quiet_ms=QUIET_MS
        ):
            audience.operators(tx, to, TroubleBegun(trouble=each))
            told = True
    for row in troubles.going_on(tx):
        if seen.is_over(row) and troubles.end(tx, row.name):
            told = True
            begun = codec.decode_notice(canonical.loads(row.told))
            if isinstance(begun, TroubleBegun):
                audience.operators(tx, to, TroubleEnded(trouble=begun.trouble, since_ms=row.since_ms))
    return told
