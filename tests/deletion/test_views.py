"""What lists read: each proposal summed up without reading a long plan, each list by an index."""

from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.listed import Listed, Listing, Reader
from deletion.plan.totals import Totals
from deletion.terms.refusals import Refusal
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from deletion.views import CardPlace
from sandbox.vod import seed
from storage.tables import proposals
from tests.deletion.bench import ANA, BO, CY, Bench

TWO = Videos((seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id))


def listed(bench: Bench, limit: int = 20, **wanted: str | int) -> Listing:
    return bench.database.read(lambda tx: Reader(tx).open(limit=limit, **wanted))  # type: ignore[arg-type] # as typed


def ended(bench: Bench, limit: int = 20, **wanted: str | int) -> list[int]:
    found = bench.database.read(lambda tx: Reader(tx).ended(limit=limit, **wanted))  # type: ignore[arg-type] # as typed
    assert found.total >= len(found.some)
    return [each.number for each in found.some]


def waiting(bench: Bench, voter: str) -> list[int]:
    found = bench.database.read(lambda tx: Reader(tx).waiting_for(voter, limit=9, counted=9))
    assert found.total == len(found.some)
    return [each.number for each in found.some]


def only(found: Listing) -> Listed:
    (one,) = found.some
    return one


def test_a_proposal_that_was_not_read_yet_has_the_count_that_was_asked_for(bench: Bench) -> None:
    action, draft = SlackAction(ANA, "trigger"), ProposalDraft(TWO, "rights expired")
    number = bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, action, draft))
    one = only(listed(bench))
    assert (one.number, one.state, one.row.proposer) == (number, State.COLLECTING, ANA.user)
    assert (one.count, one.totals, one.first_title, one.card) == (2, None, "", None)


def test_a_proposal_that_was_read_is_summed_up_by_the_header_of_its_plan(bench: Bench) -> None:
    number = bench.propose(TWO)
    bench.database.write(lambda tx: proposals.put_card(tx, number, channel="C1", ts="1.2"))
    bench.sql("DELETE FROM plan_rows")
    one = only(listed(bench))
    assert (one.count, one.first_title, one.card) == (2, seed.SPRING_TEASER.title, CardPlace("C1", "1.2"))
    assert one.totals is not None
    assert one.totals.bytes > 0
    assert not one.totals.sizes_untold


def test_of_a_plan_that_cannot_be_read_the_bytes_stored_with_it_are_a_minimum(bench: Bench) -> None:
    bench.propose(TWO)
    bench.sql("UPDATE plans SET plan = 'no plan', bytes = 17")
    assert only(listed(bench)).totals == Totals(bytes=17, sizes_untold=1)


def test_a_plan_that_was_stored_without_its_summary_is_read_for_it(bench: Bench) -> None:
    bench.propose(TWO)
    before = listed(bench)
    bench.sql("UPDATE plans SET targets = NULL, bytes = NULL, first_title = NULL")
    assert listed(bench) == before


def test_only_the_newest_are_listed_and_all_that_are_open_are_counted(bench: Bench) -> None:
    numbers = [bench.propose(TWO) for _ in range(3)]
    assert not isinstance(bench.withdraw(numbers[1]), Refusal)
    found = listed(bench, limit=1)
    assert ([each.number for each in found.some], found.total) == ([numbers[2]], 2)
    assert (found.frozen, found.now_ms) == (None, bench.clock.ms)


def test_the_freeze_that_is_open_is_told_with_them(bench: Bench) -> None:
    assert not isinstance(bench.freeze(ANA, why="wrong folder"), Refusal)
    frozen = listed(bench).frozen
    assert frozen is not None
    assert (frozen.person, frozen.reason, frozen.frozen_ms) == (ANA.user, "wrong folder", bench.clock.ms)


def test_lists_are_of_one_person_and_since_a_time(bench: Bench) -> None:
    first = bench.propose(TWO)
    bench.clock.advance(600)
    later = bench.propose(TWO)
    assert [each.number for each in listed(bench, since_ms=bench.clock.ms).some] == [later]
    assert len(listed(bench, proposer=ANA.user).some) == 2
    assert listed(bench, proposer=BO.user).some == ()
    assert not isinstance(bench.withdraw(later), Refusal)
    bench.clock.advance(600)
    assert not isinstance(bench.withdraw(first), Refusal)
    assert ended(bench) == [first, later]
    assert ended(bench, proposer=ANA.user, since_ms=bench.clock.ms) == [first]
    assert ended(bench, proposer=BO.user) == []


def test_what_waits_for_somebody_is_not_their_own_and_not_voted_on(bench: Bench) -> None:
    first, second = bench.propose(TWO), bench.propose(TWO)
    assert waiting(bench, BO.user) == [first, second]
    assert waiting(bench, ANA.user) == []
    assert not isinstance(bench.approve(first, BO), Refusal)
    assert second in waiting(bench, BO.user)
    assert first not in waiting(bench, BO.user)
    assert waiting(bench, CY.user)[-1] == second
    bench.clock.advance(10 * 86_400)
    assert waiting(bench, CY.user) == []
