"""Checking the record offline: the chain, its anchors, and that every call made had its approvals."""

from dataclasses import dataclass

from deletion.audit import chain
from deletion.audit.chain import Fault
from deletion.evidence import replay
from storage import Record, Tx
from storage.tables import audit_log
from storage.tables.calls import CallRow


@dataclass(frozen=True)
class Report:
    """What the check found. ``events`` is the length of the log."""

    events: int
    head: str
    calls: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.faults

    def text(self) -> str:
        """Tell it in a few lines."""
        if self.holds:
            return (
                f"The audit log holds: {self.events} events, each chained to the one before; "
                f"{self.calls} delete calls, each with its intent and its approvals in the log.\n"
                f"Head: event {self.events}, {self.head or 'the log is empty'}\n"
                "Compare the head with the newest one posted in the audit channel."
            )
        lines = [f"The audit log does NOT hold: {len(self.faults)} fault(s)."]
        lines += [
            f"  event {fault.seq}: {fault.problem}" if fault.seq else f"  {fault.problem}" for fault in self.faults
        ]
        return "\n".join(lines)


def verify(database: Record) -> Report:
    """Check everything; StorageError when the database is not one of this version."""
    database.check_schema()
    seen = database.read(_snapshot)
    # What is written while this runs is left for the next time.
    until = max(seen.newest, seen.head.seq)
    faults = list(chain.faults(audit_log.every(database, until=until), head=seen.head, anchors=seen.anchors))
    if not faults:
        faults = list(replay.faults(audit_log.every(database, until=until), seen.journal))
    return Report(seen.head.seq, seen.head.hash, len(seen.journal), tuple(faults))


def fault_of(database: Record) -> str | None:
    """Tell what is wrong with the record; None when it holds."""
    report = verify(database)
    return None if report.holds else report.text()


@dataclass(frozen=True)
class _Snapshot:
    head: audit_log.Head
    newest: int
    anchors: dict[int, str]
    journal: list[CallRow]


def _snapshot(tx: Tx) -> _Snapshot:
    anchors = {anchor.seq: anchor.hash for anchor in audit_log.anchors(tx)}
    return _Snapshot(audit_log.head(tx), audit_log.newest(tx), anchors, replay.journal(tx))
