from typing import Any

import httpx
import pytest

from sandbox.vod import SnapshotKind, VodSandbox
from tests.sandbox.vod.sdk import Sdk


def get(vod: VodSandbox, path: str) -> Any:
    return httpx.get(f"{vod.url}/control/{path}").raise_for_status().json()


def post(vod: VodSandbox, path: str, body: object) -> httpx.Response:
    return httpx.post(f"{vod.url}/control/{path}", json=body)


def test_the_library_can_be_looked_into(vod: VodSandbox) -> None:
    video = vod.library.add_video(title="Shown", tags=("a",), snapshots={SnapshotKind.NORMAL: 2})
    image = vod.library.add_image()
    vod.library.remove_video(vod.library.add_video(title="Gone").video_id)
    seen = get(vod, "library")
    assert seen["counts"]["videos"] == 1
    (shown,) = seen["videos"]
    assert (shown["video_id"], shown["title"], shown["tags"]) == (video.video_id, "Shown", ["a"])
    assert shown["streams"][0]["job_id"] == video.streams[0].job_id
    assert (shown["snapshots"], shown["cover_path"]) == ({"NormalSnapshot": 2}, video.cover_path)
    assert seen["images"][0]["image_id"] == image.image_id
    assert [(one["level"], one["title"]) for one in seen["removed"]] == [("video", "Gone")]


def test_the_ledger_can_be_read(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    sdk.call("DeleteVideo", VideoIds=video.video_id)
    sdk.code("GetVideoPlayAuth", VideoId="x")
    seen = get(vod, "ledger")
    (call,) = seen["calls"]
    assert (call["action"], call["ids"], call["removed"]) == ("DeleteVideo", [video.video_id], [video.video_id])
    assert (call["status"], call["code"], call["extras"]) == (200, "", {})
    assert seen["unknown_calls"] == [{"action": "GetVideoPlayAuth", "parameters": []}]


def test_faults_can_be_set_listed_and_cleared(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    order = {"kind": "throttle", "action": "GetVideoInfo", "times": 3, "ids": [video.video_id], "seconds": 0.5}
    assert post(vod, "faults", order).json() == {"faults": [{**order, "after": ""}]}
    assert sdk.code("GetVideoInfo", VideoId=video.video_id) == (400, "Throttling.User")
    assert get(vod, "faults")["faults"][0]["times"] == 2
    assert httpx.delete(f"{vod.url}/control/faults").json() == {"faults": []}
    assert sdk.call("GetVideoInfo", VideoId=video.video_id)


def test_videos_can_be_added_and_changed(vod: VodSandbox) -> None:
    facts = {
        "title": "Added",
        "created": "2025-03-04T05:06:07",
        "tags": ["x", "y"],
        "streams": [{"definition": "HD", "size": 5}],
        "source": None,
        "snapshots": {"NormalSnapshot": 3},
    }
    video_id = post(vod, "videos", facts).json()["video_id"]
    video = vod.library.video(video_id)
    assert video is not None
    assert (video.title, video.tags, video.source, video.streams[0].size) == ("Added", ("x", "y"), None, 5)
    assert video.created.isoformat() == "2025-03-04T05:06:07+00:00"
    assert video.snapshots == {SnapshotKind.NORMAL: 3}
    changed = post(
        vod, "videos", {"video_id": video_id, "title": "Changed", "source": {"file_name": "a.mp4"}}
    ).json()
    assert (changed["title"], changed["source"]["file_name"], changed["tags"]) == ("Changed", "a.mp4", ["x", "y"])


def test_the_clock_can_be_moved_and_what_is_due_happens(vod: VodSandbox, sdk: Sdk) -> None:
    video = vod.library.add_video()
    vod.faults.set("late", seconds=3600)
    sdk.call("DeleteVideo", VideoIds=video.video_id)
    before = vod.clock.now()
    assert post(vod, "clock", {"advance": 3600}).json()["now"] > before.isoformat()
    assert (vod.clock.now() - before).total_seconds() >= 3600
    assert get(vod, "library")["counts"]["videos"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "nonsense"}),
        ("faults", {"kind": "kept", "action": "GetVideoInfo"}),
        ("faults", {"sort": "kept"}),
        ("faults", ["kept"]),
        ("videos", {"colour": "red"}),
        ("videos", {"created": "yesterday"}),
        ("clock", {"advance": -1}),
        ("clock", {"advance": "soon"}),
    ],
)
def test_nonsense_is_refused_with_a_reason(vod: VodSandbox, path: str, body: object) -> None:
    answer = post(vod, path, body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_body_that_is_not_json_is_refused(vod: VodSandbox) -> None:
    answer = httpx.post(f"{vod.url}/control/clock", content=b"{")
    assert (answer.status_code, answer.json()) == (400, {"error": "the body must be JSON"})
