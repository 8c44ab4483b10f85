"""A record that is behind the audit channel: it deletes nothing until two people have looked and said so."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from deletion.approval.holds import anchoring
from deletion.terms.states import State
from handlers.cards import ids
from sandbox.slack.model.messages import Draft
from sandbox.vod import seed
from tests.e2e.deletions import approve
from tests.e2e.evidence import assert_nothing_was_deleted, audit_channel, in_blocks, value_for
from tests.stage import Opener, Stage
from tests.storage.postgres import Server

TEASER, TOUR = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
ENGINES = ["sqlite", "postgres"]
HOLD = {"COUNTERSIGN_HOLD_SECONDS": "600"}
TRUE_ONE = "This record is the true one"
HELD = "Everything is held: this record does not lead to the newest head in the audit channel."

Backup = Callable[[Stage, str], Callable[[], None]]
"""Makes a backup as the README says; what it returns starts the bot on it, as on a record that was restored."""


@pytest.fixture
def backup(tmp_path: Path, request: pytest.FixtureRequest) -> Backup:
    def make(stage: Stage, engine: str) -> Callable[[], None]:
        if engine == "postgres":
            server: Server = request.getfixturevalue("postgres")
            stage.database.close()
            server.copy("backup")
            return lambda: stage.restart(lambda: restored(server), DATABASE_URL=at(server.url, "restored"))
        copy, file = tmp_path / "copy.db", record_file(stage)
        with closing(sqlite3.connect(file)) as own, closing(sqlite3.connect(copy)) as other:
            own.backup(other)
        return lambda: stage.restart(lambda: put_in_place(file, copy))

    return make


def at(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def restored(server: Server) -> None:
    server.copy("restored", of="backup")


def record_file(stage: Stage) -> Path:
    return Path(stage.database.place.removeprefix("SQLite database at "))


def put_in_place(file: Path, copy: Path, wal: Path | None = None) -> None:
    """Let a file be the record, with the write-ahead log given."""
    for rest in ("-wal", "-shm"):
        file.with_name(file.name + rest).unlink(missing_ok=True)
    shutil.copyfile(copy, file)
    if wal is not None:
        shutil.copyfile(wal, file.with_name(f"{file.name}-wal"))


def emptied(server: Server) -> None:
    server.empty_database()


def stopped_in_the_hold(stage: Stage, engine: str, backup: Backup) -> tuple[int, Callable[[], None]]:
    """Let somebody stop an approved deletion after a backup was made; return what restores that."""
    number = stage.propose("ana", f"video {TEASER}")
    approve(stage, number)
    stage.settle()
    restore = backup(stage, engine)
    stage.click("cy", "Stop the deletion", number)
    assert stage.state(number) is State.STOPPED
    return number, restore


def take_for_true(stage: Stage, *people: str) -> None:
    for who in people:
        assert stage.slack.click(who, TRUE_ONE, match=HELD).error is None
        stage.settle()


def approvals(stage: Stage) -> str:
    return "\n".join(message.text for message in stage.slack.messages("vod-deletions"))


def assert_held(stage: Stage, number: int) -> None:
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)
    assert approvals(stage).count(HELD) == 1
    assert "everything is held: the newest head here is event" in audit_channel(stage)
    assert "Held: this record does not lead" in stage.card(number).text
    healthy, report = stage.program.health.report()
    assert not healthy
    assert "does not lead to the newest head in the audit channel" in str(report["causes"])
    assert stage.verify().holds


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_stopped_after_a_backup_is_not_deleted_from_it_until_two_people_have_looked(
    stage_on: Opener, backup: Backup, engine: str
) -> None:
    stage = stage_on(engine, **HOLD)
    number, restore = stopped_in_the_hold(stage, engine, backup)
    restore()
    for _ in range(3):
        stage.advance(601)
    assert_held(stage, number)

    take_for_true(stage, "bo")
    stage.advance(601)
    assert_held(stage, number)

    take_for_true(stage, "ana")
    assert "*Taken for the true record* by Ana and Bo" in approvals(stage)
    stage.advance(500)
    assert_nothing_was_deleted(stage)
    stage.click("cy", "Stop the deletion", number)
    stage.advance(601)
    assert stage.state(number) is State.STOPPED
    assert_nothing_was_deleted(stage)
    assert stage.program.health.report()[0]
    assert stage.verify().holds


@pytest.mark.parametrize("engine", ENGINES)
def test_who_is_asked_whether_a_record_is_true_sees_what_that_releases(
    stage_on: Opener, backup: Backup, engine: str
) -> None:
    stage = stage_on(engine, **HOLD)
    number, restore = stopped_in_the_hold(stage, engine, backup)
    restore()
    stage.advance(601)
    releases = "*Taking this record for the true one releases 1 deletion.* 1 item is left to delete."
    listed = f"|#{number}>* 1 video"
    shown = [in_blocks(each) for each in stage.slack.messages("vod-deletions")]
    assert [releases in each and listed in each for each in shown if HELD in each.replace("*", "")] == [True]

    take_for_true(stage, "bo")
    assert releases in in_blocks(stage.slack.messages("vod-deletions")[-1])
    take_for_true(stage, "cy")
    (end,) = (in_blocks(each) for each in stage.slack.messages("vod-deletions") if "*Taken for" in each.text)
    assert "*Released: 1 deletion.* 1 item is left to delete." in end
    assert listed in end


@pytest.mark.parametrize("engine", ENGINES)
def test_after_two_people_have_looked_it_goes_on_and_the_next_backup_is_held_again(
    stage_on: Opener, backup: Backup, engine: str
) -> None:
    stage = stage_on(engine, **HOLD)
    number, restore = stopped_in_the_hold(stage, engine, backup)
    restore()
    stage.advance(601)
    take_for_true(stage, "bo", "cy")
    stage.advance(601)
    assert stage.vod.ledger.ids() == [TEASER]
    assert stage.state(number) is State.FINISHED
    assert stage.verify().holds

    other = stage.propose("ana", f"video {TOUR}")
    approve(stage, other)
    stage.advance(601)
    assert stage.state(other) is State.FINISHED

    restore()
    stage.advance(601)
    assert approvals(stage).count(HELD) == 2
    assert stage.vod.ledger.ids() == [TEASER, TOUR]


@pytest.mark.parametrize("damage", ["a flipped byte", "cut short"])
def test_a_write_ahead_log_that_lost_its_end_deletes_nothing(
    open_stage: Opener, tmp_path: Path, damage: str
) -> None:
    stage = open_stage(**HOLD)
    number = stage.propose("ana", f"video {TEASER}")
    approve(stage, number)
    stage.settle()
    file, copy, wal = record_file(stage), tmp_path / "copy.db", tmp_path / "copy.db-wal"
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    stage.click("cy", "Stop the deletion", number)
    shutil.copyfile(file, copy)
    left = bytearray(file.with_name(f"{file.name}-wal").read_bytes())
    left[32 + 24 + 100] ^= 1
    wal.write_bytes(left if damage == "a flipped byte" else left[: 32 + 24])
    stage.restart(lambda: put_in_place(file, copy, wal))

    stage.advance(601)

    assert_held(stage, number)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_record_is_held_and_the_buttons_of_old_cards_decide_nothing_in_it(
    stage_on: Opener, tmp_path: Path, request: pytest.FixtureRequest, engine: str
) -> None:
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {TEASER}")
    old, value = stage.card(number).ts, value_for(stage, number)
    if engine == "postgres":
        server: Server = request.getfixturevalue("postgres")
        stage.restart(lambda: emptied(server))
    else:
        stage.restart(DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert stage.propose("ana", f"video {TOUR}") == number

    for action_id, who in ((ids.APPROVE, "bo"), (ids.REJECT, "bo"), (ids.WITHDRAW, "ana")):
        stage.slack.click_message(who, "vod-deletions", old, action_id, value)
        stage.settle()
        assert "This card was posted from another record" in stage.answers(who)[-1]
    assert stage.state(number) is State.PENDING

    approve(stage, number)
    stage.advance(601)
    assert stage.state(number) is State.APPROVED
    assert_nothing_was_deleted(stage)
    assert "This is another record" in approvals(stage)
    take_for_true(stage, "bo", "cy")
    stage.advance(601)
    assert stage.vod.ledger.ids() == [TOUR]


def test_what_somebody_else_posts_is_no_head(open_stage: Opener) -> None:
    stage = open_stage()
    number = stage.propose("ana", f"video {TEASER}")
    record = stage.view(number).record
    forged = {"seq": 999, "hash": "0" * 64, "record": record}
    metadata = {"event_type": ids.METADATA_EVENT, "event_payload": forged}
    text = f"Head of the log: event 999, `{'0' * 64}`"
    draft = Draft(user=stage.slack.user("cy").id, text=text, metadata=metadata)
    stage.slack.workspace.post(stage.slack.channel("vod-audit").id, draft)
    approve(stage, number)
    stage.settle()
    assert stage.state(number) is State.FINISHED


def test_while_the_audit_channel_cannot_be_read_nothing_is_deleted_and_the_thread_says_why(
    open_stage: Opener,
) -> None:
    stage = open_stage()
    number = stage.propose("ana", f"video {TEASER}")
    stage.slack.faults.add("error", "conversations.history", times=10**6, error="not_in_channel")
    approve(stage, number)
    for _ in range(6):
        stage.advance(60)
    assert_nothing_was_deleted(stage)
    assert "the audit channel cannot be read (`not_in_channel`)" in "\n".join(m.text for m in stage.thread(number))
    assert "cannot be read (not_in_channel)" in str(stage.program.health.report()[1])

    stage.slack.faults.clear()
    stage.advance(60)
    assert stage.state(number) is State.FINISHED


def test_the_head_of_a_stop_is_in_the_channel_before_anything_else_is_waited_for(open_stage: Opener) -> None:
    """As soon as that is so, no record without the stop deletes anything."""
    stage = open_stage(**HOLD)
    number = stage.propose("ana", f"video {TEASER}")
    approve(stage, number)
    stage.settle()
    stage.slack.click("cy", "Stop the deletion", match=f"#{number}")
    stage.settle_messages()
    heads = stage.program.context.heads.recent()
    (stop,) = stage.database.read(lambda tx: tx.rows("SELECT seq FROM audit WHERE action = 'proposal.stopped'"))
    assert heads[0].seq >= stop["seq"]
    assert heads[0].record == stage.view(number).record


def test_an_instance_looks_by_itself_at_its_start_and_says_what_it_found(stage_on: Opener, backup: Backup) -> None:
    stage = stage_on("sqlite", **HOLD)
    number, restore = stopped_in_the_hold(stage, "sqlite", backup)
    restore()
    anchoring.watch(stage.program.context)
    stage.settle()
    assert_held(stage, number)
