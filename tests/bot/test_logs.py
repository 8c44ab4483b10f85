import json
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog

from bot.runtime import logs
from tests.stage import Opener

SECRET = "xoxb-hunter2-hunter2"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged; every line has to be one JSON object."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_line_of_json_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    structlog.get_logger().info("proposal.made", proposal=4, title="删除\n\u202e&<!channel>")
    (line,) = lines(capsys)

    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "proposal.made", "level": "info", "proposal": 4, "title": "删除\n\u202e&<!channel>"}


def test_only_what_is_as_grave_as_asked_for_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING")
    log = structlog.get_logger()
    log.info("not.this")
    log.warning("but.this")

    assert [line["event"] for line in lines(capsys)] == ["but.this"]


@pytest.mark.parametrize("ours", [True, False])
def test_a_traceback_is_part_of_its_line_and_shows_no_local_variables(
    capsys: pytest.CaptureFixture[str], *, ours: bool
) -> None:
    logs.configure("INFO")
    logger = structlog.get_logger() if ours else logging.getLogger("some.library")

    def break_with(headers: dict[str, str]) -> None:
        raise LookupError(f"{len(headers)} headers")

    try:
        break_with({"Authorization": f"Bearer {SECRET}"})
    except LookupError:
        logger.exception("turn.failed")
    (line,) = lines(capsys)

    assert line["exception"][0]["exc_type"] == "LookupError"
    assert [frame["name"] for frame in line["exception"][0]["frames"]][-1] == "break_with"
    assert SECRET not in json.dumps(line)


@pytest.mark.parametrize("name", ["slack_bolt", "slack_sdk.web", "httpx", "httpcore"])
def test_the_chatter_of_libraries_is_left_out_and_their_warnings_are_not(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    logs.configure("DEBUG")
    logging.getLogger(name).info("GET https://vod.example.com/?Signature=%s", SECRET)
    logging.getLogger(name).warning("something is wrong")

    assert [line["event"] for line in lines(capsys)] == ["something is wrong"]


def test_the_body_of_a_badly_signed_request_is_not_logged(
    capsys: pytest.CaptureFixture[str], open_stage: Opener
) -> None:
    logs.configure("DEBUG")
    stage = open_stage()
    body = urlencode({"command": "/vod", "text": SECRET}).encode()
    delivery = stage.slack.deliver_raw(body, stage.slack.sign(body + b"&"))

    assert delivery.status == 401
    assert SECRET not in capsys.readouterr().err


def test_bolts_warnings_are_logged_except_that_the_token_is_ignored(
    capsys: pytest.CaptureFixture[str], open_stage: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure("DEBUG")
    monkeypatch.setenv("SLACK_BOT_TOKEN", SECRET)
    stage = open_stage()
    body = urlencode({"command": "/other", "user_id": "U1"}).encode()
    stage.slack.deliver_raw(body, stage.slack.sign(body))
    warned = [line["event"] for line in lines(capsys) if line["level"] == "warning"]

    assert len(warned) == 1
    assert warned[0].startswith("Unhandled request")
