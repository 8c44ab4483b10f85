"""The container, its compose file and the systemd unit: looked at always, built and run where Docker is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from tests.bot.process import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
UNIT = ROOT / "docs" / "countersign.service"


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, continued lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", DOCKERFILE))
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in joined.splitlines() if line.strip()]


def test_the_container_is_of_pinned_packages_for_a_user_without_rights_and_says_how_it_is() -> None:
    found = instructions()
    kinds = [kind for kind, _ in found]

    assert set(kinds) <= {
        "FROM", "COPY", "RUN", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
        "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert all(re.search(r":\d", text) and "latest" not in text for kind, text in found if kind == "FROM")
    assert "--require-hashes -r /tmp/requirements.txt" in DOCKERFILE
    assert dict(found)["USER"] == "10001"
    assert kinds.index("USER") > max(n for n, kind in enumerate(kinds) if kind in {"RUN", "COPY"})
    assert "/healthz" in dict(found)["HEALTHCHECK"]
    assert dict(found)["ENTRYPOINT"] == '["python", "-m", "bot"]'
    assert not re.search(r"(?i)(token|secret|password)\s*=", DOCKERFILE)


def test_everything_that_the_program_is_made_of_is_copied_and_nothing_else() -> None:
    copied = {text.split()[0] for kind, text in instructions() if kind == "COPY" and "--from" not in text}
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"
    }

    assert copied == let_in == {"requirements.txt", "bot", "deletion", "handlers", "storage", "vod"}


def test_the_health_check_of_the_container_can_be_run() -> None:
    text = dict(instructions())["HEALTHCHECK"]
    program = yaml.safe_load(text[text.index("[") :])[2]
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PORT": "1"}, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 1
    assert "Connection refused" in done.stderr


def test_the_compose_file_names_settings_that_exist_and_keeps_the_record() -> None:
    bot, database = COMPOSE["services"]["countersign"], COMPOSE["services"]["database"]

    assert {name.lower() for name in bot["environment"]} <= set(Settings.model_fields)
    assert "${POSTGRES_PASSWORD:?" in bot["environment"]["DATABASE_URL"]
    assert bot["depends_on"]["database"]["condition"] == "service_healthy"
    assert database["volumes"] == ["record:/var/lib/postgresql/data"]
    assert "UTF8" in database["environment"]["POSTGRES_INITDB_ARGS"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    assert "ExecStart=/opt/countersign/.venv/bin/python -m bot run" in text
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    unit = tmp_path / UNIT.name
    # What is not there on this machine is no fault of the unit.
    here = text.replace("/opt/countersign/.venv/bin/python", sys.executable).replace("file:///opt", "file:///")
    unit.write_text(here.replace("postgresql.service", ""), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],  # noqa: S607 - found above
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert [line for line in done.stderr.splitlines() if UNIT.name in line] == []


def docker(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker", *words],  # noqa: S607 - found below
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_docker_takes_the_compose_file_where_it_is(tmp_path: Path) -> None:
    if shutil.which("docker") is None or docker("compose", "version").returncode != 0:
        pytest.skip("there is no docker compose here")
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "compose.yaml").write_text((ROOT / "compose.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / ".env").write_text("POSTGRES_PASSWORD=x\n", encoding="utf-8")
    done = docker("compose", "--project-directory", str(folder), "-f", str(folder / "compose.yaml"), "config", "-q")

    assert done.returncode == 0, done.stderr


def test_the_container_is_built_and_says_its_settings_where_docker_is() -> None:
    if shutil.which("docker") is None or docker("info").returncode != 0:
        pytest.skip("there is no Docker daemon here")
    built = docker("build", "-q", "-t", "countersign-test", ".")
    assert built.returncode == 0, built.stderr
    try:
        shown = docker("run", "--rm", "--read-only", "countersign-test", "settings")
        refused = docker("run", "--rm", "countersign-test")
        user = docker("run", "--rm", "--entrypoint", "id", "countersign-test", "-u")
    finally:
        docker("image", "rm", "-f", "countersign-test")

    assert shown.stdout.startswith("| variable |")
    assert (refused.returncode, "SLACK_BOT_TOKEN is not set" in refused.stderr) == (2, True)
    assert user.stdout.strip() == "10001"
