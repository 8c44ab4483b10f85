"""Whatever file an auditor is handed: read where it may not be written, or ended in words; nothing is ever made."""
# ruff: noqa: S608 - statements of the tests' own

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.cli.terminal import plain
from storage import SqliteDatabase, StorageError, parse
from storage.engine import sqlite_reading
from tests.evidence.owners import Owned

NOBODY = 65534

ROWS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "


def verify(database: Path | str) -> Result:
    result = CliRunner().invoke(main, ["audit", "verify", "--database", str(database)], env={})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be somebody without rights, if this is root, whom no file mode stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def record(on_sqlite: Owned, tmp_path: Path) -> Owned:
    return on_sqlite.copy_to(tmp_path)


@pytest.fixture
def file(record: Owned) -> Path:
    return Path(record.url.removeprefix("sqlite:///"))


def test_a_record_is_named_with_all_that_tells_it_from_another(written: Owned) -> None:
    result = verify(written.url)

    assert result.exit_code == 0, result.output
    assert "every table holds what the log says" in result.output
    (head,) = written.run("SELECT seq, hash, record_id FROM audit_head")
    assert f"The audit log holds: {head['seq']} events" in result.output
    assert f"Head: event {head['seq']}, {head['hash']}" in result.output
    assert f"Record: {head['record_id']}" in result.output
    assert f"Read from: {parse(written.url).place}, schema 00" in result.output


def test_a_file_can_be_named_by_its_plain_path(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)

    assert verify(file).exit_code == verify(file.name).exit_code == 0


def test_a_file_that_may_not_be_written_in_a_folder_that_may_not_either_is_verified(file: Path) -> None:
    for folder in (file.parent, *file.parent.parents):
        if folder.owner() == file.owner() and folder.name.startswith(("pytest", "popen", "test")):
            folder.chmod(0o755)
    file.chmod(0o444)
    file.parent.chmod(0o555)
    before = names_in(file.parent)
    with as_nobody():
        assert not os.access(file.parent, os.W_OK, effective_ids=True)
        result = verify(file)

    assert result.exit_code == 0, result.output
    assert names_in(file.parent) == before


def test_what_is_only_in_the_log_beside_a_file_is_read_too(file: Path, tmp_path: Path) -> None:
    """A copy taken of a bot at work: the newest changes are in the write-ahead log, whose index was not copied."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    with closing(sqlite3.connect(file)) as bot:
        bot.execute("PRAGMA journal_mode = WAL")
        bot.execute("PRAGMA wal_autocheckpoint = 0")
        bot.execute("UPDATE proposals SET reason = 'edited in the log beside it' WHERE id = 1")
        bot.commit()
        for suffix in ("", "-wal"):
            (folder / f"copy.db{suffix}").write_bytes(file.with_name(file.name + suffix).read_bytes())
    (folder / "copy.db").chmod(0o444)
    folder.chmod(0o555)

    result = verify(folder / "copy.db")

    assert result.exit_code == 1
    assert "edited in the log beside it" in result.output
    assert names_in(folder) == ["copy.db", "copy.db-wal"]
    folder.chmod(0o755)


def test_a_record_whose_bot_is_at_work_is_verified(file: Path) -> None:
    with closing(SqliteDatabase(file)) as database:
        database.migrate()
        database.write(lambda tx: tx.run("UPDATE lanes SET next_allowed_ms = 1"))
        assert file.with_name(f"{file.name}-wal").exists()

        assert verify(file).exit_code == 0


def test_a_role_that_may_only_read_will_do(on_postgres: Owned) -> None:
    with psycopg.connect(on_postgres.url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS auditor")
        owner.execute("CREATE ROLE auditor LOGIN")
        owner.execute("GRANT USAGE ON SCHEMA public TO auditor")
        owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor")
    result = verify(on_postgres.url.replace("postgres:@", "auditor:@"))
    with psycopg.connect(on_postgres.url, autocommit=True) as owner:
        owner.execute("DROP OWNED BY auditor")
        owner.execute("DROP ROLE auditor")

    assert result.exit_code == 0, result.output


def test_rows_that_a_policy_hides_are_no_record(on_postgres: Owned) -> None:
    on_postgres.run("ALTER TABLE votes ENABLE ROW LEVEL SECURITY")
    result = verify(on_postgres.url)
    on_postgres.run("ALTER TABLE votes DISABLE ROW LEVEL SECURITY")

    assert result.exit_code == 2
    assert "votes is not a table that shows all rows" in result.stderr


@pytest.mark.parametrize("name", ["nowhere.db", "nowhere"])
@pytest.mark.parametrize("scheme", ["", "sqlite:///"])
def test_a_record_that_is_not_there_is_no_success_and_is_not_made(tmp_path: Path, name: str, scheme: str) -> None:
    result = verify(f"{scheme}{tmp_path / name}")

    assert result.exit_code == 2
    assert result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_may_be_a_password_is_not_repeated() -> None:
    result = verify("user:secret@host/name")

    assert result.exit_code == 2
    assert "secret" not in result.output + result.stderr


def test_a_record_without_an_event_is_no_success(tmp_path: Path) -> None:
    with closing(SqliteDatabase(tmp_path / "new.db")) as database:
        database.migrate()
    result = verify(tmp_path / "new.db")

    assert result.exit_code == 2
    assert "there is nothing to verify" in result.stderr


def as_view(table: str, select: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("DROP TRIGGER IF EXISTS audit_is_append_only_update")
            db.execute("DROP TRIGGER IF EXISTS audit_is_append_only_delete")
            db.execute(f"DROP TABLE {table}")
            db.execute(f"CREATE VIEW {table} AS {select}")

    return make


def scripted(sql: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("DROP TRIGGER IF EXISTS audit_is_append_only_update")
            db.execute("PRAGMA writable_schema = ON")
            db.executescript(sql)

    return make


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(change(path.read_bytes()))

    return make


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


ENDLESS = (
    f"{ROWS} SELECT i AS seq, '' AS prev, '' AS hash, '' AS event_hash, 0 AS at_ms, '' AS actor, '' AS action, "
    "'' AS ref, '' AS payload FROM n"
)

HOSTILE: list[tuple[str, Callable[[Path], None], str]] = [
    ("the log is an endless view", as_view("audit", ENDLESS), "audit is not the table"),
    ("items are an endless view", as_view("items", f"{ROWS} SELECT i AS id FROM n"), "items is not the table"),
    (
        "the list of migrations is an endless view",
        as_view("_sqlite_migrations", f"{ROWS} SELECT 'countersign' AS migration_set, 'x' || i AS name FROM n"),
        "no record of Countersign",
    ),
    (
        "a table has a column that is computed",
        scripted("ALTER TABLE votes ADD COLUMN more TEXT AS (hex(zeroblob(100000000)))"),
        "votes is not the table",
    ),
    (
        "a table has lost its types",
        scripted("DROP TABLE anchors; CREATE TABLE anchors (seq, hash, outbox_id)"),
        "anchors is not the table",
    ),
    (
        "it is of a newer version",
        scripted(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('countersign', '9999_x', '')"
        ),
        "newer version",
    ),
    ("it is another program's", rewritten(lambda _: other_database()), "no record of Countersign"),
    ("it is cut short", rewritten(lambda content: content[: len(content) // 3]), "cannot be read"),
    ("its pages are noise", rewritten(lambda content: content[:4096] + os.urandom(len(content) - 4096)), ""),
    ("it is encrypted", rewritten(lambda content: os.urandom(len(content))), "or it is encrypted"),
    ("it is text", rewritten(lambda _: b"notes\n" * 500), "not a database that SQLite can read"),
    ("it is empty", rewritten(lambda _: b""), "is empty"),
    ("it is a folder", as_folder, "is not a file"),
    ("it is a pipe that nobody writes to", as_pipe, "is not a file"),
]


def other_database() -> bytes:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE notes (text)")
        return db.serialize()


@pytest.mark.parametrize(("make", "words"), [pytest.param(make, words, id=name) for name, make, words in HOSTILE])
@pytest.mark.timeout(60)
def test_a_hostile_file_ends_in_words(file: Path, make: Callable[[Path], None], words: str) -> None:
    make(file)
    result = verify(file)

    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output + result.stderr


VIOLATING: list[tuple[str, str, str]] = [
    (
        "a payload that is nested too deeply",
        f"UPDATE audit SET payload = '{'[' * 100_000}' WHERE seq = 3",
        "its content was changed",
    ),
    ("a payload of many megabytes", "UPDATE audit SET payload = hex(zeroblob(50000000)) WHERE seq = 3", "changed"),
    (
        "a note that is nested too deeply",
        f"UPDATE items SET note = '{'[' * 100_000}' WHERE ord = 0",
        "note: the log",
    ),
    ("an answer that is no object", "UPDATE calls SET answer = '7'", "answer: the log says"),
    ("targets that are no list", "UPDATE calls SET targets = '{'", "names other things"),
    ("a message that is no JSON", "UPDATE outbox SET message = '{' WHERE id = 1", "outbox #1, message"),
]


@pytest.mark.parametrize(("sql", "words"), [pytest.param(sql, words, id=name) for name, sql, words in VIOLATING])
@pytest.mark.timeout(60)
def test_hostile_contents_are_named(file: Path, sql: str, words: str) -> None:
    scripted(sql)(file)
    result = verify(file)

    assert result.exit_code == 1, result.stderr
    assert words in result.output


def test_what_takes_too_long_is_given_up(file: Path) -> None:
    moments = iter([0.0, *[1e9] * 1_000])
    reader = sqlite_reading.SqliteReader(file, now=lambda: next(moments))
    with closing(reader), pytest.raises(StorageError, match="takes longer"):
        reader.check_schema()


def test_what_brings_too_much_is_given_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_reading, "MOST_AT_ONCE", 1_000)

    assert "holds more in one place" in verify(file).stderr


def test_a_file_that_is_written_to_while_it_is_read_is_read_again_and_then_given_up(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_reading.SqliteReader, "was_changed", lambda _: True)

    assert "Somebody writes to this file" in verify(file).stderr


def test_a_reader_writes_nothing(file: Path) -> None:
    with closing(sqlite_reading.SqliteReader(file)) as reader:
        with pytest.raises(StorageError, match="takes no writes"):
            reader.read(lambda tx: tx.run("DELETE FROM votes"))
        with pytest.raises(StorageError, match="takes no writes"):
            reader.read(lambda tx: tx.run_many("DELETE FROM votes", []))
        with pytest.raises(StorageError, match="cannot be read"):
            reader.read(lambda tx: tx.rows("DELETE FROM votes"))


def test_nothing_in_a_record_is_obeyed_by_a_terminal(record: Owned, file: Path) -> None:
    record.run("UPDATE proposals SET reason = :reason WHERE id = 1", reason="a\x1b[2Jb\u202ec\x07")
    result = verify(file)

    assert result.exit_code == 1
    assert not set("\x1b\u202e\x07") & set(result.output)
    assert r"b\u202ec" in result.output


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8", None])
def test_every_terminal_can_show_every_text(encoding: str | None) -> None:
    shown = plain("春 é \x9b31m\n", encoding)

    assert shown.encode(encoding or "ascii")
    assert "\x9b" not in shown
    assert shown.endswith("\n")
