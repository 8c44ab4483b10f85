"""Somebody who owns the file edits it; an auditor verifies a copy with nothing but the command."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from deletion.audit import chain
from deletion.terms import canonical
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox, seed
from storage.engine.sqlite import SqliteDatabase
from tests.stage import Stage

Edit = Callable[[sqlite3.Connection], object]
TRIGGERS = ("audit_is_append_only_update", "audit_is_append_only_delete")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the record of two proposals, one carried out and one not decided yet, closed and at rest."""
    folder = tmp_path_factory.mktemp("record")
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        stage = Stage.open(slack, vod, folder)
        stage.click("bo", "Approve", stage.propose("ana", f"video {seed.SPRING_TEASER.video_id}"))
        stage.propose("ana", f"video {seed.WAREHOUSE_TOUR.video_id}")
        stage.close()
    return folder / "countersign.db"


@pytest.fixture
def record(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written, tmp_path / "copy.db"))


def verify(path: Path, **environ: str) -> Result:
    words = ["audit", "verify", *([] if environ else ["--database", f"sqlite:///{path}"])]
    return CliRunner().invoke(main, words, env=environ, catch_exceptions=False)


def edited(path: Path, edit: Edit) -> Result:
    """Edit the record as its owner can, past the triggers, and verify it."""
    with closing(sqlite3.connect(path)) as owner, owner:
        for trigger in TRIGGERS:
            owner.execute(f"DROP TRIGGER {trigger}")
        edit(owner)
    return verify(path)


def rows(db: sqlite3.Connection) -> list[dict[str, Any]]:
    db.row_factory = sqlite3.Row
    return [dict(row) for row in db.execute("SELECT * FROM audit ORDER BY seq")]


def chain_anew(db: sqlite3.Connection, first: int) -> None:
    """Hash everything from an event on again, head included, as a careful forger would."""
    found = rows(db)
    prev = found[first - 2]["hash"]
    for row in found[first - 1 :]:
        digest = canonical.sha256(row["payload"])
        prev_hash, prev = prev, chain.link(prev, row["seq"], digest)
        new = {"prev": prev_hash, "hash": prev, "event_hash": digest, "seq": row["seq"]}
        db.execute("UPDATE audit SET prev = :prev, hash = :hash, event_hash = :event_hash WHERE seq = :seq", new)
    db.execute("UPDATE audit_head SET hash = ?", (prev,))


def forge(db: sqlite3.Connection) -> None:
    """Let somebody else have approved, and make the chain fit."""
    row = next(row for row in rows(db) if row["action"] == "vote.counted")
    payload = row["payload"].replace(row["actor"], "T0COUNTER01/U0CY5R8ZN1D")
    db.execute(
        "UPDATE audit SET payload = ?, actor = ? WHERE seq = ?", (payload, "T0COUNTER01/U0CY5R8ZN1D", row["seq"])
    )
    chain_anew(db, row["seq"])


def cut(db: sqlite3.Connection, *, anchors: bool) -> None:
    """Cut the log short after the fifth event, its head with it, and perhaps the anchors."""
    db.execute("DELETE FROM audit WHERE seq > 5")
    db.execute("UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)")
    if anchors:
        db.execute("DELETE FROM anchors WHERE seq > 5")


def test_a_record_nobody_edited_holds_and_its_head_is_printed(record: Path) -> None:
    result = verify(record)
    with closing(sqlite3.connect(record)) as db:
        head = rows(db)[-1]

    assert result.exit_code == 0
    assert f"The audit log holds: {head['seq']} events" in result.output
    assert "1 delete calls" in result.output
    assert f"Head: event {head['seq']}, {head['hash']}" in result.output


def test_the_head_that_was_posted_last_is_printed_beside_the_newest(record: Path) -> None:
    with closing(sqlite3.connect(record)) as db:
        seq, posted = db.execute("SELECT seq, hash FROM anchors ORDER BY seq DESC").fetchone()
        newest = rows(db)[-1]["seq"]

    assert seq < newest, "the newest event is no decision, so its head is not posted at once"
    assert f"Posted last: event {seq}, {posted}" in verify(record).output


def test_a_record_whose_head_was_never_posted_says_so(tmp_path: Path) -> None:
    with closing(SqliteDatabase(tmp_path / "new.db")) as database:
        database.migrate()
        database.write(lambda tx: chain.append(tx, actor="?", action="moon.risen", ref="moon/none", data={}))

    assert "No head was posted to the audit channel yet." in verify(tmp_path / "new.db").output


def test_the_database_can_be_named_by_its_variable(record: Path) -> None:
    assert verify(record, DATABASE_URL=f"sqlite:///{record}").exit_code == 0


def test_verifying_changes_nothing(record: Path) -> None:
    before = record.read_bytes()
    verify(record)

    assert record.read_bytes() == before


EDITS: list[tuple[str, Edit, str]] = [
    (
        "content",
        lambda db: db.execute("UPDATE audit SET payload = replace(payload, 'rights', 'wrongs') WHERE seq = 1"),
        "event 1: its content was changed after it was written",
    ),
    (
        "who",
        lambda db: db.execute("UPDATE audit SET actor = 'T/U' WHERE seq = 4"),
        "event 4: its columns do not say",
    ),
    ("when", lambda db: db.execute("UPDATE audit SET at_ms = at_ms - 1 WHERE seq = 4"), "event 4: its columns"),
    ("hash", lambda db: db.execute("UPDATE audit SET hash = prev WHERE seq = 4"), "event 4: its hash does not fit"),
    ("prev", lambda db: db.execute("UPDATE audit SET prev = hash WHERE seq = 4"), "event 4: it does not follow"),
    (
        "first",
        lambda db: db.execute("DELETE FROM audit WHERE seq = 1"),
        "event 1 is missing: the next one in the log is 2",
    ),
    ("middle", lambda db: db.execute("DELETE FROM audit WHERE seq = 4"), "event 4 is missing"),
    ("gap", lambda db: db.execute("DELETE FROM audit WHERE seq BETWEEN 4 AND 6"), "event 4 is missing"),
    (
        "last",
        lambda db: db.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"),
        "events are missing",
    ),
    ("all", lambda db: db.execute("DELETE FROM audit"), "event 1: the log ends at event 0"),
    (
        "swap",
        lambda db: db.executescript(
            "UPDATE audit SET seq = -1 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5;"
            "UPDATE audit SET seq = 5 WHERE seq = -1"
        ),
        "event 4: it does not follow",
    ),
    (
        "insert",
        lambda db: db.execute(
            "INSERT INTO audit SELECT 0, '', hash, event_hash, 0, '', '', '', '' FROM audit LIMIT 1"
        ),
        "event 1 is missing",
    ),
    (
        "before everything",
        lambda db: db.execute(
            "INSERT INTO audit SELECT ?, '', hash, event_hash, at_ms, actor, action, ref, payload FROM audit "
            "WHERE seq = 1",
            (-(2**63),),
        ),
        f"event {-(2**63)}: event 1 is missing",
    ),
    ("head", lambda db: db.execute("UPDATE audit_head SET seq = seq - 1"), "but its head says"),
    ("forged", forge, "the head that was posted to the audit channel at this event was another one"),
    ("cut", lambda db: cut(db, anchors=False), "was posted to the audit channel but is not in the log"),
    ("cut with anchors", lambda db: cut(db, anchors=True), "is in the journal but was never written in the log"),
    ("journal", lambda db: db.execute("DELETE FROM calls"), "is in the log but not in the journal"),
    (
        "targets",
        lambda db: db.execute("UPDATE calls SET targets = ?", (json.dumps(["0" * 32]),)),
        "names other things in the journal than in the log",
    ),
]


@pytest.mark.parametrize(("edit", "words"), [pytest.param(edit, words, id=name) for name, edit, words in EDITS])
def test_an_edited_record_does_not_hold_and_the_first_bad_event_is_named(
    record: Path, edit: Edit, words: str
) -> None:
    result = edited(record, edit)

    assert result.exit_code == 1
    assert result.output.startswith("The audit log does NOT hold: ")
    assert words in result.output


def test_what_a_forger_of_everything_cannot_change_is_the_head_in_the_channel(record: Path) -> None:
    with closing(sqlite3.connect(record)) as db:
        posted = db.execute("SELECT hash FROM anchors ORDER BY seq DESC").fetchone()[0]

    def forge_anchors_too(db: sqlite3.Connection) -> None:
        forge(db)
        db.execute("UPDATE anchors SET hash = (SELECT hash FROM audit WHERE audit.seq = anchors.seq)")
        heads = "SELECT hash FROM anchors WHERE outbox_id = outbox.id"
        db.execute(
            f"UPDATE outbox SET message = json_set(message, '$.hash', ({heads})) WHERE kind = 'audit head'"  # noqa: S608 - ours
        )

    before, after = verify(record), edited(record, forge_anchors_too)

    assert after.exit_code == 0
    assert posted in before.output
    assert posted not in after.output


def test_dropping_the_triggers_alone_is_no_fault(record: Path) -> None:
    assert edited(record, lambda _: None).exit_code == 0


def test_the_triggers_refuse_an_edit_by_accident(record: Path) -> None:
    with closing(sqlite3.connect(record)) as db:
        for sql in ("UPDATE audit SET actor = ''", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(sql)


def test_a_record_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    result = verify(tmp_path / "nowhere.db")

    assert result.exit_code == 2
    assert "There is no SQLite database at" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "is empty: there is no record in it"), (b"notes\n" * 500, "not a database")]
)
def test_a_file_that_is_no_record_is_told_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(content)
    result = verify(path)

    assert result.exit_code == 2
    assert words in result.stderr
