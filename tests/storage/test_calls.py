from storage import Database
from storage.tables import calls
from storage.tables.calls import CallRow, CallState
from tests.storage import samples
from tests.storage.engines import START_MS, Clock

LEASE = 1_000


def complete(
    database: Database, call_id: str, owner: str, state: CallState = CallState.DONE, answer: str = '"ok"'
) -> bool:
    return database.write(lambda tx: calls.complete(tx, call_id, owner=owner, state=state, answer=answer))


def take_over(database: Database, number: int, owner: str) -> CallRow | None:
    return database.write(lambda tx: calls.take_over(tx, number, owner=owner, lease_ms=tx.now_ms() + LEASE))


def test_a_call_is_in_the_journal_before_it_is_made(database: Database, clock: Clock) -> None:
    number = samples.proposal(database)

    samples.intend(database, number, "c1", owner="one", lease_ms=clock.ms + LEASE)

    expected = CallRow(
        "c1", number, "DeleteVideo", '["a"]', CallState.INTENT, "one", clock.ms + LEASE, "{}", clock.ms, None
    )
    assert database.read(lambda tx: calls.get(tx, "c1")) == expected
    assert database.read(lambda tx: calls.get(tx, "c2")) is None


def test_a_call_is_completed_once_by_its_owner(database: Database, clock: Clock) -> None:
    samples.intend(database, samples.proposal(database), "c1", owner="one")
    clock.advance(7)

    assert not complete(database, "c1", "another")
    assert not complete(database, "no such call", "one")
    assert complete(database, "c1", "one")
    assert not complete(database, "c1", "one", CallState.UNKNOWN, '"late"')

    row = database.read(lambda tx: calls.get(tx, "c1"))
    assert row is not None
    assert (row.state, row.answer, row.done_ms) == ("done", '"ok"', clock.ms)


def test_a_call_is_taken_over_only_when_its_lease_is_over(database: Database, clock: Clock) -> None:
    number = samples.proposal(database)
    samples.intend(database, number, "c1", owner="one", lease_ms=clock.ms + LEASE)

    clock.advance(LEASE - 1)
    assert take_over(database, number, "two") is None
    assert take_over(database, number, "one") is None
    clock.advance(1)
    taken = take_over(database, number, "two")

    assert taken is not None
    assert (taken.id, taken.owner, taken.lease_ms) == ("c1", "two", clock.ms + LEASE)
    assert take_over(database, number, "three") is None


def test_whoever_held_a_call_that_was_taken_over_is_fenced(database: Database, clock: Clock) -> None:
    number = samples.proposal(database)
    samples.intend(database, number, "c1", owner="one", lease_ms=clock.ms)
    assert take_over(database, number, "two") is not None

    assert not complete(database, "c1", "one", CallState.DONE, '"deleted"')
    assert complete(database, "c1", "two", CallState.UNKNOWN)

    row = database.read(lambda tx: calls.get(tx, "c1"))
    assert row is not None
    assert row.state == "unknown"


def test_completed_calls_and_those_of_other_proposals_are_not_taken_over(database: Database, clock: Clock) -> None:
    number, other = samples.proposal(database), samples.proposal(database)
    samples.intend(database, number, "c1", lease_ms=clock.ms)
    samples.intend(database, other, "c2", lease_ms=clock.ms)
    complete(database, "c1", "one")

    assert take_over(database, number, "two") is None


def test_expired_calls_are_taken_over_oldest_first(database: Database, clock: Clock) -> None:
    number = samples.proposal(database)
    for call_id in ("z", "a"):
        samples.intend(database, number, call_id, lease_ms=START_MS + 100)
        clock.advance(1)
    clock.advance(100)

    taken = [take_over(database, number, "two") for _ in range(3)]

    assert [call.id if call else None for call in taken] == ["z", "a", None]


def test_a_call_whose_lease_is_over_may_be_taken_over(database: Database, clock: Clock) -> None:
    number = samples.proposal(database)
    samples.intend(database, number, "c1", lease_ms=START_MS + 5)
    assert not database.read(lambda tx: calls.is_any_expired(tx, number))
    clock.advance(5)
    assert database.read(lambda tx: calls.is_any_expired(tx, number))
    complete(database, "c1", "one")
    assert not database.read(lambda tx: calls.is_any_expired(tx, number))


def test_a_call_is_its_owners_to_make_until_its_lease_is_over_or_it_is_done(
    database: Database, clock: Clock
) -> None:
    number = samples.proposal(database)
    samples.intend(database, number, "c1", lease_ms=START_MS + 5)
    samples.intend(database, number, "c2", lease_ms=START_MS + 5)
    complete(database, "c2", "one")

    def is_open(call_id: str, owner: str = "one") -> bool:
        return database.read(lambda tx: calls.is_open(tx, call_id, owner=owner))

    assert [is_open("c1"), is_open("c1", "two"), is_open("c2")] == [True, False, False]
    clock.advance(5)
    assert not is_open("c1")


def test_the_whole_journal_is_read_oldest_first(database: Database, clock: Clock) -> None:
    number, other = samples.proposal(database), samples.proposal(database)
    samples.intend(database, number, "z")
    clock.advance(1)
    samples.intend(database, other, "a")

    assert [row.id for row in database.read(calls.every)] == ["z", "a"]
