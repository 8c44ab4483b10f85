from datetime import UTC, datetime

import pytest

from deletion.plan.cache import KEPT, PlanCache
from deletion.plan.facts import Warn
from deletion.terms.requests.targets import Videos
from storage import StorageError, Tx
from storage.tables import revisions
from storage.tables.revisions import PlanRow
from tests.deletion.bench import Bench


@pytest.fixture
def number(bench: Bench) -> int:
    video = bench.vod.library.videos()[0].video_id
    return bench.propose(Videos((video,)))


def take(bench: Bench, plans: PlanCache, number: int, *, check: bool = True) -> object:
    row = bench.row(number)
    return bench.database.read(lambda tx: plans.approved(tx, row, check=check))


def test_a_plan_is_read_from_the_record_and_then_known(bench: Bench, number: int) -> None:
    plans = PlanCache()
    first = take(bench, plans, number)
    bench.sql("DELETE FROM plans")

    assert first is not None
    assert take(bench, plans, number, check=False) is first
    assert take(bench, plans, number) is None


def test_what_is_stored_is_compared_with_the_digest_whenever_it_is_asked_for(bench: Bench, number: int) -> None:
    plans = PlanCache()
    take(bench, plans, number)
    bench.sql("UPDATE plans SET plan = plan || ' '")

    assert take(bench, plans, number) is None
    assert take(bench, PlanCache(), number, check=False) is None


def test_many_threads_compare_what_is_stored_once_in_a_while(bench: Bench, number: int) -> None:
    plans = PlanCache(check_every_ms=5_000)
    first = take(bench, plans, number)
    bench.sql("UPDATE plans SET plan = plan || ' '")

    bench.clock.advance(4.9)
    assert take(bench, plans, number) is first
    bench.clock.advance(0.1)
    assert take(bench, plans, number) is None


def test_while_one_compares_the_others_go_on(bench: Bench, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = PlanCache(check_every_ms=5_000)
    first = take(bench, plans, number)
    bench.clock.advance(5)
    row, read, meanwhile = bench.row(number), revisions.plan_of, []

    def slowly(tx: Tx, proposal_id: int, revision: int) -> PlanRow | None:
        meanwhile.append(plans.approved(tx, row))
        return read(tx, proposal_id, revision)

    monkeypatch.setattr(revisions, "plan_of", slowly)
    assert take(bench, plans, number) is first
    assert meanwhile == [first]


def test_a_comparison_that_could_not_be_made_is_not_believed(
    bench: Bench, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = PlanCache(check_every_ms=5_000)
    take(bench, plans, number)
    bench.clock.advance(5)
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "plan_of", away)
        with pytest.raises(StorageError):
            take(bench, plans, number)
    bench.sql("DELETE FROM plans")

    assert take(bench, plans, number) is None


def away(*_: object) -> None:
    raise StorageError("the database is away")


def test_what_was_only_shown_is_compared_before_it_is_carried_out(bench: Bench, number: int) -> None:
    plans, row = PlanCache(check_every_ms=5_000), bench.row(number)
    assert bench.database.read(lambda tx: plans.shown(tx, row)) is not None
    bench.sql("UPDATE plans SET plan = plan || ' '")

    assert take(bench, plans, number) is None


def test_only_the_newest_plans_are_kept(bench: Bench) -> None:
    plans = PlanCache()
    videos = [video.video_id for video in bench.vod.library.videos()]
    numbers = [bench.propose(Videos((video_id,))) for video_id in videos[: KEPT + 1]]
    for each in numbers:
        take(bench, plans, each)
    bench.sql("DELETE FROM plans")

    known = [take(bench, plans, each, check=False) is not None for each in numbers]
    assert known == [False] + [True] * KEPT


def test_the_gravest_warnings_of_a_long_plan_are_at_hand_wherever_they_stand(bench: Bench) -> None:
    add = bench.vod.library.add_video
    made = [
        add(title=f"take {n}", storage_class="IA", created=datetime(2025, 1, 1, tzinfo=UTC)).video_id
        for n in range(60)
    ]
    bench.vod.library.change_video(made[55], title='take 55, "warnings":["legal words"]}')
    bench.vod.library.change_video(made[57], title="take 57, legal hold")
    number = bench.propose(Videos(tuple(made)))
    row = bench.row(number)
    shown = bench.database.read(lambda tx: PlanCache().shown(tx, row))
    assert shown is not None
    at_hand = {each.place: each.warnings for each in shown.entries}
    assert at_hand.keys() == {*range(20), 57}
    assert at_hand[57] == (Warn.COLD_STORAGE, Warn.LEGAL_WORDS)
    assert shown.totals.of(Warn.LEGAL_WORDS) == 1
