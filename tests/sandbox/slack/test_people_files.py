"""Files over the control plane and the workbench: uploaded as bytes, shared by ids, deleted; shortcuts by HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from sandbox.slack import SlackSandbox
from sandbox.slack.control import uploads
from sandbox.vod import VodSandbox
from sandbox.workbench import Workbench
from sandbox.workbench.shortcuts import shortcuts
from tests.sandbox.slack.conftest import Bot

CONTENT = b"id\n" + b"a1" * 16


@pytest.fixture
def bench(slack: SlackSandbox, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "index.html").write_text("the page", encoding="utf-8")
    with (
        VodSandbox.start(seed_library=False) as vod,
        Workbench.start(slack, vod, None, page=tmp_path) as running,
    ):
        yield f"{running.url}/api"


@pytest.fixture(params=["control", "bench"])
def door(request: pytest.FixtureRequest, slack: SlackSandbox) -> str:
    """Where people act over HTTP: the control plane, or what the page talks to."""
    return f"{slack.url}/control" if request.param == "control" else str(request.getfixturevalue("bench"))


def post(url: str, **asked: Any) -> httpx.Response:
    return httpx.post(url, json={"person": "ana", "channel": "C0VODDELETE", **asked}, trust_env=False)


def upload(door: str, name: str = "list.csv", content: bytes = CONTENT, person: str = "ana") -> httpx.Response:
    query = {"person": person, "name": name}
    return httpx.post(f"{door}/upload", params=query, content=content, trust_env=False)


def test_what_is_uploaded_is_kept_and_shown_to_nobody(slack: SlackSandbox, door: str) -> None:
    said = upload(door, "Löschliste 删除.csv").json()
    assert (said["name"], said["size"], said["filetype"]) == ("Löschliste 删除.csv", len(CONTENT), "csv")
    file = slack.workspace.file(said["id"])
    assert (file.content, file.user) == (CONTENT, slack.user("ana").id)
    assert not slack.workspace.is_shown_to_bot(file)
    assert slack.messages("vod-deletions") == []


def test_an_upload_by_nobody_without_a_name_or_too_large_is_refused(
    slack: SlackSandbox, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert upload(door, person="zed").status_code == 404
    assert upload(door, name="").status_code == 400
    assert upload(door, name="x" * 256).status_code == 400
    monkeypatch.setattr(uploads, "LARGEST", len(CONTENT) - 1)
    answer = upload(door)
    assert (answer.status_code, "files of up to" in answer.json()["error"]) == (413, True)
    assert slack.files == []


def test_files_are_shared_by_their_ids_also_in_a_thread(slack: SlackSandbox, door: str) -> None:
    first, second = upload(door).json()["id"], upload(door, "b.txt").json()["id"]
    assert post(f"{door}/share", files=[first], text="here").status_code == 200
    (message,) = slack.messages("vod-deletions")
    assert (message.user, message.text, [file.id for file in message.files]) == (
        slack.user("ana").id,
        "here",
        [first],
    )
    assert slack.workspace.is_shown_to_bot(slack.workspace.file(first))
    post(f"{door}/share", files=[second], thread_ts=message.ts)
    reply = slack.thread("vod-deletions", message.ts)[-1]
    assert (reply.is_reply, [file.name for file in reply.files]) == (True, ["b.txt"])
    assert post(f"{door}/share", files=["F0NONE"]).status_code == 404


def test_a_shortcut_chosen_over_http_reaches_the_app(slack: SlackSandbox, bot: Bot, door: str) -> None:
    message = slack.share("cy", slack.upload("cy", "list.csv", CONTENT))
    assert post(f"{door}/shortcut", ts=message.ts, callback_id="propose").json()["error"] is None
    payload = json.loads(parse_qs(bot.requests[-1][1].decode())["payload"][0])
    assert (payload["type"], payload["callback_id"], payload["user"]["id"]) == (
        "message_action",
        "propose",
        slack.user("ana").id,
    )
    assert post(f"{door}/shortcut", ts="1.0", callback_id="propose").status_code == 404


def test_the_page_shares_only_ones_own_files_where_one_is(slack: SlackSandbox, bench: str) -> None:
    theirs = upload(bench, person="bo").json()["id"]
    assert post(f"{bench}/share", files=[theirs]).status_code == 400
    mine = upload(bench, person="eve").json()["id"]
    assert post(f"{bench}/share", files=[mine], person="eve", channel="C0VODAUDIT1").status_code == 400
    assert slack.messages("vod-deletions") == slack.messages("vod-audit") == []


def test_somebody_of_another_company_cannot_use_a_shortcut_on_the_page(
    slack: SlackSandbox, bot: Bot, bench: str
) -> None:
    slack.say("ana", "hello")
    (message,) = slack.messages("vod-deletions")
    answer = post(f"{bench}/shortcut", person="eve", ts=message.ts, callback_id="propose")
    assert answer.json()["error"] == "not_in_workspace"
    assert bot.requests == []


def test_a_deleted_file_is_gone_for_the_page_as_well(slack: SlackSandbox, bench: str) -> None:
    file = upload(bench).json()["id"]
    assert httpx.get(f"{bench}/files/{file}", trust_env=False).content == CONTENT
    assert post(f"{slack.url}/control/delete_file", file=file).json()["mode"] == "tombstone"
    assert httpx.get(f"{bench}/files/{file}", trust_env=False).status_code == 410


def test_the_page_is_told_the_shortcuts_of_the_manifest(bench: str) -> None:
    told = httpx.get(f"{bench}/state", trust_env=False).json()
    manifest = json.loads(Path("manifest.json").read_text(encoding="utf-8"))
    for kind, name in (("message", "shortcuts"), ("global", "global_shortcuts")):
        wanted = [one["callback_id"] for one in manifest["features"]["shortcuts"] if one["type"] == kind]
        assert wanted
        assert [one["callback_id"] for one in told[name]] == wanted
        assert told[name] == [*shortcuts(kind)]
