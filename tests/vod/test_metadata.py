from collections.abc import Callable
from datetime import UTC, datetime
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
        monkeypatch.setattr(metadata, "ADDRESS", server.url)
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
    assert [head.split(" HTTP")[0] for head in service.heads] == [
        "PUT /latest/api/token",
        "GET /latest/meta-data/ram/security-credentials/vod-role",
    ]


def hardened(keys: dict[str, str], *, permit: bytes = b"permit=") -> Callable[..., HostileServer]:
    """The service in hardened mode: keys only for those who show the token that was fetched first."""

    def started(hostile: Callable[..., HostileServer]) -> HostileServer:
        server = hostile(http(403, b""))

        def answer(_: dict[str, str]) -> Script:
            head = server.heads[-1].lower()
            if head.startswith("put /latest/api/token ") and "x-aliyun-ecs-metadata-token-ttl-seconds: " in head:
                return http(200, permit)
            shown = f"x-aliyun-ecs-metadata-token: {permit.decode()}" in head
            return http_json(200, keys) if shown else http(403, b"")

        server.answer = answer
        return server

    return started


def test_in_hardened_mode_a_token_is_fetched_first(
    hostile: Callable[..., HostileServer],
    vod_server: HostileServer,
    sign_with: Callable[[HostileServer], VodClient],
) -> None:
    sign_with(hardened(TOKEN)(hostile)).delete_videos(IDS)
    assert [sent["SecurityToken"] for sent in vod_server.requests] == ["t0ken"]


def test_where_there_are_no_such_tokens_the_keys_are_had_without(
    hostile: Callable[..., HostileServer],
    vod_server: HostileServer,
    sign_with: Callable[[HostileServer], VodClient],
) -> None:
    service = hostile(http(404, b""))
    service.answer = lambda _: http(404, b"") if service.heads[-1].startswith("PUT") else http_json(200, TOKEN)
    sign_with(service).delete_videos(IDS)
    assert [sent["SecurityToken"] for sent in vod_server.requests] == ["t0ken"]


class Keys:
    """A service whose keys end after an hour, and a signer with clocks of the test's own."""

    def __init__(self, hostile: Callable[..., HostileServer]) -> None:
        self.passed_s = 0.0
        self.wall_off_s = 0.0
        self.away = False
        self.service = hostile(self._answer)
        self.signer = metadata.MetadataSigner(
            "r",
            timeout_s=2,
            address=self.service.url,
            now=lambda: self.passed_s,
            wall_s=lambda: 1_800_000_000 + self.passed_s + self.wall_off_s,
        )

    def _answer(self, _: dict[str, str]) -> Script:
        if self.away:
            return http(503, b"")
        ends = datetime.fromtimestamp(1_800_000_000 + self.passed_s + 3600, UTC)
        return http_json(200, {**TOKEN, "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}"})

    def asked(self, *moments: float) -> int:
        """Sign at these moments; return how often the service was asked for keys meanwhile."""
        before = len(self.service.heads)
        for self.passed_s in moments:
            self.signer._current()
        return sum(head.startswith("GET") for head in self.service.heads[before:])


def test_keys_are_renewed_before_they_end(hostile: Callable[..., HostileServer]) -> None:
    keys = Keys(hostile)
    assert keys.asked(0.0, 3239.0) == 1
    assert keys.asked(3240.0, 3241.0) == 1


def test_keys_are_used_on_while_they_cannot_be_renewed_but_not_beyond_their_end(
    hostile: Callable[..., HostileServer],
) -> None:
    keys = Keys(hostile)
    assert keys.asked(0.0) == 1
    keys.away = True
    assert keys.asked(3240.0, 3250.0, 3299.0) == 1, "asked again once a minute"
    with pytest.raises(OSError, match="503"):
        keys.asked(3600.0)
    keys.away = False
    assert keys.asked(3601.0) == 1


def test_a_clock_that_is_wrong_does_not_end_keys(hostile: Callable[..., HostileServer]) -> None:
    keys = Keys(hostile)
    keys.wall_off_s = 7200
    assert keys.asked(0.0, 59.0) == 1
    assert keys.asked(60.0) == 1
    keys.wall_off_s = -7200
    assert keys.asked(130.0, 130.0 + 3239) == 1, "keys are kept for an hour at the most"


def test_an_answer_that_drips_is_cut_off(
    hostile: Callable[..., HostileServer],
    vod_server: HostileServer,
    sign_with: Callable[[HostileServer], VodClient],
) -> None:
    client = sign_with(hostile(Script(http_json(200, {**TOKEN, "x": "y" * 1000}).data, pause_s=0.06)))
    began = monotonic()
    with pytest.raises(NotSent):
        client.delete_videos(IDS)
    assert monotonic() - began < 20  # the limit is 0.3 s; it would take a minute
    assert vod_server.requests == []


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
