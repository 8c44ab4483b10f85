from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.slack import SlackSandbox
from sandbox.slack.model.messages import Draft
from sandbox.vod import VodSandbox
from sandbox.workbench import Workbench


@pytest.fixture
def quiet(local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path) -> Iterator[Workbench]:
    (tmp_path / "index.html").write_text("the page", encoding="utf-8")
    with Workbench.start(local_slack, local_vod, None, page=tmp_path) as running:
        yield running


def _get(bench: Workbench, path: str, **query: Any) -> Any:
    return httpx.get(f"{bench.url}/{path}", params=query, trust_env=False)


def test_the_page_is_served_at_its_address(quiet: Workbench) -> None:
    assert _get(quiet, "").text == "the page"


def test_private_messages_and_foreign_channels_are_told_to_nobody_else(
    quiet: Workbench, local_slack: SlackSandbox
) -> None:
    local_slack.workspace.post("C0VODDELETE", Draft("U0X", "for Ana", ephemeral_to=local_slack.user("ana").id))
    local_slack.workspace.post("C0VODAUDIT1", Draft("U0X", "for members"))

    def seen_by(person: str) -> list[str]:
        quiet._watch.refresh()
        return sorted(each["text"] for each in _get(quiet, "api/messages", person=person).json()["messages"])

    assert seen_by("ana") == ["for Ana", "for members"]
    assert seen_by("bo") == ["for members"]
    assert seen_by("eve") == []


def test_news_come_without_being_asked_for(quiet: Workbench, local_slack: SlackSandbox) -> None:
    with httpx.stream("GET", f"{quiet.url}/api/events", timeout=10, trust_env=False) as news:
        lines = (line for line in news.iter_lines() if line.startswith("data:"))
        first = next(lines)
        local_slack.say("ana", "hello")
        assert next(lines) != first


def test_a_command_with_nothing_connected_is_an_error_in_words(quiet: Workbench) -> None:
    asked = {"person": "ana", "channel": "C0VODDELETE", "text": "/vod list"}
    answer = httpx.post(f"{quiet.url}/api/say", json=asked, trust_env=False)
    assert (answer.status_code, "nothing is connected" in answer.json()["error"]) == (400, True)


def test_an_unknown_scene_is_not_found(quiet: Workbench) -> None:
    assert httpx.post(f"{quiet.url}/api/scenes/none", trust_env=False).status_code == 404


def test_a_scene_that_cannot_go_on_did_not_hold(quiet: Workbench) -> None:
    httpx.post(f"{quiet.url}/api/scenes/own", trust_env=False)
    quiet.theatre.stop()
    scene = next(one for one in quiet.theatre.shown() if one["key"] == "own")
    assert scene["outcome"] == "broken"
    assert "could not go on" in scene["steps"][-1]["words"]


def test_the_clock_tells_how_far_it_is_ahead(local_slack: SlackSandbox) -> None:
    local_slack.clock.advance(90)
    answer = httpx.get(f"{local_slack.url}/control/clock", trust_env=False).json()
    assert answer["offset_seconds"] == 90
