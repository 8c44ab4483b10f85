"""The plans that are carried out and shown, read from the record once: a long one takes half a second to read."""

import threading
from collections import OrderedDict

from deletion.plan import plan
from deletion.plan.plan import Plan
from deletion.terms import canonical
from storage import Tx
from storage.tables import proposals
from storage.tables.proposals import ProposalRow

KEPT = 4


class PlanCache:
    """The newest few plans by their digest. What a digest stands for never changes, so neither does an entry.

    ``check_every_ms``: how long it is believed that what is stored is what was compared with the digest last.
    """

    def __init__(self, *, check_every_ms: int = 0) -> None:
        self._lock = threading.Lock()
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._check_every_ms = check_every_ms
        self._checked_ms: dict[str, int] = {}

    def approved(self, tx: Tx, row: ProposalRow, *, check: bool = True) -> Plan | None:
        """Return the plan that was approved, or None when what is stored is not that plan.

        Without ``check`` a plan that is known is not compared with what is stored: it cannot have become another
        one, but whether somebody meddles with the record should be asked now and then.
        """
        known = self._known(row.digest)
        if known is not None and not (check and self._is_to_check(row.digest, tx.now_ms())):
            return known
        try:
            found = _as_stored(tx, row, known)
        except BaseException:
            self._note(row.digest, None)
            raise
        if found is not None and row.digest is not None:
            self._keep(row.digest, found)
        self._note(row.digest, tx.now_ms() if found else None)
        return found

    def shown(self, tx: Tx, row: ProposalRow) -> Plan | None:
        """Return the plan that a proposal stands at, to be shown; None before there is one."""
        known = self._known(row.digest)
        if known is not None or not row.revision:
            return known
        stored = proposals.plan_of(tx, row.id, row.revision)
        if stored is None:
            return None
        found = plan.parse(stored.plan)
        self._keep(stored.digest, found)
        return found

    def _known(self, digest: str | None) -> Plan | None:
        with self._lock:
            return self._plans.get(digest or "")

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

    def _keep(self, digest: str, found: Plan) -> None:
        with self._lock:
            self._plans[digest] = found
            while len(self._plans) > KEPT:
                oldest, _ = self._plans.popitem(last=False)
                self._checked_ms.pop(oldest, None)


def _as_stored(tx: Tx, row: ProposalRow, known: Plan | None) -> Plan | None:
    stored = proposals.plan_of(tx, row.id, row.revision)
    if stored is None or row.digest != canonical.sha256(stored.plan):
        return None
    return known or plan.parse(stored.plan)
