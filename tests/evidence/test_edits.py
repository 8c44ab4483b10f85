"""Somebody who owns the database edits a table and leaves the log alone: each edit is named, and where."""
# ruff: noqa: S608 - statements of the tests' own

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deletion.evidence.columns import BELIEVED, NOT_BELIEVED
from storage import SqliteDatabase
from storage.engine import introspection
from tests.evidence.owners import Owned, Row, Value


@dataclass(frozen=True)
class Edit:
    """An edit outside the log; ``:name`` is the number of the proposal of that name. What the check says of it."""

    name: str
    tables: tuple[str, ...]
    sql: str
    says: tuple[str, ...]


def edit(name: str, table: str, sql: str, *says: str) -> Edit:
    return Edit(name, tuple(table.split()), sql, says)


REFUSED = "proposal_id = :done AND outcome = 'refused'"

ROWS = "set_id = (SELECT rows_id FROM plans WHERE proposal_id = :changed AND revision = 2)"

OF_25 = "(SELECT rows_id FROM plans WHERE proposal_id = :halted AND revision = 1)"


def planted(part: int, place: int) -> str:
    """Return the statement that adds a row, warned of nine times, to the rows of a plan of 25."""
    return (
        "INSERT INTO plan_rows (set_id, part, ord, target, title, warned, fields, leaf) "
        f"SELECT set_id, {part}, {place}, 'planted', 'planted', 9, fields, leaf FROM plan_rows "
        f"WHERE part = 0 AND ord = 0 AND set_id = {OF_25}"
    )


EDITS = [
    *(
        edit(
            f"a row is added to a plan, {where}",
            "plan_rows",
            planted(part, place),
            f'plan_rows row {place + 1} ({named}"planted") of revision 1 of #',
            "the row is in the table, but it is not in the log",
            *says,
        )
        for where, part, place, named, says in (
            (
                "before its first",
                0,
                -1,
                "",
                ("ord: the log says 25 rows, from 1 to 25, the table says 26 rows, from 0",),
            ),
            ("right after its last", 0, 25, "", ("the table says 26 rows, from 1 to 26",)),
            ("far behind its last", 0, 5000, "", ("the table says 26 rows, from 1 to 5001",)),
            ("before everything", 0, -(2**63), "", ()),
            ("behind everything", 0, 2**63 - 1, "", ()),
            ("as something left out", 1, -1, "left out, ", ("left out of revision 1", "the log says no rows")),
            ("as something that is asked for", 2, 0, "part 2, ", ()),
            ("as the end of what is asked for", 3, 0, "part 3, ", ()),
            ("in a part that there is not", -7, 0, "part -7, ", ()),
        )
    ),
    edit(
        "the rows of a plan begin further on",
        "plan_rows",
        f"UPDATE plan_rows SET ord = ord + 100 WHERE part = 0 AND set_id = {OF_25}",
        "the log says 25 rows, from 1 to 25, the table says 25 rows, from 101 to 125",
        "the table says 0 rows with the root",
    ),
    edit(
        "so many rows are added to a plan that nobody reads a list of them",
        "plan_rows",
        "INSERT INTO plan_rows (set_id, part, ord, target, title, warned, fields, leaf) "
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) "
        f"SELECT {OF_25}, 9, i, 'planted', '', 0, '', '' FROM n",
        "part 9, ",
    ),
    edit(
        "two plans have the same rows",
        "plans",
        f"UPDATE plans SET rows_id = {OF_25} WHERE proposal_id = :big",
        "rows_id: the log says a set of its own, the table says ",
        "which another plan has",
        "rows with the root",
    ),
    edit(
        "a message is before all others",
        "outbox",
        f"UPDATE outbox SET id = {-(2**63)}, message = '{{' WHERE id = (SELECT max(id) FROM outbox)",
        f"outbox #{-(2**63)}, message",
    ),
    edit(
        "an item that VOD refused is called deleted",
        "items",
        f"UPDATE items SET outcome = 'deleted' WHERE {REFUSED}",
        'outcome: the log says "refused", the table says "deleted"',
    ),
    edit(
        "a deleted item is called refused",
        "items",
        "UPDATE items SET outcome = 'refused' WHERE proposal_id = :done AND outcome = 'deleted'",
        'outcome: the log says "deleted", the table says "refused"',
    ),
    edit(
        "an item that was stopped waits again",
        "items",
        "UPDATE items SET state = 'pending', outcome = NULL WHERE proposal_id = :halted AND outcome = 'stopped'",
        'state: the log says "settled", the table says "pending"',
    ),
    edit(
        "a settled item is sent again",
        "items",
        f"UPDATE items SET state = 'pending' WHERE {REFUSED}",
        "state",
    ),
    edit(
        "an item's evidence is emptied",
        "items",
        "UPDATE items SET note = '{}' WHERE proposal_id = :halted AND outcome = 'stopped'",
        "note: the log says",
    ),
    edit(
        "an item is said to have ended at another time",
        "items",
        "UPDATE items SET settled_ms = settled_ms + 86400000 WHERE proposal_id = :done",
        "settled_ms: the log says",
    ),
    edit(
        "an item that waits is said to have ended",
        "items",
        "UPDATE items SET settled_ms = NULL WHERE proposal_id = :halted AND outcome = 'stopped'",
        "settled_ms: the log says a time, the table says nothing",
    ),
    edit(
        "an item is one of another video",
        "items",
        f"UPDATE items SET target = 'other' WHERE {REFUSED}",
        "items other of #",
        "not in the log",
        "no such row",
    ),
    edit(
        "an item was tried less often",
        "items",
        f"UPDATE items SET attempts = 0 WHERE {REFUSED}",
        "attempts: the log says 1, the table says 0",
    ),
    edit(
        "an item is taken away",
        "items",
        f"DELETE FROM items WHERE {REFUSED}",
        "it is in the log, but there is no such row",
    ),
    edit(
        "an item is added",
        "items",
        "INSERT INTO items (id, proposal_id, ord, target, state) VALUES (99999, :done, 9, 'more', 'pending')",
        "items more of #",
        "it is not in the log",
    ),
    edit(
        "what a stored plan amounts to is rewritten",
        "plans",
        "UPDATE plans SET plan = replace(plan, '\"bytes\":', '\"bytes\":1') WHERE proposal_id = :changed",
        "plan: the log says a text with the SHA-256",
    ),
    edit(
        "the title in a row of a plan is rewritten",
        "plan_rows",
        """UPDATE plan_rows SET fields = replace(fields, '"title":"', '"title":"not ') WHERE ord = 0 AND """ + ROWS,
        "fields: the log says a text with the leaf hash",
    ),
    edit(
        "a row of a plan and its hash are rewritten",
        "plan_rows",
        "UPDATE plan_rows SET leaf = CASE substr(leaf, 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr(leaf, 2) "
        "WHERE ord = 0 AND " + ROWS,
        "row 1 (",
        "fields: the log says a text with the leaf hash",
    ),
    edit(
        "the title by which a row is found is rewritten",
        "plan_rows",
        "UPDATE plan_rows SET title = 'harmless' WHERE ord = 1 AND " + ROWS,
        "row 2 (",
        "title: the log says",
        'the table says "harmless"',
    ),
    edit(
        "the id by which a row is found is rewritten",
        "plan_rows",
        "UPDATE plan_rows SET target = 'other' WHERE ord = 1 AND " + ROWS,
        "target: the log says",
    ),
    edit(
        "the warnings of a row are not counted",
        "plan_rows",
        "UPDATE plan_rows SET warned = 7 WHERE ord = 0 AND " + ROWS,
        "warned: the log says",
    ),
    edit(
        "a row of a plan is taken away",
        "plan_rows",
        "DELETE FROM plan_rows WHERE ord = 1 AND " + ROWS,
        "targets of revision",
        "rows with the root",
    ),
    edit(
        "rows of a plan change places",
        "plan_rows",
        "UPDATE plan_rows SET ord = 9 WHERE ord = 0 AND " + ROWS,
        "rows with the root",
    ),
    edit(
        "a row of a plan is called left out",
        "plan_rows",
        "UPDATE plan_rows SET part = 1 WHERE ord = 1 AND " + ROWS,
        "rows with the root",
    ),
    edit(
        "the rows of a plan are those of another",
        "plan_rows",
        "UPDATE plan_rows SET set_id = (SELECT rows_id FROM plans WHERE proposal_id = :changed AND revision = 1), "
        "ord = 9 WHERE ord = 1 AND " + ROWS,
        "rows with the root",
    ),
    edit(
        "a plan and its digest are rewritten",
        "plans",
        "UPDATE plans SET digest = proposal_id || 'f' WHERE proposal_id = :changed",
        "digest: the log says",
    ),
    edit(
        "the title that lists show is rewritten",
        "plans",
        "UPDATE plans SET first_title = 'harmless' WHERE proposal_id = :changed",
        'the table says "harmless"',
    ),
    edit(
        "a plan names fewer targets than it has",
        "plans",
        "UPDATE plans SET targets = 1 WHERE proposal_id = :changed",
        "targets: the log says 2, the table says 1",
    ),
    edit(
        "a plan frees fewer bytes than it does",
        "plans",
        "UPDATE plans SET bytes = 1 WHERE proposal_id = :changed",
        "bytes: the log says",
    ),
    edit(
        "what changed between two plans is hidden",
        "plans",
        "UPDATE plans SET drift = '[]' WHERE proposal_id = :changed AND revision = 2",
        "revision 2 of #",
        "drift: the log says",
    ),
    edit(
        "an earlier plan is taken away",
        "plans",
        "DELETE FROM plans WHERE proposal_id = :changed AND revision = 1",
        "plans revision 1 of #",
        "no such row",
    ),
    edit(
        "a call's answer is edited",
        "calls",
        "UPDATE calls SET answer = replace(answer, 'request_id', 'request_ie') WHERE proposal_id = :done",
        "answer: the log says",
    ),
    edit(
        "a call is of another operation",
        "calls",
        "UPDATE calls SET action = 'DeleteStream' WHERE proposal_id = :done",
        'action: the log says "DeleteVideo", the table says "DeleteStream"',
    ),
    edit(
        "a call's end is not known",
        "calls",
        "UPDATE calls SET state = 'unknown' WHERE proposal_id = :done",
        'state: the log says "done", the table says "unknown"',
    ),
    edit(
        "a call has another id",
        "calls",
        "UPDATE calls SET id = 'another' WHERE proposal_id = :done",
        "is in the journal but was never written in the log",
    ),
    edit(
        "a call is of another proposal",
        "calls",
        "UPDATE calls SET proposal_id = :rejected WHERE proposal_id = :done",
        "is in the journal but was never written in the log",
        "is in the log but not in the journal",
    ),
    edit(
        "somebody else voted",
        "votes",
        "UPDATE votes SET voter = 'U0CY5R8ZN1D' WHERE subject_kind = 'proposal' AND subject_id = :done",
        'voter: the log says "U0',
    ),
    edit(
        "a vote is on another plan",
        "votes",
        "UPDATE votes SET digest = 'f' WHERE subject_kind = 'proposal' AND subject_id = :done",
        "digest: the log says",
    ),
    edit(
        "a void vote counts",
        "votes",
        "UPDATE votes SET state = 'counted' WHERE subject_kind = 'proposal' AND subject_id = :changed",
        'state: the log says "void", the table says "counted"',
    ),
    edit(
        "why a vote is void is edited",
        "votes",
        'UPDATE votes SET note = \'{"facts":{},"rule":"guest"}\' WHERE subject_id = :changed AND state = \'void\'',
        "note: the log says",
    ),
    edit(
        "a vote that nobody cast is slipped in",
        "votes",
        "INSERT INTO votes (id, subject_kind, subject_id, digest, voter_team, voter, channel, state, cast_ms) "
        "VALUES (99999, 'proposal', :changed, 'f', 'T', 'U', 'C', 'counted', 0)",
        "votes #99999: the row is in the table, but it is not in the log",
    ),
    edit(
        "a vote is taken away",
        "votes",
        "DELETE FROM votes WHERE subject_kind = 'proposal' AND subject_id = :done",
        "it is in the log, but there is no such row",
    ),
    edit(
        "a vote is on a subject that there is not",
        "votes",
        "UPDATE votes SET subject_id = 4711 WHERE subject_kind = 'proposal' AND subject_id = :done",
        "votes of #4711: the row is in the table",
    ),
    edit(
        "a vote to unfreeze is on another freeze",
        "votes",
        "UPDATE votes SET subject_id = 4711 WHERE subject_kind = 'freeze'",
        "it is not in the log",
    ),
    edit(
        "a proposal is about the rest of another one",
        "proposals",
        "UPDATE proposals SET again_of = :big WHERE id = :again",
        "again_of: the log says ",
    ),
    edit(
        "a proposal of a rest is one of its own",
        "proposals",
        "UPDATE proposals SET again_of = NULL WHERE id = :again",
        "again_of: the log says ",
        "the table says nothing",
    ),
    edit(
        "a proposal has another state",
        "proposals",
        "UPDATE proposals SET state = 'approved' WHERE id = :rejected",
        'state: the log says "rejected", the table says "approved"',
    ),
    edit(
        "a proposal has another proposer",
        "proposals",
        "UPDATE proposals SET proposer = 'U0BO93LXT6W' WHERE id = :approved",
        "proposer: the log says",
    ),
    edit(
        "a proposal has another reason",
        "proposals",
        "UPDATE proposals SET reason = 'cleanup' WHERE id = :done",
        'reason: the log says "rights expired", the table says "cleanup"',
    ),
    edit(
        "a proposal is of another level",
        "proposals",
        "UPDATE proposals SET kind = 'stream' WHERE id = :done",
        'kind: the log says "video", the table says "stream"',
    ),
    edit(
        "what was asked for is edited",
        "proposals",
        'UPDATE proposals SET request = \'{"by":"videos","ids":[]}\' WHERE id = :done',
        "request: the log says",
    ),
    edit(
        "a proposal needs fewer people",
        "proposals",
        "UPDATE proposals SET needed = 0 WHERE id = :changed",
        "needed: the log says 1, the table says 0",
    ),
    edit(
        "a proposal is older than it is",
        "proposals",
        "UPDATE proposals SET created_ms = created_ms - 86400000 WHERE id = :changed",
        "created_ms: the log says",
    ),
    edit(
        "a proposal expires later",
        "proposals",
        "UPDATE proposals SET expires_ms = expires_ms + 1 WHERE id = :changed",
        "expires_ms: the log says",
    ),
    edit(
        "a proposal was decided earlier",
        "proposals",
        "UPDATE proposals SET decided_ms = decided_ms - 1 WHERE id = :done",
        "decided_ms: the log says",
    ),
    edit(
        "a hold is over",
        "proposals",
        "UPDATE proposals SET hold_until_ms = 0 WHERE id = :approved",
        "hold_until_ms: the log says",
    ),
    edit(
        "an approval is good for longer",
        "proposals",
        "UPDATE proposals SET execute_by_ms = execute_by_ms + 1 WHERE id = :approved",
        "execute_by_ms: the log says",
    ),
    edit(
        "who rejected it is somebody else",
        "proposals",
        'UPDATE proposals SET state_note = \'{"actor":"U0BO93LXT6W","why":"still in use"}\' WHERE id = :rejected',
        "state_note: the log says",
    ),
    edit(
        "a stop is taken back",
        "proposals",
        "UPDATE proposals SET halted = NULL WHERE id = :halted",
        "halted: the log says",
    ),
    edit(
        "a proposal stands at an earlier plan",
        "proposals",
        "UPDATE proposals SET revision = 1 WHERE id = :changed",
        "revision: the log says 2, the table says 1",
    ),
    edit(
        "a proposal is taken away",
        "proposals",
        "DELETE FROM proposals WHERE id = :rejected",
        "it is in the log, but there is no such row",
    ),
    edit(
        "a proposal that nobody made is slipped in",
        "proposals",
        "INSERT INTO proposals (id, team, proposer, kind, request, reason, state, needed, created_ms,"
        " collect_by_ms, expires_ms) VALUES (4711, 'T', 'U', 'video', '{}', '', 'approved', 0, 0, 0, 0)",
        "proposals of #4711: the row is in the table, but it is not in the log",
    ),
    edit(
        "a question says something else",
        "questions",
        "UPDATE questions SET text = 'Who cares?' WHERE proposal_id = :done",
        'questions #1, text: the log says "Why now?", the table says "Who cares?"',
    ),
    edit(
        "an answer is taken back",
        "questions",
        "UPDATE questions SET answer = NULL, answered_ms = NULL WHERE proposal_id = :done",
        'answer: the log says "The rights ended.", the table says nothing',
    ),
    edit("a question is taken away", "questions", "DELETE FROM questions", "no such row"),
    edit(
        "a question is slipped in",
        "questions",
        "INSERT INTO questions (id, proposal_id, digest, team, person, text, asked_ms) "
        "VALUES (4711, :rejected, '', 'T', 'U', 'Why?', 0)",
        "questions #4711: the row is in the table, but it is not in the log",
    ),
    edit(
        "an approval says something else",
        "votes",
        "UPDATE votes SET comment = 'Never.' WHERE subject_id = :done AND comment IS NOT NULL",
        'comment: the log says "Checked.", the table says "Never."',
    ),
    edit(
        "a freeze is ended",
        "freezes",
        "UPDATE freezes SET thawed_ms = 1 WHERE thawed_ms IS NULL",
        "thawed_ms: the log says nothing, the table says 1",
    ),
    edit(
        "a freeze has another reason",
        "freezes",
        "UPDATE freezes SET reason = 'a drill' WHERE thawed_ms IS NOT NULL",
        'reason: the log says "wrong folder", the table says "a drill"',
    ),
    edit(
        "a freeze was begun by somebody else",
        "freezes",
        "UPDATE freezes SET person = 'U0BO93LXT6W' WHERE thawed_ms IS NULL",
        "person: the log says",
    ),
    edit("a freeze is taken away", "freezes", "DELETE FROM freezes WHERE thawed_ms IS NULL", "no such row"),
    edit("the anchors are emptied", "anchors", "DELETE FROM anchors", "anchors event", "no such row"),
    edit(
        "the anchors are emptied, and the messages that posted them",
        "anchors outbox",
        "DELETE FROM anchors; DELETE FROM outbox WHERE kind = 'audit head'",
        "anchors event",
        "no such row",
    ),
    edit(
        "an anchor is added that was never posted",
        "anchors",
        "INSERT INTO anchors (seq, hash, outbox_id) SELECT seq, hash, 99999 FROM audit WHERE seq = "
        "(SELECT min(seq) FROM audit WHERE seq NOT IN (SELECT seq FROM anchors))",
        "the row is in the table, but it is not in the log",
    ),
    edit(
        "the audit channel is said to have been told everything",
        "audit_head",
        "UPDATE audit_head SET posted_seq = posted_seq + 1",
        "audit_head #1, posted_seq",
    ),
    edit(
        "the record is said to be another one",
        "audit_head",
        "UPDATE audit_head SET record_id = 'f'",
        "audit_head #1, record_id: the log says",
    ),
    edit(
        "a message is told in another proposal's thread",
        "outbox",
        "UPDATE outbox SET proposal_id = :rejected WHERE kind = 'thread' AND proposal_id = :done",
        "outbox #",
        "is about proposal/",
    ),
]


@pytest.mark.parametrize("edit", [pytest.param(each, id=each.name) for each in EDITS])
def test_an_edit_outside_the_log_is_named(written: Owned, edit: Edit) -> None:
    with written.put_back(*edit.tables):
        for sql in edit.sql.split("; "):
            numbers: dict[str, Value] = {n: v for n, v in written.numbers.items() if f":{n}" in sql}
            before = written.everything_in(edit.tables)
            written.run(sql, **numbers)
            assert written.everything_in(edit.tables) != before, "the edit changed nothing"
        report = written.verify()

    assert not report.holds
    assert report.text().startswith("The audit log does NOT hold: ")
    for words in edit.says:
        assert words in report.text()


def test_the_edits_are_at_least_thirty_kinds() -> None:
    assert len({each.name for each in EDITS}) >= 30


def test_a_record_that_nobody_edited_holds(written: Owned) -> None:
    report = written.verify()

    assert report.holds, report.text()


def test_every_column_is_compared_or_has_a_reason(written: Owned) -> None:
    """A new column fails this: say in deletion/evidence/columns.py what the log says of it, or why nobody cares."""
    known = {
        table: BELIEVED.get(table, frozenset()) | NOT_BELIEVED.get(table, {}).keys()
        for table in {*BELIEVED, *NOT_BELIEVED}
    }

    assert written.columns() == known
    assert all(not BELIEVED[table] & NOT_BELIEVED.get(table, {}).keys() for table in BELIEVED)
    assert all(reason for reasons in NOT_BELIEVED.values() for reason in reasons.values())


BY_THE_CHAIN = ("audit", "audit_head")
"""Tables whose edits the walk along the chain finds; each has its tests in tests/bot/test_audit_verify.py."""

CHOSEN = {
    "proposals": "id = :done",
    "plans": "proposal_id = :done",
    "votes": "subject_kind = 'proposal' AND subject_id = :done",
    "items": "proposal_id = :done AND ord = 1",
    "calls": "proposal_id = :done",
    "questions": "proposal_id = :done",
    "freezes": "thawed_ms IS NOT NULL",
    "anchors": "seq = (SELECT max(seq) FROM anchors)",
    "outbox": "id = (SELECT max(id) FROM outbox WHERE kind = 'audit head')",
}
"""The row that is edited of each table."""

ELSEWHERE = {
    ("outbox", "proposal_id"): "id = (SELECT max(id) FROM outbox WHERE kind = 'thread')",
    ("proposals", "again_of"): "id = :again",
}

COLUMNS = sorted((table, column) for table in CHOSEN for column in BELIEVED[table])


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[".".join(each) for each in COLUMNS])
def test_an_edit_of_any_column_that_is_believed_is_named(written: Owned, table: str, column: str) -> None:
    where = ELSEWHERE.get((table, column), CHOSEN[table])
    numbers = {name: value for name, value in written.numbers.items() if f":{name}" in where}
    with written.put_back(table):
        (row,) = written.run(f"SELECT * FROM {table} WHERE {where}", **numbers)
        sql = f"UPDATE {table} SET {column} = :edited WHERE {where}"
        written.run(sql, edited=other_than(row, column), **numbers)
        report = written.verify()

    assert not report.holds, f"nothing is said of {table}.{column}"


EMPTY_NUMBERS = frozenset({"typed", "ramp_below"})
"""Columns of numbers that may be empty."""


def other_than(row: Row, column: str) -> Value:
    """Return a value of the column's type that differs from the one in the row."""
    value = row[column]
    if isinstance(value, int) or column.endswith("_ms") or column in EMPTY_NUMBERS:
        return int(value or 0) + 40_000
    return f"{value or ''}x" if not str(value).startswith("{") else '{"actor":"U","code":"edited","rule":"bot"}'


def test_columns_are_asked_of_the_database_itself() -> None:
    """The list of what is not believed must not go stale either."""
    database = SqliteDatabase(":memory:")
    database.migrate()
    tables: Iterator[str] = iter(database.read(lambda tx: introspection.tables(tx, "sqlite")))
    assert set(tables) == {*BELIEVED, *NOT_BELIEVED}
    database.close()
