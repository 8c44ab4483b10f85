"""Other web pages cannot use the sandbox through a browser: on every page and endpoint, by whatever name."""

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin.connection import Connection

from sandbox.certificates import trusted
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.workbench.server import Workbench

PLACES = {
    "slack": ("/control/messages", "/control/people", "/api/auth.test", "/no/such/page"),
    "vod": ("/control/library", "/control/ledger", "/", "/covers/x.png"),
    "workbench": ("/", "/api/state", "/api/events", "/api/files/F1", "/index.html"),
}
ACTS = {
    "slack": (
        "/control/say",
        "/control/click",
        "/control/faults",
        "/control/clock",
        "/control/upload",
        "/api/chat.postMessage",
    ),
    "vod": ("/control/faults", "/control/videos", "/"),
    "workbench": ("/api/say", "/api/press", "/api/upload", "/api/share", "/api/shortcut", "/api/scenes/x"),
}
READS = [(server, "GET", path) for server, paths in PLACES.items() for path in paths]
EVERYTHING = [*READS, *((server, "POST", path) for server, paths in ACTS.items() for path in paths)]

Servers = dict[str, int]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("the page", encoding="utf-8")
    with (
        SlackSandbox.start(environ={}) as slack,
        VodSandbox.start() as vod,
        Workbench.start(slack, vod, None, page=Path(page)) as workbench,
    ):
        urls = {"slack": slack.url, "vod": vod.url, "workbench": workbench.url}
        yield {name: httpx.URL(url).port or 0 for name, url in urls.items()}


def status(servers: Servers, place: tuple[str, str, str], **headers: str) -> int:
    server, method, path = place
    url = f"http://127.0.0.1:{servers[server]}{path}"
    sent = {name.replace("_", "-"): value.replace("PORT", str(servers[server])) for name, value in headers.items()}
    with httpx.stream(
        method,
        url,
        headers=sent,
        content=b"{}" if method == "POST" else None,
        trust_env=False,
        verify=trusted(),
    ) as found:
        return found.status_code


@pytest.mark.parametrize("place", EVERYTHING, ids=" ".join)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:PORT"},
        {"Host": "127.0.0.1.evil.example:PORT"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": "0.0.0.0:PORT"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "file://"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://127.0.0.1:PORT.evil.example"},
        {"Origin": "http://localhost:PORT"},
        {"Origin": "http://[::1"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
    ],
    ids=str,
)
def test_another_host_or_origin_is_refused_everywhere(
    servers: Servers, place: tuple[str, str, str], headers: dict[str, str]
) -> None:
    assert status(servers, place, **headers) == 403


@pytest.mark.parametrize("place", EVERYTHING, ids=" ".join)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:PORT"},
        {"Host": "127.0.0.1"},
        {"Host": "[::1]:PORT"},
        {"Host": "LOCALHOST:PORT", "Origin": "http://localhost:PORT", "Sec_Fetch_Site": "same-origin"},
        {"Origin": "http://127.0.0.1:PORT"},
        {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "no-cors"},
    ],
    ids=str,
)
def test_this_machines_programs_and_our_own_pages_are_answered(
    servers: Servers, place: tuple[str, str, str], headers: dict[str, str]
) -> None:
    assert status(servers, place, **headers) != 403


def test_a_link_from_elsewhere_opens_the_page_and_does_nothing_else(servers: Servers) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}

    assert status(servers, ("workbench", "GET", "/"), **link) == 200
    assert status(servers, ("workbench", "GET", "/api/state"), **link) == 403
    assert status(servers, ("slack", "GET", "/api/chat.postMessage?token=x"), **link) == 403


def test_a_websocket_from_another_page_is_refused_and_the_sdks_is_not() -> None:
    with SlackSandbox.start(environ={}) as slack:
        client = WebClient(token=slack.app_token, base_url=slack.api_url)
        url = str(client.apps_connections_open(app_token=slack.app_token)["url"])
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version": "13",
            "Origin": "https://evil.example",
        }
        assert httpx.get(url.replace("ws:", "http:"), headers=upgrade, trust_env=False).status_code == 403
        connection = Connection(url=url, logger=logging.getLogger(__name__))
        connection.connect()
        assert slack.wait_until(lambda: slack.sockets.count == 1), "its ticket was not used up"
        connection.disconnect()
