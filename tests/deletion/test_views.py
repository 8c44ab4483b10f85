"""What there is to show: the open proposals, each summed up without reading a long plan."""

from deletion import views
from deletion.approval import proposing
from deletion.approval.proposal import SlackAction
from deletion.approval.proposing import ProposalDraft
from deletion.terms.refusals import Refusal
from deletion.terms.states import State
from deletion.terms.targets import Videos
from deletion.views import CardPlace, OpenProposals
from sandbox.vod import seed
from storage.tables import proposals
from tests.deletion.bench import ANA, Bench

TWO = Videos((seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id))


def listed(bench: Bench, limit: int = 20) -> OpenProposals:
    return bench.database.read(lambda tx: views.open_proposals(tx, limit=limit))


def test_a_proposal_that_was_not_read_yet_has_the_count_that_was_asked_for(bench: Bench) -> None:
    action, draft = SlackAction(ANA, "trigger"), ProposalDraft(TWO, "rights expired")
    number = bench.database.write(lambda tx: proposing.propose(tx, bench.ctx.config, action, draft))
    (one,) = listed(bench).newest
    assert (one.number, one.state, one.proposer) == (number, State.COLLECTING, ANA.user)
    assert (one.count, one.bytes_known, one.first_title, one.card) == (2, 0, "", None)


def test_a_proposal_that_was_read_is_summed_up_without_reading_its_plan(bench: Bench) -> None:
    number = bench.propose(TWO)
    stored = bench.database.read(lambda tx: views.proposal(tx, number))
    assert stored is not None
    assert stored.plan is not None
    bench.database.write(lambda tx: proposals.put_card(tx, number, channel="C1", ts="1.2"))
    bench.sql("UPDATE plans SET plan = 'nobody reads this'")
    (one,) = listed(bench).newest
    assert (one.count, one.bytes_known) == (2, stored.plan.totals.bytes)
    assert one.bytes_known > 0
    assert one.first_title == seed.SPRING_TEASER.title
    assert one.card == CardPlace("C1", "1.2")


def test_a_plan_that_was_stored_without_its_summary_is_read_for_it(bench: Bench) -> None:
    bench.propose(TWO)
    before = listed(bench).newest
    bench.sql("UPDATE plans SET targets = NULL, bytes = NULL, first_title = NULL")
    assert listed(bench).newest == before


def test_only_the_newest_are_listed_and_all_that_are_open_are_counted(bench: Bench) -> None:
    numbers = [bench.propose(TWO) for _ in range(3)]
    assert not isinstance(bench.withdraw(numbers[1]), Refusal)
    found = listed(bench, limit=1)
    assert ([each.number for each in found.newest], found.total) == ([numbers[2]], 2)
    assert (found.frozen, found.now_ms) == (None, bench.clock.ms)


def test_the_freeze_that_is_open_is_told_with_them(bench: Bench) -> None:
    assert not isinstance(bench.freeze(ANA, why="wrong folder"), Refusal)
    frozen = listed(bench).frozen
    assert frozen is not None
    assert (frozen.person, frozen.reason, frozen.frozen_ms) == (ANA.user, "wrong folder", bench.clock.ms)
