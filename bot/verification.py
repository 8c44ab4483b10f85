"""Checking the record offline: the chain, its anchors, and that every call made had its approvals."""

from dataclasses import dataclass

from deletion import audit, inquest
from deletion.audit import Fault
from storage import Database, trail


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
                f"Head: event {self.events}, {self.head}\n"
                "Compare the head with the newest one posted in the audit channel."
            )
        lines = [f"The audit log does NOT hold: {len(self.faults)} fault(s)."]
        lines += [
            f"  event {fault.seq}: {fault.problem}" if fault.seq else f"  {fault.problem}" for fault in self.faults
        ]
        return "\n".join(lines)


def verify(database: Database) -> Report:
    """Check everything; StorageError when the database is not one of this version."""
    database.check_schema()
    head = database.read(trail.head)
    anchors = {anchor.seq: anchor.hash for anchor in database.read(trail.anchors)}
    faults = list(audit.faults(trail.every(database), head=head, anchors=anchors))
    journal = database.read(inquest.journal)
    if not faults:
        faults = list(inquest.faults(trail.every(database), journal))
    return Report(head.seq, head.hash, len(journal), tuple(faults))
