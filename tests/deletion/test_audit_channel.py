"""What the audit channel is owed: every event once, together with its like, and heads after decisions."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages import audit_channel, places
from deletion.audit.messages.audit_channel import (
    DECISIONS,
    HEAD_EVERY_MS,
    LINES,
    MOST_EVENTS,
    Lines,
    arranged,
    is_head_due,
)
from deletion.audit.messages.places import MessageKind
from deletion.audit.record import record
from deletion.terms import canonical
from deletion.terms.ids import ProposalNumber, Ref, freeze_ref, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.states import State
from storage import SqliteDatabase
from storage.tables import audit_log, outbox, proposals
from storage.tables.audit_log import Anchor, Entry, Posting
from storage.tables.outbox import MessageState
from storage.tables.proposals import NewProposal
from tests.clock import MovableClock
from tests.storage.migrated import new_sqlite

BO = Actor("T0COUNTER01", "U0BO93LXT6W")


def entry(seq: int, ref: Ref, action: str = "call.intent") -> Entry:
    return Entry(seq, "h" * 64, action, str(ref))


def told(entries: Sequence[Entry], known: Sequence[int] = (1, 2)) -> list[Lines]:
    return arranged(entries, lambda number: number in known)


def test_events_of_one_proposal_are_told_together_whatever_happened_between() -> None:
    refs = [proposal_ref(1), proposal_ref(2), proposal_ref(1), proposal_ref(2)]
    made = [entry(seq, ref) for seq, ref in enumerate(refs, 1)]
    assert told(made) == [Lines(ProposalNumber(1), (1, 3)), Lines(ProposalNumber(2), (2, 4))]


def test_what_is_about_no_proposal_or_one_that_does_not_exist_stands_by_itself() -> None:
    made = [entry(1, proposal_ref(None)), entry(2, proposal_ref(1)), entry(3, proposal_ref(999))]
    assert told(made) == [Lines(None, (1, 3)), Lines(ProposalNumber(1), (2,))]


def test_a_freeze_has_a_post_of_its_own() -> None:
    made = [
        entry(1, proposal_ref(None), "proposal.refused"),
        entry(2, freeze_ref(1), "freeze.begun"),
        entry(3, freeze_ref(1), "vote.counted"),
        entry(4, freeze_ref(1), "freeze.ended"),
    ]
    assert told(made) == [Lines(None, (1,)), Lines(None, (2,)), Lines(None, (3,)), Lines(None, (4,))]


refs = st.sampled_from([proposal_ref(1), proposal_ref(2), proposal_ref(7), proposal_ref(None), freeze_ref(1)])


@given(st.lists(refs, max_size=60))
def test_every_event_is_told_once_and_no_message_is_too_long(about: list[Ref]) -> None:
    made = [entry(seq, ref) for seq, ref in enumerate(about, 1)]
    found = told(made)
    assert sorted(seq for lines in found for seq in lines.events) == list(range(1, len(made) + 1))
    assert all(0 < len(lines.events) <= LINES for lines in found)
    assert all(list(lines.events) == sorted(lines.events) for lines in found)


@pytest.mark.parametrize("decision", sorted(DECISIONS, key=str))
def test_a_head_follows_every_decision_at_once(decision: type[Event]) -> None:
    assert is_head_due([entry(1, proposal_ref(1), decision.action)], since_ms=0)


def test_a_head_follows_anything_else_once_a_minute() -> None:
    made = [entry(1, proposal_ref(1))]
    assert not is_head_due(made, since_ms=HEAD_EVERY_MS - 1)
    assert is_head_due(made, since_ms=HEAD_EVERY_MS)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory, clock: MovableClock) -> SqliteDatabase:
    return new_sqlite(tmp_path_factory.mktemp("audit") / "record.db", now_ms=clock)


def proposal(database: SqliteDatabase, state: State = State.PENDING) -> int:
    new = NewProposal("T0COUNTER01", "UANA", "video", "{}", "why", state, 1, 0, 0, 0)
    return database.write(lambda tx: proposals.add(tx, new))


def happen(database: SqliteDatabase, *happened: Event) -> None:
    for event in happened:
        database.write(lambda tx, event=event: record(tx, event))  # type: ignore[misc] # mypy cannot infer a lambda's default


def started(number: int | None) -> Event:
    return events.CanaryPassed(about=proposal_ref(number), rest=False)


def rejected(number: int) -> Event:
    return events.ProposalRejected(about=proposal_ref(number), by=BO, why="in use")


def queue(database: SqliteDatabase) -> bool:
    return database.write(audit_channel.queue_news)


def has_news(database: SqliteDatabase) -> bool:
    return database.read(audit_channel.has_news)


def queued(database: SqliteDatabase) -> list[tuple[str, str, int | None, object]]:
    rows = database.read(
        lambda tx: tx.rows("SELECT * FROM outbox WHERE kind LIKE 'audit%' AND state = 'queued' ORDER BY id")
    )
    return [(row["lane"], row["kind"], row["proposal_id"], canonical.loads(row["message"])) for row in rows]


def send_all(database: SqliteDatabase) -> None:
    database.write(lambda tx: tx.run("UPDATE outbox SET state = 'sent'"))


def test_a_log_without_news_owes_nothing(database: SqliteDatabase) -> None:
    assert not has_news(database)
    assert not queue(database)
    assert queued(database) == []


def test_a_proposal_is_shown_before_its_events_and_a_head_follows_its_decision(database: SqliteDatabase) -> None:
    number = proposal(database)
    happen(database, started(number), rejected(number))
    assert has_news(database)

    assert queue(database)

    head = database.read(audit_log.head)
    assert queued(database) == [
        (places.AUDIT, MessageKind.AUDIT_CARD, number, {}),
        (places.AUDIT, MessageKind.AUDIT_THREAD, number, {"events": [1, 2]}),
        (places.AUDIT, MessageKind.AUDIT_HEAD, None, {"seq": 2, "hash": head.hash}),
    ]
    (anchor,) = database.read(audit_log.anchors)
    assert (anchor.seq, anchor.hash) == (2, head.hash)
    assert not has_news(database)


def test_a_proposal_that_is_shown_already_is_updated_in_a_place_of_its_own(database: SqliteDatabase) -> None:
    number = proposal(database)
    database.write(lambda tx: proposals.put_audit_card(tx, number, channel="C1", ts="1.1"))
    happen(database, started(number))
    queue(database)
    lane, kind, *_ = queued(database)[0]
    assert (lane, kind) == (audit_channel.lane_of_card(number), MessageKind.AUDIT_CARD)


def test_an_update_that_waits_is_enough_for_every_change(database: SqliteDatabase) -> None:
    number = proposal(database)
    database.write(lambda tx: proposals.put_audit_card(tx, number, channel="C1", ts="1.1"))
    happen(database, started(number))
    queue(database)
    database.write(lambda tx: tx.run("UPDATE outbox SET state = 'sent' WHERE kind <> 'audit card'"))
    happen(database, rejected(number))
    queue(database)
    kinds = [kind for _, kind, *_ in queued(database)]
    assert kinds == [MessageKind.AUDIT_CARD, MessageKind.AUDIT_THREAD, MessageKind.AUDIT_HEAD]


def test_what_is_queued_is_sent_before_more_is_queued(database: SqliteDatabase) -> None:
    number = proposal(database)
    happen(database, started(number))
    assert queue(database)
    happen(database, rejected(number))
    assert not has_news(database)
    assert not queue(database)
    send_all(database)
    assert has_news(database)
    assert queue(database)


def test_a_head_covers_what_was_shown_once_the_minute_is_over_though_nothing_else_happens(
    database: SqliteDatabase, clock: MovableClock
) -> None:
    happen(database, started(None))
    queue(database)
    send_all(database)
    happen(database, started(None))
    queue(database)
    assert [kind for _, kind, *_ in queued(database)] == [MessageKind.AUDIT_POST]
    send_all(database)
    assert not has_news(database)

    clock.advance(61)

    assert has_news(database)
    assert queue(database)
    head = database.read(audit_log.head)
    assert queued(database) == [(places.AUDIT, MessageKind.AUDIT_HEAD, None, {"seq": 2, "hash": head.hash})]
    send_all(database)
    clock.advance(61)
    assert not has_news(database)


def test_much_news_is_told_in_pieces_that_leave_nothing_out(database: SqliteDatabase) -> None:
    number = proposal(database)
    happen(database, *[started(number)] * (MOST_EVENTS + LINES + 1))
    shown: list[int] = []
    while has_news(database):
        assert queue(database)
        for _, kind, _, message in queued(database):
            if kind == MessageKind.AUDIT_THREAD:
                assert isinstance(message, dict)
                shown += message["events"]
        send_all(database)
    assert shown == list(range(1, MOST_EVENTS + LINES + 2))


def test_a_freeze_shows_every_deletion_under_way_anew(database: SqliteDatabase) -> None:
    under_way, waiting = proposal(database, State.EXECUTING), proposal(database)
    happen(database, events.FreezeBegun(about=freeze_ref(1), by=BO, why=""))
    queue(database)
    assert waiting
    shown = [number for _, kind, number, _ in queued(database) if kind == MessageKind.AUDIT_CARD]
    assert shown == [under_way]


def test_a_log_that_an_earlier_version_posted_goes_on_from_there(database: SqliteDatabase) -> None:
    happen(database, started(None), started(None))
    head = database.read(audit_log.head)
    database.write(lambda tx: audit_log.add_anchor(tx, Anchor(head.seq, head.hash, 1)))
    database.write(lambda tx: audit_log.put_posting(tx, Posting(head.seq, 0)))
    assert not has_news(database)
    happen(database, started(None))
    queue(database)
    assert next(message for *_, message in queued(database)) == {"events": [3]}


def test_messages_of_an_earlier_version_go_first(database: SqliteDatabase) -> None:
    database.write(
        lambda tx: outbox.add(tx, lane=places.AUDIT, kind=MessageKind.AUDIT, proposal_id=None, message="{}")
    )
    happen(database, started(None))
    assert not has_news(database)
    database.write(lambda tx: tx.run("UPDATE outbox SET state = :state", state=MessageState.SENT))
    assert has_news(database)
