"""How many items a person, and the team, may delete in a day: what is open and what has ended lately is counted.

A proposal counts from when it is made until it is refused, withdrawn, rejected, stopped in its hold or expired; one
that was carried out counts for 24 hours from its end, whole. So in no 24 hours more is deleted than the caps say.
"""

from dataclasses import dataclass

from deletion.policy import decisions
from deletion.policy.decisions import Policy, Use
from deletion.terms import canonical
from deletion.terms.refusals import Refusal
from deletion.terms.requests.targets import from_json, size_of
from deletion.terms.states import OPEN
from storage import Tx
from storage.tables import audit_log, proposal_counts, proposals
from storage.tables.proposal_counts import CountedRow

DAY_MS = 24 * 3_600_000


def too_many(tx: Tx, policy: Policy, proposer: str, *, asked: int, besides: int = 0) -> Refusal | None:
    """Refuse so many items more of a person, the proposal ``besides`` not counted.

    All are counted one at a time, or fifty proposals at once would slip through: the head of the log stays locked.
    """
    audit_log.head(tx, locked=True)
    now_ms = tx.now_ms()
    rows = proposal_counts.counted(tx, *sorted(OPEN), since_ms=now_ms - DAY_MS, besides=besides)
    uses = [(row.proposer, _use(tx, row, now_ms)) for row in rows]
    return decisions.within_day(
        policy,
        asked,
        mine=[use for who, use in uses if who == proposer],
        everybody=[use for _, use in uses],
    )


@dataclass(frozen=True)
class Left:
    """How many items more a person may delete now, and all together may; never less than none."""

    mine: int
    everybody: int


def left(tx: Tx, policy: Policy, proposer: str) -> Left:
    """Return how much is left of what may be deleted in a day. It locks nothing: only ``too_many`` decides."""
    now_ms = tx.now_ms()
    rows = proposal_counts.counted(tx, *sorted(OPEN), since_ms=now_ms - DAY_MS, besides=0)
    uses = [(row.proposer, _use(tx, row, now_ms).items) for row in rows]
    mine = sum(items for who, items in uses if who == proposer)
    everybody = sum(items for _, items in uses)
    return Left(max(0, policy.max_daily - mine), max(0, policy.max_daily_all - everybody))


def _use(tx: Tx, row: CountedRow, now_ms: int) -> Use:
    count = row.items
    if count is None:
        # An earlier version did not count them.
        count = size_of(from_json(canonical.loads(proposals.request_of(tx, row.id))))
    until_ms = None if row.finished_ms is None else row.finished_ms + DAY_MS
    return Use(count, None if until_ms is None else max(1, -(-(until_ms - now_ms) // 1000)))


def used(tx: Tx) -> int:
    """Return how many items count towards what all together may delete in a day."""
    rows = proposal_counts.counted(tx, *sorted(OPEN), since_ms=tx.now_ms() - DAY_MS, besides=0)
    return sum(row.items or 0 for row in rows)
