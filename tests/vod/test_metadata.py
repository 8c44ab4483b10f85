from collections.abc import Callable
from time import monotonic

import pytest

from tests.vod.hostile import HostileServer, Script, Then, http, http_json, refusal
from vod import Advice
from vod.api.client import Endpoint, VodClient
from vod.sdk import metadata
from vod.sdk.credentials import EcsRole, RamRole, StsToken
from vod.sdk.errors import Denied, NotSent, VodError

IDS = ["93ab850b4f6f44eab54b6e91d24d81d4"]
TOKEN = {"Code": "Success", "AccessKeyId": "STS.x", "AccessKeySecret": "s3cret", "SecurityToken": "t0ken"}
ROLE = RamRole("acs:ram::1:role/vod", "countersign", "LTAIkey", "s3cret")


@pytest.fixture
def vod_server(hostile: Callable[..., HostileServer]) -> HostileServer:
    return hostile(http_json(200, {"RequestId": "R-1"}))


@pytest.fixture
def sign_with(
    monkeypatch: pytest.MonkeyPatch,
    vod_server: HostileServer,
    client_of: Callable[..., VodClient],
) -> Callable[[HostileServer], VodClient]:
    def build(server: HostileServer) -> VodClient:
        monkeypatch.setattr(metadata, "ADDRESS", server.url + "/latest/")
        return client_of(vod_server.url, credentials=EcsRole("vod-role"), connect_timeout_s=0.3)

    return build


def test_the_role_of_the_instance_signs_with_a_token_fetched_once(
    hostile: Callable[..., HostileServer],
    vod_server: HostileServer,
    sign_with: Callable[[HostileServer], VodClient],
) -> None:
    service = hostile(http_json(200, TOKEN))
    client = sign_with(service)
    client.delete_videos(IDS)
    client.delete_videos(IDS)
    assert [sent["SecurityToken"] for sent in vod_server.requests] == ["t0ken", "t0ken"]
    assert vod_server.requests[0]["AccessKeyId"] == "STS.x"
    assert len(service.requests) == 1
    assert service.heads[0].startswith("GET /latest/vod-role ")


def test_the_token_is_fetched_anew_before_it_runs_out(
    hostile: Callable[..., HostileServer],
) -> None:
    service = hostile(http_json(200, TOKEN))
    time = [0.0]
    signer = metadata.MetadataSigner("r", timeout_s=2, address=service.url + "/", now=lambda: time[0])
    for moment in (0.0, 3239.0, 3240.0, 3241.0):
        time[0] = moment
        signer._current()
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    "script",
    [
        Script(b"", Then.STALL),
        Script(b"", Then.RESET),
        http(404, b""),
        http(200, b"no"),
        http_json(200, {"Code": "x"}),
    ],
)
def test_without_a_token_nothing_is_sent_and_soon_said_so(
    script: Script,
    hostile: Callable[..., HostileServer],
    vod_server: HostileServer,
    sign_with: Callable[[HostileServer], VodClient],
) -> None:
    client = sign_with(hostile(script))
    began = monotonic()
    with pytest.raises(NotSent) as info:
        client.delete_videos(IDS)
    assert monotonic() - began < 3  # the time limit is 0.3 s
    assert info.value.code == "CredentialsUnavailable"
    assert info.value.advice is Advice.CHECK_ROLE
    assert vod_server.requests == []


def test_a_token_handed_over_is_sent_as_it_is(
    vod_server: HostileServer, client_of: Callable[..., VodClient]
) -> None:
    client_of(vod_server.url, credentials=StsToken("STS.y", "s3cret", "t0ken+/=")).delete_videos(IDS)
    assert vod_server.requests[0]["SecurityToken"] == "t0ken+/="


def assume_role_at(server: HostileServer, client: VodClient) -> None:
    """The SDK asks STS over https only; the address it resolves is bent to a port where nothing speaks TLS."""
    client._wire._client.add_endpoint("cn-shanghai", "Sts", f"localhost:{server.port}")


def test_a_role_that_cannot_be_assumed_sends_nothing(
    hostile: Callable[..., HostileServer],
    vod_server: HostileServer,
    client_of: Callable[..., VodClient],
) -> None:
    closed = hostile(http(200, b""))
    closed.stop()
    client = client_of(vod_server.url, credentials=ROLE)
    assume_role_at(closed, client)
    with pytest.raises(NotSent) as info:
        client.delete_videos(IDS)
    assert info.value.code == "NotConnected"
    assert vod_server.requests == []


@pytest.mark.parametrize(("status", "kind"), [(403, Denied), (400, Denied), (500, NotSent)])
def test_an_assume_role_that_is_refused_is_told_as_such(
    status: int,
    kind: type[VodError],
    monkeypatch: pytest.MonkeyPatch,
    hostile: Callable[..., HostileServer],
    vod_server: HostileServer,
    client_of: Callable[..., VodClient],
) -> None:
    sts = hostile(refusal(status, "NoPermission", "You are not authorized, s3cret"))
    client = client_of(vod_server.url, credentials=ROLE)
    assume_role_at(sts, client)
    monkeypatch.setattr("aliyunsdkcore.http.protocol_type.HTTPS", "no longer the constant the SDK's STS call holds")
    with pytest.raises(VodError) as info:
        client.delete_videos(IDS)
    assert type(info.value) is kind
    assert info.value.advice is Advice.CHECK_ROLE
    assert "s3cret" not in str(info.value)
    assert sts.requests[0]["Action"] == "AssumeRole"
    assert vod_server.requests == []


def test_a_region_endpoint_needs_no_address_of_its_own() -> None:
    with VodClient(EcsRole("r"), Endpoint("cn-shanghai")) as client:
        assert client.endpoint.host == "vod.cn-shanghai.aliyuncs.com"
