import pytest

from storage import Database, Tx
from storage.engine import deadline
from storage.tables import outbox
from storage.tables.outbox import MessageState, OutboxRow, Urgency
from tests.storage.engines import Clock, Engine

LEASE = 1_000


def add(database: Database, lane: str = "C1", kind: str = "thread", proposal_id: int | None = 1) -> int:
    return database.write(
        lambda tx: outbox.add(tx, lane=lane, kind=kind, proposal_id=proposal_id, message='{"n":1}')
    )


def claim(database: Database, owner: str = "one") -> OutboxRow | None:
    return database.write(lambda tx: outbox.claim(tx, owner=owner, lease_ms=tx.now_ms() + LEASE))


def claimed(database: Database, owner: str = "one") -> OutboxRow:
    row = claim(database, owner)
    assert row is not None
    return row


def settle(database: Database, row: OutboxRow, owner: str = "one", state: MessageState = MessageState.SENT) -> bool:
    return database.write(lambda tx: outbox.settle(tx, row, owner=owner, state=state))


def free(database: Database, lane: str = "C1", owner: str = "one", next_ms: int = 0) -> None:
    database.write(lambda tx: outbox.free_lane(tx, lane, owner=owner, next_allowed_ms=next_ms))


def stored(database: Database, row_id: int) -> OutboxRow:
    row = database.read(lambda tx: tx.one("SELECT * FROM outbox WHERE id = :id", id=row_id))
    assert row is not None
    return OutboxRow(**{**row, "state": MessageState(row["state"])})


def test_a_message_owed_is_kept_as_it_was_given(database: Database, clock: Clock) -> None:
    owed = add(database, "C1", "card", None)

    row = stored(database, owed)
    assert row == OutboxRow(
        owed,
        "C1",
        "card",
        None,
        '{"n":1}',
        row.nonce,
        MessageState.QUEUED,
        0,
        0,
        clock.ms,
        None,
        None,
        None,
        None,
        None,
        None,
    )
    assert len(row.nonce) == 24
    assert database.read(outbox.unsent) == 1


def test_a_lane_is_served_in_order_one_message_at_a_time(database: Database) -> None:
    first, second = add(database), add(database)

    row = claimed(database)
    assert row.id == first
    assert claim(database) is None
    settle(database, row)
    assert claim(database) is None
    free(database)

    assert claimed(database).id == second


def test_lanes_do_not_wait_for_each_other(database: Database) -> None:
    first, _, other = add(database, "C1"), add(database, "C1"), add(database, "C2")

    assert [claimed(database, "one").id, claimed(database, "two").id] == [first, other]
    assert claim(database, "three") is None


def test_who_takes_only_one_kind_or_all_others_passes_by_lanes_that_begin_with_something_else(
    database: Database,
) -> None:
    file, behind, other = add(database, "L1", "manifest"), add(database, "L1"), add(database, "C1")

    def of(**share: list[str]) -> int | None:
        row = database.write(lambda tx: outbox.claim(tx, owner="one", lease_ms=tx.now_ms() + LEASE, **share))
        assert row is None or not database.read(lambda tx: outbox.is_any_ready(tx, **share))
        return row.id if row else None

    assert of(besides=["manifest", "problems"]) == other
    assert of(besides=["manifest", "problems"]) is None
    assert of(only=["manifest", "problems"]) == file
    assert of(only=["manifest", "problems"]) is None
    assert stored(database, behind).state is MessageState.QUEUED


def test_a_message_that_could_not_be_sent_keeps_its_place(database: Database) -> None:
    first, _ = add(database), add(database)
    row = claimed(database)

    assert database.write(
        lambda tx: outbox.put_back(tx, row, owner="one", begun=False, broken=False, error="ratelimited")
    )
    free(database)

    again = claimed(database)
    assert (again.id, again.state, again.attempts, again.error) == (first, "queued", 1, "ratelimited")


def test_a_lane_waits_until_its_time_has_come(database: Database, clock: Clock) -> None:
    add(database)
    row = claimed(database)
    settle(database, row)
    free(database, next_ms=clock.ms + 10)
    add(database)

    assert claim(database) is None
    clock.advance(10)
    assert claim(database) is not None


def test_a_lane_is_taken_over_only_when_its_lease_is_over(database: Database, clock: Clock) -> None:
    owed = add(database)
    claimed(database, "one")

    clock.advance(LEASE - 1)
    assert claim(database, "two") is None
    clock.advance(1)

    assert claimed(database, "two").id == owed


def test_a_message_somebody_may_have_sent_is_handed_on_as_such(database: Database, clock: Clock) -> None:
    add(database)
    assert claimed(database, "one").state == "queued"
    clock.advance(LEASE)

    second = claimed(database, "two")

    assert (second.state, second.attempts) == ("sending", 1)


def test_a_message_put_back_after_it_was_begun_is_handed_on_as_such(database: Database) -> None:
    add(database)
    row = claimed(database)
    database.write(lambda tx: outbox.put_back(tx, row, owner="one", begun=True, broken=False, error="timeout"))
    free(database)

    assert claimed(database).state == "sending"


def test_whoever_lost_the_lane_can_neither_settle_nor_put_back_nor_free_it(
    database: Database, clock: Clock
) -> None:
    owed = add(database)
    late = claimed(database, "one")
    clock.advance(LEASE)
    holder = claimed(database, "two")

    assert not settle(database, late, "one")
    assert not database.write(
        lambda tx: outbox.put_back(tx, late, owner="one", begun=False, broken=False, error="no")
    )
    free(database, owner="one")

    assert stored(database, owed).state == "sending"
    assert claim(database, "three") is None
    assert settle(database, holder, "two")


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_a_settled_message_is_not_owed_any_more(database: Database, clock: Clock, state: str) -> None:
    owed = add(database)
    row = claimed(database)
    clock.advance(3)

    assert settle(database, row, state=MessageState(state))
    free(database)

    kept = stored(database, owed)
    assert (kept.state, kept.sent_ms, kept.attempts) == (state, clock.ms, 1)
    assert database.read(outbox.unsent) == 0
    assert claim(database) is None


@pytest.mark.parametrize("proposal_id", [1, None])
def test_a_message_waits_only_until_it_was_begun(database: Database, proposal_id: int | None) -> None:
    def waits(kind: str = "card", about: int | None = proposal_id) -> bool:
        return database.write(lambda tx: outbox.is_waiting(tx, kind=kind, proposal_id=about))

    assert not waits()
    add(database, kind="card", proposal_id=proposal_id)

    assert waits()
    assert not waits(kind="thread")
    assert not waits(about=2)
    claim(database)
    assert not waits()


def test_every_message_is_sent_once_whatever_the_order_of_lanes(database: Database) -> None:
    owed = [add(database, lane) for lane in ("C1", "U1", "C1", "C2", "U1", "C1")]
    sent = []

    while row := claim(database):
        sent.append(row)
        settle(database, row)
        free(database, row.lane)

    assert sorted(row.id for row in sent) == owed
    for lane in ("C1", "U1", "C2"):
        of_lane = [row.id for row in sent if row.lane == lane]
        assert of_lane == sorted(of_lane)


def test_it_is_known_whether_any_of_some_kinds_is_queued(database: Database) -> None:
    def waits(*kinds: str) -> bool:
        return database.read(lambda tx: outbox.is_any_queued(tx, *kinds))

    assert not waits("card", "thread")
    add(database, kind="thread")
    assert waits("card", "thread")
    assert not waits("card", "list")
    claim(database)
    assert not waits("card", "thread")


def test_where_a_message_is_and_its_file_are_kept(database: Database) -> None:
    owed = add(database)
    nonce = stored(database, owed).nonce
    database.write(lambda tx: outbox.note_file(tx, nonce, "F0"))
    assert stored(database, owed).file_id is None, "nobody is sending it"
    row = claimed(database)
    database.write(lambda tx: outbox.note_file(tx, nonce, "F1"))
    settle(database, row)
    database.write(lambda tx: outbox.put_place(tx, owed, channel="C1", ts="2.2", thread_ts="1.1"))

    kept = stored(database, owed)
    assert (kept.channel, kept.ts, kept.thread_ts, kept.file_id) == ("C1", "2.2", "1.1", "F1")


def test_hastening_does_not_wait_for_a_message_that_is_just_being_settled(
    engine: Engine, database: Database
) -> None:
    """Whoever settles a card may wait for the head of the log, which whoever hastens it has."""
    first, second = add(database, kind="card"), add(database, kind="card")
    row = claimed(database)
    assert row.id == first
    other = engine.open()

    def settle_while_another_hastens(tx: Tx) -> None:
        outbox.settle(tx, row, owner="one", state=MessageState.SENT)
        with deadline.within(5):
            other.write(lambda tx: outbox.hasten(tx, kind="card", proposal_id=1, urgency=Urgency.BRAKE))

    if engine.name == "postgres":
        database.write(settle_while_another_hastens)
    else:
        database.write(lambda tx: outbox.hasten(tx, kind="card", proposal_id=1, urgency=Urgency.BRAKE))

    assert stored(database, second).urgency == Urgency.BRAKE


def test_the_first_message_for_a_place_waits_for_nobody_elses(engine: Engine, database: Database) -> None:
    """Whoever owes a place its first message may go on to wait for the head of the log, which the other one has."""
    other = engine.open()

    def owe_while_another_does(tx: Tx) -> None:
        outbox.add(tx, lane="audit:1", kind="audit", proposal_id=1, message="{}")
        if engine.name == "postgres":
            with deadline.within(5):
                add(other, "audit:1", "audit")

    database.write(owe_while_another_does)

    first = claimed(database)
    assert (first.lane, first.state) == ("audit:1", MessageState.QUEUED)
    assert claim(other, "two") is None
    settle(database, first)
    free(database, "audit:1")
    assert (claim(other, "two") is None) == (engine.name == "sqlite")


def silent(database: Database) -> list[tuple[str, int, str]]:
    found = database.read(outbox.silent_channels)
    return [(each.lane, each.since_ms, each.code) for each in found]


def refuse(database: Database, row: OutboxRow, code: str = "restricted_action", *, next_ms: int = 0) -> None:
    """Put a message back as one that its channel did not take."""
    database.write(lambda tx: outbox.put_back(tx, row, owner="one", begun=False, broken=False, error=code))
    database.write(lambda tx: outbox.note_silent(tx, row.lane, code=code))
    free(database, row.lane, next_ms=next_ms)


def take(database: Database, row: OutboxRow, state: MessageState = MessageState.SENT) -> None:
    settle(database, row, state=state)
    database.write(lambda tx: outbox.note_settled(tx, row.lane))
    free(database, row.lane)


def test_a_channel_is_silent_from_the_first_refusal_until_what_it_refused_is_taken(
    database: Database, clock: Clock
) -> None:
    add(database, "approvals")
    assert silent(database) == []
    began_ms = clock.ms
    refuse(database, claimed(database))
    assert silent(database) == [("approvals", began_ms, "restricted_action")]
    clock.ms += 5_000
    refuse(database, claimed(database), "is_archived")
    assert silent(database) == [("approvals", began_ms, "is_archived")]
    take(database, claimed(database))
    assert silent(database) == []


def test_a_channel_that_takes_something_else_meanwhile_is_still_silent(database: Database, clock: Clock) -> None:
    """It may take updates of cards, and no posts."""
    add(database, "approvals")
    refuse(database, claimed(database))
    database.write(
        lambda tx: outbox.add(tx, lane="approvals", kind="card", proposal_id=1, message="{}", urgency=Urgency.HOLD)
    )
    card = claimed(database)
    assert card.kind == "card"
    take(database, card)
    assert silent(database) == [("approvals", clock.ms, "restricted_action")]
    take(database, claimed(database))
    assert silent(database) == []


def test_a_channel_whose_refused_message_is_given_up_is_not_silent_for_ever(database: Database) -> None:
    add(database, "audit")
    refuse(database, claimed(database))
    take(database, claimed(database), MessageState.FAILED)
    assert silent(database) == []


def test_a_channel_in_which_nobody_tries_is_silent_after_half_a_minute(database: Database, clock: Clock) -> None:
    add(database, "approvals")
    take(database, claimed(database))
    add(database, "approvals")
    clock.ms += outbox.UNTRIED_MS
    assert silent(database) == []
    clock.ms += 1
    assert silent(database) == [("approvals", clock.ms - outbox.UNTRIED_MS, "")]


def test_a_channel_that_takes_one_message_after_the_other_is_not_silent_however_many_wait(
    database: Database, clock: Clock
) -> None:
    for _ in range(4):
        add(database, "audit")
    for _ in range(3):
        clock.ms += outbox.UNTRIED_MS
        row = claimed(database)
        settle(database, row)
        free(database, "audit", next_ms=clock.ms)
        assert silent(database) == []


def test_a_channel_that_asks_for_a_pause_is_not_silent(database: Database, clock: Clock) -> None:
    add(database, "approvals")
    row = claimed(database)
    database.write(lambda tx: outbox.put_back(tx, row, owner="one", begun=False, broken=False, error="ratelimited"))
    free(database, "approvals", next_ms=clock.ms + 300_000)
    clock.ms += 299_000
    assert silent(database) == []


def test_the_approvals_channel_comes_first_and_other_places_are_no_channels(
    database: Database, clock: Clock
) -> None:
    for lane in ("audit", "person:U1", "list:3", "approvals", "audit:7"):
        add(database, lane)
        refuse(database, claimed(database), next_ms=clock.ms + 1)
    assert [lane for lane, _, _ in silent(database)] == ["approvals", "audit"]
