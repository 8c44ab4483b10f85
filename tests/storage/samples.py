"""Rows to fill a record with, each with only what a test wants to be different."""

from dataclasses import replace

from storage import Database, Tx
from storage.tables import calls, items, proposals
from storage.tables.audit_log import AuditRow, Head
from storage.tables.calls import Intent
from storage.tables.items import ItemRow
from storage.tables.proposals import NewProposal, ProposalRow
from storage.tables.revisions import PlanRow
from tests.storage.engines import START_MS

NEW = NewProposal(
    team="T1",
    proposer="UANA",
    kind="video",
    request='{"by":"videos","ids":["a"]}',
    reason="rights expired",
    state="pending",
    needed=1,
    created_ms=START_MS,
    collect_by_ms=START_MS + 1,
    expires_ms=START_MS + 2,
)


def proposal(database: Database, **facts: str | int) -> int:
    return database.write(lambda tx: proposals.add(tx, replace(NEW, **facts)))  # type: ignore[arg-type] # any field


def row_of(database: Database, number: int) -> ProposalRow:
    found = database.read(lambda tx: proposals.get(tx, number))
    assert found is not None
    return found


def plan(number: int, revision: int = 1, text: str = "{}") -> PlanRow:
    return PlanRow(number, revision, f"digest {revision}", text, "[]", START_MS)


def items_of(database: Database, number: int) -> list[ItemRow]:
    return database.read(lambda tx: items.of(tx, number))


def with_items(database: Database, *targets: str) -> tuple[int, list[int]]:
    """Store a proposal with items; return its number and theirs."""
    number = proposal(database)
    database.write(lambda tx: items.add_all(tx, number, [(n, target, n // 20) for n, target in enumerate(targets)]))
    return number, [item.id for item in items_of(database, number)]


def intend(
    database: Database, number: int, call_id: str, *, owner: str = "one", lease_ms: int = START_MS + 1
) -> None:
    intent = Intent(call_id, number, "DeleteVideo", '["a"]', owner, lease_ms)
    database.write(lambda tx: calls.intend(tx, intent))


def event(head: Head, action: str = "tested") -> AuditRow:
    """Make the event that follows a head; storage does not care what its hashes are worth."""
    seq = head.seq + 1
    return AuditRow(seq, head.hash, f"hash {seq}", "event hash", START_MS, "T1/UANA", action, "proposal/1", "{}")


def count(tx: Tx, table: str) -> int:
    row = tx.one(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 - the tests name the table
    assert row is not None
    return int(row["n"])
