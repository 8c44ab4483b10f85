"""A record with history is moved by the command; the bot goes on there, and can not go on here."""

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from deletion.terms.states import State
from sandbox.vod import seed
from storage import MovedError, SqliteDatabase
from tests.stage import Opener, Stage
from tests.storage.postgres import Server


@pytest.fixture
def url(postgres: Server) -> str:
    return postgres.empty_database().replace("postgres:@", "postgres:hunter2@")


@pytest.fixture
def worked(stage: Stage) -> Stage:
    """Return a stage with one deletion done and one proposal waiting for its approval, number 2."""
    for media, button in ((seed.SPRING_TEASER, "Approve"), (seed.WAREHOUSE_TOUR, None)):
        number = stage.propose("ana", f"video {media.video_id}")
        if button:
            stage.click("bo", button, number)
    return stage


@pytest.fixture
def old(worked: Stage) -> str:
    return worked.settings.database_url.get_secret_value()


def call(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, words, env=environ, catch_exceptions=False)


def test_a_proposal_made_on_sqlite_is_approved_and_carried_out_on_postgresql(
    worked: Stage, old: str, url: str, open_stage: Opener
) -> None:
    worked.close()
    head = call("audit", "verify", "--database", old).output
    result = call("move-store", old, url)
    assert result.exit_code == 0, result.output
    stage = open_stage(database_url=url)
    stage.click("bo", "Approve", 2)

    assert stage.state(2) is State.FINISHED
    assert stage.vod.ledger.ids() == [seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id]
    assert stage.propose("ana", f"video {seed.AUTUMN_KEYNOTE.video_id}") == 3
    assert stage.verify().holds
    moved_head = next(line for line in head.splitlines() if line.startswith("Head: "))
    assert moved_head in result.output


def test_what_was_done_is_told_in_a_few_lines_without_the_password(worked: Stage, old: str, url: str) -> None:
    worked.close()
    result = call("move-store", old, DATABASE_URL=url)

    assert result.exit_code == 0
    assert len(result.output.splitlines()) == 4
    for words in (
        "Moved to the PostgreSQL database postgres at ",
        " rows in ",
        "The audit log holds there.",
        old[10:],
    ):
        assert words in result.output
    assert "hunter2" not in result.output


def test_a_bot_that_still_runs_on_the_old_record_does_nothing_more(worked: Stage, old: str, url: str) -> None:
    worked.slack.click("bo", "Approve", match="#2")
    assert call("move-store", old, url).exit_code == 0
    calls = worked.vod.ledger.ids()

    with pytest.raises(MovedError, match="kept elsewhere"):
        worked.settle()
    late = worked.slack.click("cy", "Reject", match="#2")
    health = httpx.get(f"http://127.0.0.1:{worked.port}/healthz", trust_env=False)

    assert worked.vod.ledger.ids() == calls
    assert worked.state(2) is State.PENDING
    assert late.error is None, "the click is answered all the same"
    assert (health.status_code, health.json()["status"]) == (503, "unwell")
    assert "kept elsewhere" in health.json()["checks"]["database"]


def test_no_start_on_the_old_record_and_it_can_still_be_verified(worked: Stage, old: str, url: str) -> None:
    worked.close()
    assert call("move-store", old, url).exit_code == 0

    for name in ("migrate", "move-store"):
        result = call(name, *([old, url] if name == "move-store" else []), DATABASE_URL=old)
        assert result.exit_code == 1
        assert result.stderr.startswith("This record is kept elsewhere: on 20")
        assert "hunter2" not in result.output
    here, there = (call("audit", "verify", "--database", place) for place in (old, url))
    assert (here.exit_code, there.exit_code) == (0, 0)
    found, there_too = (each.output.partition("\nRead from: ") for each in (here, there))
    assert found[0] == there_too[0]
    assert found[2].startswith("SQLite database at ")
    assert there_too[2].startswith("PostgreSQL database ")


def test_a_record_that_does_not_hold_is_not_moved(worked: Stage, old: str, url: str) -> None:
    worked.close()
    path = Path(old.removeprefix("sqlite:///"))
    database = SqliteDatabase(path)
    database.write(lambda tx: tx.run("DELETE FROM calls"))
    database.close()
    result = call("move-store", old, url)

    assert result.exit_code == 1
    assert result.stderr.startswith("Nothing was moved. The audit log does NOT hold")
    assert call("audit", "verify", "--database", url).exit_code == 2
    assert call("migrate", DATABASE_URL=old).exit_code == 0


def test_a_move_without_a_target_is_told(old: str) -> None:
    result = call("move-store", old)

    assert result.exit_code == 2
    assert "TARGET" in result.stderr


@pytest.mark.parametrize("target", ["postgresql://user:hunter2@host", "mysql://user:hunter2@host/name"])
def test_a_target_that_is_no_address_is_told_without_its_password(old: str, target: str) -> None:
    result = call("move-store", old, target)

    assert result.exit_code == 1
    assert "DATABASE_URL" in result.stderr
    assert "hunter2" not in result.output
