from deletion.approval.holds import freezing
from deletion.terms.refusals import Rule
from storage.tables import freezes, votes
from tests.deletion.bench import ANA, BO, CY, Bench


def is_frozen(bench: Bench) -> bool:
    return bench.database.read(freezes.current) is not None


def vote_state(bench: Bench, wish: int) -> str:
    row = bench.database.read(lambda tx: votes.get(tx, wish))
    assert row is not None
    return row.state


def test_a_wish_to_thaw_whose_maker_slack_never_confirms_is_void_and_may_be_made_again(bench: Bench) -> None:
    bench.freeze()
    bench.people.silent = True
    wish = bench.thaw(BO)
    assert isinstance(wish, int)

    bench.advance(freezing.ASK_WITHIN_MS / 1000 - 1)
    assert vote_state(bench, wish) == "cast"
    bench.advance(61)

    assert vote_state(bench, wish) == "void"
    assert [each["rule"] for each in bench.events("vote.voided")] == [Rule.UNKNOWN_PERSON]
    assert bench.news("private") == ["VoterUnconfirmed", "vote.voided"]
    bench.people.silent = False
    for who in (BO, CY):
        assert isinstance(bench.thaw(who), int)
    bench.settle()
    assert not is_frozen(bench)


def test_a_wish_that_slack_could_not_confirm_does_not_count_as_one_of_two(bench: Bench) -> None:
    bench.freeze()
    bench.people.silent = True
    bench.thaw(BO)
    bench.advance(freezing.ASK_WITHIN_MS / 1000)
    bench.people.silent = False

    bench.thaw(CY)
    bench.settle()

    assert is_frozen(bench)


def test_a_vote_on_a_freeze_that_ended_before_it_counted_is_void_and_names_that_freeze(bench: Bench) -> None:
    bench.freeze()
    for who in (ANA, BO, CY):
        assert isinstance(bench.thaw(who), int)

    bench.settle()

    assert not is_frozen(bench)
    assert [each["rule"] for each in bench.events("vote.voided")] == [Rule.NOT_FROZEN]
    rows = bench.database.read(lambda tx: tx.rows("SELECT ref FROM audit WHERE action = 'vote.voided'"))
    assert [row["ref"] for row in rows] == ["freeze/1"]
