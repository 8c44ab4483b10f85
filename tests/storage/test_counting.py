"""What is counted for the metrics, on both engines."""

from storage import Database
from storage.tables import calls, freezes, items, jobs, outbox, proposal_counts, proposals, rate_limits, votes
from storage.tables.calls import CallState
from storage.tables.outbox import MessageState
from storage.tables.votes import Subject
from tests.storage import samples
from tests.storage.engines import START_MS, Clock


def test_proposals_are_counted_by_state(database: Database) -> None:
    for state in ("pending", "finished", "pending"):
        samples.proposal(database, state=state)

    assert database.read(proposal_counts.count_by_state) == {"pending": 2, "finished": 1}


def test_items_are_counted_by_outcome_of_proposals_in_one_state_only(database: Database) -> None:
    one, _ = samples.with_items(database, "a", "b", "c")
    samples.with_items(database, "d")
    first, second, _ = samples.items_of(database, one)
    settled = items.settled(first, outcome="deleted", note="{}", now_ms=START_MS)
    sent = items.answered(second, outcome="accepted", note="{}", due_ms=START_MS)
    database.write(lambda tx: items.write(tx, [settled, sent]))
    database.write(lambda tx: proposals.move(tx, one, old="pending", new="executing", note="{}"))

    assert database.read(lambda tx: items.tally_in_state(tx, "executing")) == {"deleted": 1, "waiting": 2}
    assert database.read(lambda tx: items.tally_in_state(tx, "pending")) == {"waiting": 1}
    assert database.read(lambda tx: items.tally_in_state(tx, "approved")) == {}


def test_calls_without_an_answer_are_in_time_or_late(database: Database, clock: Clock) -> None:
    assert database.read(calls.count_open) == (0, 0)
    number = samples.proposal(database)
    for call_id, lease_ms in (("answered", 0), ("late", 10), ("in time", 20), ("in time too", 20)):
        samples.intend(database, number, call_id, lease_ms=clock.ms + lease_ms)
    database.write(lambda tx: calls.complete(tx, "answered", owner="one", state=CallState.DONE, answer="{}"))
    clock.ms += 10

    assert database.read(calls.count_open) == (2, 1)


def test_due_jobs_that_nobody_holds_are_counted_from_when_they_were_due(database: Database, clock: Clock) -> None:
    number = samples.proposal(database, created_ms=clock.ms - 500)
    vote = database.write(
        lambda tx: votes.cast(tx, Subject("proposal", number), digest="d", voter=("T1", "UBO"), channel="C1")
    )
    assert vote is not None
    for kind, ref, due_ms in (
        ("collect", number, 0),
        ("count", vote, 0),
        ("execute", 1, clock.ms + 40),
        ("execute", 2, clock.ms + 70),
        ("execute", 3, clock.ms + 9_000),
        ("thaw", 9, 0),
    ):
        database.write(lambda tx, kind=kind, ref=ref, due_ms=due_ms: jobs.add(tx, kind, ref, due_ms=due_ms))  # type: ignore[misc] # mypy cannot infer a lambda's default
    then = clock.ms
    clock.ms += 100

    assert database.read(jobs.backlog) == {
        "collect": (1, then - 500),
        "count": (1, then),
        "execute": (2, then + 40),
        "thaw": (1, clock.ms),
    }
    held = database.write(lambda tx: jobs.claim(tx, owner="one", lease_ms=tx.now_ms() + 50))
    assert held is not None
    assert held.kind not in database.read(jobs.backlog)
    clock.ms += 50
    assert held.kind in database.read(jobs.backlog)


def test_messages_that_are_not_sent_are_counted_from_when_they_were_written(
    database: Database, clock: Clock
) -> None:
    def owe(kind: str, lane: str) -> None:
        database.write(lambda tx: outbox.add(tx, lane=lane, kind=kind, proposal_id=None, message="{}"))

    then = clock.ms
    owe("card", "C1")
    clock.ms += 10
    owe("card", "C2")
    owe("audit", "C3")
    assert database.read(outbox.backlog) == {"card": (2, then), "audit": (1, then + 10)}
    row = database.write(lambda tx: outbox.claim(tx, owner="one", lease_ms=tx.now_ms() + 50))
    assert row is not None
    assert database.read(outbox.backlog)["card"] == (2, then), "one that is being sent is not sent yet"
    database.write(lambda tx: outbox.settle(tx, row, owner="one", state=MessageState.SENT))

    assert database.read(outbox.backlog) == {"card": (1, then + 10), "audit": (1, then + 10)}


def test_rates_are_those_of_operations_and_of_nothing_else(database: Database) -> None:
    assert database.read(rate_limits.percents) == {}
    database.write(rate_limits.lock_wire)
    database.write(lambda tx: rate_limits.take_turn(tx, "DeleteVideo", interval_us=1))

    assert database.read(rate_limits.percents) == {"DeleteVideo": rate_limits.FULL}


def test_counting_an_empty_record_finds_nothing(database: Database) -> None:
    assert database.read(proposal_counts.count_by_state) == {}
    assert database.read(jobs.backlog) == database.read(outbox.backlog) == {}
    assert database.read(freezes.current) is None
