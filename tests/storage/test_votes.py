import pytest

from storage import Database
from storage.tables import votes
from storage.tables.votes import Subject, VoteRow, VoteState
from tests.storage import samples
from tests.storage.engines import Clock

ANA, BO = ("T1", "UANA"), ("T1", "UBO")


def cast(database: Database, number: int, digest: str = "d1", voter: tuple[str, str] = BO) -> int | None:
    return database.write(
        lambda tx: votes.cast(tx, Subject("proposal", number), digest=digest, voter=voter, channel="C1")
    )


def vote(database: Database, vote_id: int | None) -> VoteRow:
    assert vote_id is not None
    found = database.read(lambda tx: votes.get(tx, vote_id))
    assert found is not None
    return found


def test_a_vote_names_its_plan_and_its_voter(database: Database, clock: Clock) -> None:
    number = samples.proposal(database)

    row = vote(database, cast(database, number))

    assert (row.subject_id, row.digest, row.voter_team, row.voter, row.channel) == (number, "d1", *BO, "C1")
    assert (row.state, row.note, row.cast_ms, row.settled_ms) == ("cast", "{}", clock.ms, None)


def test_there_is_no_vote_under_an_unknown_number(database: Database) -> None:
    assert database.read(lambda tx: votes.get(tx, 5)) is None


def test_a_person_has_one_live_vote_per_plan(database: Database) -> None:
    number, other = samples.proposal(database), samples.proposal(database)

    assert cast(database, number) is not None
    assert cast(database, number) is None
    assert cast(database, number, digest="d2") is not None
    assert cast(database, number, voter=ANA) is not None
    assert cast(database, number, voter=("T2", "UBO")) is not None
    assert cast(database, other) is not None


@pytest.mark.parametrize(("state", "may"), [("counted", False), ("void", True)])
def test_a_person_may_vote_again_only_after_their_vote_was_voided(
    database: Database, state: str, *, may: bool
) -> None:
    number = samples.proposal(database)
    first = cast(database, number)
    assert first is not None
    database.write(lambda tx: votes.settle(tx, first, state=VoteState(state), note="{}"))

    assert (cast(database, number) is not None) is may


def test_a_vote_is_settled_once(database: Database, clock: Clock) -> None:
    first = cast(database, samples.proposal(database))
    assert first is not None
    clock.advance(5)

    assert database.write(lambda tx: votes.settle(tx, first, state=VoteState.COUNTED, note='"yes"'))
    assert not database.write(lambda tx: votes.settle(tx, first, state=VoteState.VOID, note='"no"'))

    row = vote(database, first)
    assert (row.state, row.note, row.settled_ms) == ("counted", '"yes"', clock.ms)


def test_all_live_votes_are_voided_at_once_and_returned_as_they_were(database: Database) -> None:
    number, other = samples.proposal(database), samples.proposal(database)
    counted, live, voided = (cast(database, number, voter=("T1", user)) for user in ("U1", "U2", "U3"))
    elsewhere = cast(database, other)
    assert counted is not None
    assert voided is not None
    database.write(lambda tx: votes.settle(tx, counted, state=VoteState.COUNTED, note="{}"))
    database.write(lambda tx: votes.settle(tx, voided, state=VoteState.VOID, note='"before"'))

    returned = database.write(lambda tx: votes.void_all(tx, Subject("proposal", number), note='"changed"'))

    assert [(row.id, row.state) for row in returned] == [(counted, "counted"), (live, "cast")]
    assert [vote(database, each).state for each in (counted, live, voided, elsewhere)] == ["void"] * 3 + ["cast"]
    assert [vote(database, each).note for each in (counted, live, voided)] == ['"changed"'] * 2 + ['"before"']
    assert database.write(lambda tx: votes.void_all(tx, Subject("proposal", number), note="{}")) == []


def test_votes_are_listed_by_state_oldest_first(database: Database) -> None:
    number = samples.proposal(database)
    first, second = cast(database, number), cast(database, number, voter=ANA)
    assert first is not None
    database.write(lambda tx: votes.settle(tx, first, state=VoteState.COUNTED, note="{}"))

    def listed(*states: str) -> list[int]:
        return [
            row.id
            for row in database.read(lambda tx: votes.of(tx, Subject("proposal", number), *map(VoteState, states)))
        ]

    assert listed("cast", "counted") == [first, second]
    assert listed("counted") == [first]
    assert listed("void") == []
    assert listed() == []
