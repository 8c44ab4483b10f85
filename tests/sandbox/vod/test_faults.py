import json

import pytest
from aliyunsdkcore.acs_exception.exceptions import ClientException

from sandbox.vod import FaultKind, Video, VodSandbox
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


def test_an_error_of_the_operation_is_told_whatever_the_fault(vod: VodSandbox, sdk: Sdk) -> None:
    vod.faults.set(FaultKind.DELETED_BUT_503)
    assert sdk.code("DeleteVideo", VideoIds=ABSENT) == (404, "InvalidVideo.NotFound")


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
