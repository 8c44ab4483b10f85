import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vod.api import parsing
from vod.api.answers import Image, Media, Snapshot, Source, Stream, Video
from vod.api.searching import SearchKind, search_page
from vod.sdk import json_values
from vod.sdk.json_values import UnreadableError

KEYS = [
    *("RequestId", "MediaInfos", "MediaInfo", "MediaId", "MezzanineInfo", "PlayInfoList", "PlayInfo", "VideoList"),
    *("VideoId", "ImageInfo", "ImageId", "Mezzanine", "MediaSnapshot", "Snapshots", "Snapshot", "Url", "Index"),
    *("Total", "Title", "Size", "FileSize", "Duration", "Tags", "CreationTime", "FileURL", "JobId", "Encrypt"),
    *("NonExistVideoIds", "ForbiddenVideoIds", "UnRemoveableVideoIds", "NonExistMediaIds", "NonExistImageIds"),
    *("MediaList", "MediaType", "Video", "Image", "CateId"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a", "b", "1e99999999"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answer=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=10))
def test_no_answer_however_strange_breaks_a_reader(answer: dict[str, Any]) -> None:
    answer["RequestId"] = "R"
    for read in (
        lambda: parsing.media_answer(answer, ["a", "b"]),
        lambda: parsing.video_answer(answer, ["a", "b"]),
        lambda: parsing.image_answer(answer, ["a", "b"]),
        lambda: parsing.streams_answer(answer),
        lambda: parsing.source_answer(answer),
        lambda: parsing.snapshots(answer, 0),
        lambda: parsing.delete_answer(answer, ["a", "b"]),
        lambda: search_page(answer, SearchKind.VIDEO),
    ):
        with contextlib.suppress(UnreadableError):
            hash(repr(read()))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, set()),
        ([], set()),
        ("", set()),
        (["a", "b"], {"a", "b"}),
        ("a", {"a"}),
        ("a,b", {"a", "b"}),
        ('["a","b"]', {"a", "b"}),
        ("[]", set()),
    ],
)
def test_lists_of_ids_are_read_in_every_shape_vods_pages_show(value: object, read: set[str]) -> None:
    assert json_values.ids(value) == read


@pytest.mark.parametrize("value", [7, True, {"VideoId": ["a"]}, ["a", 7], [["a"]], '["a"', "[7]", '[["a"]]'])
def test_a_list_of_ids_in_another_shape_is_not_guessed_at(value: object) -> None:
    with pytest.raises(UnreadableError):
        json_values.ids(value)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (453, 453),
        ("453", 453),
        (" 453 ", 453),
        (453.0, 453),
        ("452.6", 453),
        (180_000_000_000, 180_000_000_000),
        ("0", 0),
        (None, None),
        ("", None),
        ("many", None),
        (-1, None),
        ("-1", None),
        (True, None),
        (float("nan"), None),
        ("Infinity", None),
        ("1e999999999", None),
        ([1], None),
    ],
)
def test_numbers_are_read_from_either_form_and_never_invented(value: object, read: int | None) -> None:
    assert json_values.whole(value) == read


@pytest.mark.parametrize(
    ("value", "read"), [("3.1667", 3167), (120, 120_000), (120.0005, 120_000), ("0", 0), ("", None)]
)
def test_durations_become_whole_milliseconds(value: object, read: int | None) -> None:
    assert json_values.milliseconds(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2017-06-26T05:38:48Z", datetime(2017, 6, 26, 5, 38, 48, tzinfo=UTC)),
        ("2017-06-26T05:38:48+08:00", datetime(2017, 6, 25, 21, 38, 48, tzinfo=UTC)),
        ("2017-06-26T05:38:48", None),
        ("2017-06-26", None),
        ("0001-01-01T00:00:00+10:00", None),
        ("yesterday", None),
        (1_500_000_000, None),
        (None, None),
    ],
)
def test_times_are_aware_and_utc_or_nothing(value: object, read: datetime | None) -> None:
    assert json_values.moment(value) == read


def test_tags_are_read_from_a_comma_string_or_a_list() -> None:
    assert json_values.tags("Tag 1, Tag 2,,标签") == ("Tag 1", "Tag 2", "标签")
    assert json_values.tags(["a", "", 7, " b "]) == ("a", "b")
    assert json_values.tags(None) == ()
    assert json_values.tags("") == ()


PLAYED = {
    "JobId": "fd1c",
    "Definition": "LD",
    "Format": "mp4",
    "Size": "418112",
    "Width": 540,
    "Height": "960",
    "Bitrate": "1056.4",
    "Duration": "3.1667",
    "Encrypt": "1",
    "StreamType": "video",
    "Status": "Invisible",
    "PlayURL": "https://play.example/x?auth_key=k3y",
}
TOLD = "Width=540\nHeight=960\nDuration=3.1667\nBitrate=1056.4\nStreamType=video"
STREAM = Stream("fd1c", "LD", "mp4", None, 418112, 540, 960, 1056, 3167, True, "video", "Invisible", TOLD)


@pytest.mark.parametrize("listed", [[PLAYED], {"PlayInfo": [PLAYED]}])
def test_all_about_a_video_is_read_with_its_lists_wrapped_or_not(listed: object) -> None:
    answer = {
        "MediaInfos": [
            {
                "MediaId": "v1",
                "MediaInfo": {
                    "Title": "片 <b>",
                    "Status": "Normal",
                    "Tags": "a,b",
                    "CateName": "Sport",
                    "CateId": 78,
                },
                "MezzanineInfo": {
                    "FileName": "x.mp4",
                    "FileSize": "999",
                    "Duration": "61.5",
                    "Status": "Normal",
                    "FileURL": "https://in.example/sv/x.mp4?Signature=k3y",
                },
                "PlayInfoList": listed,
            },
            {"MediaId": "nobody asked", "MediaInfo": {}},
        ],
        "NonExistMediaIds": ["gone", "never sent"],
        "ForbiddenMediaIds": "theirs",
    }
    read = parsing.media_answer(answer, ["v1", "gone", "theirs", "passed over"])
    video = Video(
        video_id="v1",
        title="片 <b>",
        status="Normal",
        size=999,
        duration_ms=61_500,
        created=None,
        modified=None,
        category="Sport",
        tags=("a", "b"),
        storage_class=None,
        app_id=None,
        storage_location=None,
        cover_url=None,
        description=None,
        reference_id=None,
        told="CateId=78",
    )
    source = Source("x.mp4", 999, "Normal", "/sv/x.mp4", "Duration=61.5")
    assert read.found == {"v1": Media(video, source, (STREAM,), streams_known=True)}
    assert read.missing == {"gone"}
    assert read.forbidden == {"theirs"}
    assert "k3y" not in repr(read)


def test_size_and_duration_of_a_video_are_those_of_its_source_file_as_alibabas_models_have_them() -> None:
    mezzanine = {"MediaId": "v1", "FileName": "x.mp4", "Size": 999, "Duration": "61.5", "Status": "Normal"}
    answer = {"MediaInfos": [{"MediaId": "v1", "MediaInfo": {"Title": "a"}, "MezzanineInfo": mezzanine}]}
    video = parsing.media_answer(answer, ["v1"]).found["v1"].video
    assert (video.size, video.duration_ms) == (999, 61_500)


@pytest.mark.parametrize(
    ("listed", "known"),
    [([], True), ({"PlayInfo": []}, True), (None, False), ("", False), ({}, False)],
)
def test_an_empty_list_of_streams_is_known_and_a_missing_one_is_not(listed: object, known: bool) -> None:  # noqa: FBT001 - a table
    media = parsing.media({"MediaInfo": {}, "PlayInfoList": listed}, "v1")
    assert media.streams_known is known
    assert media.source is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"MediaSnapshot": {}},
        {"MediaSnapshot": {"Total": 3}},
        {"MediaSnapshot": {"Total": 0, "Snapshots": {"Snapshot": [{"Index": 1}]}}},
        {"MediaSnapshot": {"Snapshots": {"Snapshot": ["u"]}}},
    ],
)
def test_snapshots_that_are_not_told_of_do_not_read_as_none_left(answer: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        parsing.snapshots(answer, 0)


@pytest.mark.parametrize(
    "listed",
    [{"Total": 0}, {"Total": "0", "Snapshots": {}}, {"Total": 0, "Snapshots": {"Snapshot": []}}, {"Snapshots": []}],
)
def test_no_snapshots_at_all_read_as_none(listed: dict[str, Any]) -> None:
    assert parsing.snapshots({"MediaSnapshot": listed}, 0) == (0, ())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"PlayInfoList": None},
        {"PlayInfoList": "[]"},
        {"PlayInfoList": {}},
        {"PlayInfoList": {"PlayInfo": [PLAYED, "?"]}},
        {"PlayInfoList": {"PlayInfo": [PLAYED, {"Definition": "HD"}]}},
    ],
)
def test_streams_without_a_list_do_not_read_as_none_left(answer: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        parsing.streams_answer(answer)


def test_a_source_that_is_not_told_of_does_not_read_as_gone() -> None:
    with pytest.raises(UnreadableError):
        parsing.source_answer({"Mezzanine": {}})
    assert parsing.source_answer({"Mezzanine": {"Status": "Deleted"}}) == Source(None, None, "Deleted", None)


def test_a_video_that_is_listed_is_not_missing_whatever_else_is_said() -> None:
    read = parsing.video_answer({"VideoList": [{"VideoId": "a"}], "NonExistVideoIds": ["a", "b"]}, ["a", "b"])
    assert read.found.keys() == {"a"}
    assert read.missing == {"b"}


def test_an_image_is_read_with_its_file() -> None:
    answer = {
        "ImageInfo": [
            {
                "ImageId": "i1",
                "Title": "Poster",
                "ImageType": "cover",
                "Status": "Normal",
                "URL": "https://img.example/i1.png?auth_key=k3y",
                "CreationTime": "2017-06-26T05:38:48Z",
                "Mezzanine": {"FileSize": "10", "Width": 2, "Height": "3", "FileURL": "x"},
            },
        ],
        "NonExistImageIds": ["i2"],
    }
    read = parsing.image_answer(answer, ["i1", "i2"])
    when = datetime(2017, 6, 26, 5, 38, 48, tzinfo=UTC)
    url = "https://img.example/i1.png?auth_key=k3y"
    told = "ImageType=cover\nWidth=2\nHeight=3"
    assert read.found == {"i1": Image("i1", "Poster", "cover", "Normal", url, 10, 2, 3, when, None, (), told)}
    assert read.missing == {"i2"}
    assert "k3y" not in repr(read)


def test_snapshots_without_an_index_are_numbered_by_their_place() -> None:
    listed = [{"Index": "7", "Url": "u7"}, {"Url": "u"}]
    answer = {"MediaSnapshot": {"Total": "50", "Snapshots": {"Snapshot": listed}}}
    assert parsing.snapshots(answer, 10) == (50, (Snapshot(7, "u7"), Snapshot(12, "u")))


def test_a_delete_answer_names_only_what_was_sent_and_refused_outweighs_missing() -> None:
    answer = {
        "RequestId": "R",
        "NonExistVideoIds": ["a", "b", "never sent"],
        "ForbiddenVideoIds": '["b"]',
        "UnRemoveableVideoIds": "c,d",
    }
    read = parsing.delete_answer(answer, ["a", "b", "c"])
    assert read.request_id == "R"
    assert read.missing == {"a"}
    assert read.refused == {"b", "c"}


HIT = {"MediaId": "a", "MediaType": "video", "CreationTime": "2026-01-02T00:00:00Z", "Video": {"Size": "5"}}


def test_a_page_of_a_search_is_read() -> None:
    page = search_page({"Total": 7, "MediaList": [HIT]}, SearchKind.VIDEO)
    assert (page.total, page.found[0].id, page.found[0].size) == (7, "a", 5)
    assert page.found[0].storage_class is None
    assert search_page({"Total": 0}, SearchKind.VIDEO).found == ()


@pytest.mark.parametrize(
    "answer",
    [
        {"MediaList": []},
        {"Total": 1},
        {"Total": "many", "MediaList": [HIT]},
        {"Total": 0, "MediaList": [HIT]},
        {"Total": 2, "MediaList": [HIT, HIT]},
        {"Total": 1, "MediaList": ["a"]},
        {"Total": 1, "MediaList": [HIT | {"MediaId": None}]},
        {"Total": 1, "MediaList": [HIT | {"MediaId": "a,b"}]},
        {"Total": 1, "MediaList": [HIT | {"MediaType": "image"}]},
        {"Total": 1, "MediaList": [HIT | {"CreationTime": "yesterday"}]},
        {"Total": 2, "MediaList": [HIT, HIT | {"MediaId": "b", "CreationTime": "2026-01-01T00:00:00Z"}]},
    ],
)
def test_an_odd_page_of_a_search_is_no_answer(answer: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        search_page(answer, SearchKind.VIDEO)
