"""Refusals on their way into the log: the first ones one by one, those of a flood as a number."""

from dataclasses import replace

from deletion.audit import codec, events
from deletion.audit.record import record
from deletion.jobs.config import JobKind
from deletion.terms.ids import Ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from storage import Tx
from storage.tables import audit_log, jobs, refusals
from storage.tables.refusals import RefusalsRow, Repeated

ONE_BY_ONE = 10
"""Refusals of one person, about one thing and by one rule, that have an event each within ``WINDOW_MS``."""

WINDOW_MS = 10 * 60 * 1000
"""For how long from the first one the others are counted."""


def refuse(tx: Tx, refused: events.Refused) -> Refusal:
    """Write a refusal into the log, or count it where there were many alike, and hand it back. Call it last."""
    # Before the counts: so nobody waits for one of them with the head in hand.
    head = audit_log.head(tx, locked=True)
    now, alike = tx.now_ms(), _alike(refused)
    refusals.forget(tx, before_ms=now - WINDOW_MS)
    row = refusals.find(tx, alike)
    if row is not None and not row.since_ms <= now < row.since_ms + WINDOW_MS:
        refusals.remove(tx, row.id)
        if row.more:
            head = record(tx, _counted(row), locked=head)
        row = None
    if row is None:
        refusals.begin(tx, alike)
    else:
        refusals.add(tx, row.id, told=row.told < ONE_BY_ONE)
    if row is None or row.told < ONE_BY_ONE:
        record(tx, refused, locked=head)
    elif not row.more:
        jobs.revive(tx, JobKind.REFUSALS, row.id, due_ms=row.since_ms + WINDOW_MS)
    return refused.refusal


def tell(tx: Tx, number: int) -> int | None:
    """Write how many refusals were counted; return when (UTC ms) to come back where their time is not over."""
    audit_log.head(tx, locked=True)
    row = refusals.get(tx, number)
    if row is None or not row.more:
        # Told already when the next one came; its number may be another's by now.
        return None
    if tx.now_ms() < row.since_ms + WINDOW_MS:
        return row.since_ms + WINDOW_MS
    refusals.remove(tx, row.id)
    record(tx, _counted(row))
    return None


def _alike(refused: events.Refused) -> Repeated:
    about = refused.about
    if refused.refusal.rule is Rule.NO_SUCH_PROPOSAL:
        # Whatever number somebody makes up, it is about nothing.
        about = replace(about, number=None)
    return Repeated(str(refused.by or codec.SYSTEM), refused.action, str(about), refused.refusal.rule)


def _counted(row: RefusalsRow) -> events.RefusalsCounted:
    return events.RefusalsCounted(
        about=Ref.parse(row.ref),
        by=Actor.parse(row.actor),
        refusal=Refusal(Rule(row.rule)),
        refused=row.action,
        count=row.more,
        since_ms=row.since_ms,
        last_ms=row.last_ms,
    )
