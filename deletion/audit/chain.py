"""The audit log: every event chained to the one before, so that an edit, a gap or a swap shows.

``event_hash`` is the SHA-256 of the payload's bytes; ``hash`` is SHA-256 over a version mark, the previous hash,
the number as eight bytes and the event hash. Hashing the event apart leaves room for erasing personal data later
without breaking the chain.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from deletion.terms import canonical
from deletion.terms.canonical import Json
from storage import Tx
from storage.tables import audit_log
from storage.tables.audit_log import AuditRow

MARK = b"countersign-audit-v1"


@dataclass(frozen=True)
class Violation:
    """Something wrong with the log: at which event (0 for the whole), and what."""

    seq: int
    problem: str


def link(prev: str, seq: int, event_hash: str) -> str:
    """Return the hash of event number ``seq``, 64 hex digits."""
    return hashlib.sha256(
        MARK + prev.encode("ascii") + seq.to_bytes(8, "big") + event_hash.encode("ascii")
    ).hexdigest()


def append(
    tx: Tx, *, actor: str, action: str, ref: str, data: Mapping[str, Json], locked: audit_log.Head | None = None
) -> audit_log.Head:
    """Append an event in the caller's transaction. Call it last: it locks the head of the chain.

    ``locked``: the head, where the caller has locked it already.
    """
    head = locked or audit_log.head(tx, locked=True)
    # Not before: who waited for the head comes after those who had it.
    at_ms = tx.now_ms()
    said: dict[str, Json] = {"action": action, "actor": actor, "at_ms": at_ms, "data": data, "ref": ref}
    # By these an anchor that was taken away afterwards is missed, and a log that is another record's is known.
    if head.anchored:
        said["anchored"] = head.anchored
    if head.record:
        said["record"] = head.record
    payload = canonical.dumps(said)
    event_hash = canonical.sha256(payload)
    seq = head.seq + 1
    row = AuditRow(seq, head.hash, link(head.hash, seq, event_hash), event_hash, at_ms, actor, action, ref, payload)
    audit_log.append(tx, row)
    return replace(head, seq=seq, hash=row.hash)


def violations(
    rows: Iterable[AuditRow], *, head: audit_log.Head, anchors: Mapping[int, str]
) -> Iterator[Violation]:
    """Walk the chain from its beginning and yield what is wrong, in order; nothing when it holds.

    ``anchors`` are heads that were seen elsewhere (number to hash): the log must still lead through them.
    """
    seq, prev = 0, ""
    for row in rows:
        problem = _wrong_with(row, seq=seq + 1, prev=prev)
        if problem:
            yield Violation(row.seq, problem)
            return
        seq, prev = row.seq, row.hash
        if anchors.get(seq, prev) != prev:
            yield Violation(seq, "the head that was posted to the audit channel at this event was another one")
            return
    if (head.seq, head.hash) != (seq, prev):
        yield Violation(seq + 1, f"the log ends at event {seq}, but its head says {head.seq}: events are missing")
    for missing in sorted(number for number in anchors if number > seq):
        yield Violation(missing, "this event was posted to the audit channel but is not in the log")
        return


def _wrong_with(row: AuditRow, *, seq: int, prev: str) -> str | None:
    if row.seq != seq:
        return f"event {seq} is missing: the next one in the log is {row.seq}"
    if row.prev != prev:
        return "it does not follow the event before it"
    if row.event_hash != canonical.sha256(row.payload):
        return "its content was changed after it was written"
    if row.hash != link(prev, seq, row.event_hash):
        return "its hash does not fit its place in the chain"
    if not _columns_agree(row):
        return "its columns do not say what its content says"
    return None


def _columns_agree(row: AuditRow) -> bool:
    try:
        event = canonical.loads(row.payload)
        said = (event["at_ms"], event["actor"], event["action"], event["ref"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return said == (row.at_ms, row.actor, row.action, row.ref)
