"""Files are read back from Slack itself, with the token, and from nowhere else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from slack_sdk import WebClient

from handlers.slack.api import files

SLACK = "https://slack.com/api/"


@pytest.mark.parametrize(
    "address",
    [
        "https://files.slack.com/files-pri/T1-F1/plan.csv",
        "https://slack.com/files/F1",
        "https://acme.enterprise.slack.com/files-pri/T1-F1/plan.csv",
        "https://files.slack.com:443/files-pri/T1-F1/plan.csv",
    ],
)
def test_an_address_of_slacks_own_may_see_the_token(address: str) -> None:
    assert files.is_slacks_own(address, SLACK)


@pytest.mark.parametrize(
    "address",
    [
        "http://files.slack.com/files-pri/T1-F1/plan.csv",
        "https://files.slack.com:8443/plan.csv",
        "https://evilslack.com/plan.csv",
        "https://files.slack.com.evil.example/plan.csv",
        "https://evil.example/files.slack.com",
        "https://files.slack.com@evil.example/plan.csv",
        "https://docs.google.com/document/1",
        "file:///etc/passwd",
        "https://[files.slack.com/plan.csv",
        "",
    ],
)
def test_no_other_address_does(address: str) -> None:
    assert not files.is_slacks_own(address, SLACK)


class Host(HTTPServer):
    """A host that answers every question alike, and keeps what it was asked with."""

    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")
    tokens: list[str | None]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers.get("Authorization"))
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    made = Host(("127.0.0.1", 0), _Answers), Host(("127.0.0.1", 0), _Answers)
    for host in made:
        host.tokens = []
        threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield made
    for host in made:
        host.shutdown()
        host.server_close()


def nothing() -> None:
    """Keep nothing."""


def client(host: Host) -> WebClient:
    return WebClient("xoxb-1", base_url=f"{host.url}/api/", timeout=10, retry_handlers=[])


@pytest.mark.parametrize(("body", "same"), [(b"list", True), (b"lisT", False), (b"list ", False), (b"lis", False)])
def test_a_file_is_ours_byte_for_byte(hosts: tuple[Host, Host], body: bytes, *, same: bool) -> None:
    slack = hosts[0]
    slack.answer = (200, {}, body)
    assert files.holds(client(slack), f"{slack.url}/f", files.Content.of(b"list"), nothing) is same
    assert slack.tokens == ["Bearer xoxb-1"]


def test_no_redirect_takes_the_token_elsewhere(hosts: tuple[Host, Host]) -> None:
    slack, other = hosts
    other.answer = (200, {}, b"list")
    slack.answer = (302, {"Location": f"{other.url}/f"}, b"")
    assert not files.holds(client(slack), f"{slack.url}/f", files.Content.of(b"list"), nothing)
    assert not files.holds(client(slack), f"{other.url}/f", files.Content.of(b"list"), nothing)
    assert other.tokens == []


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_shown_to_us_is_not_ours(hosts: tuple[Host, Host], status: int) -> None:
    slack = hosts[0]
    slack.answer = (status, {}, b"")
    assert not files.holds(client(slack), f"{slack.url}/f", files.Content.of(b"list"), nothing)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_look_at_a_file_that_fails_proves_nothing(hosts: tuple[Host, Host], status: int) -> None:
    slack = hosts[0]
    slack.answer = (status, {}, b"")
    with pytest.raises(OSError, match=str(status)):
        files.holds(client(slack), f"{slack.url}/f", files.Content.of(b"list"), nothing)


def test_bytes_are_sent_to_the_web_alone() -> None:
    with pytest.raises(OSError, match="no address of the web"):
        files.send(WebClient("xoxb-1"), "file:///etc/passwd", files.Content.of(b"list"), nothing)
