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
