"""How far the reading of a proposal is: in the record, so that whoever takes it over, or is asked, knows it too."""

from dataclasses import dataclass, replace
from enum import StrEnum

from deletion.audit.messages import audience
from deletion.terms import progress
from deletion.terms.ids import ProposalNumber
from deletion.terms.progress import NO_STRETCH, STRETCH_MS, Progress, Stretch
from storage import Tx
from storage.tables import readings
from storage.tables.readings import ReadingRow

TOLD_AFTER_MS = 10_000
"""A reading that takes no longer is told of only by what came of it."""

TOLD_EVERY_MS = 10_000
"""How often its message is shown anew: Slack takes about 50 updates a minute of the whole bot (Tier 3)."""


class Phase(StrEnum):
    """What a reading is at: what matches a query is found first, then everything is read; it may have to wait."""

    SEARCH = "search"
    READ = "read"
    PAUSE = "pause"


@dataclass(frozen=True)
class ReadingProgress:
    """How far a reading was at ``at_ms`` (UTC ms): so many things ``done``.

    ``far`` is None while nobody knows how many there are.
    """

    phase: Phase
    done: int
    far: Progress | None
    at_ms: int


def note(tx: Tx, number: int, proposer: str, phase: Phase, done: int, total: int | None) -> None:
    """Note how far a reading is, and queue the message that tells its proposer, when it is time."""
    now_ms = tx.now_ms()
    old = readings.get(tx, number)
    if old is not None and (old.phase, old.done, old.total) == (Phase.PAUSE, done, total):
        # It was taken up again, and VOD has told nothing yet.
        phase = Phase.PAUSE
    row = _next(old, number, phase, done, total, now_ms)
    is_due = row.told_ms is None or now_ms - row.told_ms >= TOLD_EVERY_MS
    if is_due and now_ms - row.began_ms >= TOLD_AFTER_MS:
        audience.reading(tx, ProposalNumber(number), proposer)
        row = replace(row, told_ms=now_ms)
    readings.put(tx, row)


def pause(tx: Tx, number: int, proposer: str) -> None:
    """Note that a reading has to wait, and tell that where its proposer sees how far it is."""
    row = readings.get(tx, number)
    if row is None or row.phase == Phase.PAUSE:
        return
    readings.put(tx, _next(row, number, Phase.PAUSE, row.done, row.total, tx.now_ms()))
    if row.told_ms is not None:
        audience.reading(tx, ProposalNumber(number), proposer)


def of(tx: Tx, number: int) -> ReadingProgress | None:
    """Return how far a reading is, if that was ever noted."""
    row = readings.get(tx, number)
    if row is None:
        return None
    is_fresh = tx.now_ms() - row.at_ms <= STRETCH_MS
    lately = Stretch(row.done - row.earlier_done, tx.now_ms() - row.earlier_ms) if is_fresh else NO_STRETCH
    far = None if row.total is None else progress.of(row.done, row.total, lately)
    return ReadingProgress(Phase(row.phase), row.done, far, row.at_ms)


def named(found: ReadingProgress | None) -> int:
    """Return how many things there are to be read, once that is known; else 0."""
    return found.far.total if found and found.far else 0


def _next(
    old: ReadingRow | None, number: int, phase: Phase, done: int, total: int | None, now_ms: int
) -> ReadingRow:
    """Return how it stands now. What was measured before a break, or of another phase, says nothing any more."""
    if old is None or old.phase != phase or done < old.done or now_ms - old.at_ms > STRETCH_MS:
        began_ms, told_ms = (old.began_ms, old.told_ms) if old else (now_ms, None)
        return ReadingRow(number, phase, began_ms, now_ms, done, total, now_ms, done, now_ms, done, told_ms)
    new = replace(old, at_ms=now_ms, done=done, total=total)
    if now_ms - old.mark_ms < STRETCH_MS // 2:
        return new
    return replace(new, mark_ms=now_ms, mark_done=done, earlier_ms=old.mark_ms, earlier_done=old.mark_done)
