from typing import Any

import pytest

from deletion.audit import chain, notices
from deletion.audit.notices import AUDIT_LINES, Channels, Ear, News
from deletion.terms import canonical
from storage import Database, SqliteDatabase
from storage.tables import audit_log, outbox
from storage.tables.outbox import OutboxRow

CHANNELS = Channels("CAPPROVALS", "CAUDIT")


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabase:
    made = SqliteDatabase(tmp_path_factory.mktemp("notices") / "record.db")
    made.migrate()
    return made


def happen(database: Database, times: int) -> None:
    for _ in range(times):
        database.write(lambda tx: chain.record(tx, actor="T/U", action="tested", ref="proposal/1", data={}))


def owed(database: Database) -> list[OutboxRow]:
    return database.read(lambda tx: [OutboxRow(**row) for row in tx.rows("SELECT * FROM outbox ORDER BY id")])


def message(row: OutboxRow) -> dict[str, Any]:
    return dict(canonical.loads(row.message))


def audit_news(database: Database) -> bool:
    return database.write(lambda tx: notices.audit_news(tx, CHANNELS))


def begin(database: Database) -> None:
    """Let the oldest message be on its way."""
    database.write(lambda tx: outbox.claim(tx, owner="one", lease_ms=tx.now_ms() + 1))


def test_a_card_that_waits_is_enough_for_every_change_until_it_is_on_its_way(database: Database) -> None:
    for proposal in (1, 1, 2):
        database.write(lambda tx, proposal=proposal: notices.card(tx, CHANNELS, proposal))  # type: ignore[misc]
    assert [(row.lane, row.kind, row.proposal_id) for row in owed(database)] == [
        ("CAPPROVALS", "card", 1),
        ("CAPPROVALS", "card", 2),
    ]

    begin(database)
    database.write(lambda tx: notices.card(tx, CHANNELS, 1))

    assert [row.proposal_id for row in owed(database)] == [1, 2, 1]


def test_every_message_goes_where_it_belongs_and_says_its_facts(database: Database) -> None:
    facts = {"number": 7}
    database.write(lambda tx: notices.thread(tx, CHANNELS, 7, News.STARTED, facts))
    database.write(lambda tx: notices.direct(tx, "UANA", 7, News.FINISHED, facts))
    database.write(lambda tx: notices.private(tx, Ear("C1", "UBO"), None, News.VOTE_VOID, facts))
    database.write(lambda tx: notices.manifest(tx, CHANNELS, 7, revision=2))

    assert [(row.lane, row.kind, row.proposal_id, message(row)) for row in owed(database)] == [
        ("CAPPROVALS", "thread", 7, {"news": "started", "facts": facts}),
        ("UANA", "direct", 7, {"news": "finished", "facts": facts, "user": "UANA"}),
        ("private:UBO", "private", None, {"news": "vote void", "facts": facts, "user": "UBO", "channel": "C1"}),
        ("file:CAPPROVALS:7", "manifest", 7, {"revision": 2}),
    ]


def test_a_log_without_news_is_not_posted(database: Database) -> None:
    assert not database.read(notices.has_audit_news)
    assert not audit_news(database)
    assert owed(database) == []


def test_news_of_the_log_is_posted_with_the_head_it_leads_to(database: Database) -> None:
    happen(database, 3)
    assert database.read(notices.has_audit_news)

    assert audit_news(database)

    head = database.read(audit_log.head)
    (row,) = owed(database)
    assert (row.lane, row.kind) == ("CAUDIT", "audit")
    assert message(row) == {"first": 1, "last": 3, "hash": head.hash}
    assert database.read(audit_log.anchors) == [audit_log.Anchor(3, head.hash, row.id)]
    assert not database.read(notices.has_audit_news)


def test_while_news_of_the_log_waits_more_is_left_for_the_next_message(database: Database) -> None:
    happen(database, 1)
    audit_news(database)
    happen(database, 2)

    assert not audit_news(database)
    begin(database)
    assert audit_news(database)

    assert [(message(row)["first"], message(row)["last"]) for row in owed(database)] == [(1, 1), (2, 3)]


def test_much_news_is_told_in_pieces_that_leave_nothing_out(database: Database) -> None:
    happen(database, AUDIT_LINES * 2 + 1)

    while database.read(notices.has_audit_news):
        assert audit_news(database)
        begin(database)
        database.write(lambda tx: tx.run("UPDATE outbox SET state = 'sent'"))
        database.write(lambda tx: tx.run("UPDATE lanes SET lease_ms = 0"))

    told = [(message(row)["first"], message(row)["last"]) for row in owed(database)]
    assert told == [
        (1, AUDIT_LINES),
        (AUDIT_LINES + 1, AUDIT_LINES * 2),
        (AUDIT_LINES * 2 + 1, AUDIT_LINES * 2 + 1),
    ]
    rows = {row.seq: row.hash for row in audit_log.every(database)}
    assert all(rows[message(row)["last"]] == message(row)["hash"] for row in owed(database))
