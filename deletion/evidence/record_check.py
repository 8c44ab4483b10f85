"""Checking the record offline: the chain and its anchors, and that every table holds what the log says.

The log is walked along once, a page at a time; then each proposal's events and rows are compared, one proposal at a
time. So what is in memory is the longest proposal, not the record.
"""

from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from deletion.audit import chain
from deletion.audit.chain import Violation
from deletion.evidence import comparing
from deletion.evidence.comparing import Walked
from deletion.evidence.subjects.posted import Table
from storage import Readable, Tx
from storage.tables import audit_log, calls
from storage.tables.audit_log import Head

MOST = 200
"""Violations that are told; whoever has these has enough to look into."""


@dataclass(frozen=True)
class Report:
    """What the check found. ``events``: the length of the log; ``posted``: the head that was posted last.

    ``record`` is the record's own id.
    """

    events: int
    head: str
    posted: Head | None
    calls: int
    violations: tuple[Violation, ...]
    record: str = ""

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.violations

    def text(self) -> str:
        """Tell it in a few lines."""
        return f"{self._found()}\nRecord: {self.record}"

    def _found(self) -> str:
        if self.holds:
            return (
                f"The audit log holds: {self.events} events, each chained to the one before; "
                f"{self.calls} delete calls, each with its intent and its approvals in the log; "
                "every table holds what the log says.\n"
                f"Head: event {self.events}, {self.head or 'the log is empty'}\n"
                f"{self._posted_text()}"
            )
        lines = [f"The audit log does NOT hold: {len(self.violations)} violation(s)."]
        lines += [
            f"  event {each.seq}: {each.problem}" if each.seq else f"  {each.problem}" for each in self.violations
        ]
        return "\n".join(lines)

    def _posted_text(self) -> str:
        if self.posted is None:
            return "No head was posted to the audit channel yet."
        return (
            f"Posted last: event {self.posted.seq}, {self.posted.hash}\n"
            "Compare that one with the newest head in the audit channel."
        )


class Checkable(Readable, Protocol):
    """What can be read, and asked whether it is a record of this version."""

    def check_schema(self) -> None:
        """Raise StorageError when it is not."""
        ...


def verify(database: Checkable) -> Report:
    """Check everything; StorageError when the database is not one of this version."""
    database.check_schema()
    return examine(database)


def examine(record: Readable) -> Report:
    """Check a record whose schema is known to be this version's."""
    seen = record.read(_snapshot)
    # What is written while this runs is left for the next time.
    until = max(seen.newest, seen.head.seq)
    walked = Walked()
    rows = walked.along(audit_log.every(record, until=until))
    anchors = {seq: str(row["hash"]) for seq, row in seen.anchored.anchors.items()}
    found = list(chain.violations(rows, head=seen.head, anchors=anchors))
    if not found:
        found = list(islice(comparing.violations(record, walked, seen.anchored), MOST))
    posted = Head(*max(anchors.items())) if anchors else None
    return Report(seen.head.seq, seen.head.hash, posted, seen.calls, tuple(found), seen.record)


def fault_of(record: Readable) -> str | None:
    """Tell what is wrong with the record; None when it holds."""
    report = examine(record)
    return None if report.holds else report.text()


@dataclass(frozen=True)
class _Snapshot:
    head: Head
    newest: int
    anchored: Table
    calls: int
    record: str


def _snapshot(tx: Tx) -> _Snapshot:
    return _Snapshot(
        audit_log.head(tx), audit_log.newest(tx), comparing.anchored(tx), calls.count(tx), audit_log.record_id(tx)
    )
