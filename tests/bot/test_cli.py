import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.cli import app_manifest
from bot.settings import markdown
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from storage.migrations.schema import MIGRATIONS, SET_NAME
from tests.bot.process import ROOT
from tests.bot.samples import GOOD
from tests.stage import environment
from tests.storage.postgres import Server

COMMANDS = {
    "run": "Everything in one process: Slack (Socket Mode or HTTP) and the worker.",
    "web": "Only what Slack talks to; a worker has to run beside it.",
    "worker": "Only the worker: reading VOD, deleting, sending messages.",
    "migrate": "Bring the database up to this version; needs no setting but DATABASE_URL.",
    "move-store": "Move the record from sqlite:///path to an empty PostgreSQL database, and verify it there.",
    "check": "Try tokens, scopes, channels, VOD permissions, database and clock;",
    "audit": "The audit log.",
    "list": "List the open proposals, the newest first.",
    "show": "Show one proposal: where it stands, who voted, what became of its items.",
    "log": "Show the audit log, of a PROPOSAL or whole;",
    "stop": "Stop an approved deletion: nothing more of it is sent.",
    "freeze": "Freeze everything: no delete call is sent until two people unfreeze it in Slack.",
    "settings": "Print every setting, its default and what it is for, as a Markdown table.",
    "manifest": "Print the Slack app's manifest",
}
NEEDING_SETTINGS = ("run", "web", "worker", "check")


def call(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, words, env=environ, catch_exceptions=False)


def migrate(path: Path | str) -> Result:
    return call("migrate", DATABASE_URL=f"sqlite:///{path}")


def test_the_help_names_every_command() -> None:
    result = call("--help")

    assert set(main.commands) == set(COMMANDS)
    assert all(f"  {name} " in result.output for name in COMMANDS)
    assert "two-person act" in result.output


@pytest.mark.parametrize(("name", "text"), COMMANDS.items())
def test_each_command_says_what_it_is_for(name: str, text: str) -> None:
    result = call(name, "--help")

    assert result.exit_code == 0
    assert text in " ".join(result.output.split())


def test_audit_verify_says_that_it_needs_no_secrets() -> None:
    assert "needs no secrets" in call("audit", "verify", "--help").output


@pytest.mark.parametrize("name", NEEDING_SETTINGS)
def test_bad_settings_are_told_before_anything_is_begun(name: str) -> None:
    result = call(name, PORT="http")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Invalid configuration (7 problems):\n  - ")
    assert "PORT" in result.stderr


def test_an_unknown_command_is_refused() -> None:
    result = call("delete")

    assert result.exit_code == 2
    assert "No such command 'delete'" in result.stderr


def test_a_database_is_made_and_then_is_up_to_date(tmp_path: Path) -> None:
    first, second = migrate(tmp_path / "new.db"), migrate(tmp_path / "new.db")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == f"Applied: {', '.join(name for name, _ in MIGRATIONS)}.\n"
    assert second.output == "The database is up to date.\n"


def test_a_database_of_a_newer_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    migrate(path)
    with sqlite3.connect(path) as newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, '9999_newer', '')",
            (SET_NAME,),
        )
    newer.close()
    result = migrate(path)

    assert result.exit_code == 1
    assert "newer version" in result.stderr
    assert "9999_newer" in result.stderr
    assert "restore a backup" in result.stderr


def test_a_file_that_is_no_database_is_told_in_words_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are my notes, not a database\n" * 100)
    result = migrate(path)

    assert result.exit_code == 1
    assert str(path) in result.stderr
    assert path.read_text().startswith("these are my notes")


@pytest.mark.parametrize("place", ["nowhere/new.db", "file/new.db", "folder"])
def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    result = migrate(tmp_path / place)

    assert result.exit_code == 1
    assert f"Cannot open the SQLite database at {tmp_path / place}" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["run", "web", "worker"])
def test_a_token_that_slack_refuses_ends_the_program_with_a_sentence(
    name: str, local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path
) -> None:
    settings = environment(local_slack, local_vod, tmp_path / "new.db", SLACK_BOT_TOKEN="xoxb-hunter2")
    result = call(name, **settings, LOG_LEVEL="ERROR")

    assert result.exit_code == 1
    assert result.stderr.startswith("Slack does not accept SLACK_BOT_TOKEN (invalid_auth).")
    assert "hunter2" not in result.output


def test_a_database_that_cannot_be_opened_ends_the_program_with_a_sentence(tmp_path: Path) -> None:
    result = call("run", **GOOD, DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/new.db", LOG_LEVEL="ERROR")

    assert result.exit_code == 1
    assert result.stderr.startswith("Cannot open the SQLite database")


def test_the_table_of_settings_is_the_one_in_the_docs() -> None:
    assert call("settings").output == markdown()
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").endswith(markdown())


@pytest.mark.parametrize(
    "url", ["foo", "http://bot.example.com/slack/events", "https://", "https://a.example.com", ""]
)
def test_a_manifest_is_made_for_no_address_that_slack_would_refuse(url: str) -> None:
    result = call("manifest", "--url", url)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "https://your-host/slack/events" in result.stderr


def test_the_manifest_is_printed_for_socket_mode_or_for_an_address() -> None:
    url = "https://bot.example.com/slack/events"

    assert json.loads(call("manifest").output) == app_manifest.manifest(url=None)
    assert json.loads(call("manifest", "--url", url).output) == app_manifest.manifest(url=url)


@pytest.mark.parametrize(("name", "code"), [("migrate", 1), ("audit verify", 2)])
def test_a_database_url_that_is_no_good_is_told_without_its_password(name: str, code: int) -> None:
    result = call(*name.split(), DATABASE_URL="postgresql://user:hunter2@db.example.com")

    assert result.exit_code == code
    assert result.stderr.startswith("DATABASE_URL names no database. It has to end with one: postgresql://user:")
    assert "hunter2" not in result.output


@pytest.mark.parametrize(
    ("name", "code"), [("run", 1), ("web", 1), ("worker", 1), ("migrate", 1), ("audit verify", 2)]
)
def test_a_database_server_nobody_listens_at_is_told_without_the_password(name: str, code: int) -> None:
    url = "postgresql://user:hunter2@127.0.0.1:1/countersign"
    result = call(*name.split(), **GOOD, DATABASE_URL=url, LOG_LEVEL="ERROR")

    assert result.exit_code == code
    assert result.stderr.startswith("Cannot connect to the PostgreSQL database countersign at 127.0.0.1:1: ")
    assert "Check DATABASE_URL and that the server runs." in result.stderr
    assert "hunter2" not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["run", "web", "worker", "migrate"])
def test_a_file_on_a_disk_that_vanishes_is_not_begun(name: str, tmp_path: Path) -> None:
    result = call(*name.split(), **GOOD, DATABASE_URL=f"sqlite:///{tmp_path}/new.db", DYNO="web.1")

    assert result.exit_code != 0
    assert "the disk is thrown away with the instance" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_postgresql_database_is_made_and_then_is_up_to_date(postgres: Server) -> None:
    url = postgres.empty_database()
    first, second = call("migrate", DATABASE_URL=url), call("migrate", DATABASE_URL=url)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert first.output == f"Applied: {', '.join(name for name, _ in MIGRATIONS)}.\n"
    assert second.output == "The database is up to date.\n"
