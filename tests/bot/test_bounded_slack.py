"""Slack that answers slowly, or without an end: a call is over in time, and may have arrived."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import pytest
from slack_sdk import WebClient

from bot import clients
from bot.settings import load
from handlers.outbox.lists import LaneLostError
from handlers.slack.api import files
from handlers.slack.api.failures import Failure, trouble
from tests.vod.hostile import HostileServer, Script, Then, http, http_json
from vod import image_is_served

SOON_S = 20.0
"""A call is given 1 s here; without a total limit each of these takes a minute or more."""

OK = http_json(200, {"ok": True, "team_id": "T1", "user_id": "U1", "url": "x" * 1000}).data
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BAD = {
    "a slow body": Script(OK, pause_s=0.06, drip_from=OK.index(b"\r\n\r\n") + 4),
    "slow headers": Script(HEAD + b"X: " + b"x" * 1000, pause_s=0.06, drip_from=20),
    "a slow refusal": Script(OK.replace(b"200 Said", b"503 Said"), pause_s=0.06, drip_from=20),
    "no answer": Script(b"", Then.STALL),
    "no end": Script(HEAD + b"Connection: close\r\n\r\n", endless=b" " * 65536),
    "headers without an end": Script(b"HTTP/1.1 200 OK\r\n", endless=b"X: y\r\n" * 1000),
}


@pytest.fixture
def hostile() -> Iterator[Callable[[Script], HostileServer]]:
    with ExitStack() as stack:

        def start(script: Script) -> HostileServer:
            server = HostileServer(script)
            stack.callback(server.stop)
            return server

        yield start


def client_of(server: HostileServer) -> WebClient:
    settings = load(
        {
            "SLACK_API_URL": f"{server.url}/api/",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "s",
            "VOD_ACCESS_KEY_ID": "k",
            "VOD_ACCESS_KEY_SECRET": "s",
            "COUNTERSIGN_APPROVALS_CHANNEL": "C1",
            "COUNTERSIGN_AUDIT_CHANNEL": "C2",
            "COUNTERSIGN_APPROVERS": "U1 U2",
        }
    )
    return clients.slack_client(settings, timeout_s=1)


@pytest.mark.parametrize("name", BAD)
def test_a_call_to_slack_ends_in_time_and_may_have_arrived(
    name: str, hostile: Callable[[Script], HostileServer]
) -> None:
    client = client_of(hostile(BAD[name]))
    began = time.monotonic()
    with pytest.raises(Exception) as info:  # noqa: PT011 - which one it is, is what trouble() is asked
        client.chat_postMessage(channel="C1", text="x")

    assert trouble(info.value).failure is Failure.PERHAPS_SENT
    assert time.monotonic() - began < SOON_S


def nothing() -> None:
    """Keep nothing."""


LONG = 1_500_000
"""Bytes that the server below takes 3 s for, 64 kB at a time; a call is given 1 s."""


def test_a_file_that_a_slow_line_takes_longer_for_than_a_call_arrives_and_is_kept_meanwhile(
    hostile: Callable[[Script], HostileServer],
) -> None:
    server = hostile(replace(http(200, b"OK"), takes_s=0.12))
    kept: list[float] = []
    began = time.monotonic()
    files.send(
        client_of(server),
        f"{server.url}/upload",
        files.Content.of(b"x" * LONG),
        lambda: kept.append(time.monotonic()),
    )

    assert server.taken == LONG
    assert time.monotonic() - began > 1.5
    pauses = [after - before for before, after in pairwise([began, *kept, time.monotonic()])]
    assert max(pauses) < 2.5


def test_whoever_lost_a_file_that_is_on_its_way_lets_go_of_it(hostile: Callable[[Script], HostileServer]) -> None:
    server = hostile(replace(http(200, b"OK"), takes_s=1.0))
    kept = iter([True, False])

    def keep() -> None:
        if not next(kept):
            raise LaneLostError

    with pytest.raises(LaneLostError):
        files.send(client_of(server), f"{server.url}/upload", files.Content.of(b"x" * LONG), keep)
    assert server.taken < LONG


@pytest.mark.parametrize("takes_s", [30.0, 0.0])
def test_a_file_that_is_not_taken_or_not_answered_is_let_go_of_in_time(
    takes_s: float, hostile: Callable[[Script], HostileServer]
) -> None:
    server = hostile(Script(b"", Then.STALL, takes_s=takes_s))
    began = time.monotonic()
    with pytest.raises(OSError, match=r"too long|timed out"):
        files.send(client_of(server), f"{server.url}/upload", files.Content.of(b"x" * 100_000), nothing)
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize("how", ["compared", "fetched"])
def test_a_file_that_comes_slowly_is_read_to_its_end(
    how: str, hostile: Callable[[Script], HostileServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SLOWEST", 10)
    monkeypatch.setattr(files, "AT_ONCE", 10)
    answer, kept = http(200, b"x" * 100), []
    server = hostile(replace(answer, pause_s=0.02, drip_from=len(answer.data) - 100))
    client, address = client_of(server), f"{server.url}/files/1"
    if how == "compared":
        assert files.holds(client, address, files.Content.of(b"x" * 100), lambda: kept.append(1))
    else:
        assert files.fetch(client, address, lambda: kept.append(1), largest=200) == b"x" * 100
    assert len(kept) > 2


@pytest.mark.parametrize("name", ["a slow body", "slow headers", "no answer"])
def test_sending_a_file_and_reading_it_back_end_in_time(
    name: str, hostile: Callable[[Script], HostileServer]
) -> None:
    server = hostile(BAD[name])
    client = client_of(server)
    began = time.monotonic()
    with pytest.raises(OSError, match=r"too long|timed out"):
        files.holds(client, f"{server.url}/files/1", files.Content.of(b"x" * 2000), nothing)

    assert time.monotonic() - began < SOON_S


def test_an_answer_of_slack_is_read_as_ever(hostile: Callable[[Script], HostileServer]) -> None:
    assert client_of(hostile(http(200, OK.split(b"\r\n\r\n")[1]))).auth_test()["team_id"] == "T1"


@pytest.mark.parametrize("name", ["slow headers", "no answer", "headers without an end"])
def test_whether_an_image_is_served_is_said_in_time(name: str, hostile: Callable[[Script], HostileServer]) -> None:
    server = hostile(BAD[name])
    began = time.monotonic()
    served = image_is_served(
        f"{server.url}/a.png", allowed_domains=frozenset({f"127.0.0.1:{server.port}"}), timeout_s=1
    )

    assert served is None
    assert time.monotonic() - began < SOON_S
