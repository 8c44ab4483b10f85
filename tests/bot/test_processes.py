import json
import shlex
import signal
import socket
from pathlib import Path

import httpx
import pytest
import yaml

from demo.bot_process import BotProcess
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox, seed
from tests.bot.process import ROOT, finished, watched
from tests.stage import environment
from tests.storage.postgres import Server

SOON_S = 20.0
VIDEO = seed.SPRING_TEASER.video_id


@pytest.fixture
def settings(local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path) -> dict[str, str]:
    local_slack.rate.enabled = False
    return environment(local_slack, local_vod, tmp_path / "countersign.db", LOG_LEVEL="DEBUG")


def commands() -> list[str]:
    """Return every command that the deployment files start, once each."""
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    app = yaml.safe_load((ROOT / "app.yaml").read_text(encoding="utf-8"))
    return sorted({*(line.partition(":")[2].strip() for line in procfile if line.strip()), app["entrypoint"]})


def address(process: BotProcess) -> str:
    """Return where a bot listens, once it does."""
    host, port = process.until("http.listening")["address"]
    return f"http://{host}:{port}"


def health(process: BotProcess) -> httpx.Response:
    return httpx.get(f"{address(process)}/healthz", trust_env=False)


def delete_a_video(slack: SlackSandbox) -> None:
    """Have Ana propose and Bo approve, and wait until it is done."""
    proposed = slack.say("ana", f'/vod delete video {VIDEO} --reason "rights expired"')
    assert proposed.error is None
    assert slack.wait_until(
        lambda: any('"actions"' in json.dumps(m.blocks) for m in slack.messages("vod-deletions")), SOON_S
    )
    slack.click("bo", "Approve", match="#1")
    assert slack.wait_until(lambda: bool(slack.find("1 deleted")), SOON_S)


@pytest.mark.parametrize("command", commands())
def test_what_the_deployment_files_start_does_the_job_and_ends_well(
    command: str, settings: dict[str, str], local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path
) -> None:
    log = tmp_path / "bot.log"
    interpreter, *arguments = shlex.split(command)
    assert interpreter == "python"
    with watched(settings, log, *arguments) as bot:
        bot.until("program.started")
        assert health(bot).json()["status"] == "ok"
        local_slack.connect(f"{address(bot)}/slack/events")
        delete_a_video(local_slack)
        forged = local_slack.deliver_raw(b"text=forged-words", {"X-Slack-Signature": "v0=0"})
        code = bot.end(signal.SIGTERM)

    assert (code, forged.status) == (0, 401)
    assert local_vod.ledger.ids() == [VIDEO]
    # The forged request is counted, and said so.
    assert [e["event"] for e in bot.events() if e["level"] not in {"debug", "info"}] in ([], ["http.refused"])
    shown = log.read_text(encoding="utf-8")
    secrets = [settings[name] for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "VOD_ACCESS_KEY_SECRET")]
    assert [text for text in (*secrets, "Signature=", "forged-words", "Bearer") if text in shown] == []


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_listening_and_a_working_process_share_the_job_and_end_on_ctrl_c(
    engine: str,
    settings: dict[str, str],
    local_slack: SlackSandbox,
    local_vod: VodSandbox,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    if engine == "postgres":
        server: Server = request.getfixturevalue("postgres")
        settings["DATABASE_URL"] = server.new_record()
    with (
        watched(settings, tmp_path / "web.log", "-m", "bot", "web") as web,
        watched(settings, tmp_path / "worker.log", "-m", "bot", "worker") as worker,
    ):
        local_slack.connect(f"{address(web)}/slack/events")
        for process in (web, worker):
            process.until("program.started")
        assert health(web).json()["worker"] == "not in this process"
        delete_a_video(local_slack)
        codes = [process.end(signal.SIGINT) for process in (web, worker)]

    assert codes == [0, 0]
    assert local_vod.ledger.ids() == [VIDEO]
    assert not any(event["event"] == "http.listening" for event in worker.events())


def test_a_worker_alone_answers_for_its_health_and_nothing_of_slacks_on_a_port_of_its_own(
    settings: dict[str, str], tmp_path: Path
) -> None:
    own = {**settings, "COUNTERSIGN_WORKER_PORT": "0"}
    with watched(own, tmp_path / "worker.log", "-m", "bot", "worker") as worker:
        url = address(worker)
        worker.until("program.started")
        facts = health(worker).json()
        page = httpx.get(f"{url}/metrics", trust_env=False)
        slack = httpx.post(f"{url}/slack/events", content=b"payload={}", trust_env=False)
        code = worker.end(signal.SIGTERM)

    assert (code, facts["status"], facts["worker"]) == (0, "ok", "in this process")
    assert "countersign_record_readable 1.0" in page.text
    assert slack.status_code == 404


def test_settings_that_are_not_in_order_are_all_named_without_a_traceback(tmp_path: Path) -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "xoxb hunter2",
        "PORT": "http",
        "COUNTERSIGN_APPROVER": "U1",
        "TMPDIR": str(tmp_path),
    }
    done = finished(wrong, ["run"])

    assert done.returncode == 2
    assert done.stdout == ""
    named = [
        "SLACK_BOT_TOKEN",
        "PORT",
        "COUNTERSIGN_APPROVERS",
        "COUNTERSIGN_APPROVALS_CHANNEL",
        "VOD_ACCESS_KEY_ID",
    ]
    assert [
        name for name in (*named, "SLACK_APP_TOKEN", "COUNTERSIGN_AUDIT_CHANNEL") if name not in done.stderr
    ] == []
    assert "(8 problems)" in done.stderr
    assert done.stderr.count("\n  - ") == 8
    assert not any(word in done.stderr for word in ("Traceback", "hunter2", "pydantic"))


def test_a_port_that_is_taken_ends_the_program_with_a_sentence(settings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = finished({**settings, "PORT": str(taken.getsockname()[1]), "LOG_LEVEL": "WARNING"}, ["run"])

    assert done.returncode == 1
    assert done.stderr.startswith("Cannot listen on 127.0.0.1:")
    assert "Traceback" not in done.stderr


def test_app_engine_asks_for_health_where_the_program_answers() -> None:
    app = yaml.safe_load((ROOT / "app.yaml").read_text(encoding="utf-8"))

    assert app["liveness_check"]["path"] == app["readiness_check"]["path"] == "/healthz"
    assert app["env_variables"] == {"HOST": "0.0.0.0", "PORT": "8080"}  # noqa: S104 - App Engine's own front is before it
    assert app["manual_scaling"]["instances"] == 1
