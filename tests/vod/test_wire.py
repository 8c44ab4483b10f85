import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.vod.hostile import HostileServer, Script, http_json
from vod.api.client import Endpoint, VodClient
from vod.sdk.credentials import AccessKey
from vod.sdk.errors import NotSent

IDS = ["93ab850b4f6f44eab54b6e91d24d81d4"]
ACCEPTED = http_json(200, {"RequestId": "R-1"})


def test_one_connection_serves_call_after_call_and_each_request_is_new(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(ACCEPTED)
    client = client_of(server.url)
    for _ in range(20):
        client.delete_videos(IDS)
    assert server.connections == 1
    assert len({sent["SignatureNonce"] for sent in server.requests}) == 20
    assert len({len(head.partition("User-Agent")[2].partition("\r\n")[0]) for head in server.heads}) == 1


def test_a_failed_delete_is_never_sent_again(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(http_json(503, {"RequestId": "R", "Code": "ServiceUnAvailable", "Message": ""}))
    with pytest.raises(Exception, match="ServiceUnAvailable"):
        client_of(server.url).delete_videos(IDS)
    assert len(server.requests) == 1


def test_eight_threads_share_a_client_and_each_gets_its_own_answer(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    def echo(sent: dict[str, str]) -> Script:
        return http_json(200, {"RequestId": "R", "NonExistVideoIds": [sent["VideoIds"]]})

    server = hostile(echo)
    client = client_of(server.url)
    together = threading.Barrier(8)

    def work(name: str) -> set[bool]:
        together.wait(10)
        ids = [f"{name}-{number}" for number in range(25)]
        return {client.delete_videos([each]).missing == {each} for each in ids}

    with ThreadPoolExecutor(8) as pool:
        assert set().union(*pool.map(work, [f"thread{number}" for number in range(8)])) == {True}
    assert len({sent["SignatureNonce"] for sent in server.requests}) == 200
    assert server.connections <= 8


def test_this_host_is_never_reached_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server, proxy = hostile(ACCEPTED), hostile(ACCEPTED)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    client_of(server.url).delete_videos(IDS)
    client_of(server.url, proxies={"http": proxy.url}).delete_videos(IDS)
    assert (len(server.requests), proxy.connections) == (2, 0)


@pytest.mark.parametrize("named_by", ["environment", "argument"])
def test_other_hosts_are_reached_through_the_proxy_in_a_tunnel(
    named_by: str,
    monkeypatch: pytest.MonkeyPatch,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    proxy = hostile(Script(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
    if named_by == "environment":
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    proxies = {"https": proxy.url} if named_by == "argument" else None
    with pytest.raises(Exception, match="DeleteVideo"):
        client_of("https://vod.example", proxies=proxies).delete_videos(IDS)
    assert proxy.heads[0].startswith("CONNECT vod.example:443 ")
    assert proxy.requests == [{}]


def test_a_proxy_that_is_down_proves_that_nothing_was_sent(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    proxy = hostile(ACCEPTED)
    proxy.stop()
    with pytest.raises(NotSent):
        client_of("https://vod.example", proxies={"https": proxy.url}).delete_videos(IDS)


def test_no_proxies_means_none_even_if_the_environment_names_one() -> None:
    with VodClient(AccessKey("a", "b"), Endpoint("cn-shanghai"), proxies={}) as client:
        assert client._wire._client.proxy == {"http": None, "https": None}


def test_a_netrc_file_adds_nothing_to_a_request(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login me password mine\n")
    (home / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(home))
    server = hostile(ACCEPTED)
    client_of(server.url).delete_videos(IDS)
    assert "authorization" not in server.heads[0].lower()


@pytest.mark.parametrize("option", ["connect_timeout_s", "read_timeout_s"])
def test_a_time_out_of_nothing_is_refused_because_the_sdk_takes_it_for_its_own(
    option: str,
    client_of: Callable[..., VodClient],
) -> None:
    with pytest.raises(ValueError, match="time-outs"):
        client_of("http://127.0.0.1:1", **{option: 0})


def test_an_answer_may_hold_more_than_is_known(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    body = {"RequestId": "R-1", "Novelty": {"x": [1]}, "NonExistReferenceIds": []}
    server = hostile(http_json(200, body))
    assert client_of(server.url).delete_videos(IDS).request_id == "R-1"
