from dataclasses import asdict, replace
from functools import partial

import pytest

from storage import Database, Tx
from storage.tables import proposal_counts, proposals, revisions
from storage.tables.proposals import Stamp
from storage.tables.revisions import PlanHead
from tests.storage import samples


def test_a_proposal_is_stored_as_it_was_given_and_gets_the_next_number(database: Database) -> None:
    first, second = samples.proposal(database), samples.proposal(database)

    row = samples.row_of(database, first)
    assert second == first + 1
    request = database.read(lambda tx: proposals.request_of(tx, second))
    assert asdict(samples.NEW).items() <= {**asdict(row), "request": request}.items()
    assert (row.state_note, row.revision, row.digest) == ("{}", 0, None)
    assert (row.decided_ms, row.execute_by_ms, row.finished_ms) == (None, None, None)
    assert (row.card_channel, row.card_ts) == (None, None)


def test_there_is_no_proposal_under_an_unknown_number(database: Database) -> None:
    assert database.read(lambda tx: proposals.get(tx, 7)) is None
    assert database.write(lambda tx: proposals.lock(tx, 7)) is None
    with pytest.raises(LookupError, match="no proposal 7"):
        database.read(lambda tx: proposals.request_of(tx, 7))


def test_a_locked_proposal_is_read_like_any_other(database: Database) -> None:
    number = samples.proposal(database)

    assert database.write(lambda tx: proposals.lock(tx, number)) == samples.row_of(database, number)


def test_a_move_happens_only_from_the_state_it_names_and_only_once(database: Database) -> None:
    number = samples.proposal(database, state="pending")

    def move(tx: Tx, old: str, new: str) -> bool:
        return proposals.move(tx, number, old=old, new=new, note=f'"{new}"')

    assert not database.write(lambda tx: move(tx, "approved", "executing"))
    assert samples.row_of(database, number).state == "pending"
    assert database.write(lambda tx: move(tx, "pending", "approved"))
    assert not database.write(lambda tx: move(tx, "pending", "rejected"))
    row = samples.row_of(database, number)
    assert (row.state, row.state_note) == ("approved", '"approved"')


def test_a_move_touches_no_other_proposal(database: Database) -> None:
    one, other = samples.proposal(database), samples.proposal(database)

    database.write(lambda tx: proposals.move(tx, one, old="pending", new="rejected", note="{}"))

    assert samples.row_of(database, other).state == "pending"


def test_times_are_stamped_one_by_one_and_never_taken_away(database: Database) -> None:
    number = samples.proposal(database)

    database.write(lambda tx: proposals.stamp(tx, number, Stamp(decided_ms=1)))
    database.write(lambda tx: proposals.stamp(tx, number, Stamp(execute_by_ms=2)))
    database.write(lambda tx: proposals.stamp(tx, number, Stamp(finished_ms=3)))
    database.write(lambda tx: proposals.stamp(tx, number, Stamp()))

    row = samples.row_of(database, number)
    assert (row.decided_ms, row.execute_by_ms, row.finished_ms) == (1, 2, 3)


def test_where_the_card_is_can_be_remembered_and_changed(database: Database) -> None:
    number = samples.proposal(database)

    for ts in ("1.1", "2.2"):
        database.write(lambda tx, ts=ts: proposals.put_card(tx, number, channel="C9", ts=ts))  # type: ignore[misc]

    row = samples.row_of(database, number)
    assert (row.card_channel, row.card_ts) == ("C9", "2.2")


def test_the_newest_plan_is_the_proposals_own_and_older_ones_are_kept(database: Database) -> None:
    number = samples.proposal(database)
    first, second = samples.plan(number, 1, "old"), samples.plan(number, 2, "new")

    database.write(lambda tx: revisions.add_plan(tx, first))
    database.write(lambda tx: revisions.add_plan(tx, second))

    row = samples.row_of(database, number)
    assert (row.revision, row.digest) == (2, second.digest)
    assert database.read(lambda tx: revisions.plan_of(tx, number, 1)) == first
    assert database.read(lambda tx: revisions.plan_of(tx, number, 2)) == second
    assert database.read(lambda tx: revisions.plan_of(tx, number, 3)) is None
    assert database.read(lambda tx: revisions.digests(tx, number)) == [first.digest, second.digest]


def test_a_proposal_without_a_plan_has_no_digests(database: Database) -> None:
    number = samples.proposal(database)

    assert database.read(lambda tx: revisions.digests(tx, number)) == []


def test_proposals_in_some_states_are_listed_newest_first_up_to_a_limit(database: Database) -> None:
    states = ["pending", "finished", "approved", "pending"]
    numbers = [samples.proposal(database, state=state) for state in states]

    def listed(*wanted: str, limit: int = 10) -> list[int]:
        found = database.read(lambda tx: proposals.in_states(tx, *wanted, limit=limit))
        return [row.id for row in found]

    assert listed("pending", "approved") == [numbers[3], numbers[2], numbers[0]]
    assert listed("pending", "approved", limit=2) == [numbers[3], numbers[2]]
    assert listed("withdrawn") == []


def test_why_a_deletion_was_stopped_is_noted_once(database: Database) -> None:
    number = samples.proposal(database)

    assert database.write(lambda tx: proposals.halt(tx, number, note='{"because":"first"}'))
    assert not database.write(lambda tx: proposals.halt(tx, number, note='{"because":"second"}'))
    assert samples.row_of(database, number).halted == '{"because":"first"}'


def test_the_trial_of_the_first_item_ends_once(database: Database) -> None:
    number = samples.proposal(database)
    database.write(lambda tx: proposals.deal(tx, number, lanes=3, canary=True))

    row = samples.row_of(database, number)
    assert (row.lanes, row.canary) == (3, 1)
    assert [database.write(lambda tx: proposals.end_canary(tx, number)) for _ in range(2)] == [True, False]


def test_a_plan_is_summed_up_by_what_was_stored_with_it(database: Database) -> None:
    number = samples.proposal(database)
    bare, summed = samples.plan(number), replace(samples.plan(number, 2), targets=3, bytes=2**53, first_title="Té")
    for plan in (bare, summed):
        database.write(partial(revisions.add_plan, plan=plan))

    assert database.read(lambda tx: revisions.head_of_plan(tx, number, 1)) is None
    assert database.read(lambda tx: revisions.head_of_plan(tx, number, 2)) == PlanHead(3, 2**53, "Té", summed.plan)
    assert database.read(lambda tx: revisions.head_of_plan(tx, number, 3)) is None
    assert database.read(lambda tx: revisions.plan_of(tx, number, 2)) == summed


def test_proposals_are_counted_by_their_states(database: Database) -> None:
    for state in ("pending", "pending", "approved", "rejected"):
        samples.proposal(database, state=state)

    assert database.read(lambda tx: proposal_counts.count_in_states(tx, "pending", "approved")) == 3
    assert database.read(lambda tx: proposal_counts.count_in_states(tx, "finished")) == 0
