import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException

from sandbox.vod import UnknownCall, VodSandbox
from sandbox.vod.wire.gate.signature import sign
from tests.sandbox.vod.sdk import Sdk


def parameters(vod: VodSandbox, **changes: str) -> dict[str, str]:
    """What a client would sign for `GetVideoInfo`."""
    return {
        "AccessKeyId": vod.access_key_id,
        "Action": "GetVideoInfo",
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": uuid4().hex,
        "SignatureVersion": "1.0",
        "Timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Version": "2017-03-21",
        **changes,
    }


def signed(vod: VodSandbox, method: str = "GET", **changes: str) -> dict[str, str]:
    unsigned = parameters(vod, **changes)
    return {**unsigned, "Signature": sign(method, unsigned, vod.access_key_secret)}


def code(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    return answer.status_code, body["Code"]


def test_get_and_post_with_query_or_form_are_all_served(vod: VodSandbox) -> None:
    video = vod.library.add_video(title="Grüße + 你好 *~/")
    wanted = {"VideoId": video.video_id}
    answers = [
        httpx.get(vod.url, params=signed(vod, **wanted)),
        httpx.post(vod.url, params=signed(vod, "POST", **wanted)),
        httpx.post(vod.url, data=signed(vod, "POST", **wanted)),
    ]
    assert [answer.json()["Video"]["Title"] for answer in answers] == [video.title] * 3


def test_request_ids_are_upper_case_and_never_the_same(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    first, second = (httpx.get(vod.url, params=signed(vod, VideoId=video.video_id)).json() for _ in range(2))
    assert first["RequestId"] != second["RequestId"]
    assert first["RequestId"] == first["RequestId"].upper()
    assert sdk.raw("GetVideoInfo", VideoId=video.video_id)


def test_the_sdk_recognises_a_wrong_secret(vod: VodSandbox) -> None:
    refusal = Sdk(vod, secret="wrong").refusal("GetVideoInfo", VideoId="x")
    assert (refusal.code, refusal.status) == ("InvalidAccessKeySecret", 400)


def test_a_tampered_request_is_refused_with_the_string_that_was_signed(vod: VodSandbox) -> None:
    answer = httpx.get(vod.url, params={**signed(vod, VideoId="a"), "VideoId": "b"})
    assert code(answer) == (400, "SignatureDoesNotMatch")
    assert answer.json()["Message"].split(":")[1].startswith("GET&%2F&AccessKeyId%3D")


def test_a_foreign_key_is_refused(vod: VodSandbox) -> None:
    assert Sdk(vod, key="nobody").code("GetVideoInfo", VideoId="x") == (404, "InvalidAccessKeyId.NotFound")


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_off_by_more_than_a_quarter_of_an_hour_is_refused(vod: VodSandbox, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    answer = httpx.get(vod.url, params=signed(vod, Timestamp=f"{at:%Y-%m-%dT%H:%M:%SZ}"))
    assert code(answer) == (400, "InvalidTimeStamp.Expired")


def test_moving_the_sandboxs_clock_does_not_lock_clients_out(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    vod.clock.advance(86_400)
    assert sdk.call("GetVideoInfo", VideoId=video.video_id)


def test_a_replayed_request_is_refused_and_deletes_nothing(vod: VodSandbox) -> None:
    first, second = vod.library.add_video(), vod.library.add_video()
    request = signed(vod, Action="DeleteVideo", VideoIds=f"{first.video_id},{second.video_id}")
    assert httpx.get(vod.url, params=request).status_code == 200
    vod.library.add_video(video_id=first.video_id)
    assert code(httpx.get(vod.url, params=request)) == (400, "SignatureNonceUsed")
    assert vod.library.video(first.video_id) is not None


@pytest.mark.parametrize("name", ["Action", "AccessKeyId", "Timestamp", "SignatureNonce", "Signature"])
def test_a_missing_common_parameter_is_named(vod: VodSandbox, name: str) -> None:
    request = signed(vod)
    del request[name]
    answer = httpx.get(vod.url, params=request)
    assert code(answer) == (400, "MissingParameter")
    assert name in answer.json()["Message"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Version": "2016-01-01"}, "InvalidVersion"),
        ({"Format": "XML"}, "InvalidParameter"),
        ({"SignatureMethod": "HMAC-SHA256"}, "InvalidParameter"),
        ({"Timestamp": "yesterday"}, "InvalidParameter"),
    ],
)
def test_what_the_gateway_does_not_speak_is_refused(
    vod: VodSandbox, changes: dict[str, str], expected: str
) -> None:
    assert code(httpx.get(vod.url, params=signed(vod, **changes))) == (400, expected)


def test_an_unknown_action_fails_loudly_and_is_remembered(vod: VodSandbox, sdk: Sdk) -> None:
    assert sdk.code("GetVideoPlayAuth", VideoId="x") == (404, "InvalidAction.NotFound")
    assert vod.unknown_calls == (UnknownCall("GetVideoPlayAuth", ()),)


def test_an_unknown_parameter_fails_loudly_and_does_nothing(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    refusal = sdk.refusal("DeleteVideo", VideoIds=video.video_id, Froce="true", ReferenceIds="r")
    assert (refusal.status, refusal.code) == (400, "InvalidParameter")
    assert "Froce, ReferenceIds" in refusal.message
    assert vod.unknown_calls == (UnknownCall("DeleteVideo", ("Froce", "ReferenceIds")),)
    assert vod.library.video(video.video_id) is not None


def test_the_ledger_has_every_delete_call_received_even_the_refused(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    Sdk(vod, secret="wrong").code("DeleteVideo", VideoIds=video.video_id)
    sdk.code("DeleteDynamicImage", VideoId="v1", DynamicImageIds="d1")
    sdk.call("GetVideoInfo", VideoId=video.video_id)
    sdk.call("DeleteMezzanines", VideoIds=f"{video.video_id},b", Force="true")
    assert [(call.action, call.ids, call.status, call.code) for call in vod.ledger.calls()] == [
        ("DeleteVideo", (video.video_id,), 400, "SignatureDoesNotMatch"),
        ("DeleteDynamicImage", ("v1",), 404, "InvalidAction.NotFound"),
        ("DeleteMezzanines", (video.video_id, "b"), 200, ""),
    ]
    last = vod.ledger.calls()[-1]
    assert (last.extras, last.removed) == ({"Force": "true"}, (video.video_id,))
    assert vod.ledger.ids("DeleteMezzanines") == [video.video_id, "b"]
    vod.ledger.clear()
    assert vod.ledger.calls() == ()


def test_over_its_quota_an_operation_is_throttled_for_the_rest_of_the_second(vod: VodSandbox, sdk: Sdk) -> None:
    vod.quotas["DeleteVideo"] = 2
    videos = [vod.library.add_video() for _ in range(4)]
    for video in videos[:2]:
        sdk.call("DeleteVideo", VideoIds=video.video_id)
    refusal = sdk.refusal("DeleteVideo", VideoIds=videos[2].video_id)
    assert (refusal.status, refusal.code) == (400, "Throttling.User")
    assert vod.library.video(videos[2].video_id) is not None
    assert sdk.call("GetVideoInfo", VideoId=videos[2].video_id)
    vod.clock.advance(1)
    assert sdk.call("DeleteVideo", VideoIds=videos[2].video_id)


def test_of_many_simultaneous_deletes_one_succeeds_and_all_are_recorded(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    barrier = threading.Barrier(8)

    def delete(_number: int) -> int:
        barrier.wait()
        try:
            sdk.raw("DeleteVideo", VideoIds=video.video_id)
        except ServerException as error:
            return int(error.get_http_status())
        return 200

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(delete, range(8))) == [200] + [404] * 7
    assert sorted(call.removed for call in vod.ledger.calls()) == [()] * 7 + [(video.video_id,)]


def test_a_path_that_is_not_the_apis_is_not_found(vod: VodSandbox) -> None:
    assert httpx.get(vod.url + "/v2/").status_code == 404
