"""Official clients that the bot does not use can use the sandboxes: they are not made to the bot's measure."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.vod.model.media import Level
from tests.other_clients.vod_sdk import NewerSdk, differences

HERE = Path(__file__).parent
WORKSHOP = Path("build/other-clients")
INSTALL_WITHIN_S = 240
ANSWER_WITHIN_S = 60

CARD = "vod-deletions"


@pytest.fixture(scope="session")
def scripts() -> Path:
    """A folder with the scripts of this one, and the packages that they need, as locked."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("there is no Node on this machine (https://nodejs.org): clients for JavaScript are not tried")
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    for path in (*HERE.glob("*.mjs"), *HERE.glob("package*.json")):
        shutil.copy(path, WORKSHOP / path.name)
    installed, lock = WORKSHOP / "node_modules" / "installed-from.json", HERE / "package-lock.json"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=WORKSHOP, check=True, timeout=INSTALL_WITHIN_S, capture_output=True)
        shutil.copy(lock, installed)
    return WORKSHOP


class Script:
    """A script of Node's that writes JSON, a line per thing it has to say, and ends when its input does."""

    def __init__(self, folder: Path, name: str, **environment: str) -> None:
        kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        self._process = subprocess.Popen(
            [shutil.which("node") or "node", name],
            cwd=folder,
            env=kept | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._alarm = threading.Timer(ANSWER_WITHIN_S, self._process.kill)
        self._alarm.start()

    def line(self) -> Any:
        """The next line; fails with the script's errors when there is none."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        assert self._process.stderr is not None
        pytest.fail(f"the script ended: {self._process.stderr.read()[-2000:]}")

    def said(self, about: str) -> Any:
        """The next thing said, which has to be about this."""
        found = self.line()
        assert found["about"] == about
        return found["value"]

    def end(self) -> None:
        """End it."""
        self._alarm.cancel()
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    stream.close()


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox.start(environ={}) as sandbox:
        sandbox.rate.enabled = False
        yield sandbox
        assert sandbox.unknown_calls == []


@pytest.fixture
def vod() -> Iterator[VodSandbox]:
    with VodSandbox.start() as sandbox:
        sandbox.quotas.update(dict.fromkeys(sandbox.quotas, None))
        yield sandbox
        assert sandbox.unknown_calls == ()


@pytest.mark.parametrize("socket_mode", ["", "1"])
def test_bolt_for_javascript_and_its_web_api_client(scripts: Path, slack: SlackSandbox, socket_mode: str) -> None:
    script = Script(
        scripts,
        "slack.mjs",
        SLACK_API_URL=slack.api_url,
        SLACK_BOT_TOKEN=slack.bot_token,
        SLACK_APP_TOKEN=slack.app_token,
        SLACK_SIGNING_SECRET=slack.signing_secret,
        CHANNEL=slack.channel(CARD).id,
        SOCKET_MODE=socket_mode,
    )
    try:
        if socket_mode:
            slack.connect_sockets()
            assert script.said("connected")
        else:
            slack.connect(f"http://127.0.0.1:{script.said('port')}/slack/events")
        calls = script.said("calls")
        file = slack.workspace.file(calls.pop("file"))
        said = slack.say("ana", "/vod hello")
        assert slack.wait_until(lambda: len(slack.answers(said)) == 2, ANSWER_WITHIN_S)
        slack.click("bo", "Approve")
        bo = slack.user("bo").id
        assert slack.wait_until(
            lambda: any(each.text == f"approved by {bo}: 7" for each in slack.messages(CARD)), ANSWER_WITHIN_S
        )
    finally:
        script.end()
    assert calls == {
        "bot": slack.state.workspace.history(slack.channel(CARD).id)[0].user,
        "scopes": sorted(slack.scopes),
        "accepted": ["chat:write"],
        "replies": 2,
        "metadata": 7,
        "unknown": "user_not_found",
    }
    assert (file.name, file.content.decode()) == ("list.csv", "id,title\r\n1,äöü 媒体\r\n")
    # Which comes first is open: an answer on a socket is not waited for by who goes on to the response URL.
    texts = {answer.text for answer in slack.answers(said)}
    assert texts == {"You said: hello", "and this came by the response URL"}


def test_alibabas_clients_for_javascript_sign_in_both_ways(scripts: Path, vod: VodSandbox) -> None:
    video = vod.library.add_video(title="媒体 & ünïcode +*~/", streams=())
    script = Script(
        scripts,
        "vod.mjs",
        VOD_URL=vod.url,
        ACCESS_KEY_ID=vod.access_key_id,
        ACCESS_KEY_SECRET=vod.access_key_secret,
        VIDEO_ID=video.video_id,
    )
    try:
        found = script.line()
    finally:
        script.end()
    assert found["older"]["answer"]["Video"]["Title"] == video.title
    assert found["newer"]["answer"]["body"]["MediaInfos"][0]["MediaInfo"]["Title"] == video.title
    assert found["olderMissing"] == found["newerMissing"] == {"code": "InvalidVideo.NotFound"}


def test_alibabas_newer_sdk_for_python_reads_and_deletes(vod: VodSandbox) -> None:
    sdk, video = NewerSdk(vod), vod.library.add_video(title="媒体")
    assert sdk.call("GetVideoInfo", VideoId=video.video_id)["Video"]["Title"] == "媒体"
    assert sdk.call("DeleteMezzanines", VideoIds=video.video_id, Force="True")["UnRemoveableVideoIds"] == []
    assert sdk.call("DeleteVideo", VideoIds=video.video_id)["ForbiddenVideoIds"] == []
    assert [each.level for each in vod.library.removed] == [Level.MEZZANINE, Level.VIDEO]
    with pytest.raises(ClientException, match=r"InvalidVideo\.NotFound"):
        sdk.call("DeleteVideo", VideoIds=video.video_id)


def test_every_answer_has_the_names_and_types_of_alibabas_models(vod: VodSandbox) -> None:
    sdk, found = NewerSdk(vod), set()
    readable = [video for video in vod.library.videos() if video.status == "Normal" and video.streams]
    videos = [video.video_id for video in readable]
    images = [image.image_id for image in vod.library.images()]
    for action, query in (
        ("GetVideoInfos", {"VideoIds": ",".join(videos[:20])}),
        ("BatchGetMediaInfos", {"MediaIds": ",".join(videos[:20])}),
        ("GetVideoInfo", {"VideoId": videos[0]}),
        ("GetPlayInfo", {"VideoId": videos[0], "ResultType": "Multiple"}),
        ("GetMezzanineInfo", {"VideoId": videos[0]}),
        ("ListSnapshots", {"VideoId": videos[0]}),
        ("GetImageInfos", {"ImageIds": ",".join(images[:20])}),
        ("GetImageInfo", {"ImageId": images[0]}),
        ("SearchMedia", {"SearchType": "video", "Match": "Status = 'Normal'"}),
        ("SearchMedia", {"SearchType": "image"}),
        ("DeleteStream", {"VideoId": videos[0], "JobIds": readable[0].streams[0].job_id}),
        ("DeleteImage", {"DeleteImageType": "ImageId", "ImageIds": images[0]}),
        ("DeleteMezzanines", {"VideoIds": videos[1], "Force": "true"}),
        ("DeleteVideo", {"VideoIds": videos[2]}),
    ):
        found |= differences(action, sdk.call(action, **query))
    assert found == set()
    assert differences("GetVideoInfo", {"Video": {"Sizes": 1, "Size": "1"}}) == {
        "GetVideoInfo.Video.Sizes is unknown",
        "GetVideoInfo.Video.Size is str, not int",
    }
