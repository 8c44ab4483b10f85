"""Where the bot is deployed: other programs' variables, spellings, addresses, certificates, terminals."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import SettingsError, load
from demo.bot_process import surroundings
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from storage import StorageError, parse
from tests.bot.process import ROOT, finished, watched
from tests.bot.samples import GOOD
from tests.stage import environment
from tests.vod.hostile import HostileServer, http_json
from tests.vod.test_transport import certificate, encrypted

LINKS = {
    "COUNTERSIGN_PORT": "tcp://10.96.7.1:8080",
    "COUNTERSIGN_SERVICE_HOST": "10.96.7.1",
    "COUNTERSIGN_SERVICE_PORT": "8080",
    "COUNTERSIGN_SERVICE_PORT_HTTP": "8080",
    "COUNTERSIGN_PORT_8080_TCP": "tcp://10.96.7.1:8080",
    "COUNTERSIGN_PORT_8080_TCP_PROTO": "tcp",
    "COUNTERSIGN_PORT_8080_TCP_PORT": "8080",
    "COUNTERSIGN_PORT_8080_TCP_ADDR": "10.96.7.1",
    "COUNTERSIGN_WEB_SERVICE_HOST": "10.96.7.2",
    "COUNTERSIGN_WEB_PORT": "tcp://10.96.7.2:80",
    "COUNTERSIGN_WEB_PORT_53_UDP_ADDR": "10.96.7.2",
    "COUNTERSIGN_WORKER_PORT": "tcp://10.96.7.3:9100",
    "COUNTERSIGN_NAME": "/web/countersign",
}
"""What Kubernetes sets for Services called countersign, countersign-web and -worker, and Docker for a link."""


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as info:
        load(environ)
    return info.value.problems


def test_what_a_platform_sets_for_its_services_is_no_setting() -> None:
    assert load({**GOOD, **LINKS}) == load(GOOD)


def test_a_misspelt_setting_is_still_named_beside_them() -> None:
    assert problems({**GOOD, **LINKS, "COUNTERSIGN_APPROVER": "U1"}) == [
        "COUNTERSIGN_APPROVER is not a setting. Did you mean COUNTERSIGN_APPROVERS?"
    ]
    assert problems({**GOOD, "COUNTERSIGN_PORT": "8080"}) == [
        "COUNTERSIGN_PORT is not a setting. Did you mean PORT?"
    ]


def test_a_bot_starts_among_service_links(local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path) -> None:
    settings = environment(local_slack, local_vod, tmp_path / "countersign.db", **LINKS, LOG_LEVEL="info")
    with watched(settings, tmp_path / "bot.log") as bot:
        bot.until("program.started")
        assert bot.end() == 0


@pytest.mark.parametrize(("typed", "read"), [("info", "INFO"), ("Warning", "WARNING"), ("warn", "WARNING")])
def test_a_log_level_is_taken_as_people_write_it(typed: str, read: str) -> None:
    assert load({**GOOD, "LOG_LEVEL": typed}).log_level == read


def test_quotes_that_docker_keeps_are_left_out() -> None:
    quoted = {name: f'"{value}"' for name, value in GOOD.items()}
    assert load(quoted) == load(GOOD)


def test_a_channels_name_is_told_from_an_id() -> None:
    found = problems({**GOOD, "COUNTERSIGN_AUDIT_CHANNEL": "#audit"})
    assert found == [
        "COUNTERSIGN_AUDIT_CHANNEL: a channel's name, where its id is needed (C012AB3CD; see the channel's details)"
    ]


@pytest.mark.parametrize("name", ["pgbouncer", "schema", "pool", "connection_limit"])
@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_parameter_that_is_another_programs_is_named_and_nothing_else(name: str, scheme: str) -> None:
    with pytest.raises(StorageError) as info:
        parse(f"{scheme}://user:hunter2@host/name?sslmode=require&{name}=5")

    assert f"the parameter {name}," in str(info.value)
    assert "percent-encoded" not in str(info.value)
    assert "hunter2" not in str(info.value)


@pytest.mark.parametrize(
    "url", ["postgresql://user:hun/t?er2=x@host/name", "postgresql://user:a?b@host/n?pool=x@y"]
)
def test_what_may_be_a_part_of_a_password_is_never_named(url: str) -> None:
    with pytest.raises(StorageError, match="percent-encoded"):
        parse(url)


def test_parameters_of_postgresql_are_taken() -> None:
    assert parse("postgres://u:p@host/name?sslmode=verify-full&connect_timeout=5&application_name=x").place


def test_one_file_of_certificates_serves_slack_and_vod(tmp_path: Path) -> None:
    """In a process of its own: certificates are read once."""
    path = certificate(tmp_path, "localhost")
    server = HostileServer(http_json(200, {"ok": True, "RequestId": "R-1"}))
    program = (
        "import sys; from bot.bounded_slack import BoundedClient; from vod import *\n"
        "url = sys.argv[1]\n"
        "print(BoundedClient(token='x', base_url=url + '/', retry_handlers=[]).auth_test()['ok'])\n"
        "print(VodClient(AccessKey('k', 's'), Endpoint('cn-shanghai', url)).delete_videos(['a' * 32]).request_id)\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", program, encrypted(server, path)],
            cwd=ROOT,
            env=surroundings({"SSL_CERT_FILE": str(path)}),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        server.stop()

    assert done.stdout.split() == ["True", "R-1"], done.stderr


def test_without_it_check_names_the_certificate(
    tmp_path: Path, local_slack: SlackSandbox, local_vod: VodSandbox
) -> None:
    server = HostileServer(http_json(200, {"ok": True}))
    try:
        url = encrypted(server, certificate(tmp_path, "localhost"))
        settings = environment(local_slack, local_vod, tmp_path / "countersign.db")
        assert finished(settings, ["migrate"]).returncode == 0
        done = finished({**settings, "SLACK_API_URL": f"{url}/api/"}, ["check"])
    finally:
        server.stop()

    line = next(line for line in done.stdout.splitlines() if "Slack token" in line)
    assert line.startswith("PROBLEM  Slack token: Slack's certificate is not trusted.")
    assert "SSL_CERT_FILE" in line
    assert server.requests == []


def test_a_file_of_certificates_that_is_not_there_is_told_at_once() -> None:
    assert problems({**GOOD, "SSL_CERT_FILE": "/nowhere/ca.pem"}) == [
        "SSL_CERT_FILE names no file: no certificate could be checked. Correct it or unset it."
    ]


@pytest.mark.parametrize("command", ["settings", "manifest", "check", "run"])
@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_terminal_that_cannot_show_a_character_gets_a_stand_in(command: str, encoding: str) -> None:
    environ = surroundings({"PYTHONIOENCODING": encoding, "COUNTERSIGN_APPROVER…": "x"})
    done = subprocess.run(
        [sys.executable, "-m", "bot", command], cwd=ROOT, env=environ, capture_output=True, check=False, timeout=60
    )

    assert done.returncode == (0 if command in {"settings", "manifest"} else 2)
    assert b"Traceback" not in done.stderr
    assert done.stdout or done.stderr
