from datetime import UTC, datetime, timedelta

import pytest

from sandbox.vod import VodSandbox
from tests.sandbox.vod.sdk import Sdk


@pytest.fixture
def titles(vod: VodSandbox) -> tuple[str, ...]:
    return tuple(
        vod.library.add_video(title=title, status=status, category_id=category).video_id
        for title, status, category in (
            ("Salt and pepper", "Normal", 7),
            ("Pepper mill", "Blocked", 7),
            ("Olive oil", "Normal", 8),
        )
    )


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("Title = 'pepper'", {0, 1}),
        ("Title = 'Salt and pepper'", {0}),
        ("Title in ('mill', 'oil')", {1, 2}),
        ("CateId = 7 and Status = 'Normal'", {0}),
        ("Status in ('Normal','Blocked') and Title='P'", {0, 1}),
        ("", {0, 1, 2}),
        ("Title = 'vinegar'", set()),
    ],
)
def test_videos_are_found_by_matching(sdk: Sdk, titles: tuple[str, ...], match: str, found: set[int]) -> None:
    answer = sdk.call("SearchMedia", Match=match)
    assert {one["MediaId"] for one in answer["MediaList"]} == {titles[number] for number in found}
    assert answer["Total"] == len(found)
    assert all(one["MediaId"] == one["Video"]["VideoId"] for one in answer["MediaList"])


@pytest.mark.parametrize(
    "match", ["Title = 'a' or Title = 'b'", "Title = 'it''s'", "Colour = 'red'", "Title", "Title = 'a' and "]
)
def test_a_match_that_cannot_be_read_is_refused(sdk: Sdk, match: str) -> None:
    assert sdk.code("SearchMedia", Match=match) == (400, "ErrorMatchSyntax")


def test_results_come_in_pages_in_the_order_asked_for(vod: VodSandbox, sdk: Sdk) -> None:
    ids = [vod.library.add_video(title="Take", created=vod.clock.now()).video_id for _ in range(5)]
    newest = sdk.call("SearchMedia", PageSize=2)["MediaList"]
    oldest = sdk.call("SearchMedia", PageSize=2, PageNo=2, SortBy="CreationTime:Asc")["MediaList"]
    assert [one["MediaId"] for one in newest] == [ids[4], ids[3]]
    assert [one["MediaId"] for one in oldest] == [ids[2], ids[3]]


def test_images_are_searched_too(vod: VodSandbox, sdk: Sdk) -> None:
    image = vod.library.add_image(title="Poster")
    (found,) = sdk.call("SearchMedia", SearchType="image", Match="Title = 'post'")["MediaList"]
    assert (found["MediaType"], found["Image"]["ImageId"]) == ("image", image.image_id)


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("CreationTime = ['2026-01-02T00:00:00Z','2026-01-03T00:00:00Z']", {1, 2}),
        ("CreationTime = ('2026-01-02T00:00:00Z','2026-01-03T00:00:00Z')", set()),
        ("CreationTime = ['2026-01-02T00:00:00Z','2026-01-03T00:00:00Z')", {1}),
        ("CreationTime = ('2026-01-02T00:00:00Z',)", {2}),
        ("CreationTime = (,'2026-01-02T00:00:00Z')", {0}),
        ("Size = [200,)", {1, 2}),
        ("Size = (100,300)", {1}),
        ("(Title = 'one' or Size = [300,300])", {0, 2}),
        ("(Title = 'one' or Title = 'two') and Size = (100,)", {1}),
    ],
)
def test_ranges_and_alternatives(vod: VodSandbox, sdk: Sdk, match: str, found: set[int]) -> None:
    made = [
        vod.library.add_video(title=title, size=100 * day, created=datetime(2026, 1, day, tzinfo=UTC)).video_id
        for day, title in enumerate(("one", "two", "three"), start=1)
    ]
    answer = sdk.call("SearchMedia", Match=match)
    assert {one["MediaId"] for one in answer["MediaList"]} == {made[number] for number in found}
    assert answer["Total"] == len(found)


@pytest.mark.parametrize(
    "match",
    [
        "Size = ('2026-01-02T00:00:00Z',)",
        "CreationTime = (1,2)",
        "CreationTime = '2026-01-02T00:00:00Z'",
        "Title = (1,2)",
        "Size = (,)",
        "CateId in (1,2)",
        "(Title = 'a' or Title = 'b'",
        f"VideoId in ({','.join(repr(str(number)) for number in range(101))})",
    ],
)
def test_what_a_field_cannot_be_asked_is_refused(sdk: Sdk, match: str) -> None:
    assert sdk.code("SearchMedia", Match=match) == (400, "ErrorMatchSyntax")


def test_only_the_basics_are_told_unless_fields_are_named(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(title="Take", storage_class="IA")
    (bare,) = sdk.call("SearchMedia")["MediaList"]
    (told,) = sdk.call("SearchMedia", Fields="Title,StorageClass")["MediaList"]
    assert set(bare["Video"]) == {"VideoId", "CreationTime"}
    assert (told["Video"]["Title"], told["Video"]["StorageClass"]) == (video.title, "IA")
    assert sdk.code("SearchMedia", Fields="Title,Colour") == (400, "InvalidParameter")


def test_no_more_sorts_than_documented(vod: VodSandbox, sdk: Sdk) -> None:
    vod.library.add_video()
    twice = "CreationTime:Asc,ModificationTime:Asc"
    token = sdk.call("SearchMedia", SortBy="CreationTime:Asc")["ScrollToken"]
    assert sdk.call("SearchMedia", SortBy=twice)["Total"] == 1
    assert sdk.code("SearchMedia", SortBy=f"{twice},{twice}") == (400, "SortByExceededMax")
    assert sdk.code("SearchMedia", SortBy=twice, ScrollToken=token) == (400, "SortByExceededMax")


@pytest.fixture
def many(vod: VodSandbox) -> list[str]:
    """As many videos as pages alone do not reach; ``vod`` takes any number of calls."""
    vod.quotas["SearchMedia"] = None
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [vod.library.add_video(created=start + timedelta(seconds=n)).video_id for n in range(5_200)]


@pytest.mark.parametrize("sort", ["CreationTime:Asc", "CreationTime:Desc"])
def test_scrolling_goes_beyond_the_first_5000(sdk: Sdk, many: list[str], sort: str) -> None:
    beyond = sdk.call("SearchMedia", SortBy=sort, PageNo=51, PageSize=100)
    assert (beyond["Total"], beyond["MediaList"]) == (5_200, [])
    answer = sdk.call("SearchMedia", SortBy=sort, PageSize=50)
    token, seen = answer["ScrollToken"], [one["MediaId"] for one in answer["MediaList"]]
    assert len(token) == 32
    for page in range(2, 105):
        answer = sdk.call("SearchMedia", SortBy=sort, PageSize=50, PageNo=page, ScrollToken=token)
        seen += [one["MediaId"] for one in answer["MediaList"]]
    assert seen == (many if sort.endswith("Asc") else many[::-1])


def test_a_scroll_goes_on_after_what_it_showed_when_that_is_deleted(
    vod: VodSandbox, sdk: Sdk, many: list[str]
) -> None:
    asked = {"SortBy": "CreationTime:Asc", "PageSize": 50}
    token = sdk.call("SearchMedia", **asked)["ScrollToken"]
    for gone in many[:50]:
        vod.library.remove_video(gone)
    answer = sdk.call("SearchMedia", **asked, PageNo=2, ScrollToken=token)
    assert answer["Total"] == 5_150
    assert [one["MediaId"] for one in answer["MediaList"]] == many[50:100]


@pytest.mark.usefixtures("many")
def test_a_scroll_neither_jumps_far_nor_serves_another_search_nor_lasts(vod: VodSandbox, sdk: Sdk) -> None:
    asked = {"PageSize": 20}
    token = sdk.call("SearchMedia", **asked)["ScrollToken"]
    assert sdk.code("SearchMedia", **asked, PageNo=6, ScrollToken=token) == (400, "InvalidParameter")
    assert len(sdk.call("SearchMedia", **asked, PageNo=5, ScrollToken=token)["MediaList"]) == 20
    other = sdk.code("SearchMedia", **asked, PageNo=2, ScrollToken=token, Match="Status = 'Normal'")
    assert other == (400, "InvalidParameter")
    vod.library.searches.forget()
    assert sdk.code("SearchMedia", **asked, PageNo=6, ScrollToken=token) == (400, "InvalidScrollToken.Expired")
    assert sdk.code("SearchMedia", ScrollToken="0" * 32) == (400, "InvalidScrollToken.Expired")
    assert sdk.code("SearchMedia", PageSize=101) == (400, "InvalidParameter")


def test_a_search_can_be_behind_what_there_is(vod: VodSandbox, sdk: Sdk, titles: tuple[str, ...]) -> None:
    def found() -> set[str]:
        return {one["MediaId"] for one in sdk.call("SearchMedia", Match="Title = 'pepper'")["MediaList"]}

    vod.library.hold_index()
    vod.library.change_video(titles[0], title="Salt")
    vod.library.remove_video(titles[1])
    vod.library.add_video(title="Pepper")
    assert found() == set(titles[:2])
    vod.library.catch_up_index()
    assert len(found()) == 1
