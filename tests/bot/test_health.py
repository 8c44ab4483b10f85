import shutil
import time
from pathlib import Path

import httpx
import pytest

from bot.runtime.health_checks import LATE_S, STUCK_S
from deletion import work
from sandbox.vod import seed
from storage.tables import outbox
from tests.stage import Stage

CHECKED = ("database", "messages", "worker", "record", "clock")


def health(stage: Stage) -> tuple[int, dict[str, object]]:
    answer = httpx.get(f"http://127.0.0.1:{stage.port}/healthz", trust_env=False)
    facts: dict[str, object] = answer.json()
    return answer.status_code, facts


def test_a_program_that_is_well_says_so_and_what_is_waiting(stage: Stage) -> None:
    stage.slack.say("ana", f'/vod delete video {"0" * 32} --reason "old"')
    status, facts = health(stage)

    assert (status, facts["status"]) == (200, "ok")
    assert facts["checks"] == dict.fromkeys(CHECKED, "ok")
    assert "causes" not in facts
    assert facts["jobs_due"] == 1
    stage.settle()
    assert health(stage)[1]["jobs_due"] == 0


def test_a_database_that_is_gone_makes_it_unwell_without_saying_where_it_was(stage: Stage, tmp_path: Path) -> None:
    stage.database.close()
    shutil.move(tmp_path / "countersign.db", tmp_path / "away.db")
    status, facts = health(stage)

    assert status == 503
    assert facts["status"] == "unwell"
    assert str(tmp_path) not in str(facts)
    assert set(facts) == {"status", "causes", "checks"}
    assert facts["causes"] == ["database: the record cannot be read; see the log, and the database"]


def test_a_database_whose_tables_are_gone_makes_it_unwell(stage: Stage) -> None:
    stage.database.write(lambda tx: tx.run("DROP TABLE jobs"))

    assert health(stage)[0] == 503


def test_a_worker_that_has_not_taken_a_turn_for_long_makes_it_unwell(stage: Stage) -> None:
    stage.program.worker._turns._since_s["job-0"] = time.monotonic() - STUCK_S - 1
    status, facts = health(stage)

    assert (status, facts["status"]) == (503, "unwell")
    assert str(facts["causes"]).startswith("['worker: a thread has been at one turn for 12")


def test_a_check_that_somebody_adds_decides_with_the_others(stage: Stage) -> None:
    causes: list[str | None] = ["it is on fire; put it out", None]
    stage.program.health.watch("kitchen", lambda: causes.pop(0))

    assert health(stage)[1]["causes"] == ["kitchen: it is on fire; put it out"]
    assert health(stage)[0] == 200


def test_a_check_that_breaks_is_not_well_and_hides_no_other(stage: Stage) -> None:
    def broken() -> str | None:
        raise KeyError("xoxb-secret")

    stage.program.health.watch("broken", broken)
    status, facts = health(stage)

    assert (status, facts["checks"]) == (
        503,
        dict.fromkeys(CHECKED, "ok") | {"broken": "it could not be looked at (KeyError); see the log"},
    )


@pytest.mark.parametrize(
    ("channel", "what"),
    [("vod-deletions", "the approvals channel"), ("vod-audit", "the audit channel")],
)
def test_a_channel_that_takes_no_messages_makes_it_unwell_and_is_named(
    channel: str, what: str, stage: Stage
) -> None:
    stage.slack.faults.add("error", "chat.postMessage", channel=channel, times=None, error="is_archived")
    stage.slack.say("ana", f'/vod delete video {seed.SPRING_TEASER.video_id} --reason "old"')
    stage.settle()
    assert health(stage)[0] == 200
    stage.advance(LATE_S + 1)
    status, facts = health(stage)

    assert status == 503
    assert f"{what} has taken no message for 12" in str(facts["causes"])
    assert "(is_archived): unarchive it, invite the bot again" in str(facts["causes"])
    assert httpx.head(f"http://127.0.0.1:{stage.port}/health", trust_env=False).status_code == 503
    stage.slack.faults.clear()
    stage.advance(60)
    assert health(stage)[0] == 200


def test_a_channel_that_takes_message_after_message_is_well_however_many_wait(stage: Stage) -> None:
    """At one message a second a flood takes minutes; the process is not to be ended for that."""
    for n in range(4):
        stage.slack.say("ana", f'/vod delete video {seed.SPRING_TEASER.video_id} --reason "old {n}"')
    while work.run_one(stage.program.context):
        pass
    stage.clock.advance(LATE_S - 10)
    while not stage.slack.messages("vod-deletions"):
        assert stage.announcer.step()
    stage.clock.advance(20)
    assert stage.database.read(outbox.unsent) > 0
    assert "the approvals channel" not in str(health(stage)[1])

    stage.clock.advance(LATE_S)
    assert "the approvals channel has taken no message for 140 s" in str(health(stage)[1]["causes"])


def test_a_record_that_cannot_be_written_makes_it_unwell(stage: Stage) -> None:
    """As on a full disk: SQLite says so when a page is to be added."""
    stage.database.write(
        lambda tx: tx.run("CREATE TRIGGER full BEFORE UPDATE ON quotas BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    )
    status, facts = health(stage)

    assert status == 503
    assert "the record cannot be written: is its disk full" in str(facts["causes"])
    stage.database.write(lambda tx: tx.run("DROP TRIGGER full"))
    assert health(stage)[0] == 200
