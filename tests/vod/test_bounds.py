"""Answers that never end, or that are far too large: a call is over in time, and memory stays what it is."""

import json
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.running import measured
from tests.vod.hostile import HostileServer, Script, Then, http, http_json
from tests.vod.test_metadata import ROLE, assume_role_at
from vod.api.client import VodClient
from vod.sdk.errors import Ambiguous, NotSent, VodError
from vod.sdk.transport import LARGEST_ANSWER, MOST_VALUES

ROOT = Path(__file__).parents[2]
IDS = ["93ab850b4f6f44eab54b6e91d24d81d4"]
SOON_S = 20.0
"""A call is given 1 s here; without a total limit each of these takes a minute or more."""

Hostile = Callable[..., HostileServer]
ClientOf = Callable[..., VodClient]

ANSWER = http_json(200, {"RequestId": "R-1", "NonExistVideoIds": ["x" * 1000]}).data
BODY_AT = ANSWER.index(b"\r\n\r\n") + 4
HEADERS = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000 + b"\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

SLOW = {
    "body": Script(ANSWER, pause_s=0.06, drip_from=BODY_AT),
    "headers": Script(HEADERS, pause_s=0.06, drip_from=20),
    "status line": Script(b"HTTP/1.1 200 " + b"O" * 1000, pause_s=0.06),
    "chunks": Script(CHUNKED + b"1\r\nx\r\n" * 200, pause_s=0.06, drip_from=len(CHUNKED)),
    "a body that stops": Script(ANSWER[:-1], Then.STALL),
}


def fault_of(client: VodClient) -> tuple[VodError, float]:
    began = time.monotonic()
    with pytest.raises(VodError) as info:
        client.get_videos(IDS)
    return info.value, time.monotonic() - began


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_answer_is_cut_off_however_it_drips(name: str, hostile: Hostile, client_of: ClientOf) -> None:
    client = client_of(hostile(SLOW[name]).url, connect_timeout_s=0.5, read_timeout_s=0.5)
    error, took_s = fault_of(client)

    assert isinstance(error, Ambiguous)
    assert error.code == "TimedOut"
    assert took_s < SOON_S


def test_a_slow_answer_of_sts_is_cut_off_and_nothing_is_sent(
    hostile: Hostile, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    vod_server, sts = hostile(http_json(200, {"RequestId": "R-1"})), hostile(SLOW["body"])
    client = client_of(vod_server.url, credentials=ROLE, connect_timeout_s=0.5, read_timeout_s=0.5)
    assume_role_at(sts, client)
    monkeypatch.setattr("aliyunsdkcore.http.protocol_type.HTTPS", "no longer the constant the SDK's STS call holds")
    error, took_s = fault_of(client)

    assert isinstance(error, NotSent)
    assert took_s < SOON_S
    assert vod_server.requests == []


def packed(body: bytes, encoding: str, times: int = 1) -> Script:
    machine = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    data = b"".join(machine.compress(body) for _ in range(times)) + machine.flush()
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(data)}\r\n\r\n"
    return Script(head.encode() + data)


BOMB = packed(b" " * 1_000_000, "gzip", 300)
ENDLESS_HEAD = Script(b"HTTP/1.1 200 OK\r\n", endless=b"X: y\r\n" * 1000)
LARGE = {
    "300 MB, packed": BOMB,
    "300 MB, packed otherwise": packed(b" " * 1_000_000, "deflate", 300),
    "a body without an end": Script(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", endless=b" " * 65536),
    "chunks without an end": Script(CHUNKED, endless=b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "chunk lengths without an end": Script(CHUNKED, endless=b"0" * 65536),
    "a length of 10 GB": Script(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", endless=b" " * 65536),
    "a hundred thousand lists": http(200, b'{"RequestId": "R", "x": [' + b"[]," * MOST_VALUES + b"[]]}"),
    "a refusal of a hundred thousand": http(400, b'{"Code": "x", "x": [' + b"{}," * MOST_VALUES + b"{}]}"),
}
UNREADABLE = {
    "headers without an end": ENDLESS_HEAD,
    "deep": http(200, b'{"RequestId": "R", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "a huge number": http(200, b'{"RequestId": "R", "x": ' + b"9" * 1_000_000 + b"}"),
    "packed in an unknown way": Script(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx"),
    "packed badly": Script(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
}


@pytest.mark.parametrize("name", LARGE)
def test_an_answer_that_is_far_too_large_is_not_read_to_its_end(
    name: str, hostile: Hostile, client_of: ClientOf
) -> None:
    error, took_s = fault_of(client_of(hostile(LARGE[name]).url))

    assert isinstance(error, Ambiguous)
    assert error.code == "AnswerTooLarge"
    assert took_s < SOON_S


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_answer_that_cannot_be_read_proves_nothing(name: str, hostile: Hostile, client_of: ClientOf) -> None:
    error, took_s = fault_of(client_of(hostile(UNREADABLE[name]).url))

    assert isinstance(error, Ambiguous)
    assert took_s < SOON_S


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_answer_that_is_packed_is_read_and_one_that_breaks_off_is_not(
    encoding: str, hostile: Hostile, client_of: ClientOf
) -> None:
    body = json.dumps({"RequestId": "R-1", "NonExistVideoIds": IDS, "x": "y" * 200_000}).encode()
    whole = packed(body, encoding)
    torn = packed(body, encoding).data[:-6]
    length = int(whole.data.split(b"Content-Length: ")[1].split(b"\r\n")[0])

    assert client_of(hostile(whole).url).get_videos(IDS).missing == set(IDS)
    shorter = torn.replace(f"Length: {length}".encode(), f"Length: {length - 6}".encode())
    assert isinstance(fault_of(client_of(hostile(Script(shorter)).url))[0], Ambiguous)


NORMAL = http_json(
    200,
    {
        "RequestId": "R-1",
        "VideoList": [
            {
                "VideoId": f"{n:032x}",
                "Title": "t" * 128,
                "Description": "d" * 3000,
                "CoverURL": "https://x/" + "u" * 500,
            }
            for n in range(20)
        ],
        "NonExistVideoIds": [],
    },
)
WORST = {
    **LARGE,
    **UNREADABLE,
    "many values": http(200, b'{"RequestId": "R", "x": [' + b"{}," * (MOST_VALUES - 9) + b"{}]}"),
    "wide characters": http(200, '{"RequestId": "R", "x": "🎬'.encode() + b"x" * (LARGEST_ANSWER - 99) + b'"}'),
}
MEASURED = """
import sys
from pathlib import Path
from vod.api.client import Endpoint, VodClient
from vod.sdk.credentials import AccessKey
from vod.sdk.errors import VodError
def call(url):
    with VodClient(AccessKey("k", "s"), Endpoint("cn-shanghai", url), read_timeout_s=20) as client:
        try:
            client.get_videos([f"{n:032x}" for n in range(20)])
        except VodError as error:
            return
def peak():
    # Not ru_maxrss: that begins with what the process had that began this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
normal, *hostile = sys.argv[1:]
call(normal)
peak()
for url in hostile:
    call(url)
peak()
"""


def test_no_answer_makes_a_process_twice_as_large_as_a_normal_one(hostile: Hostile) -> None:
    urls = [hostile(script).url for script in (NORMAL, *WORST.values())]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *urls], cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    )
    normal_kb, worst_kb = map(int, done.stdout.split())
    measured(f"peak memory: {normal_kb} kB after a normal answer, {worst_kb} kB after the worst ones")

    assert worst_kb <= 2 * normal_kb
