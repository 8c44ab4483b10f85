"""Rows as they are stored, for whoever checks them: nothing is taken for granted, not even their types."""

from collections.abc import Iterator

from storage.engine.database import HIGHEST, LOWEST, Readable, Row, Tx
from storage.tables.audit_log import AuditRow
from storage.tables.plan_rows import PlanTargetRow

PAGE = 5_000
"""Rows per page of what is read from beginning to end."""

_OF_PROPOSAL = {
    "proposals": "SELECT * FROM proposals WHERE id = :id",
    "plans": "SELECT * FROM plans WHERE proposal_id = :id ORDER BY revision",
    "calls": "SELECT * FROM calls WHERE proposal_id = :id ORDER BY intent_ms, id",
    "items": "SELECT * FROM items WHERE proposal_id = :id ORDER BY ord",
    "questions": "SELECT * FROM questions WHERE proposal_id = :id ORDER BY id",
}

_HAVE_SUBJECTS = {
    "proposals": "SELECT id AS subject FROM proposals",
    "plans": "SELECT DISTINCT proposal_id AS subject FROM plans",
    "calls": "SELECT DISTINCT proposal_id AS subject FROM calls",
    "items": "SELECT DISTINCT proposal_id AS subject FROM items",
    "questions": "SELECT DISTINCT proposal_id AS subject FROM questions",
}


def of_proposal(tx: Tx, number: int) -> dict[str, list[Row]]:
    """Return the rows of a proposal by table."""
    return {table: tx.rows(sql, id=number) for table, sql in _OF_PROPOSAL.items()}


def parts(tx: Tx, set_id: int) -> dict[int, tuple[int, int, int]]:
    """Return how many rows each part of a set has, and the places (from 0) of its first and its last."""
    found = tx.rows(
        """
        SELECT part, count(*) AS number, min(ord) AS first, max(ord) AS last FROM plan_rows
        WHERE set_id = :id GROUP BY part ORDER BY part
        """,
        id=set_id,
    )
    return {int(row["part"]): (int(row["number"]), int(row["first"]), int(row["last"])) for row in found}


def rows_of_part(record: Readable, set_id: int, part: int, *, at_once: int) -> Iterator[PlanTargetRow]:
    """Yield the rows of a part of a set wherever they stand, some at a time, in the order of their places."""
    first = LOWEST
    while True:
        page = record.read(
            lambda tx, first=first: tx.rows(  # type: ignore[misc] # mypy cannot infer a lambda's default
                """
                SELECT part, ord, target, title, warned, fields, leaf FROM plan_rows
                WHERE set_id = :id AND part = :part AND ord >= :first ORDER BY ord LIMIT :page
                """,
                id=set_id,
                part=part,
                first=first,
                page=at_once,
            )
        )
        for row in page:
            yield PlanTargetRow(**row)
        if len(page) < at_once or page[-1]["ord"] == HIGHEST:
            return
        first = int(page[-1]["ord"]) + 1


def shared_sets(tx: Tx, limit: int) -> list[Row]:
    """Return plans that have a set of rows in common: proposal, revision and set, in the order of the sets."""
    return tx.rows(
        """
        SELECT proposal_id, revision, rows_id FROM plans
        WHERE rows_id IN (SELECT rows_id FROM plans GROUP BY rows_id HAVING count(*) > 1)
        ORDER BY rows_id, proposal_id, revision LIMIT :limit
        """,
        limit=limit,
    )


def votes_on(tx: Tx, kind: str, number: int) -> list[Row]:
    """Return the votes on a subject in the order of their numbers."""
    sql = "SELECT * FROM votes WHERE subject_kind = :kind AND subject_id = :id ORDER BY id"
    return tx.rows(sql, kind=kind, id=number)


def freeze(tx: Tx, number: int) -> list[Row]:
    """Return the row of a freeze."""
    return tx.rows("SELECT * FROM freezes WHERE id = :id", id=number)


def loss(tx: Tx, number: int) -> list[Row]:
    """Return the row of a finding that the record did not lead to the audit channel."""
    return tx.rows("SELECT * FROM anchor_losses WHERE id = :id", id=number)


def losses_named(tx: Tx) -> set[int]:
    """Return the numbers of all such findings."""
    return {int(row["id"]) for row in tx.rows("SELECT id FROM anchor_losses")}


def proposals_named(tx: Tx) -> set[int]:
    """Return the numbers of all proposals that any row is about."""
    return {int(row["subject"]) for sql in _HAVE_SUBJECTS.values() for row in tx.rows(sql)}


def freezes_named(tx: Tx) -> set[int]:
    """Return the numbers of all freezes."""
    return {int(row["id"]) for row in tx.rows("SELECT id FROM freezes")}


def subjects_of_votes(tx: Tx) -> set[tuple[str, int]]:
    """Return every subject that somebody voted on, by kind and number."""
    found = tx.rows("SELECT DISTINCT subject_kind, subject_id FROM votes")
    return {(str(row["subject_kind"]), int(row["subject_id"])) for row in found}


def events_about(tx: Tx, ref: str) -> list[AuditRow]:
    """Return the events about something, in order."""
    return [AuditRow(**row) for row in tx.rows("SELECT * FROM audit WHERE ref = :ref ORDER BY seq", ref=ref)]


def anchors(tx: Tx) -> list[Row]:
    """Return the heads that were, or are being, posted, oldest first."""
    return tx.rows("SELECT * FROM anchors ORDER BY seq")


def head(tx: Tx) -> Row:
    """Return the row of the log's head; empty when there is none."""
    return tx.one("SELECT * FROM audit_head WHERE id = 1") or {}


def messages(record: Readable, *, until: int) -> Iterator[Row]:
    """Yield the messages of the outbox up to a number, a page at a time; no transaction stays open meanwhile."""
    first = LOWEST
    while True:
        page = record.read(
            lambda tx, first=first: tx.rows(  # type: ignore[misc] # mypy cannot infer a lambda's default
                """
                SELECT id, kind, proposal_id, message FROM outbox
                WHERE id >= :first AND id <= :until ORDER BY id LIMIT :page
                """,
                first=first,
                until=until,
                page=PAGE,
            )
        )
        yield from page
        if len(page) < PAGE or page[-1]["id"] == HIGHEST:
            return
        first = int(page[-1]["id"]) + 1


def last_message(tx: Tx) -> int:
    """Return the number of the newest message; 0 when there is none."""
    row = tx.one("SELECT COALESCE(max(id), 0) AS id FROM outbox")
    return int(row["id"]) if row else 0
