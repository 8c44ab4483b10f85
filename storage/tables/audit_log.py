"""The audit log's rows and its head; what they mean and how they are chained is deletion's business."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from storage.engine.database import HIGHEST, LOWEST, Readable, Tx

PAGE = 5_000
"""Rows per page when the whole log is read: no transaction stays open while they are looked at."""


@dataclass(frozen=True)
class AuditRow:
    """One event. ``payload`` is canonical JSON and the record; the other columns repeat it for searching."""

    seq: int
    prev: str
    hash: str
    event_hash: str
    at_ms: int
    actor: str
    action: str
    ref: str
    payload: str


@dataclass(frozen=True)
class Head:
    """The newest event's number and hash; 0 and '' when the log is empty.

    ``anchored``: the newest event whose head was, or is being, posted; 0 for none. ``record``: the record's own id.
    """

    seq: int
    hash: str
    anchored: int = field(default=0, compare=False)
    record: str = field(default="", compare=False)


@dataclass(frozen=True)
class Entry:
    """An event without what it says: its number, hash, name, and what it is about."""

    seq: int
    hash: str
    action: str
    ref: str


@dataclass(frozen=True)
class Posting:
    """How far the log was shown in the audit channel, and when a head was posted there last (UTC ms, 0: never)."""

    seq: int
    head_ms: int


@dataclass(frozen=True)
class Anchor:
    """A head that was posted to the audit channel by the outbox message ``outbox_id``."""

    seq: int
    hash: str
    outbox_id: int


def head(tx: Tx, *, locked: bool = False) -> Head:
    """Return the head; locked, nobody else can append until this transaction ends (so lock it last)."""
    sql = """
        SELECT seq, hash, record_id, (SELECT COALESCE(max(seq), 0) FROM anchors) AS anchored
        FROM audit_head WHERE id = 1
    """
    row = tx.one(sql + (" {lock}" if locked else ""))
    if row is None:
        return Head(0, "")
    return Head(int(row["seq"]), str(row["hash"]), int(row["anchored"]), str(row["record_id"]))


def record_id(tx: Tx) -> str:
    """Return the record's own id, 32 hex digits: given once, kept when the record is moved."""
    row = tx.one("SELECT record_id FROM audit_head WHERE id = 1")
    return str(row["record_id"]) if row else ""


def append(tx: Tx, row: AuditRow) -> None:
    """Add an event and move the head to it."""
    tx.run(
        """
        INSERT INTO audit (seq, prev, hash, event_hash, at_ms, actor, action, ref, payload)
        VALUES (:seq, :prev, :hash, :event_hash, :at_ms, :actor, :action, :ref, :payload)
        """,
        **row.__dict__,
    )
    tx.run("UPDATE audit_head SET seq = :seq, hash = :hash WHERE id = 1", seq=row.seq, hash=row.hash)


def between(tx: Tx, first: int, last: int) -> list[AuditRow]:
    """Return the events with first <= seq <= last, in order."""
    found = tx.rows("SELECT * FROM audit WHERE seq >= :first AND seq <= :last ORDER BY seq", first=first, last=last)
    return [AuditRow(**row) for row in found]


def numbered(tx: Tx, numbers: Sequence[int]) -> list[AuditRow]:
    """Return the events with these numbers, in the order of the log."""
    names = {f"n{place}": number for place, number in enumerate(numbers)}
    among = ", ".join(f":{name}" for name in names)
    found = tx.rows(f"SELECT * FROM audit WHERE seq IN ({among}) ORDER BY seq", **names)  # noqa: S608 - names of ours
    return [AuditRow(**row) for row in found]


def refs_of(tx: Tx, numbers: Sequence[int]) -> dict[int, str]:
    """Return what the events with these numbers are about, by number."""
    names = {f"n{place}": number for place, number in enumerate(numbers)}
    among = ", ".join(f":{name}" for name in names)
    found = tx.rows(f"SELECT seq, ref FROM audit WHERE seq IN ({among})", **names)  # noqa: S608 - names of ours
    return {int(row["seq"]): str(row["ref"]) for row in found}


def entries(tx: Tx, first: int, last: int) -> list[Entry]:
    """Return the events with first <= seq <= last without their payloads, in order."""
    found = tx.rows(
        "SELECT seq, hash, action, ref FROM audit WHERE seq >= :first AND seq <= :last ORDER BY seq",
        first=first,
        last=last,
    )
    return [Entry(**row) for row in found]


def posting(tx: Tx) -> Posting:
    """Return how far the log was shown in the audit channel."""
    row = tx.one("SELECT posted_seq, head_posted_ms FROM audit_head WHERE id = 1")
    return Posting(int(row["posted_seq"]), int(row["head_posted_ms"])) if row else Posting(0, 0)


def put_posting(tx: Tx, posting: Posting) -> None:
    """Remember how far the log was shown in the audit channel."""
    sql = "UPDATE audit_head SET posted_seq = :seq, head_posted_ms = :head_ms WHERE id = 1"
    tx.run(sql, **posting.__dict__)


def newest_ms(tx: Tx) -> int | None:
    """Return when the newest event was written (UTC ms); None when the log is empty."""
    row = tx.one("SELECT at_ms FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    return int(row["at_ms"]) if row else None


def newest(tx: Tx) -> int:
    """Return the highest number in the log, whatever the head says; 0 when the log is empty."""
    row = tx.one("SELECT COALESCE(max(seq), 0) AS seq FROM audit")
    return int(row["seq"]) if row else 0


def every(database: Readable, *, until: int = 2**62) -> Iterator[AuditRow]:
    """Yield the log in the order of its numbers, a page at a time; ``until`` leaves out what was written since."""
    first = LOWEST
    while True:
        page = database.read(
            lambda tx, first=first: tx.rows(  # type: ignore[misc] # mypy cannot infer a lambda's default
                "SELECT * FROM audit WHERE seq >= :first AND seq <= :until ORDER BY seq LIMIT :page",
                first=first,
                until=until,
                page=PAGE,
            )
        )
        for row in page:
            yield AuditRow(**row)
        if len(page) < PAGE or page[-1]["seq"] == HIGHEST:
            return
        first = int(page[-1]["seq"]) + 1


def add_anchor(tx: Tx, anchor: Anchor) -> None:
    """Remember that a head is going to the audit channel."""
    tx.run(
        "INSERT INTO anchors (seq, hash, outbox_id) VALUES (:seq, :hash, :outbox) ON CONFLICT DO NOTHING",
        seq=anchor.seq,
        hash=anchor.hash,
        outbox=anchor.outbox_id,
    )


def anchors(tx: Tx) -> list[Anchor]:
    """Return every anchor, oldest first."""
    return [Anchor(**row) for row in tx.rows("SELECT seq, hash, outbox_id FROM anchors ORDER BY seq")]


def last_anchored(tx: Tx) -> int:
    """Return the number of the newest event that was, or is being, posted."""
    row = tx.one("SELECT COALESCE(max(seq), 0) AS seq FROM anchors")
    return int(row["seq"]) if row else 0
