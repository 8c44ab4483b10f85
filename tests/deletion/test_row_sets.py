"""Rows that are read for a plan: of one reading only, whoever else reads, drops or takes over meanwhile."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import vod
from deletion.approval import deletions
from deletion.approval.requests.asking_again import Asked
from deletion.collection import changes, rows, stage
from deletion.jobs.config import JobKind
from deletion.jobs.leases import LeaseLostError
from deletion.plan import cache
from deletion.terms import canonical
from deletion.terms.requests.query import Condition, Field, Op, Query
from deletion.terms.requests.targets import Videos
from storage import Tx
from storage.engine import sqlite
from storage.tables import plan_rows
from storage.tables.jobs import JobRow
from storage.tables.plan_rows import PlanTargetRow
from tests.deletion.bench import Bench


@pytest.fixture
def long(open_bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return a bench to which six things are a long list."""
    monkeypatch.setattr(stage, "WRITTEN_AT_ONCE", 5)
    return open_bench(max_items=1_000, max_daily=5_000, max_daily_all=9_000, typed_from=10**6)


def videos(bench: Bench, count: int) -> tuple[str, ...]:
    return tuple(each.video_id for each in bench.vod.library.videos() if not each.forbidden)[:count]


def planned(bench: Bench, number: int) -> tuple[str, ...]:
    revision = bench.row(number).revision
    return bench.database.read(lambda tx: cache.ids(tx, number, revision, start=0, limit=10**4))


def row(ord: int, target: str) -> PlanTargetRow:  # noqa: A002 - as the column is called
    return PlanTargetRow(plan_rows.TARGET, ord, target, "", 0, "{}", "0" * 64)


def left_over(bench: Bench, *, with_rows: int) -> int:
    """Store a set that a finished job has left."""

    def write(tx: Tx) -> int:
        found = plan_rows.open_set(tx, JobKind.COUNT, 999, place="p").id
        plan_rows.add(tx, found, [row(n, f"v{n}") for n in range(with_rows)])
        return found

    return bench.database.write(write)


def failing_at(bench: Bench, call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let VOD break off one call for facts."""
    calls, real = iter(range(1, 10**6)), bench.client.get_media

    def get_media(ids: Any) -> Any:
        if next(calls) == call:
            raise vod.Ambiguous("BatchGetMediaInfos", "timeout", advice=vod.Advice.TRY_AGAIN)
        return real(ids)

    monkeypatch.setattr(bench.client, "get_media", get_media)


def test_the_number_of_a_set_that_was_dropped_is_not_given_away_again(bench: Bench) -> None:
    first = left_over(bench, with_rows=0)
    assert bench.database.write(lambda tx: plan_rows.drop(tx, first, most=10))
    assert left_over(bench, with_rows=0) != first


def test_a_set_that_is_in_use_by_now_is_not_dropped(long: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looked for sets that nobody needs goes on only when one is needed, or a plan's."""
    names = videos(long, 8)
    number = long.propose(Videos(names))
    used = long.database.read(lambda tx: plan_rows.set_of(tx, JobKind.COLLECT, number))
    assert used is not None
    idle = left_over(long, with_rows=3)
    monkeypatch.setattr(plan_rows, "unused", lambda *_: [used, idle, 12345])

    rows.drop_unused(long.ctx, lambda: None)

    assert planned(long, number) == names
    assert long.sql("DELETE FROM row_sets WHERE id = :id", id=idle) == 0


def test_who_reads_on_writes_into_no_set_but_its_own(long: Bench) -> None:
    number = long.propose(Videos(videos(long, 8)))
    job = JobRow(1, JobKind.COLLECT, number, 0, "claimed", 0, 1, "me", 10**15)
    other = left_over(long, with_rows=0)
    with pytest.raises(LeaseLostError):
        long.database.write(lambda tx: stage.hold_rows(tx, job, other))


def test_who_goes_on_with_another_list_begins_anew(long: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thing that a query missed for a moment, while a vote was read for, is neither doubled nor lost."""
    query = Query((Condition(Field.CREATED, Op.LEAST, 0),))
    number = long.propose(Videos((), query))
    ids = planned(long, number)
    missed = iter([frozenset({ids[3]})])
    found = lambda *_: Asked(ids, next(missed, frozenset()))  # noqa: E731 - short
    monkeypatch.setattr(deletions, "ask_again", found)
    failing_at(long, 2, monkeypatch)

    long.approve(number)
    long.settle()
    assert next(missed, None) is None
    long.advance(60)
    long.settle()

    assert planned(long, number) == ids
    assert long.events("plan.changed") == []
    assert len(long.events("vote.counted")) == 1


def test_who_goes_on_with_the_same_list_reads_only_the_rest(long: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    names = videos(long, 60)
    failing_at(long, 3, monkeypatch)
    number = long.propose(Videos(names))
    assert long.row(number).revision == 0
    calls: list[int] = []
    real = long.client.get_media

    def get_media(ids: Any) -> Any:
        calls.append(len(ids))
        return real(ids)

    monkeypatch.setattr(long.client, "get_media", get_media)
    long.advance(60)
    long.settle()

    assert planned(long, number) == names
    assert sum(calls) < len(names)


@pytest.mark.parametrize("target", ["doubled", "more"])
def test_rows_of_no_single_reading_are_thrown_away(
    long: Bench, target: str, monkeypatch: pytest.MonkeyPatch, logs: list[Any]
) -> None:
    names = videos(long, 30)
    real, spoilt = stage.Stage._finish, iter([True])

    def spoil(self: stage.Stage, count: int) -> stage.Staged:
        if next(spoilt, False):
            made = row(30, names[0]) if target == "doubled" else row(30, "other")
            less = "DELETE FROM plan_rows WHERE ord = 29" if target == "doubled" else "SELECT 1"
            self.ctx.database.write(lambda tx: tx.run(less))
            self.ctx.database.write(lambda tx: plan_rows.add(tx, self._rows.id, [made]))
        return real(self, count)

    monkeypatch.setattr(stage.Stage, "_finish", spoil)
    number = long.propose(Videos(names))
    assert long.row(number).revision == 0
    assert [each["job"] for each in logs if each["event"] == "job.failed"] == ["collect"]
    long.advance(60)
    long.settle()
    assert planned(long, number) == names


def test_names_that_were_found_elsewhere_are_not_gone_on_with(bench: Bench) -> None:
    def write(tx: Tx) -> None:
        found = plan_rows.open_set(tx, JobKind.COLLECT, 7, place="here").id
        plan_rows.name(tx, found, 0, ["a", "b"])
        plan_rows.end_naming(tx, found, 2)

    bench.database.write(write)
    read = bench.database.read
    assert read(lambda tx: plan_rows.named_before(tx, JobKind.COLLECT, 7, place="here")) == ["a", "b"]
    assert read(lambda tx: plan_rows.named_before(tx, JobKind.COLLECT, 7, place="there")) is None


def test_comparing_a_long_list_holds_on_to_the_job(long: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOKED_AT", 10)
    number = long.propose(Videos(videos(long, 30)))
    row_, shown = long.row(number), long.database.read(lambda tx: cache.stored(tx, number, 1))
    assert shown is not None
    rows_id = long.database.read(lambda tx: plan_rows.set_of(tx, JobKind.COLLECT, number))
    kept = Counter[str]()
    fresh = stage.Staged(JobRow(1, JobKind.COUNT, 1, 0, "claimed", 0, 1, "me", 0), 1, shown, rows_id=rows_id)  # type: ignore[arg-type] # only its rows are looked at
    missed = frozenset({planned(long, number)[0]})
    assert changes.found(long.ctx, row_, shown, fresh, lambda: kept.update(["kept"]), lost=missed).count == 1
    assert kept["kept"] == 3


def test_targets_are_looked_up_by_their_ids_not_by_going_through_the_whole_set(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = sqlite.SqliteTx.rows

    def listening(self: sqlite.SqliteTx, sql: str, **params: Any) -> Any:
        asked.append(sql)
        return real(self, sql, **params)

    monkeypatch.setattr(sqlite.SqliteTx, "rows", listening)
    bench.database.read(lambda tx: plan_rows.named(tx, 1, ["a"]))
    bench.database.read(lambda tx: plan_rows.unused(tx, 4))
    named, unused = asked[-2:]

    def plan(sql: str, **params: Any) -> str:
        found = bench.database.read(lambda tx: tx.rows(f"EXPLAIN QUERY PLAN {sql}", **params))
        return canonical.dumps([str(each["detail"]) for each in found])

    assert "plan_rows_target (target=?)" in plan(named, id=1, t0="a")
    assert "plans_rows (rows_id=?)" in plan(unused, limit=4)
