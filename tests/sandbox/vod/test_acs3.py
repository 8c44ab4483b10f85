import hashlib
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.http import protocol_type
from aliyunsdkvod.request.v20170321.GetVideoInfoRequest import GetVideoInfoRequest

from sandbox.vod import VodSandbox
from sandbox.vod.wire.gate import acs3

# The sample of Alibaba Cloud's page "V3 request body and signature": RunInstances of ECS.
SAMPLE_HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}
SAMPLE_QUERY = [("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")]
SAMPLE_SIGNATURE = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


def signed(vod: VodSandbox, query: dict[str, str], body: bytes = b"", **changes: str) -> dict[str, str]:
    """The headers of a request that asks for GetVideoInfo, signed by what they say before ``Authorization``."""
    headers = {
        "host": vod.endpoint,
        "x-acs-action": "GetVideoInfo",
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-version": "2017-03-21",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    names = tuple(sorted(headers))
    text = acs3.canonical_request("POST", "/", query.items(), headers, names)
    claim = f"Credential={vod.access_key_id},SignedHeaders={';'.join(names)}"
    signature = acs3.sign(text, vod.access_key_secret)
    return {**headers, "Authorization": f"{acs3.ALGORITHM} {claim},Signature={signature}"}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["Code"]


def test_the_documented_sample_has_the_documented_signature() -> None:
    text = acs3.canonical_request("POST", "/", SAMPLE_QUERY, SAMPLE_HEADERS, tuple(SAMPLE_HEADERS))
    assert acs3.sign(text, "YourAccessKeySecret") == SAMPLE_SIGNATURE


def test_a_request_signed_by_headers_is_served_once(vod: VodSandbox) -> None:
    query = {"VideoId": vod.library.add_video(title="Grüße + 你好 *~/").video_id}
    headers = signed(vod, query)
    first, second = (httpx.post(vod.url, params=query, headers=headers) for _ in range(2))
    assert first.json()["Video"]["Title"] == "Grüße + 你好 *~/"
    assert code(second) == (400, "SignatureNonceUsed")


def test_what_is_not_what_was_signed_is_refused(vod: VodSandbox) -> None:
    query = {"VideoId": vod.library.add_video().video_id}
    other = httpx.post(vod.url, params={"VideoId": "other"}, headers=signed(vod, query))
    other_action = {**signed(vod, query), "x-acs-action": "DeleteVideo"}
    other_body = httpx.post(vod.url, params=query, headers=signed(vod, query), content=b"VideoId=other")
    assert code(other) == (400, "SignatureDoesNotMatch")
    assert code(httpx.post(vod.url, params=query, headers=other_action)) == (400, "SignatureDoesNotMatch")
    assert code(other_body) == (400, "SignatureDoesNotMatch")


@pytest.mark.parametrize("header", ["x-acs-action", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"])
def test_a_header_that_must_be_there_is_named(vod: VodSandbox, header: str) -> None:
    headers = signed(vod, {})
    del headers[header]
    assert code(httpx.post(vod.url, headers=headers)) == (400, "MissingParameter")


def test_an_old_date_an_unknown_version_and_an_odd_claim_are_refused(vod: VodSandbox) -> None:
    old = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert code(httpx.post(vod.url, headers=signed(vod, {}, x_acs_date=old)))[1] == "InvalidTimeStamp.Expired"
    assert code(httpx.post(vod.url, headers=signed(vod, {}, x_acs_version="2016-11-01")))[0] == 400
    claimless = {**signed(vod, {}), "Authorization": f"{acs3.ALGORITHM} Credential=x"}
    assert code(httpx.post(vod.url, headers=claimless)) == (400, "InvalidParameter")


def by_token(vod: VodSandbox, key: str, secret: str, token: str) -> str:
    """Ask with a temporary key, by the real SDK; return the error's code, or the title."""
    client = AcsClient(region_id=vod.region, credential=StsTokenCredential(key, secret, token), auto_retry=False)
    client.add_endpoint(vod.region, "vod", vod.endpoint)
    request = GetVideoInfoRequest()
    request.set_protocol_type(protocol_type.HTTP)
    request.set_VideoId(vod.library.add_video(title="Teaser").video_id)
    try:
        return str(json.loads(client.do_action_with_exception(request))["Video"]["Title"])
    except ServerException as exc:
        return str(exc.get_error_code())


def test_a_temporary_key_is_worth_nothing_without_its_own_token(vod: VodSandbox) -> None:
    key, secret, token = vod.temporary_key_id, vod.temporary_key.secret, vod.temporary_key.token or ""
    assert by_token(vod, key, secret, token) == "Teaser"
    assert by_token(vod, key, secret, "another") == "InvalidSecurityToken.MismatchWithAccessKey"
    assert by_token(vod, key, secret, "") == "MissingParameter"


def test_a_lasting_key_takes_no_token(vod: VodSandbox) -> None:
    refused = by_token(vod, vod.access_key_id, vod.access_key_secret, "any")
    assert refused == "InvalidSecurityToken.MismatchWithAccessKey"
