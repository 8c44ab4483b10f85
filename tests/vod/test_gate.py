from collections.abc import Callable
from pathlib import Path

import pytest

import vod
from tests.e2e.running import wait_for
from tests.vod.hostile import HostileServer, Script, http_json
from tests.vod.test_transport import certificate, encrypted
from vod.api.client import VodClient
from vod.sdk.transport import Carrier

IDS = ["93ab850b4f6f44eab54b6e91d24d81d4"]
ACCEPTED = http_json(200, {"RequestId": "R-1"})

Hostile = Callable[[Script], HostileServer]
ClientOf = Callable[..., VodClient]


@pytest.fixture(params=["in the clear", "over TLS"])
def reached(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hostile: Hostile,
    client_of: ClientOf,
) -> tuple[HostileServer, VodClient]:
    """A server, and a client that reaches it."""
    server = hostile(ACCEPTED)
    if request.param == "in the clear":
        return server, client_of(server.url)
    path = certificate(tmp_path, "localhost")
    monkeypatch.setenv("ALIBABA_CLOUD_CA_BUNDLE", str(path))
    return server, client_of(encrypted(server, path))


def test_the_gate_is_asked_with_the_connection_open_and_before_any_byte(
    reached: tuple[HostileServer, VodClient],
) -> None:
    server, client = reached
    received: list[int] = []

    def gate(send: vod.Send) -> None:
        wait_for(lambda: server.connections == 1, "the connection is open")
        received.append(len(server.requests))
        send()

    with vod.gated(gate):
        client.delete_videos(IDS)
        client.delete_videos(IDS)

    assert received == [0, 1]
    assert len(server.requests) == 2


def test_what_a_gate_withholds_is_not_sent_and_not_called_a_failure_of_vod(
    reached: tuple[HostileServer, VodClient],
) -> None:
    server, client = reached

    def gate(_: vod.Send) -> None:
        raise vod.WithheldError("frozen")

    with vod.gated(gate), pytest.raises(vod.WithheldError, match="frozen"):
        client.delete_videos(IDS)
    assert server.requests == []
    client.delete_videos(IDS)
    assert len(server.requests) == 1


def test_a_gate_holds_for_its_own_thread_and_time_only(hostile: Hostile, client_of: ClientOf) -> None:
    server = hostile(ACCEPTED)
    client, asked = client_of(server.url), list[str]()

    def gate(send: vod.Send) -> None:
        asked.append("asked")
        send()

    with vod.gated(gate):
        client.delete_videos(IDS)
    client.delete_videos(IDS)
    assert len(asked) == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_connections_through_a_proxy_have_the_gate_too(scheme: str) -> None:
    direct = Carrier().poolmanager.connection_from_host("vod.example", 443, scheme)
    proxied = (
        Carrier().proxy_manager_for("http://proxy.example:3128").connection_from_host("vod.example", 443, scheme)
    )
    assert proxied.ConnectionCls is direct.ConnectionCls
