"""Who is told of what: the table from events to audiences, and the messages that are queued for them."""

from pathlib import Path
from typing import Any

import pytest

from deletion.audit import codec, events
from deletion.audit.events import AUDIENCE, Audience
from deletion.audit.messages import audience
from deletion.audit.messages.audience import LISTED_ON_CARD, ReplyTo
from deletion.audit.notices import VoteRecorded
from deletion.audit.record import record
from deletion.terms import canonical
from deletion.terms.ids import Digest, ProposalNumber, freeze_ref, proposal_ref
from deletion.terms.people import Actor
from storage import SqliteDatabase, Tx
from storage.tables import outbox, proposals, revisions
from storage.tables.outbox import OutboxRow
from tests.storage import samples
from tests.storage.migrated import new_sqlite
from tests.storage.samples import NEW

BO = Actor("T1", "UBO")


@pytest.fixture
def database(tmp_path: Path) -> SqliteDatabase:
    return new_sqlite(tmp_path / "record.db")


def queued(database: SqliteDatabase) -> list[tuple[str, str, int | None, dict[str, Any]]]:
    def read(tx: Tx) -> list[OutboxRow]:
        return [OutboxRow(**row) for row in tx.rows("SELECT * FROM outbox ORDER BY id")]

    rows = database.read(read)
    return [(row.lane, row.kind, row.proposal_id, canonical.loads(row.message)) for row in rows]


def shown(database: SqliteDatabase) -> ProposalNumber:
    """Store a proposal that has a card; return its number."""
    number = database.write(lambda tx: proposals.add(tx, NEW))
    database.write(lambda tx: revisions.add_plan(tx, samples.plan(number)))
    return ProposalNumber(number)


def test_of_every_event_it_is_decided_who_hears_of_it() -> None:
    assert set(AUDIENCE) == set(codec.by_action().values())


def test_a_card_that_waits_is_enough_for_every_change_until_it_is_on_its_way(database: SqliteDatabase) -> None:
    for number in (1, 1, 2):
        database.write(lambda tx, number=number: audience.card(tx, number))  # type: ignore[misc] # a lambda's default
    assert queued(database) == [("approvals", "card", 1, {}), ("approvals", "card", 2, {})]

    database.write(lambda tx: outbox.claim(tx, owner="one", lease_ms=tx.now_ms() + 1))
    database.write(lambda tx: audience.card(tx, 1))

    assert [number for _, _, number, _ in queued(database)] == [1, 2, 1]


def test_an_event_is_told_to_card_thread_and_proposer_by_its_number_in_the_log(database: SqliteDatabase) -> None:
    number = shown(database)
    expired = events.ProposalExpired(about=proposal_ref(number))

    head = database.write(lambda tx: record(tx, expired))

    told = {"event": head.seq}
    assert queued(database) == [
        ("approvals", "card", number, {}),
        ("approvals", "thread", number, told),
        (f"person:{NEW.proposer}", "direct", number, {**told, "user": NEW.proposer}),
    ]


def test_what_has_no_card_yet_has_no_thread_either(database: SqliteDatabase) -> None:
    number = database.write(lambda tx: proposals.add(tx, NEW))

    database.write(lambda tx: record(tx, events.ProposalWithdrawn(about=proposal_ref(number), by=BO)))

    assert queued(database) == []


@pytest.mark.parametrize(("count", "listed"), [(LISTED_ON_CARD, False), (LISTED_ON_CARD + 1, True)])
def test_a_plan_longer_than_a_card_comes_with_its_list(
    database: SqliteDatabase, count: int, *, listed: bool
) -> None:
    number = shown(database)
    names = tuple(str(place) for place in range(count))
    frozen = events.PlanFrozen(about=proposal_ref(number), digest=Digest("d"), revision=1, targets=names)

    database.write(lambda tx: record(tx, frozen))

    assert ((f"list:{number}", "manifest", number, {"revision": 1}) in queued(database)) is listed


def test_a_freeze_is_told_in_the_channel_and_on_every_card_it_touches(database: SqliteDatabase) -> None:
    number = shown(database)
    database.write(lambda tx: tx.run("UPDATE proposals SET state = 'approved'"))

    database.write(lambda tx: record(tx, events.FreezeBegun(about=freeze_ref(1), by=BO, why="")))

    assert queued(database) == [("approvals", "channel", None, {"event": 1}), ("approvals", "card", number, {})]


def test_an_answer_goes_to_one_person_in_a_lane_of_their_own(database: SqliteDatabase) -> None:
    database.write(lambda tx: audience.answer(tx, ReplyTo("C1", "UBO"), VoteRecorded(number=ProposalNumber(7))))

    message = {"notice": "VoteRecorded", "data": {"number": 7}, "user": "UBO", "channel": "C1"}
    assert queued(database) == [("private:UBO", "private", 7, message)]


@pytest.mark.parametrize("audience_", Audience)
def test_every_audience_is_somebodys(audience_: Audience) -> None:
    assert any(audience_ in told for told in AUDIENCE.values())


def test_who_subscribed_hears_of_an_event_once_it_is_committed(database: SqliteDatabase) -> None:
    heard: list[object] = []
    database.subscribe(heard.append)
    expired = events.ProposalExpired(about=proposal_ref(4))

    def fail(tx: Tx) -> None:
        record(tx, expired)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    assert heard == []

    database.write(lambda tx: record(tx, expired))

    assert heard == [expired]
