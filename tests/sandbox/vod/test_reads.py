import pytest

from sandbox.vod import SnapshotKind, Source, Stream, VodSandbox
from sandbox.vod.model.media import UploadFacts
from tests.sandbox.vod.sdk import Sdk

ABSENT = "f" * 32


def test_video_infos_are_an_unwrapped_list_with_numbers(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(
        title="Salz & Pfeffer <b>盐</b>",
        size=453,
        duration=120.5,
        category_id=78,
        category="Food",
        tags=("Tag 1", "Tag 2"),
        snapshots={SnapshotKind.COVER: 2},
    )
    answer = sdk.call("GetVideoInfos", VideoIds=f"{video.video_id},{ABSENT}")
    (info,) = answer["VideoList"]
    assert answer["NonExistVideoIds"] == [ABSENT]
    assert (info["Title"], info["Size"], info["Duration"]) == ("Salz & Pfeffer <b>盐</b>", 453, 120.5)
    assert (info["CateId"], info["CateName"], info["Tags"]) == (78, "Food", "Tag 1,Tag 2")
    assert info["CoverURL"] == f"{vod.url}/covers/{video.video_id}.png"
    assert len(info["Snapshots"]) == 2
    assert info["CreationTime"] == f"{video.created:%Y-%m-%dT%H:%M:%SZ}"


def test_one_video_info_wraps_its_snapshots(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(status="Blocked", snapshots={SnapshotKind.COVER: 1})
    info = sdk.call("GetVideoInfo", VideoId=video.video_id)["Video"]
    assert info["Snapshots"] == {"Snapshot": [vod.url + video.snapshot_path(SnapshotKind.COVER, 1)]}
    assert (info["Status"], info["AuditStatus"], info["RegionId"]) == ("Blocked", "Blocked", "cn-shanghai")


def test_media_infos_hold_everything_and_name_what_is_not_ours(vod: VodSandbox, sdk: Sdk) -> None:
    video, foreign = vod.library.add_video(), vod.library.add_video(forbidden=True)
    answer = sdk.call("BatchGetMediaInfos", MediaIds=f"{video.video_id},{foreign.video_id},{ABSENT}")
    (media,) = answer["MediaInfos"]
    assert (answer["NonExistMediaIds"], answer["ForbiddenMediaIds"]) == ([ABSENT], [foreign.video_id])
    assert media["MediaId"] == media["MediaInfo"]["MediaId"] == media["MezzanineInfo"]["MediaId"] == video.video_id
    assert not media["MediaInfo"].keys() & {"VideoId", "Size", "Duration"}
    assert [one["JobId"] for one in media["PlayInfoList"]] == [one.job_id for one in video.streams]
    assert (media["MezzanineInfo"]["Status"], media["MezzanineInfo"]["Size"]) == ("Normal", video.size)


def test_media_of_another_application_can_still_be_seen(vod: VodSandbox, sdk: Sdk) -> None:
    foreign = vod.library.add_video(forbidden=True)
    assert sdk.call("GetVideoInfos", VideoIds=foreign.video_id)["VideoList"][0]["VideoId"] == foreign.video_id


def test_media_infos_of_nothing_that_exists_are_an_answer(sdk: Sdk) -> None:
    answer = sdk.call("BatchGetMediaInfos", MediaIds=ABSENT)
    assert answer == {"MediaInfos": [], "NonExistMediaIds": [ABSENT], "ForbiddenMediaIds": []}


def test_play_info_hides_old_and_encrypted_streams_unless_asked_for_all(vod: VodSandbox, sdk: Sdk) -> None:
    streams = (Stream("LD"), Stream("LD", status="Invisible"), Stream("HD", "m3u8", encrypted=True))
    video = vod.library.add_video(streams=streams, duration=3.1667)
    single = sdk.call("GetPlayInfo", VideoId=video.video_id)
    multiple = sdk.call("GetPlayInfo", VideoId=video.video_id, ResultType="Multiple")
    assert [one["JobId"] for one in single["PlayInfoList"]["PlayInfo"]] == [streams[0].job_id]
    shown = multiple["PlayInfoList"]["PlayInfo"]
    assert [(one["Status"], one["Encrypt"]) for one in shown] == [("Normal", 0), ("Invisible", 0), ("Normal", 1)]
    assert shown[0]["Duration"] == multiple["VideoBase"]["Duration"] == "3.1667"
    assert isinstance(shown[0]["Size"], int)


def test_play_info_filters_by_format_and_definition(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(streams=(Stream("LD"), Stream("HD", "m3u8")))
    hls = sdk.call("GetPlayInfo", VideoId=video.video_id, Formats="m3u8,flv")
    assert [one["Definition"] for one in hls["PlayInfoList"]["PlayInfo"]] == ["HD"]
    none = sdk.code("GetPlayInfo", VideoId=video.video_id, Definition="4K")
    assert none == (404, "InvalidVideo.NoneStream")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"status": "Transcoding"}, (403, "Forbidden.IllegalStatus")),
        ({"status": "Blocked"}, (403, "Forbidden.IllegalStatus")),
        ({"streams": ()}, (404, "InvalidVideo.NoneStream")),
        ({"streams": (Stream("HD", encrypted=True),)}, (403, "Forbidden.AliyunVoDEncryption")),
        ({"streams": (Stream("HD", status="Invisible"),)}, (404, "InvalidVideo.NoneStream")),
    ],
)
def test_a_video_that_cannot_be_played_has_no_play_info(
    vod: VodSandbox, sdk: Sdk, facts: dict[str, object], expected: tuple[int, str]
) -> None:
    video = vod.library.add_video(**facts)
    assert sdk.code("GetPlayInfo", VideoId=video.video_id) == expected


def test_the_source_is_described(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(source=Source("final cut.mov", width=3840, height=2160))
    mezzanine = sdk.call("GetMezzanineInfo", VideoId=video.video_id)["Mezzanine"]
    assert (mezzanine["Status"], mezzanine["Width"], mezzanine["Size"]) == ("Normal", 3840, video.size)
    assert mezzanine["FileName"] == "final%20cut.mov"
    assert mezzanine["VideoStreamList"]


def test_images_come_under_the_same_key_alone_or_in_a_list(vod: VodSandbox, sdk: Sdk) -> None:
    image = vod.library.add_image(title="Poster", size=77, width=30, height=40)
    alone = sdk.call("GetImageInfo", ImageId=image.image_id)["ImageInfo"]
    many = sdk.call("GetImageInfos", ImageIds=f"{image.image_id},{ABSENT}")
    assert many == {"ImageInfo": [alone], "NonExistImageIds": [ABSENT]}
    assert alone["URL"] == vod.url + image.path
    assert (alone["Mezzanine"]["FileSize"], alone["Mezzanine"]["Height"]) == ("77", 40)


def test_snapshots_come_in_pages(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(snapshots={SnapshotKind.NORMAL: 205})
    asked = {"VideoId": video.video_id, "SnapshotType": "NormalSnapshot", "PageSize": 100}
    pages = [sdk.call("ListSnapshots", PageNo=number, **asked)["MediaSnapshot"] for number in (1, 2, 3, 4)]
    found = [[one["Index"] for one in page["Snapshots"]["Snapshot"]] for page in pages]
    assert [len(page) for page in found] == [100, 100, 5, 0]
    assert [one for page in found for one in page] == list(range(1, 206))
    assert {page["Total"] for page in pages} == {205}
    assert pages[0]["Snapshots"]["Snapshot"][0]["Url"] == vod.url + video.snapshot_path(SnapshotKind.NORMAL, 1)


@pytest.mark.parametrize(
    ("action", "parameters", "expected"),
    [
        ("GetVideoInfo", {"VideoId": ABSENT}, (404, "InvalidVideo.NotFound")),
        ("GetVideoInfos", {"VideoIds": ABSENT}, (404, "InvalidVideo.NotFound")),
        ("GetPlayInfo", {"VideoId": ABSENT}, (404, "InvalidVideo.NotFound")),
        ("GetMezzanineInfo", {"VideoId": ABSENT}, (404, "InvalidVideo.NotFound")),
        ("ListSnapshots", {"VideoId": ABSENT}, (404, "InvalidVideo.NotFound")),
        ("GetImageInfo", {"ImageId": ABSENT}, (404, "NoSuchResource")),
        ("GetVideoInfos", {"VideoIds": ",".join("abcdefghijklmnopqrstu")}, (400, "VideoIdsExceededMax")),
        ("BatchGetMediaInfos", {"MediaIds": ",".join("abcdefghijklmnopqrstu")}, (400, "InvalidParameter")),
        ("GetImageInfos", {"ImageIds": ",".join("abcdefghijklmnopqrstu")}, (400, "InvalidParameter")),
        ("GetVideoInfos", {}, (400, "MissingParameter")),
        ("GetImageInfo", {"ImageId": ""}, (400, "MissingParameter")),
        ("ListSnapshots", {"VideoId": ABSENT, "PageSize": 101}, (400, "InvalidParameter")),
        ("ListSnapshots", {"VideoId": ABSENT, "PageNo": 0}, (400, "InvalidParameter")),
        ("ListSnapshots", {"VideoId": ABSENT, "SnapshotType": "None"}, (400, "InvalidParameter")),
        ("GetPlayInfo", {"VideoId": ABSENT, "ResultType": "Both"}, (400, "InvalidParameter")),
    ],
)
def test_a_read_that_cannot_be_answered_is_refused(
    sdk: Sdk, action: str, parameters: dict[str, object], expected: tuple[int, str]
) -> None:
    assert sdk.code(action, **parameters) == expected


def test_snapshots_need_a_fitting_status_and_must_exist(vod: VodSandbox, sdk: Sdk) -> None:
    busy, bare = vod.library.add_video(status="Transcoding"), vod.library.add_video(has_cover=False)
    assert sdk.code("ListSnapshots", VideoId=busy.video_id) == (400, "Forbidden.IllegalStatus")
    assert sdk.code("ListSnapshots", VideoId=bare.video_id) == (404, "NoSuchResource")


def test_plays_are_told_by_day_and_only_of_days_that_have_any(vod: VodSandbox, sdk: Sdk) -> None:
    today = f"{vod.library.now():%Y-%m-%d}"
    video = vod.library.add_video(plays={today: 12})
    since, until = f"{today}T00:00:00Z", f"{today}T23:59:59Z"
    asked = {"VideoId": video.video_id, "StartTime": since, "EndTime": until}

    (day,) = sdk.call("DescribePlayVideoStatis", **asked)["VideoPlayStatisDetails"]["VideoPlayStatisDetail"]

    assert (day["Date"], day["VV"]) == (since, "12")
    unplayed = vod.library.add_video()
    none = sdk.call("DescribePlayVideoStatis", **{**asked, "VideoId": unplayed.video_id})
    assert none["VideoPlayStatisDetails"] == {"VideoPlayStatisDetail": []}


@pytest.mark.parametrize(
    ("since", "until"),
    [("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"), ("NOW", "NOW"), ("yesterday", "NOW")],
)
def test_plays_are_told_of_a_short_and_recent_time(vod: VodSandbox, sdk: Sdk, since: str, until: str) -> None:
    now = f"{vod.library.now():%Y-%m-%dT%H:%M:%SZ}"
    asked = {"StartTime": since.replace("NOW", now), "EndTime": until.replace("NOW", now)}
    refusal = sdk.refusal("DescribePlayVideoStatis", VideoId=vod.library.add_video().video_id, **asked)
    assert refusal.code == "InvalidParameter"


def test_uploads_are_told_of_by_programs_that_tell_of_themselves(vod: VodSandbox, sdk: Sdk) -> None:
    told = vod.library.add_video(upload=UploadFacts("WebSDK", "192.0.2.9", "Chrome"))
    untold = vod.library.add_video()
    others = vod.library.add_video(forbidden=True)
    ids = f"{told.video_id},{untold.video_id},{others.video_id},{ABSENT}"

    answer = sdk.call("GetUploadDetails", MediaIds=ids, MediaType="video")

    (one,) = answer["UploadDetails"]
    assert (one["MediaId"], one["UploadSource"], one["UploadIP"]) == (told.video_id, "WebSDK", "192.0.2.9")
    assert answer["NonExistMediaIds"] == [ABSENT]
    assert answer["ForbiddenMediaIds"] == [others.video_id]
