"""What was read of something, held against the query that found it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deletion.plan.facts import Target
from deletion.plan.library.from_vod import bare
from deletion.plan.library.matching import matches
from deletion.plan.library.reading import Reading, sendable
from deletion.plan.warnings import parse_time
from deletion.terms.requests.query import OPERATORS, Condition, Field, Op, Query
from deletion.terms.requests.targets import Images, Mezzanines, Videos
from deletion.terms.results.findings import LeftOut, LeftOutItem
from vod.api import parsing

THEN = 1_556_668_800
ONE = "a" * 32
MEETS_ALL = Target(
    id=ONE,
    title="Old teaser",
    status="Normal",
    size=1_000,
    created="2019-05-01T00:00:00Z",
    category="Old stock",
    tags=("2019", "old"),
    storage_class="IA",
    told="Description=CateId=8\nCateId=77\nUserData=CateId=9",
)
QUERY = Query(
    (
        Condition(Field.TITLE, Op.IS, "Old teaser"),
        Condition(Field.TITLE, Op.HAS, "TEASE"),
        Condition(Field.STATUS, Op.IS, "Normal"),
        Condition(Field.SIZE, Op.LEAST, 1_000),
        Condition(Field.CREATED, Op.LEAST, THEN),
        Condition(Field.CREATED, Op.LESS, THEN + 1),
        Condition(Field.CATEGORY, Op.IS, "Old stock"),
        Condition(Field.CATEGORY_ID, Op.IS, "77"),
        Condition(Field.TAG, Op.IS, "old"),
        Condition(Field.STORAGE, Op.IS, "IA"),
    )
)


def test_what_meets_every_condition_matches() -> None:
    assert matches(QUERY, MEETS_ALL)


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Teaser"},
        {"title": ""},
        {"status": "Blocked"},
        {"status": None},
        {"size": 999},
        {"size": None},
        {"created": "2019-05-01T00:00:01Z"},
        {"created": "2019-04-30T23:59:59Z"},
        {"created": None},
        {"category": "New stock"},
        {"category": None},
        {"told": "CateId=8"},
        {"told": None},
        {"tags": ("2019",)},
        {"tags": ()},
        {"storage_class": "Standard"},
        {"storage_class": None},
    ],
)
def test_one_fact_that_is_another_one_or_that_vod_does_not_tell_is_no_match(other: dict[str, object]) -> None:
    assert not matches(QUERY, replace(MEETS_ALL, **other))  # type: ignore[arg-type] # fields of a target


def test_every_field_is_asked_about() -> None:
    assert {each.field for each in QUERY.conditions} == set(OPERATORS)


def test_what_does_not_match_is_left_out_even_if_it_was_shown_before() -> None:
    other = replace(MEETS_ALL, id="b" * 32, title="Teaser")
    unfit = replace(MEETS_ALL, id="no call names this")
    read = Reading((MEETS_ALL, other, unfit))
    for request in (Videos((), QUERY), Mezzanines((), force=True, query=QUERY), Images((), QUERY)):
        shown = sendable(request, read, shown=frozenset(read.now))
        assert [each.id for each in shown.targets] == [ONE, unfit.id]
        assert shown.left_out == (LeftOutItem(other.id, LeftOut.NOT_MATCHING),)
        fresh = sendable(request, read)
        assert fresh.targets == (MEETS_ALL,)
        assert dict(fresh.left_out) == {other.id: LeftOut.NOT_MATCHING, unfit.id: LeftOut.UNSENDABLE}
    assert sendable(Videos((ONE,)), Reading((MEETS_ALL, other))).targets == (MEETS_ALL, other)


def test_a_time_of_nothing_as_some_programs_write_it_is_read_like_any_other() -> None:
    told = bare(parsing.video({"Title": "Zero", "CreationTime": "0001-01-01T00:00:00Z"}, ONE))
    assert told.created == "0001-01-01T00:00:00Z"
    assert parse_time(told.created) == datetime(1, 1, 1, tzinfo=UTC)
    assert not matches(Query((Condition(Field.CREATED, Op.LEAST, 0),)), told)
