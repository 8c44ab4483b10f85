"""How far a reading is: measured lately, told now and then, and of nothing that is not known."""

from collections.abc import Callable

import pytest

from deletion.audit.events import CollectionFailed
from deletion.collection import following
from deletion.collection.following import TOLD_AFTER_MS, TOLD_EVERY_MS, Phase, ReadingProgress
from deletion.terms.progress import STRETCH_MS
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.query import Condition, Field, Op, Query
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from sandbox.vod import seed
from tests.deletion.bench import ANA, Bench


@pytest.fixture
def number(bench: Bench) -> int:
    bench.vod.faults.set("unavailable")
    return bench.propose(Videos((seed.SPRING_TEASER.video_id,)))


def note(
    bench: Bench, number: int, done: int, total: int | None = 1000, *, after: float = 0, phase: Phase = Phase.READ
) -> None:
    bench.clock.advance(after)
    bench.database.write(lambda tx: following.note(tx, number, ANA.user, phase, done, total))


def far(bench: Bench, number: int) -> ReadingProgress:
    found = bench.database.read(lambda tx: following.of(tx, number))
    assert found is not None
    return found


def pace(bench: Bench, number: int) -> tuple[int | None, int | None]:
    found = far(bench, number).far
    assert found is not None
    return found.per_minute, found.left_s


def test_of_what_was_never_noted_nothing_is_known(bench: Bench, number: int) -> None:
    assert bench.database.read(lambda tx: following.of(tx, number)) is None


def test_nothing_is_said_of_the_pace_before_anything_was_read(bench: Bench, number: int) -> None:
    note(bench, number, 0)
    assert pace(bench, number) == (None, None)


def test_the_pace_is_that_of_the_last_half_minute(bench: Bench, number: int) -> None:
    note(bench, number, 0)
    for step in range(1, 21):
        note(bench, number, 5 * step, after=5)
    assert pace(bench, number) == (60, 900)
    for step in range(1, 11):
        note(bench, number, 100 + 10 * step, after=5)
    assert pace(bench, number) == (120, 400), "what was slow before is forgotten"
    bench.clock.advance(STRETCH_MS / 1000)
    slower, _ = pace(bench, number)
    assert slower is not None
    assert slower < 120, "waiting counts"
    bench.clock.advance(1)
    assert pace(bench, number) == (None, None), "what is old says nothing"


def test_after_a_break_it_is_measured_anew(bench: Bench, number: int) -> None:
    note(bench, number, 0)
    note(bench, number, 300, after=5)
    note(bench, number, 300, after=STRETCH_MS / 1000 + 1)
    assert pace(bench, number) == (None, None)
    note(bench, number, 310, after=10)
    assert pace(bench, number) == (60, 690)


@pytest.mark.parametrize(("done", "phase"), [(10, Phase.READ), (400, Phase.SEARCH)])
def test_what_begins_anew_is_measured_anew(bench: Bench, number: int, done: int, phase: Phase) -> None:
    note(bench, number, 0)
    note(bench, number, 300, after=5)
    note(bench, number, done, after=1, phase=phase)
    assert pace(bench, number) == (None, None)


def test_what_nobody_counts_has_no_end(bench: Bench, number: int) -> None:
    note(bench, number, 0, None, phase=Phase.SEARCH)
    note(bench, number, 300, None, after=5, phase=Phase.SEARCH)
    found = far(bench, number)
    assert (found.phase, found.done, found.far) == (Phase.SEARCH, 300, None)


def test_the_proposer_is_told_after_ten_seconds_and_then_every_ten(bench: Bench, number: int) -> None:
    def owed() -> int:
        # What is owed is sent at once.
        bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'reading'")
        return len(bench.owed("reading"))

    note(bench, number, 0)
    note(bench, number, 10, after=TOLD_AFTER_MS / 1000 - 1)
    assert owed() == 0
    note(bench, number, 20, after=1)
    assert owed() == 1
    note(bench, number, 30, after=TOLD_EVERY_MS / 1000 - 1)
    assert owed() == 1
    note(bench, number, 40, after=1)
    assert owed() == 2
    assert bench.owed("reading") == [{"user": ANA.user}] * 2


def test_one_that_is_waiting_is_not_queued_twice(bench: Bench, number: int) -> None:
    for _ in range(5):
        note(bench, number, 0, after=TOLD_EVERY_MS / 1000)
    assert len(bench.owed("reading")) == 1


@pytest.mark.parametrize("told", [False, True])
def test_its_end_is_told_where_it_was_told_itself(bench: Bench, number: int, *, told: bool) -> None:
    note(bench, number, 0)
    note(bench, number, 10, after=TOLD_AFTER_MS / 1000 if told else 1)
    bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'reading'")
    before = len(bench.owed("reading"))
    assert before == int(told)
    bench.withdraw(number)
    assert len(bench.owed("reading")) == 2 * int(told)


def test_a_pause_is_told_once_and_nothing_of_its_pace(bench: Bench, number: int) -> None:
    bench.database.write(lambda tx: following.pause(tx, number, ANA.user))
    assert bench.owed("reading") == []
    note(bench, number, 0)
    note(bench, number, 100, after=10)
    for _ in range(2):
        bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'reading'")
        bench.database.write(lambda tx: following.pause(tx, number, ANA.user))
    assert len(bench.owed("reading")) == 2
    assert (far(bench, number).phase, far(bench, number).done) == (Phase.PAUSE, 100)
    assert pace(bench, number) == (None, None)
    note(bench, number, 100, after=1)
    assert far(bench, number).phase is Phase.PAUSE, "taken up again, nothing was read yet"
    note(bench, number, 110, after=5)
    assert (far(bench, number).phase, pace(bench, number)) == (Phase.READ, (None, None))


def by_category(*, category: str = "") -> Videos:
    conditions = [Condition(Field.CATEGORY_ID, Op.IS, "77")]
    if category:
        conditions.append(Condition(Field.CATEGORY, Op.IS, category))
    return Videos((), Query(tuple(conditions)))


@pytest.mark.parametrize("category", ["", "Old"])
def test_more_than_somebody_may_delete_today_is_refused_before_any_of_it_is_read(
    open_bench: Callable[..., Bench], category: str
) -> None:
    bench = open_bench(max_daily=5)
    for n in range(6):
        bench.vod.library.add_video(title=f"take {n}", category="Old", category_id=77)
    read = list[str]()
    bench.meddled.before["get_media"] = lambda: read.append("read")
    number = bench.propose(by_category(category=category))
    assert bench.state(number) == State.FAILED
    (told,) = bench.reported("direct")
    assert isinstance(told, CollectionFailed)
    assert told.refused == Refusal(Rule.TOO_MANY_IN_A_DAY, Seen(asked=6, most=5, used=0))
    assert read == []


def test_where_vod_counts_what_matches_too_many_are_refused_after_the_first_page(
    open_bench: Callable[..., Bench],
) -> None:
    bench = open_bench(max_daily=150)
    for n in range(250):
        bench.vod.library.add_video(title=f"take {n}", category="Old", category_id=77)
    pages = list[int]()
    search = bench.client.search

    def counted(kind: object, match: str, *, page: int) -> object:
        pages.append(page)
        return search(kind, match, page=page)  # type: ignore[arg-type] # as it was given

    bench.client.search = counted  # type: ignore[method-assign,assignment] # one that counts
    number = bench.propose(by_category())
    assert bench.state(number) == State.FAILED
    assert len(pages) == 1
