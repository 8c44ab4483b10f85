"""What the Home tab is made of: read by indexes, however long the record is."""

from collections.abc import Callable
from typing import Any

import pytest

from deletion import home
from deletion.home import Home
from deletion.listed import Reader
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal
from deletion.terms.requests.targets import Videos
from sandbox.vod import seed
from storage import Tx
from tests.deletion.bench import ANA, BO, CY, TEAM, Bench

ONE = Videos((seed.SPRING_TEASER.video_id,))
DEE = Actor(TEAM, "UDEE")
MANY = """
    WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 100999)
    INSERT INTO proposals (id, team, proposer, kind, request, reason, state, needed, created_ms, collect_by_ms,
                           expires_ms, finished_ms, asked)
    SELECT i, 'THOME', CASE WHEN i % 2 THEN 'UANA' ELSE 'U' || (i % 40) END, 'video', p.request, 'x',
           CASE WHEN i % 1000 = 0 THEN 'pending' WHEN i % 7 = 0 THEN 'finished' ELSE 'withdrawn' END,
           1, i, i, 4102444800000, CASE WHEN i % 1000 = 0 THEN NULL ELSE i END, 1
    FROM n CROSS JOIN (SELECT request FROM proposals WHERE id = 1) AS p
"""
"""A hundred thousand proposals, half of them of one person, a hundred of them open."""

MOST_STEPS = 150_000
"""Steps of SQLite's machine, about 5 ms; a look at every proposal takes millions."""

MOST_STEPS_TO_COUNT = 400_000
"""And where all that ended is counted, by an index alone."""


def shown(bench: Bench, who: Actor) -> Home:
    return bench.database.read(lambda tx: home.read(tx, bench.ctx.config.policy, who))


def numbers(home: Home) -> dict[str, list[int]]:
    lists = {"waiting": home.waiting, "mine": home.mine, "under way": home.under_way, "ended": home.ended}
    return {name: [each.number for each in found.some] for name, found in lists.items() if found.some}


def test_everybody_sees_what_is_theirs_to_do(bench: Bench) -> None:
    waiting = bench.propose(ONE)
    assert numbers(shown(bench, BO)) == {"waiting": [waiting]}
    assert numbers(shown(bench, ANA)) == {"mine": [waiting]}
    assert numbers(shown(bench, DEE)) == {}
    approved = bench.approved(Videos((seed.WAREHOUSE_TOUR.video_id,)))
    for who in (ANA, BO, DEE):
        assert numbers(shown(bench, who))["under way"] == [approved]
    policy, going = bench.ctx.config.policy, shown(bench, DEE).under_way.some[0]
    assert [shown(bench, who).may_stop(policy, going) for who in (ANA, BO, CY, DEE)] == [True, True, True, False]
    assert not isinstance(bench.stop(approved), Refusal)
    assert numbers(shown(bench, DEE)) == {"ended": [approved]}


def test_what_is_left_of_the_day_is_told(bench: Bench) -> None:
    before = shown(bench, ANA)
    bench.propose(ONE)
    after = shown(bench, ANA)
    assert (before.open, before.lately) == (0, 0)
    assert (after.open, after.lately) == (1, 1)
    assert after.left.mine == before.left.mine - 1
    assert after.left.everybody == shown(bench, BO).left.everybody == before.left.everybody - 1
    assert shown(bench, BO).left.mine == before.left.mine


def test_whoever_has_voted_to_unfreeze_is_told_so(bench: Bench) -> None:
    assert not isinstance(bench.freeze(ANA), Refusal)
    assert [shown(bench, who).has_voted for who in (ANA, BO)] == [False, False]
    assert not isinstance(bench.thaw(BO), Refusal)
    assert [shown(bench, who).has_voted for who in (ANA, BO)] == [False, True]


READS: dict[str, Callable[[Tx, Bench], Any]] = {
    "home of an approver": lambda tx, bench: home.read(tx, bench.ctx.config.policy, BO),
    "home of a proposer": lambda tx, bench: home.read(tx, bench.ctx.config.policy, ANA),
    "open": lambda tx, _: Reader(tx).open(limit=20),
    "mine": lambda tx, _: Reader(tx).open(proposer=ANA.user, limit=20),
    "done": lambda tx, _: Reader(tx).ended(limit=20),
    "mine and done": lambda tx, _: Reader(tx).ended(proposer=ANA.user, limit=20),
}


def test_a_record_of_a_hundred_thousand_proposals_is_not_looked_through(bench: Bench) -> None:
    bench.propose(ONE)
    bench.sql(MANY)
    for name, read in READS.items():
        assert steps(bench, read) < (MOST_STEPS_TO_COUNT if "done" in name else MOST_STEPS), name


def steps(bench: Bench, read: Callable[[Tx, Bench], Any]) -> int:
    """Count what SQLite does to read something."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1000
        return 0

    def counting(tx: Tx) -> None:
        connection = tx._db.conn  # type: ignore[attr-defined] # of SQLite's own transaction
        connection.set_progress_handler(count, 1000)
        try:
            read(tx, bench)
        finally:
            connection.set_progress_handler(None, 0)

    bench.database.read(counting)
    return counted


@pytest.mark.parametrize("who", [ANA, BO, DEE])
def test_an_empty_record_has_a_home_as_well(bench: Bench, who: Actor) -> None:
    assert numbers(shown(bench, who)) == {}
