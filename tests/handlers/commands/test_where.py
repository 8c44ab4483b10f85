"""What people type after ``--where``: understood one way, or refused with the part that is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deletion.terms.canonical import dumps, loads
from deletion.terms.requests.query import OPERATORS, Condition, Field, Op, Query, stamp
from deletion.terms.requests.targets import Images, Mezzanines, Videos, query_of
from handlers.commands.syntax import lexing, media, where
from handlers.commands.syntax.media import Deletion
from handlers.commands.syntax.problems import Problems, Wrong


def understood(conditions: str, level: str = "") -> Query:
    found = media.parse(lexing.tokenize(f'{level} --where {conditions} --reason "why not"'))
    assert isinstance(found, Deletion), found
    assert found.reason == "why not"
    query = query_of(found.request)
    assert query is not None
    return query


def wrong(conditions: str, level: str = "") -> list[Wrong]:
    found = media.parse(lexing.tokenize(f"{level} --where {conditions} --reason x"))
    assert isinstance(found, Problems), found
    return [problem.code for problem in found.found]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ('category="Old trailers"', 'category="Old trailers"'),
        ("category=\u201cOld trailers\u201d", 'category="Old trailers"'),
        ("CATEGORY = Trailers", "category=Trailers"),
        ("tags=2019 and tag=old", "tag=2019 tag=old"),
        ("status=normal", "status=Normal"),
        ("storage=ia", "storage=IA"),
        ("category_id=0012", "category-id=12"),
        ("title~teaser", "title~teaser"),
        ('title~"it\'s"', 'title~"it\'s"'),
        ("size>1GB", "size>1GB"),
        ("size >= 1.5 GB", "size>=1500MB"),
        ("size<1KiB", "size<1024B"),
        ("size\uff1e1mb", "size>1MB"),
        ("size\u22641mb", "size<=1MB"),
        ("created<2024-01-01", "created<2024-01-01T00:00:00Z"),
        ("created<=2024-01-01", "created<2024-01-02T00:00:00Z"),
        ("created>2024-01-01", "created>=2024-01-02T00:00:00Z"),
        ("created>=2024-01-01", "created>=2024-01-01T00:00:00Z"),
        ("created=2024-01-01", "created<2024-01-02T00:00:00Z created>=2024-01-01T00:00:00Z"),
        ("created<2024-01-01+08:00", "created<2023-12-31T16:00:00Z"),
        ("created<2024-01-01T12:00+08:00", "created<2024-01-01T04:00:00Z"),
        ("created>2024-01-01T12:00:00Z", "created>=2024-01-01T12:00:01Z"),
        ("created>=1970-01-01", "created>=1970-01-01T00:00:00Z"),
        ("created<9999-12-31", "created<9999-12-31T00:00:00Z"),
        ("created<=9999-12-31T23:59:58Z", "created<9999-12-31T23:59:59Z"),
        ("size<9007TB", "size<9007TB"),
        ("size>1 gb and tag=2019", "size>1GB tag=2019"),
        ('title="status=Normal"', 'title="status=Normal"'),
        ('title = "and"', "title=and"),
        ("title=a=b", 'title="a=b"'),
        ("title~x?size=1", 'title~"x?size=1"'),
        ('title="a\0b\ud800"', 'title="a\ufffdb\ufffd"'),
        ("'category=\"Old trailers\" tag=2019'", 'category="Old trailers" tag=2019'),
        ("tag=2019 tag=2019", "tag=2019"),
    ],
)
def test_conditions_are_understood_one_way_and_written_so_that_they_can_be_typed(typed: str, text: str) -> None:
    query = understood(typed)
    assert query.text() == text
    assert understood(query.text()) == query
    assert Query.from_json(loads(dumps(query.to_json()))) == query


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", [Wrong.WHERE_EMPTY]),
        ("teaser", [Wrong.WHERE_UNREADABLE]),
        ("title~old teaser", [Wrong.WHERE_UNREADABLE]),
        ("title~", [Wrong.WHERE_UNREADABLE]),
        ("tag=a or tag=b", [Wrong.WHERE_OR]),
        ("colour=red", [Wrong.WHERE_FIELD]),
        ("plays=0", [Wrong.WHERE_PLAYS]),
        ("title>a", [Wrong.WHERE_OPERATOR]),
        ("size~1", [Wrong.WHERE_OPERATOR]),
        ("title!=a", [Wrong.WHERE_OPERATOR]),
        (f"title={'x' * 201}", [Wrong.WHERE_VALUE]),
        ('title="\u200b"', [Wrong.WHERE_VALUE]),
        ("category-id=Trailers", [Wrong.WHERE_NUMBER]),
        ("status=normall", [Wrong.WHERE_WORD]),
        ("storage=cold", [Wrong.WHERE_WORD]),
        ("size>big", [Wrong.WHERE_SIZE]),
        ("size>-1", [Wrong.WHERE_SIZE]),
        ("created<yesterday", [Wrong.WHERE_DATE]),
        ("created<01/02/2024", [Wrong.WHERE_DATE]),
        ("created<2024-02-30", [Wrong.WHERE_DATE]),
        ("created<2024-01-01T12:00", [Wrong.WHERE_DATE]),
        ("created>=0001-01-01", [Wrong.WHERE_TIME]),
        ("created>=0001-01-01+08:00", [Wrong.WHERE_TIME]),
        ("created=0001-01-01T00:00:00Z", [Wrong.WHERE_TIME]),
        ("created<1969-12-31", [Wrong.WHERE_TIME]),
        ("created<1970-01-01+08:00", [Wrong.WHERE_TIME]),
        ("created<9999-12-31T23:59:59-08:00", [Wrong.WHERE_TIME]),
        ("created<=9999-12-31", [Wrong.WHERE_TIME]),
        ("size<10000TB", [Wrong.WHERE_SIZE_TOO_LARGE]),
        ("size<=9007199254740991", [Wrong.WHERE_SIZE_TOO_LARGE]),
        ("size=999999999999999TB", [Wrong.WHERE_SIZE_TOO_LARGE]),
        ('title=2019 "B"', [Wrong.WHERE_UNREADABLE]),
        ("title=2019 B", [Wrong.WHERE_UNREADABLE]),
        ("category-id=12 m", [Wrong.WHERE_UNREADABLE]),
        ('size>1 "GB"', [Wrong.WHERE_UNREADABLE]),
        ("title= status=Normal", [Wrong.WHERE_CONDITION]),
        ("title = status=Normal", [Wrong.WHERE_CONDITION]),
        ("title =status=Normal", [Wrong.WHERE_CONDITION]),
        ("title=status=Normal", [Wrong.WHERE_CONDITION]),
        ("title~x,size>1GB", [Wrong.WHERE_CONDITION]),
        ("title= >1", [Wrong.WHERE_CONDITION]),
        ("title= and status=Normal", [Wrong.WHERE_UNREADABLE]),
        ("title= or status=Normal", [Wrong.WHERE_UNREADABLE, Wrong.WHERE_OR]),
        ("status=Normal status=Blocked", [Wrong.WHERE_TWICE]),
        ("size>2GB size<1GB", [Wrong.WHERE_NOTHING]),
        ("created<2024-01-01 created>2024-01-01", [Wrong.WHERE_NOTHING]),
        (" ".join(f"tag={n}{'x' * 190}" for n in range(6)), [Wrong.WHERE_LONG]),
        (" ".join(f"tag={n}" for n in range(21)), [Wrong.WHERE_MANY]),
        ("colour=red size>big", [Wrong.WHERE_FIELD, Wrong.WHERE_SIZE]),
    ],
)
def test_what_cannot_be_understood_is_refused_by_its_part(typed: str, codes: list[Wrong]) -> None:
    assert wrong(typed) == codes


VALUES = st.one_of(
    st.from_regex(r"[0-9]{1,4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,15}(\.[0-9]{1,6})? ?(B|kB|MB|GB|TB|TiB)?", fullmatch=True),
    st.text(max_size=20),
)


@settings(deadline=None, max_examples=400)
@given(field=st.sampled_from(Field), op=st.sampled_from(Op), value=VALUES, blank=st.sampled_from(("", " ")))
def test_whatever_is_understood_can_be_kept_shown_and_searched_for(
    field: Field, op: Op, value: str, blank: str
) -> None:
    problems: where.Found = []
    found = where.parse(f"{field}{op}{blank}{value}".split(" "), is_image=False, found=problems)
    if found is None:
        assert problems
        return
    assert Query.from_json(loads(dumps(found.to_json()))) == found
    assert found.text()
    found.expression()


@given(seconds=st.integers())
def test_any_stored_time_can_be_shown(seconds: int) -> None:
    assert Query((Condition(Field.CREATED, Op.LEAST, seconds),)).text().startswith("created>=")


def test_a_time_that_was_stored_by_an_earlier_version_is_told_as_it_is() -> None:
    assert stamp(-62_135_596_800) == "0001-01-01T00:00:00Z"
    assert stamp(-62_135_625_600) == "1970-01-01T00:00:00Z-62135625600s"


def test_a_misspelt_field_is_told_what_was_meant() -> None:
    found = media.parse(lexing.tokenize("--where categry=x --reason x"))
    assert isinstance(found, Problems)
    assert found.found[0].nearest == "category"


def test_levels_are_named_as_everywhere() -> None:
    query = understood("tag=a")
    for typed, request in (
        ("--where tag=a --reason x", Videos((), query)),
        ("video --where tag=a --reason x", Videos((), query)),
        ("--reason x videos --where tag=a", Videos((), query)),
        ("mezzanine --force --where tag=a --reason x", Mezzanines((), force=True, query=query)),
        ("mezzanine --where tag=a --reason x", Mezzanines((), force=False, query=query)),
        ("image --where=tag=a --reason x", Images((), query)),
    ):
        found = media.parse(lexing.tokenize(typed))
        assert isinstance(found, Deletion), (typed, found)
        assert found.request == request


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("stream --where tag=a --reason x", Wrong.LEVEL_WITHOUT_QUERY),
        (f"video {'a' * 32} --where tag=a --reason x", Wrong.NAMES_AND_WHERE),
        ("image --of x --where tag=a --reason x", Wrong.NAMES_AND_WHERE),
        ("video --force --where tag=a --reason x", Wrong.FORCE_MISPLACED),
        ("--where tag=a", Wrong.REASON_MISSING),
        ("image --where size>1 --reason x", Wrong.WHERE_NOT_IMAGE),
        ("image --where storage=IA --reason x", Wrong.WHERE_NOT_IMAGE),
    ],
)
def test_what_does_not_go_with_a_query_is_said(typed: str, code: Wrong) -> None:
    found = media.parse(lexing.tokenize(typed))
    assert isinstance(found, Problems)
    assert code in {problem.code for problem in found.found}


def test_every_field_and_operator_of_the_table_can_be_typed() -> None:
    values = {Field.CREATED: "2024-01-01", Field.SIZE: "1GB", Field.STATUS: "Normal", Field.STORAGE: "IA"}
    for field, ops in OPERATORS.items():
        for op in Op:
            value = values.get(field, "12")
            if op in ops:
                assert understood(f"{field}{op}{value}").conditions
            else:
                assert wrong(f"{field}{op}{value}") == [Wrong.WHERE_OPERATOR]


HOSTILE = (
    "x' or Status = 'Blocked",
    "x') or (Title = 'y",
    "'; and VideoId in ('a','b') --",
    "\\' or CateId = 1",
    "''",
    "a\u2019 or Title = \u2018b",
    "x' and CreationTime = (,'2030-01-01T00:00:00Z') and Title = 'y",
)


@pytest.mark.parametrize("title", HOSTILE)
def test_no_typed_text_changes_the_expression(title: str) -> None:
    expression = understood(f"title~\u300c{title}\u300d tag=\u300c{title}\u300d").expression()
    for part in filter(None, expression.split(" and ")):
        name, _, value = part.partition(" = ")
        assert name in {"Title", "Tags"}
        assert value[0] == value[-1] == "'"
        assert "'" not in value[1:-1]


@settings(deadline=None)
@given(title=st.text(max_size=60))
def test_no_text_at_all_gets_more_than_one_value_into_the_expression(title: str) -> None:
    expression = Query((Condition(Field.TITLE, Op.HAS, title),)).expression()
    assert not expression or (expression.startswith("Title = '") and expression.count("'") == 2)
    assert "\n" not in expression
