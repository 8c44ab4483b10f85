"""Proposals as a list names them, a line each, read in one snapshot without reading a long plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from deletion import views
from deletion.approval.requests import asked
from deletion.approval.shown import Shown, digest_of
from deletion.plan.totals import Totals
from deletion.terms.ids import Digest, RecordId, proposal_ref
from deletion.terms.requests.targets import Request
from deletion.terms.states import OPEN, State
from deletion.views import Stands
from storage import Tx
from storage.tables import anchor_losses, audit_log, freezes, items, listings, proposals
from storage.tables.freezes import FreezeRow
from storage.tables.listings import Wanted
from storage.tables.proposals import ProposalRow

OUTCOMES_OF_MOST = 20_000
"""Items of a proposal that are counted by their outcome for a line of a list; of more, nobody waits for that."""


@dataclass(frozen=True)
class Listed(Stands):
    """A proposal in a line of a list.

    ``count`` is the number of its targets, or of the things asked for before they were read; ``totals`` and
    ``first_title`` are None and "" until then. ``tally`` counts the items of what has finished by their outcome,
    unless they are too many for a line. ``shown`` is what a button names, None of what has ended.
    """

    row: ProposalRow
    request: Request
    count: int
    now_ms: int
    totals: Totals | None = None
    first_title: str = ""
    tally: Mapping[str, int] = field(default_factory=dict)
    frozen: FreezeRow | None = None
    lost: bool = False
    shown: Shown | None = None


@dataclass(frozen=True)
class Listing:
    """Some proposals, how many there are in all, and what holds everything."""

    some: tuple[Listed, ...]
    total: int
    now_ms: int
    frozen: FreezeRow | None = None
    lost: bool = False


class Reader:
    """Reads lists in one transaction, so that they all tell one story."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._record = RecordId(audit_log.record_id(tx))
        self.now_ms = tx.now_ms()
        self.frozen = freezes.current(tx)
        self.lost = anchor_losses.current(tx) is not None

    def open(
        self,
        *,
        proposer: str | None = None,
        since_ms: int | None = None,
        states: Sequence[State] = tuple(sorted(OPEN)),
        limit: int,
    ) -> Listing:
        """Return the newest of what has not ended: one person's, or all; made since a time (UTC ms), or ever."""
        wanted = Wanted(proposer, since_ms)
        return self._listing(
            listings.in_states(self._tx, states, wanted, limit=limit),
            lambda: listings.count_in_states(self._tx, states, wanted),
        )

    def ended(self, *, proposer: str | None = None, since_ms: int | None = None, limit: int) -> Listing:
        """Return what ended last: one person's, or all; since a time (UTC ms), or ever."""
        wanted = Wanted(proposer, since_ms)
        return self._listing(
            listings.ended(self._tx, wanted, limit=limit), lambda: listings.count_ended(self._tx, wanted)
        )

    def latest(self, *, limit: int) -> Listing:
        """Return what ended last; all that ever did is not counted."""
        rows = listings.ended(self._tx, Wanted(), limit=limit)
        return self._listing(rows, lambda: len(rows))

    def waiting_for(self, voter: str, *, limit: int, counted: int) -> Listing:
        """Return what somebody may still vote on, what expires first first; ``counted`` are counted at most."""
        return self._listing(
            listings.waiting_for(self._tx, voter, limit=limit),
            lambda: listings.count_waiting_for(self._tx, voter, most=counted),
        )

    def _listing(self, rows: list[ProposalRow], count: Callable[[], int]) -> Listing:
        some = tuple(self._listed(row) for row in rows)
        return Listing(some, count() if some else 0, self.now_ms, self.frozen, self.lost)

    def _listed(self, row: ProposalRow) -> Listed:
        found = asked.of(self._tx, row)
        plan = views.planned(self._tx, row)
        count = plan.count if plan else found.count
        return Listed(
            row=row,
            request=found.request,
            count=count,
            now_ms=self.now_ms,
            totals=plan.totals if plan else None,
            first_title=plan.first_title if plan else "",
            tally=self._tally(row, count),
            frozen=self.frozen,
            lost=self.lost,
            shown=self._shown(row),
        )

    def _tally(self, row: ProposalRow, count: int) -> Mapping[str, int]:
        is_counted = row.state == State.FINISHED and count <= OUTCOMES_OF_MOST
        return items.tally(self._tx, row.id) if is_counted else {}

    def _shown(self, row: ProposalRow) -> Shown | None:
        """Return what a button of it names; None where it needs none."""
        if State(row.state) not in OPEN:
            return None
        digest = row.digest or digest_of(proposals.request_of(self._tx, row.id))
        return Shown(self._record, proposal_ref(row.id), Digest(digest))
