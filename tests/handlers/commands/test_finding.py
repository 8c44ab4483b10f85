"""What is typed behind ``/vod find`` and ``/vod show``, as it is understood."""

import pytest

from deletion.terms.requests.query import Query
from handlers.commands import dispatch
from handlers.commands.dispatch import Understood
from handlers.commands.syntax.problems import Problems, Wrong
from handlers.commands.verbs import show

ID = "93ab850b4f6f44eab54b6e91d24d81d4"


def query(typed: str) -> Query:
    understood = dispatch.understand(f"find {typed}")
    assert isinstance(understood, Understood), understood
    assert isinstance(understood.command, Query)
    return understood.command


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ""),
        ("harbour tour", "title~harbour title~tour"),
        ("课程 数学", "title~数学 title~课程"),
        ('"harbour tour"', 'title~"harbour tour"'),
        ("“harbour tour” tag:boats", 'tag=boats title~"harbour tour"'),
        ('tour category:"Old trailers"', 'category="Old trailers" title~tour'),
        ("tour Category: Trailers", "category=Trailers title~tour"),
        ("tour category\uff1a预告片 标签\uff1a片", "category=预告片 tag=片 title~tour"),
        ("before:2024-01-01 after:2023-01-01", "created<2024-01-01T00:00:00Z created>=2023-01-01T00:00:00Z"),
        ("larger:1.5GB smaller: 2 TB", "size<2TB size>1500MB"),
        ("status:normal storage:ia", "status=Normal storage=IA"),
        ("size>1GB created<2024-01-01 tour", "created<2024-01-01T00:00:00Z size>1GB title~tour"),
        ("--where tag=x tour", "tag=x title~tour"),
        ('tour category = "Old trailers" cut', 'category="Old trailers" title~cut title~tour'),
        ('"tag: x"', 'title~"tag: x"'),
        ("title:cut", "title~cut"),
    ],
)
def test_words_and_conditions_are_told_apart(typed: str, meant: str) -> None:
    assert query(typed).text() == meant


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("status:unheard-of", Wrong.WHERE_WORD),
        ("before:yesterday", Wrong.WHERE_DATE),
        ("larger:much", Wrong.WHERE_SIZE),
        ("tour colour=red", Wrong.WHERE_FIELD),
        ("category:", Wrong.WHERE_UNREADABLE),
        ("x" * 201, Wrong.WHERE_VALUE),
        (" ".join(f"{'课' * 150}{n}" for n in range(8)), Wrong.SEARCH_LONG),
        ('"tour', Wrong.QUOTE_OPEN),
    ],
)
def test_what_cannot_be_looked_for_is_said(typed: str, wrong: Wrong) -> None:
    problems = dispatch.understand(f"find {typed}")
    assert isinstance(problems, Problems)
    assert wrong in {problem.code for problem in problems.found}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (ID, ID),
        (f"`{ID}`", ID),
        (f"<https://vod.console.aliyun.com/#/media/video/detail/{ID}/video>", ID),
        ("https://IMG.example.com/image/default/a.png?auth_key=1", "https://img.example.com/image/default/a.png"),
    ],
)
def test_one_asset_is_named_by_its_id_or_its_address(typed: str, name: str) -> None:
    assert show.parse([typed]) == name


@pytest.mark.parametrize("typed", ["", "tour", f"{ID} {ID[::-1]}", "#12"])
def test_anything_else_is_no_asset(typed: str) -> None:
    problems = show.parse(typed.split())
    assert isinstance(problems, Problems)
    assert [problem.code for problem in problems.found] == [Wrong.ASSET_WANTED]
