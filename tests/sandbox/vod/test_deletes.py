from contextlib import suppress
from urllib.parse import quote

import httpx
import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException

from sandbox.vod import SnapshotKind, Source, Stream, VodSandbox
from tests.sandbox.vod.sdk import Sdk

ABSENT = "0" * 32
TWENTY_ONE = ",".join(f"{number:032x}" for number in range(21))


def test_deleting_a_video_removes_everything_of_it(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(title="Take one", snapshots={SnapshotKind.NORMAL: 2})
    cover = vod.url + video.cover_path
    assert httpx.get(cover).status_code == 200
    assert sdk.call("DeleteVideo", VideoIds=video.video_id) == {"NonExistVideoIds": [], "ForbiddenVideoIds": []}
    assert vod.library.video(video.video_id) is None
    assert httpx.get(cover).status_code == 404
    assert sdk.code("GetVideoInfos", VideoIds=video.video_id) == (404, "InvalidVideo.NotFound")
    (removed,) = vod.library.removed
    assert (removed.level, removed.media_id, removed.title) == ("video", video.video_id, "Take one")


def test_deleting_videos_tells_apart_the_missing_the_forbidden_and_the_gone(vod: VodSandbox, sdk: Sdk) -> None:
    plain, foreign = vod.library.add_video(), vod.library.add_video(forbidden=True)
    ids = f"{plain.video_id},{ABSENT},{foreign.video_id}"
    assert sdk.call("DeleteVideo", VideoIds=ids) == {
        "NonExistVideoIds": [ABSENT],
        "ForbiddenVideoIds": [foreign.video_id],
    }
    assert vod.library.video(plain.video_id) is None
    assert vod.library.video(foreign.video_id) == foreign


def test_deleting_only_missing_videos_is_not_found(vod: VodSandbox, sdk: Sdk) -> None:
    vod.library.add_video()
    assert sdk.code("DeleteVideo", VideoIds=f"{ABSENT},nonsense") == (404, "InvalidVideo.NotFound")
    assert vod.library.counts()["videos"] == 1


def test_deleting_a_video_twice_is_not_found(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    sdk.call("DeleteVideo", VideoIds=video.video_id)
    assert sdk.code("DeleteVideo", VideoIds=video.video_id) == (404, "InvalidVideo.NotFound")
    assert [call.removed for call in vod.ledger.calls("DeleteVideo")] == [(video.video_id,), ()]


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("DeleteVideo", {"VideoIds": TWENTY_ONE}, "VideoIdsExceededMax"),
        ("DeleteStream", {"VideoId": ABSENT, "JobIds": TWENTY_ONE}, "JobIdsExceededMax"),
        ("DeleteMezzanines", {"VideoIds": TWENTY_ONE}, "VideoIdsExceededMax"),
        ("DeleteImage", {"DeleteImageType": "ImageId", "ImageIds": TWENTY_ONE}, "InvalidParameter"),
        ("DeleteVideo", {}, "MissingParameter"),
        ("DeleteVideo", {"VideoIds": ""}, "MissingParameter"),
        ("DeleteVideo", {"VideoIds": " , ,"}, "MissingParameter"),
        ("DeleteStream", {"VideoId": ABSENT}, "MissingParameter"),
        ("DeleteStream", {"JobIds": ABSENT}, "MissingParameter"),
        ("DeleteMezzanines", {}, "MissingParameter"),
        ("DeleteImage", {"ImageIds": ABSENT}, "MissingParameter"),
        ("DeleteImage", {"DeleteImageType": "ImageId"}, "MissingParameter"),
        ("DeleteImage", {"DeleteImageType": "ImageURL"}, "MissingParameter"),
        ("DeleteImage", {"DeleteImageType": "VideoId", "VideoId": ABSENT}, "MissingParameter"),
        ("DeleteImage", {"DeleteImageType": "Everything", "ImageIds": ABSENT}, "InvalidParameter"),
        (
            "DeleteImage",
            {"DeleteImageType": "VideoId", "VideoId": ABSENT, "ImageType": "WebVttSnapshot"},
            "InvalidParameter",
        ),
        (
            "DeleteImage",
            {"DeleteImageType": "VideoId", "VideoId": ABSENT, "ImageType": "All,CoverSnapshot"},
            "InvalidParameter",
        ),
    ],
)
def test_a_delete_with_bad_parameters_is_refused(
    sdk: Sdk, action: str, parameters: dict[str, str], code: str
) -> None:
    assert sdk.code(action, **parameters) == (400, code)


def test_deleting_streams_removes_only_the_named_jobs_of_the_video(vod: VodSandbox, sdk: Sdk) -> None:
    video, other = vod.library.add_video(), vod.library.add_video()
    first, second = video.streams
    jobs = f"{first.job_id},{other.streams[0].job_id},{ABSENT}"
    assert sdk.call("DeleteStream", VideoId=video.video_id, JobIds=jobs) == {}
    assert [one.job_id for one in sdk_streams(sdk, video.video_id)] == [second.job_id]
    assert vod.library.video(other.video_id) == other
    (call,) = vod.ledger.calls()
    assert call.ids == (first.job_id, other.streams[0].job_id, ABSENT)
    assert call.removed == (first.job_id,)
    assert call.extras == {"VideoId": video.video_id}


def sdk_streams(sdk: Sdk, video_id: str) -> list[Stream]:
    answer = sdk.call("GetPlayInfo", VideoId=video_id, ResultType="Multiple")
    return [Stream(one["Definition"], job_id=one["JobId"]) for one in answer["PlayInfoList"]["PlayInfo"]]


def test_deleting_streams_that_are_not_the_videos_is_not_found(vod: VodSandbox, sdk: Sdk) -> None:
    video, other = vod.library.add_video(), vod.library.add_video()
    job = other.streams[0].job_id
    assert sdk.code("DeleteStream", VideoId=video.video_id, JobIds=job) == (404, "InvalidStream.NotFound")
    assert sdk.code("DeleteStream", VideoId=ABSENT, JobIds=job) == (404, "InvalidVideo.NotFound")
    assert vod.library.counts()["streams"] == 4


def test_the_last_stream_leaves_a_video_without_streams(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(streams=(Stream("LD"),))
    sdk.call("DeleteStream", VideoId=video.video_id, JobIds=video.streams[0].job_id)
    assert sdk.code("GetPlayInfo", VideoId=video.video_id) == (404, "InvalidVideo.NoneStream")


def test_streams_and_pictures_of_another_application_are_forbidden(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(forbidden=True)
    expected = (403, "Forbidden.OperateAppResource")
    assert sdk.code("DeleteStream", VideoId=video.video_id, JobIds=video.streams[0].job_id) == expected
    picture = {"DeleteImageType": "VideoId", "VideoId": video.video_id, "ImageType": "All"}
    assert sdk.code("DeleteImage", **picture) == expected
    assert vod.library.video(video.video_id) == video


def test_deleting_sources_keeps_the_streams(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    assert sdk.call("DeleteMezzanines", VideoIds=f"{video.video_id},{ABSENT}") == {
        "NonExistVideoIds": [ABSENT],
        "UnRemoveableVideoIds": [],
    }
    mezzanine = sdk.call("GetMezzanineInfo", VideoId=video.video_id)["Mezzanine"]
    assert (mezzanine["Status"], mezzanine["FileURL"]) == ("Deleted", "")
    assert len(sdk_streams(sdk, video.video_id)) == 2


def test_a_source_that_is_played_goes_only_by_force_and_takes_its_stream_along(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(streams=(Stream("OD"), Stream("LD")), source=Source(serves_as_stream=True))
    unforced = sdk.call("DeleteMezzanines", VideoIds=video.video_id)
    assert unforced == {"NonExistVideoIds": [], "UnRemoveableVideoIds": [video.video_id]}
    assert sdk.call("DeleteMezzanines", VideoIds=video.video_id, Force="false") == unforced
    assert vod.library.video(video.video_id) == video
    forced = sdk.call("DeleteMezzanines", VideoIds=video.video_id, Force="true")
    assert forced == {"NonExistVideoIds": [], "UnRemoveableVideoIds": []}
    assert [one.definition for one in sdk_streams(sdk, video.video_id)] == ["LD"]
    assert [call.removed for call in vod.ledger.calls()] == [(), (), (video.video_id,)]


@pytest.mark.parametrize("force", ["True", "TRUE", True])
def test_force_is_taken_however_it_is_capitalised(vod: VodSandbox, sdk: Sdk, force: object) -> None:
    video = vod.library.add_video(source=Source(serves_as_stream=True))
    answer = sdk.call("DeleteMezzanines", VideoIds=video.video_id, Force=force)
    assert answer == {"NonExistVideoIds": [], "UnRemoveableVideoIds": []}


@pytest.mark.parametrize("force", ["1", "yes", "on"])
def test_force_is_true_or_false_and_nothing_else(vod: VodSandbox, sdk: Sdk, force: object) -> None:
    video = vod.library.add_video()
    assert sdk.code("DeleteMezzanines", VideoIds=video.video_id, Force=force) == (400, "InvalidParameter")
    assert vod.library.video(video.video_id) == video


def test_sources_already_gone_or_of_another_application_are_named(vod: VodSandbox, sdk: Sdk) -> None:
    gone = vod.library.add_video(source=None)
    foreign = vod.library.add_video(forbidden=True)
    ids = f"{gone.video_id},{foreign.video_id}"
    assert sdk.call("DeleteMezzanines", VideoIds=ids, Force="true") == {
        "NonExistVideoIds": [gone.video_id],
        "UnRemoveableVideoIds": [foreign.video_id],
    }
    assert sdk.code("GetMezzanineInfo", VideoId=gone.video_id) == (404, "InvalidFile.NotFound")


def test_deleting_images_by_id_takes_those_that_exist(vod: VodSandbox, sdk: Sdk) -> None:
    image, other = vod.library.add_image(), vod.library.add_image()
    url = vod.url + image.path
    assert httpx.get(url).headers["content-type"] == "image/png"
    assert sdk.call("DeleteImage", DeleteImageType="ImageId", ImageIds=f"{image.image_id},{ABSENT}") == {}
    assert httpx.get(url).status_code == 404
    assert vod.library.images() == (other,)
    assert vod.ledger.ids("DeleteImage") == [image.image_id, ABSENT]
    assert sdk.code("DeleteImage", DeleteImageType="ImageId", ImageIds=image.image_id) == (404, "NoSuchResource")


def test_image_urls_are_encoded_before_they_are_joined(vod: VodSandbox, sdk: Sdk) -> None:
    tricky = vod.library.add_image(path="/image/default/press photo,cropped+50%.png")
    plain = vod.library.add_image()
    ids = f"{tricky.image_id},{plain.image_id}"
    tricky_url, plain_url = (one["URL"] for one in sdk.call("GetImageInfos", ImageIds=ids)["ImageInfo"])
    assert "," in tricky_url
    assert httpx.get(tricky_url).status_code == 200
    unencoded = {"DeleteImageType": "ImageURL", "ImageURLs": tricky_url}
    assert sdk.code("DeleteImage", **unencoded) == (404, "NoSuchResource")
    joined = ",".join(quote(url, safe="") for url in (tricky_url, plain_url))
    assert sdk.call("DeleteImage", DeleteImageType="ImageURL", ImageURLs=joined) == {}
    assert vod.library.images() == ()
    assert vod.ledger.calls()[-1].ids == (tricky_url, plain_url)
    assert vod.ledger.calls()[-1].removed == (tricky_url, plain_url)


def test_an_image_url_of_another_host_is_not_ours(vod: VodSandbox, sdk: Sdk) -> None:
    image = vod.library.add_image()
    url = quote(f"http://elsewhere.example{image.path}", safe="")
    assert sdk.code("DeleteImage", DeleteImageType="ImageURL", ImageURLs=url) == (404, "NoSuchResource")


def test_deleting_a_videos_cover_leaves_its_other_pictures(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(snapshots={SnapshotKind.COVER: 3, SnapshotKind.NORMAL: 2})
    request = {"DeleteImageType": "VideoId", "VideoId": video.video_id, "ImageType": "CoverSnapshot"}
    assert sdk.call("DeleteImage", **request) == {}
    assert httpx.get(vod.url + video.cover_path).status_code == 404
    assert sdk.call("GetVideoInfo", VideoId=video.video_id)["Video"]["CoverURL"] == ""
    assert snapshot_totals(sdk, video.video_id) == {"NormalSnapshot": 2}
    assert sdk.code("DeleteImage", **request) == (404, "NoSuchResource")
    assert vod.ledger.calls()[0].extras == {"DeleteImageType": "VideoId", "ImageType": "CoverSnapshot"}
    assert vod.ledger.calls()[0].removed == (video.video_id,)


def test_picture_kinds_combine_and_all_takes_all_but_web_vtt(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video(snapshots=dict.fromkeys(SnapshotKind, 1))
    two = {"ImageType": "NormalSnapshot,SpriteSnapshot"}
    sdk.call("DeleteImage", DeleteImageType="VideoId", VideoId=video.video_id, **two)
    assert set(snapshot_totals(sdk, video.video_id)) == {"CoverSnapshot", "SpriteOriginSnapshot", "WebVttSnapshot"}
    sdk.call("DeleteImage", DeleteImageType="VideoId", VideoId=video.video_id, ImageType="All")
    assert set(snapshot_totals(sdk, video.video_id)) == {"WebVttSnapshot"}


def snapshot_totals(sdk: Sdk, video_id: str) -> dict[str, int]:
    totals = {}
    for kind in SnapshotKind:
        with suppress(ServerException):
            answer = sdk.call("ListSnapshots", VideoId=video_id, SnapshotType=kind.value)
            totals[kind.value] = answer["MediaSnapshot"]["Total"]
    return totals


def test_an_id_named_twice_in_one_call_is_deleted_once(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    sdk.call("DeleteVideo", VideoIds=f"{video.video_id},{video.video_id}")
    assert vod.ledger.ids() == [video.video_id, video.video_id]
    assert vod.ledger.calls()[0].removed == (video.video_id,)
    assert len(vod.library.removed) == 1
