import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.vod.hostile import HostileServer, Script, Then, http, http_json, refusal
from vod.api.client import VodClient
from vod.api.images import image_is_served
from vod.sdk.errors import VodError
from vod.sdk.silence import silence_sdk

IDS = ["93ab850b4f6f44eab54b6e91d24d81d4"]
SCRIPTS = [
    http_json(200, {"RequestId": "R-1"}),
    http(200, b"garbage that quotes exampleSecretNobodyMaySee"),
    http(500, b"\xff"),
    refusal(400, "SignatureDoesNotMatch", "server string to sign is:exampleSecretNobodyMaySee"),
    refusal(403, "Forbidden", "exampleSecretNobodyMaySee"),
    Script(b"", Then.RESET),
    Script(b"", Then.CLOSE),
    Script(b"", Then.STALL),
]


@pytest.fixture(autouse=True)
def untouched_levels() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_of_a_call_is_logged_or_printed_even_when_everything_is_turned_up(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    monkeypatch.setenv("DEBUG", "sdk")
    caplog.set_level(logging.DEBUG)
    server = hostile(script)
    client = client_of(server.url, read_timeout_s=0.3)
    try:
        client.delete_videos(IDS)
    except VodError as error:
        logging.getLogger("bot").exception("call failed: %s", error)  # noqa: TRY401 - the text of it is what is looked at
    sent = server.requests[0]
    printed = capfd.readouterr()
    seen = caplog.text + printed.out + printed.err
    for secret in (sent["Signature"], sent["AccessKeyId"], sent["SignatureNonce"], "Signature=", "NobodyMaySee"):
        assert secret not in seen
    assert not [record for record in caplog.records if record.name.startswith("aliyunsdkcore")]


def test_the_sdk_logs_signed_addresses_unless_it_is_silenced(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    """What the test above rests on: were the SDK to change, it would prove nothing."""
    monkeypatch.setenv("DEBUG", "sdk")
    client = client_of(hostile(http_json(200, {"RequestId": "R-1"})).url)
    logging.getLogger("aliyunsdkcore").propagate = True
    logging.getLogger("aliyunsdkcore.http.http_response").setLevel(logging.DEBUG)
    client.delete_videos(IDS)
    silence_sdk()
    assert "Signature=" in caplog.text
    caplog.clear()
    logging.getLogger("aliyunsdkcore.http.http_response").setLevel(logging.DEBUG)  # as a configuration might
    client.delete_videos(IDS)
    silence_sdk()
    assert caplog.text == ""


PROGRAM = """
import sys, vod
client = vod.VodClient(vod.AccessKey("a", "b"), vod.Endpoint("cn-shanghai", sys.argv[1]))
print(client.delete_videos(["x"]).request_id)
try:
    client.delete_videos(["x"])
except vod.Ambiguous as error:
    print(error)
client.close()
"""


def test_nothing_is_printed_by_a_program_that_sets_up_no_logging(hostile: Callable[..., HostileServer]) -> None:
    """In a process of its own: the SDK's handler keeps the standard error it found when it was imported."""
    answers = iter([http_json(200, {"RequestId": "R-1"}), Script(b"", Then.RESET)])
    server = hostile(lambda _: next(answers))
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, server.url],
        env=os.environ | {"DEBUG": "sdk"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == "R-1\nDeleteVideo: ConnectionLost\n"
    assert ended.stderr == ""


def test_an_images_address_is_not_logged(
    caplog: pytest.LogCaptureFixture, hostile: Callable[..., HostileServer]
) -> None:
    caplog.set_level(logging.DEBUG)
    server = hostile(http(200, b"png"))
    domain = f"127.0.0.1:{server.port}"
    assert image_is_served(f"{server.url}/a.png?auth_key=k3y", allowed_domains=frozenset({domain}), timeout_s=2)
    assert "k3y" in server.heads[0]
    assert "k3y" not in caplog.text
