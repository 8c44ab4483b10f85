"""The heads that were posted, and the messages that report events, compared with the log. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deletion.audit.messages.places import MessageKind
from deletion.evidence.claims import Exactly, Finding, Mismatch, Row, compared, shown, strays
from deletion.terms import canonical
from deletion.terms.ids import Ref

_ANCHORED = re.compile(r',"anchored":(\d+),"at_ms":')
"""Where an event's canonical text names the newest head that was posted before it: after the actor."""

_RECORD = re.compile(r'"record":"([0-9a-f]+)","ref":"[^"]*"}$')
"""Where it names the record that it was written in: at the end, before what it is about."""

_HEADS = frozenset({MessageKind.AUDIT_HEAD, MessageKind.AUDIT})
_LINES = frozenset({MessageKind.AUDIT_THREAD, MessageKind.AUDIT_POST})


@dataclass
class Posted:
    """Which heads have to be in the table of anchors, by what the log itself and the outbox say."""

    named: set[int] = field(default_factory=set)
    heads: dict[int, Row] = field(default_factory=dict)
    record: str = ""
    told: int = 0
    unread: list[Mismatch] = field(default_factory=list)

    def take_event(self, payload: str) -> None:
        """Take up which head and which record an event of the log names."""
        found = _ANCHORED.search(payload)
        if found:
            self.named.add(int(found[1]))
        found = _RECORD.search(payload)
        if found:
            self.record = found[1]

    def take_message(self, row: Row, ref_of: Mapping[int, str]) -> None:
        """Take up a message of the outbox; ``ref_of`` says what the events that messages report are about."""
        message = _read(row["message"])
        if not isinstance(message, dict):
            self._wrong(row, "a message", shown(row["message"]))
            return
        if row["kind"] in _HEADS and "hash" in message:
            seq = message.get("seq") or message.get("last")
            if isinstance(seq, int):
                self.heads[seq] = {"seq": seq, "hash": message["hash"], "outbox_id": row["id"]}
                self.told = max(self.told, seq)
        elif row["kind"] in _LINES:
            self.told = max([self.told, *(each for each in message.get("events", []) if isinstance(each, int))])
        elif isinstance(event := message.get("event"), int):
            self._take_report(row, event, ref_of)

    def findings(self, before: "Table", after: "Table") -> Iterator[Finding]:
        """Compare the anchors with the log and the outbox, which were read between ``before`` and ``after``."""
        for seq in sorted((self.named | self.heads.keys()) - after.anchors.keys()):
            yield from strays("anchors", [f"event {seq}"], missing=True)
        for seq, row in before.anchors.items():
            if seq not in self.heads:
                yield from strays("anchors", [f"event {seq}"], missing=False)
                continue
            said = {name: Exactly(value) for name, value in self.heads[seq].items()}
            yield from compared("anchors", f"event {seq}", row, [said])
        if not (_number(before.posted_seq) <= self.told <= _number(after.posted_seq)):
            yield Mismatch("audit_head", "#1", "posted_seq", shown(self.told), shown(after.posted_seq))
        if self.record and after.record_id != self.record:
            yield Mismatch("audit_head", "#1", "record_id", shown(self.record), shown(after.record_id))
        yield from self.unread

    def _take_report(self, row: Row, event: int, ref_of: Mapping[int, str]) -> None:
        """An event is told where it belongs: to those who follow its own proposal."""
        ref = ref_of.get(event)
        if ref is None:
            self._wrong(row, "an event of the log", f"event {event}")
        elif row["proposal_id"] != Ref.parse(ref).proposal and row["proposal_id"] is not None:
            self._wrong(row, f"that event {event} is about {ref}", f"proposal {shown(row['proposal_id'])}")

    def _wrong(self, row: Row, log: str, found: str) -> None:
        self.unread.append(Mismatch("outbox", f"#{row['id']}", "message", log, found))


@dataclass(frozen=True)
class Table:
    """The anchors by event, how far the log was told, and the record's own id, as they were at one moment."""

    anchors: Mapping[int, Row]
    posted_seq: object
    record_id: object


def _number(value: object) -> int:
    """Return a number as it is; what is none is beyond all of them."""
    return value if isinstance(value, int) else 2**63


def reported(rows: Iterable[Row]) -> list[int]:
    """Return the numbers of the events that messages report."""
    messages = (_read(row["message"]) for row in rows)
    return [each["event"] for each in messages if isinstance(each, dict) and isinstance(each.get("event"), int)]


def _read(message: object) -> Any:
    try:
        return canonical.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        return None
