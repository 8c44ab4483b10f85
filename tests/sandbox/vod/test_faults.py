import json

import httpx
import pytest
from aliyunsdkcore.acs_exception.exceptions import ClientException

from sandbox.vod import PICTURE, FaultKind, Video, VodSandbox
from tests.sandbox.vod.sdk import Sdk

ABSENT = "0" * 32


@pytest.fixture
def video(vod: VodSandbox) -> Video:
    return vod.library.add_video()


def is_there(vod: VodSandbox, video: Video) -> bool:
    return vod.library.video(video.video_id) is not None


@pytest.mark.parametrize(
    ("kind", "action", "expected"),
    [
        (FaultKind.THROTTLE, "DeleteVideo", (400, "Throttling.User")),
        (FaultKind.UNAVAILABLE, "DeleteVideo", (503, "DeleteVideoFailed")),
        (FaultKind.UNAVAILABLE, "DeleteMezzanines", (503, "ServiceUnAvailable")),
        (FaultKind.UNAVAILABLE, "GetVideoInfos", (503, "ServiceUnAvailable")),
        (FaultKind.INTERNAL, "DeleteVideo", (500, "InternalError")),
        (FaultKind.FORBIDDEN_RAM, "DeleteVideo", (403, "Forbidden")),
        (FaultKind.SUSPENDED, "DeleteVideo", (403, "OperationDenied.Suspended")),
    ],
)
def test_a_refusing_fault_does_nothing(
    vod: VodSandbox, sdk: Sdk, video: Video, kind: FaultKind, action: str, expected: tuple[int, str]
) -> None:
    vod.faults.set(kind, action, times=1)
    assert sdk.code(action, VideoIds=video.video_id) == expected
    assert vod.library.video(video.video_id) == video
    assert [(call.status, call.code, call.removed, call.fault) for call in vod.ledger.calls()] == (
        [(*expected, (), kind)] if action.startswith("Delete") else []
    )
    assert sdk.call(action, VideoIds=video.video_id)


def test_deleting_streams_has_its_own_word_for_unavailable(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set("unavailable")
    assert sdk.code("DeleteStream", VideoId=video.video_id, JobIds="x") == (503, "DeleteStreamFailed")


def test_a_reset_before_is_a_broken_connection_and_nothing_done(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.RESET_BEFORE, "DeleteVideo", times=1)
    assert "reset" in sdk.broken("DeleteVideo", VideoIds=video.video_id).lower()
    assert is_there(vod, video)
    (call,) = vod.ledger.calls()
    assert (call.status, call.code, call.removed) == (None, "reset", ())
    assert sdk.call("GetVideoInfos", VideoIds=video.video_id)


def test_a_reset_after_is_a_broken_connection_and_everything_done(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.RESET_AFTER, "DeleteVideo", times=1)
    assert "reset" in sdk.broken("DeleteVideo", VideoIds=video.video_id).lower()
    assert not is_there(vod, video)
    (call,) = vod.ledger.calls()
    assert (call.status, call.code, call.removed) == (None, "reset", (video.video_id,))


def test_reads_break_too(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.RESET_AFTER, "GetVideoInfos", times=1)
    assert "reset" in sdk.broken("GetVideoInfos", VideoIds=video.video_id).lower()


def test_a_timeout_answers_too_late_having_done_it(vod: VodSandbox, video: Video) -> None:
    vod.faults.set(FaultKind.TIMEOUT, "DeleteVideo", seconds=30)
    impatient = Sdk(vod, timeout_s=0.2)
    with pytest.raises(ClientException, match="timed out"):
        impatient.raw("DeleteVideo", VideoIds=video.video_id)
    assert not is_there(vod, video)
    assert vod.ledger.calls()[0].removed == (video.video_id,)


def test_a_short_timeout_is_only_slow(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.TIMEOUT, seconds=0.01)
    assert sdk.call("GetVideoInfos", VideoIds=video.video_id)["VideoList"]


def test_kept_says_yes_and_does_nothing(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.KEPT)
    assert sdk.call("DeleteVideo", VideoIds=f"{video.video_id},{ABSENT}")["NonExistVideoIds"] == [ABSENT]
    assert is_there(vod, video)
    assert (vod.ledger.calls()[0].status, vod.ledger.calls()[0].removed) == (200, ())


def test_deleted_but_503_says_no_and_does_it(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.DELETED_BUT_503)
    assert sdk.code("DeleteVideo", VideoIds=video.video_id) == (503, "DeleteVideoFailed")
    assert not is_there(vod, video)
    assert vod.ledger.calls()[0].removed == (video.video_id,)


def test_late_does_it_when_the_clock_has_moved_on(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.LATE, seconds=600)
    sdk.call("DeleteVideo", VideoIds=video.video_id)
    assert sdk.call("GetVideoInfos", VideoIds=video.video_id)
    vod.clock.advance(599 - 60)
    assert is_there(vod, video)
    vod.clock.advance(61)
    assert sdk.code("GetVideoInfos", VideoIds=video.video_id) == (404, "InvalidVideo.NotFound")
    assert [one.media_id for one in vod.library.removed] == [video.video_id]


def test_late_does_it_when_the_library_is_told_to_settle(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.LATE, seconds=600)
    sdk.call("DeleteStream", VideoId=video.video_id, JobIds=video.streams[0].job_id)
    assert vod.library.counts()["streams"] == 2
    vod.library.settle()
    assert vod.library.counts()["streams"] == 1


def test_partial_says_yes_and_does_the_first_half(vod: VodSandbox, sdk: Sdk) -> None:
    videos = [vod.library.add_video() for _ in range(5)]
    vod.faults.set(FaultKind.PARTIAL)
    sdk.call("DeleteVideo", VideoIds=",".join(video.video_id for video in videos))
    assert [is_there(vod, video) for video in videos] == [False, False, True, True, True]
    assert vod.ledger.calls()[0].removed == tuple(video.video_id for video in videos[:2])


@pytest.mark.parametrize(("kind", "body"), [(FaultKind.GARBAGE, b"<html>"), (FaultKind.EMPTY_BODY, b"")])
def test_a_body_that_makes_no_sense_hides_a_success(
    vod: VodSandbox, sdk: Sdk, video: Video, kind: FaultKind, body: bytes
) -> None:
    vod.faults.set(kind, "DeleteVideo")
    answer = sdk.raw("DeleteVideo", VideoIds=video.video_id)
    assert answer.startswith(body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer)
    assert not is_there(vod, video)


@pytest.mark.parametrize(
    ("kind", "missing", "expected"),
    [
        (FaultKind.LIST_AS_STRING, 1, {"NonExistVideoIds": "a", "ForbiddenVideoIds": "[]"}),
        (FaultKind.LIST_AS_STRING, 2, {"NonExistVideoIds": '["a", "b"]', "ForbiddenVideoIds": "[]"}),
        (FaultKind.LIST_NULL, 1, {"NonExistVideoIds": ["a"], "ForbiddenVideoIds": None}),
        (FaultKind.LIST_MISSING, 1, {"NonExistVideoIds": ["a"]}),
        (FaultKind.LIST_MISSING, 0, {}),
    ],
)
def test_id_lists_come_in_odd_shapes(
    vod: VodSandbox, sdk: Sdk, video: Video, kind: FaultKind, missing: int, expected: dict[str, object]
) -> None:
    vod.faults.set(kind)
    assert sdk.call("DeleteVideo", VideoIds=",".join([video.video_id, *"ab"[:missing]])) == expected
    assert not is_there(vod, video)


def test_an_error_of_the_operation_is_told_unless_the_way_back_spoils_it(vod: VodSandbox, sdk: Sdk) -> None:
    vod.faults.set(FaultKind.DELETED_BUT_503, times=1)
    assert sdk.code("DeleteVideo", VideoIds=ABSENT) == (404, "InvalidVideo.NotFound")
    vod.faults.set(FaultKind.BAD_GATEWAY, times=1)
    assert sdk.code("DeleteVideo", VideoIds=ABSENT) == (502, "SDK.UnknownServerError")


def test_a_fault_strikes_as_often_as_ordered_and_only_where_aimed(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    other = vod.library.add_video()
    vod.faults.set(FaultKind.INTERNAL, "GetVideoInfos", times=2, ids=[video.video_id])
    assert sdk.call("GetVideoInfos", VideoIds=other.video_id)
    assert sdk.call("GetVideoInfo", VideoId=video.video_id)
    for _ in range(2):
        both = f"{other.video_id},{video.video_id}"
        assert sdk.code("GetVideoInfos", VideoIds=both) == (500, "InternalError")
    assert sdk.call("GetVideoInfos", VideoIds=video.video_id)
    assert vod.faults.pending() == ()


def test_faults_strike_in_the_order_they_were_set_until_cleared(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.THROTTLE, times=1)
    vod.faults.set(FaultKind.INTERNAL)
    codes = [sdk.code("GetVideoInfo", VideoId=video.video_id)[1] for _ in range(3)]
    assert codes == ["Throttling.User", "InternalError", "InternalError"]
    vod.faults.clear()
    assert sdk.call("GetVideoInfo", VideoId=video.video_id)


def test_a_fault_for_deletes_leaves_reads_alone_and_cannot_be_aimed_at_them(
    vod: VodSandbox, sdk: Sdk, video: Video
) -> None:
    vod.faults.set(FaultKind.KEPT, times=1)
    assert sdk.call("GetVideoInfo", VideoId=video.video_id)
    assert len(vod.faults.pending()) == 1
    with pytest.raises(ValueError, match="for delete operations"):
        vod.faults.set(FaultKind.KEPT, "GetVideoInfo")
    with pytest.raises(ValueError, match="nonsense"):
        vod.faults.set("nonsense")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.NOT_FOUND, (404, "InvalidVideo.NotFound")),
        (FaultKind.REJECTED, (400, "InvalidParameter")),
        (FaultKind.KEY_UNKNOWN, (404, "InvalidAccessKeyId.NotFound")),
        (FaultKind.CLOCK_OFF, (400, "InvalidTimeStamp.Expired")),
        (FaultKind.REDIRECT, (302, "SDK.UnknownServerError")),
        (FaultKind.PAGE_404, (404, "SDK.UnknownServerError")),
    ],
)
def test_what_turns_a_call_away_does_nothing(
    vod: VodSandbox, sdk: Sdk, video: Video, kind: FaultKind, expected: tuple[int, str]
) -> None:
    vod.faults.set(kind, "DeleteVideo", times=1)
    assert sdk.code("DeleteVideo", VideoIds=video.video_id) == expected
    assert vod.library.video(video.video_id) == video
    assert vod.ledger.calls()[0].removed == ()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.NONCE_USED, (400, "SignatureNonceUsed")),
        (FaultKind.BAD_GATEWAY, (502, "SDK.UnknownServerError")),
    ],
)
def test_an_error_can_hide_a_success(
    vod: VodSandbox, sdk: Sdk, video: Video, kind: FaultKind, expected: tuple[int, str]
) -> None:
    vod.faults.set(kind, "DeleteVideo", times=1)
    assert sdk.code("DeleteVideo", VideoIds=video.video_id) == expected
    assert not is_there(vod, video)
    assert vod.ledger.calls()[0].removed == (video.video_id,)


def test_the_sdk_trips_over_a_foreign_encoding_and_over_odd_words_about_a_signature(
    vod: VodSandbox, sdk: Sdk, video: Video
) -> None:
    vod.faults.set(FaultKind.SIGNATURE_ODD, times=1)
    with pytest.raises(IndexError):
        sdk.raw("DeleteVideo", VideoIds=video.video_id)
    assert is_there(vod, video)
    vod.faults.set(FaultKind.NOT_UTF8, times=1)
    with pytest.raises(UnicodeDecodeError):
        sdk.raw("DeleteVideo", VideoIds=video.video_id)
    assert not is_there(vod, video)


def test_partial_but_503_says_no_and_does_the_first_half(vod: VodSandbox, sdk: Sdk) -> None:
    videos = [vod.library.add_video() for _ in range(2)]
    vod.faults.set(FaultKind.PARTIAL_BUT_503)
    both = ",".join(video.video_id for video in videos)
    assert sdk.code("DeleteVideo", VideoIds=both) == (503, "DeleteVideoFailed")
    assert [is_there(vod, video) for video in videos] == [False, True]


def test_lists_lost_leaves_no_list_in_the_answer(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.LISTS_LOST)
    both = f"{video.video_id},{ABSENT}"
    assert sdk.call("GetVideoInfos", VideoIds=both) == {"VideoList": None, "NonExistVideoIds": None}
    played = sdk.call("GetPlayInfo", VideoId=video.video_id)
    assert played["PlayInfoList"] == {"PlayInfo": None}
    deleted = sdk.call("DeleteVideo", VideoIds=both)
    assert deleted == {"NonExistVideoIds": None, "ForbiddenVideoIds": None}
    assert not is_there(vod, video)


def test_reads_have_id_lists_in_odd_shapes_too(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    vod.faults.set(FaultKind.LIST_AS_STRING)
    answer = sdk.call("GetVideoInfos", VideoIds=f"{video.video_id},{ABSENT}")
    assert answer["NonExistVideoIds"] == ABSENT
    assert [one["VideoId"] for one in answer["VideoList"]] == [video.video_id]


def test_stale_tells_of_what_there_was_before_the_last_removal(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    other = vod.library.add_video()
    for one in (other, video):
        sdk.call("DeleteVideo", VideoIds=one.video_id)
    vod.faults.set(FaultKind.STALE)
    assert sdk.call("GetVideoInfos", VideoIds=f"{video.video_id},{other.video_id}")["NonExistVideoIds"] == [
        other.video_id
    ]
    new = vod.library.add_video()
    assert sdk.call("GetVideoInfos", VideoIds=new.video_id)["VideoList"]
    vod.faults.clear()
    assert sdk.code("GetVideoInfos", VideoIds=video.video_id) == (404, "InvalidVideo.NotFound")


@pytest.mark.parametrize(
    ("kind", "while_there", "when_gone"),
    [
        (FaultKind.UNAVAILABLE, 503, 503),
        (FaultKind.FORBIDDEN_RAM, 403, 403),
        (FaultKind.REDIRECT, 302, 302),
        (FaultKind.GARBAGE, 200, 200),
        (FaultKind.BAD_GATEWAY, 502, 502),
        (FaultKind.STALE, 200, 200),
    ],
)
def test_an_address_of_an_image_misbehaves_only_when_it_is_aimed_at(
    vod: VodSandbox, sdk: Sdk, kind: FaultKind, while_there: int, when_gone: int
) -> None:
    image = vod.library.add_image()
    vod.faults.set(FaultKind.UNAVAILABLE, times=1)
    assert httpx.get(vod.url + image.path).status_code == 200
    assert [fault.times for fault in vod.faults.pending()] == [1]
    vod.faults.clear()
    vod.faults.set(kind, PICTURE)
    assert httpx.get(vod.url + image.path).status_code == while_there
    sdk.call("DeleteImage", DeleteImageType="ImageId", ImageIds=image.image_id)
    assert httpx.get(vod.url + image.path).status_code == when_gone


def test_an_address_of_an_image_can_be_cut_off_and_slow(vod: VodSandbox) -> None:
    image = vod.library.add_image()
    vod.faults.set(FaultKind.RESET_BEFORE, PICTURE, times=1)
    with pytest.raises(httpx.HTTPError):
        httpx.get(vod.url + image.path)
    vod.faults.set(FaultKind.TIMEOUT, PICTURE, times=1, seconds=30)
    with pytest.raises(httpx.TimeoutException):
        httpx.get(vod.url + image.path, timeout=0.2)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (FaultKind.STALE, "DeleteVideo"),
        (FaultKind.NOT_FOUND, "GetVideoInfos"),
        (FaultKind.LIST_NULL, "GetPlayInfo"),
        (FaultKind.LISTS_LOST, PICTURE),
    ],
)
def test_a_fault_that_an_operation_cannot_have_is_not_taken(vod: VodSandbox, kind: FaultKind, action: str) -> None:
    with pytest.raises(ValueError, match=f"not for {action}"):
        vod.faults.set(kind, action)


def test_a_fault_can_sleep_until_another_call_has_arrived(vod: VodSandbox, sdk: Sdk, video: Video) -> None:
    other = vod.library.add_video()
    vod.faults.set(FaultKind.INTERNAL, "GetVideoInfos", times=1, after="DeleteVideo")
    assert sdk.call("GetVideoInfos", VideoIds=video.video_id)
    sdk.call("DeleteVideo", VideoIds=other.video_id)
    assert sdk.code("GetVideoInfos", VideoIds=video.video_id) == (500, "InternalError")
    assert sdk.call("GetVideoInfos", VideoIds=video.video_id)
