"""Plans as the record holds them: headers are kept, rows read when they are needed and compared with the root."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deletion.plan import merkle, older, plan
from deletion.plan.facts import GRAVEST_FIRST
from deletion.plan.plan import LEFT_OUT_KEPT, Entry, Plan
from deletion.terms import canonical
from deletion.terms.requests.targets import Streams
from storage import Tx
from storage.tables import plan_rows, revisions
from storage.tables.plan_rows import PlanTargetRow
from storage.tables.proposals import ProposalRow

KEPT = 8

SHOWN_FIRST = 20
"""Targets from the beginning of a plan that are at hand wherever it is shown."""

RISKIEST = 10
"""Targets with the gravest warnings that are at hand wherever it is shown."""


@dataclass(frozen=True)
class _Known:
    """A plan that was read; of one in rows the set of these and their leaf hashes, 32 bytes each, once compared."""

    plan: Plan
    rows_id: int | None
    leaves: bytes = b""

    @property
    def is_compared(self) -> bool:
        return self.rows_id is None or bool(self.leaves)

    def leaf(self, place: int) -> str:
        return self.leaves[32 * place : 32 * place + 32].hex()


class PlanCache:
    """The newest few plans by their digest. What a digest stands for never changes, so neither does an entry.

    ``check_every_ms``: how long it is believed that the header stored is what was compared with the digest last.
    Rows are compared each time they are read to be worked at.
    """

    def __init__(self, *, check_every_ms: int = 0) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._check_every_ms = check_every_ms
        self._checked_ms: dict[str, int] = {}
        self._riskiest: OrderedDict[str, tuple[int, ...]] = OrderedDict()

    def approved(self, tx: Tx, row: ProposalRow, *, check: bool = True) -> Plan | None:
        """Return the plan that was approved, or None when what is stored is not that plan.

        Without ``check`` a plan that is known is not compared with what is stored: it cannot have become another
        one, but whether somebody meddles with the record should be asked now and then.
        """
        known = self._find(row.digest)
        if known is not None and not (check and self._is_to_check(row.digest, tx.now_ms())):
            return known.plan
        try:
            found = _as_stored(tx, row, known)
        except BaseException:
            self._note(row.digest, None)
            raise
        if found is not None and row.digest is not None:
            self._keep(row.digest, found)
        self._note(row.digest, tx.now_ms() if found else None)
        return found.plan if found else None

    def holding(self, tx: Tx, row: ProposalRow, shown: Plan, places: Iterable[int]) -> Plan | None:
        """Return an approved plan with the targets at these places at hand; None when one is not as approved.

        Of a video's streams all are: whether one is the last that is left is seen of all that go.
        """
        known = self._find(shown.digest)
        if known is None or not known.is_compared:
            # Others were read meanwhile, or it was only shown so far.
            known = _as_stored(tx, row, None)
        if known is None or known.rows_id is None:
            return known.plan if known else None
        places = range(shown.count) if isinstance(shown.request, Streams) else places
        entries = []
        for found in plan_rows.at(tx, known.rows_id, [each for each in places if each < shown.count]):
            if merkle.leaf(found.fields) != known.leaf(found.ord):
                return None
            entries.append(_entry(found))
        return shown.holding(entries)

    def ids(self, tx: Tx, row: ProposalRow, shown: Plan, *, start: int, limit: int) -> tuple[str, ...]:
        """Return the ids of targets of an approved plan, in their order."""
        known = self._find(shown.digest) or _as_stored(tx, row, None)
        if known is None or known.rows_id is None:
            return tuple(each.target.id for each in shown.entries[start : start + limit])
        return tuple(name for name, _ in plan_rows.targets(tx, known.rows_id, start=start, limit=limit))

    def shown(self, tx: Tx, row: ProposalRow, *, also: Sequence[str] = ()) -> Plan | None:
        """Return the plan that a proposal stands at, to be shown; None before there is one.

        At hand are its first targets, the riskiest ones, and those named by ``also``.
        """
        known = self._find(row.digest)
        if known is None and row.revision:
            known = _read(tx, row.id, row.revision)
            if known is not None:
                self._keep(known.plan.digest, known)
        return _to_show(tx, known, also, self._places_of_riskiest(tx, known)) if known else None

    def _places_of_riskiest(self, tx: Tx, known: _Known) -> tuple[int, ...]:
        """Return the places of the targets with the gravest warnings; a card is shown again and again."""
        digest = known.plan.digest
        with self._lock:
            found = self._riskiest.get(digest)
        if found is None:
            found = _riskiest(tx, known)
            with self._lock:
                self._riskiest[digest] = found
                while len(self._riskiest) > KEPT:
                    self._riskiest.popitem(last=False)
        return found

    def _find(self, digest: str | None) -> _Known | None:
        with self._lock:
            return self._known.get(digest or "")

    def _is_to_check(self, digest: str | None, now_ms: int) -> bool:
        """Say whether it is time to look, and leave that to whoever asked first: all lanes ask at the same time."""
        with self._lock:
            then_ms = self._checked_ms.get(digest or "")
            if then_ms is not None and then_ms <= now_ms < then_ms + self._check_every_ms:
                return False
            self._checked_ms[digest or ""] = now_ms
            return True

    def _note(self, digest: str | None, checked_ms: int | None) -> None:
        """Note when what is stored was compared well; with None everybody has to look for themselves."""
        with self._lock:
            if checked_ms is None:
                self._checked_ms.pop(digest or "", None)
            else:
                self._checked_ms[digest or ""] = checked_ms

    def _keep(self, digest: str, found: _Known) -> None:
        with self._lock:
            self._known[digest] = found
            while len(self._known) > KEPT:
                oldest, _ = self._known.popitem(last=False)
                self._checked_ms.pop(oldest, None)


def stored(tx: Tx, proposal_id: int, revision: int) -> Plan | None:
    """Return one revision of a proposal's plan; of one in rows no entry is at hand."""
    found = _read(tx, proposal_id, revision)
    return found.plan if found else None


def to_show(tx: Tx, proposal_id: int, revision: int) -> Plan | None:
    """Return one revision of a proposal's plan as it is shown."""
    found = _read(tx, proposal_id, revision)
    return _to_show(tx, found, (), _riskiest(tx, found)) if found else None


def page(tx: Tx, proposal_id: int, revision: int, *, start: int, limit: int) -> tuple[Entry, ...]:
    """Return some entries of one revision, in order."""
    found = _read(tx, proposal_id, revision)
    return _page(tx, found, start, limit) if found else ()


def texts(tx: Tx, proposal_id: int, revision: int, *, start: int, limit: int) -> tuple[str, ...]:
    """Return the stored texts of some rows of one revision, in order, as they would be shown."""
    row = revisions.plan_of(tx, proposal_id, revision)
    if row is None or row.rows_id is None:
        return ()
    page = plan_rows.page(tx, row.rows_id, plan_rows.TARGET, start=start, limit=limit)
    return tuple(each.fields for each in page)


def ids(tx: Tx, proposal_id: int, revision: int, *, start: int, limit: int) -> tuple[str, ...]:
    """Return the ids of some entries of one revision, in order."""
    found = _read(tx, proposal_id, revision)
    if found is None or found.rows_id is None:
        return tuple(each.target.id for each in (found.plan.entries[start : start + limit] if found else ()))
    return tuple(name for name, _ in plan_rows.targets(tx, found.rows_id, start=start, limit=limit))


def _page(tx: Tx, found: _Known, start: int, limit: int) -> tuple[Entry, ...]:
    if found.rows_id is None:
        return found.plan.entries[start : start + limit]
    return tuple(map(_entry, plan_rows.page(tx, found.rows_id, plan_rows.TARGET, start=start, limit=limit)))


def _read(tx: Tx, proposal_id: int, revision: int) -> _Known | None:
    row = revisions.plan_of(tx, proposal_id, revision)
    found = older.parse(row.plan) if row else None
    return _Known(found, _rows_of(found, row.rows_id)) if row and found else None


def _rows_of(found: Plan, rows_id: int | None) -> int | None:
    """Return the set of rows of a plan; one of an earlier version has none, whatever is written there."""
    return rows_id if found.version >= plan.VERSION else None


def _as_stored(tx: Tx, row: ProposalRow, known: _Known | None) -> _Known | None:
    found = revisions.plan_of(tx, row.id, row.revision)
    if found is None or row.digest != canonical.sha256(found.plan):
        return None
    if known is not None and known.is_compared and known.rows_id == found.rows_id:
        return known
    read = older.parse(found.plan)
    if read.version < plan.VERSION:
        return _Known(read, None)
    if found.rows_id is None:
        return None
    leaves = plan_rows.leaves(tx, found.rows_id, plan_rows.TARGET)
    try:
        root = merkle.root_of(leaves)
    except ValueError:
        # Somebody wrote what is no hash: these are not the rows of the plan either.
        return None
    if len(leaves) != read.count or root != read.root:
        return None
    return _Known(read, found.rows_id, bytes.fromhex("".join(leaves)))


def _to_show(tx: Tx, known: _Known, also: Sequence[str], riskiest: Sequence[int]) -> Plan:
    if known.rows_id is None:
        return known.plan
    rows = {row.ord: row for row in plan_rows.page(tx, known.rows_id, plan_rows.TARGET, start=0, limit=SHOWN_FIRST)}
    if known.plan.count > SHOWN_FIRST:
        rows |= {row.ord: row for row in plan_rows.at(tx, known.rows_id, riskiest)}
        named = [each for each in also if each not in {row.target for row in rows.values()}]
        rows |= {row.ord: row for row in plan_rows.named(tx, known.rows_id, named)}
    left_out = plan_rows.page(tx, known.rows_id, plan_rows.LEFT_OUT, start=0, limit=LEFT_OUT_KEPT)
    within = sorted(place for place in rows if 0 <= place < known.plan.count)
    found = known.plan.holding(_entry(rows[place]) for place in within)
    return found.leaving_out(plan.left_out(row.fields) for row in left_out)


def _riskiest(tx: Tx, known: _Known) -> tuple[int, ...]:
    """Return the places of the targets with the gravest warnings of a long plan in rows."""
    found: set[int] = set()
    if known.rows_id is None or known.plan.count <= SHOWN_FIRST:
        return ()
    # The header says of which kinds there are any, and how many.
    for warn in (each for each in GRAVEST_FIRST if known.plan.totals.of(each)):
        if len(found) >= RISKIEST:
            break
        limit = min(RISKIEST, known.plan.totals.of(warn))
        found |= {row.ord for row in plan_rows.warned_of(tx, known.rows_id, warn, limit=limit)}
    return tuple(sorted(found))


def _entry(row: PlanTargetRow) -> Entry:
    return plan.entry(row.ord, row.fields)
