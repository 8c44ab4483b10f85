"""Records that earlier versions wrote, kept as files: each is laid down as it was, without any of today's code.

The README in this folder says how the files were made and what is in them.
"""

import gzip
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from sandbox.slack import File, Message, SlackSandbox, Version
from sandbox.vod import SnapshotKind, Source, Stream, VodSandbox

FOLDER = Path(__file__).parent

ADDRESS = "http://media.example"
"""Where VOD said that pictures are: part of what people were shown, and so of the digests in the records."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """A record as it was at ``now_ms``, with what Slack and VOD held then; proposals go by what became of them."""

    now_ms: int
    proposals: dict[str, int]
    sent_before: frozenset[str]
    gone_since: frozenset[str]
    value: dict[str, Any]

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table, as the earlier version wrote them."""
        if table == "audit":
            return list(_chained(self.value["tables"]["audit"]["rows"]))
        kept = self.value["tables"][table]
        return [dict(zip(kept["columns"], row, strict=True)) for row in kept["rows"]]

    def lay_down(self, engine: str, place: str) -> None:
        """Make an empty database hold the record; ``place`` is a file's path, or a URL of PostgreSQL."""
        if engine == "sqlite":
            self._lay_down_in_sqlite(place)
        else:
            self._lay_down_in_postgres(place)

    def _lay_down_in_sqlite(self, path: str) -> None:
        made: list[str] = self.value["schema"]["sqlite"]
        applied = self.value["sqlite_migrations"]
        with closing(sqlite3.connect(path)) as db, db:
            for statement in made:
                if statement.startswith("CREATE TABLE"):
                    db.execute(statement)
            for name in self.value["tables"]:
                for row in self.rows(name):
                    db.execute(_insert(name, row, "?"), list(row.values()))
            for values in applied["rows"]:
                row = dict(zip(applied["columns"], values, strict=True))
                db.execute(_insert("_sqlite_migrations", row, "?"), values)
            for statement in made:
                if not statement.startswith("CREATE TABLE"):
                    db.execute(statement)

    def _lay_down_in_postgres(self, url: str) -> None:
        with psycopg.connect(url) as db:
            for statement in self.value["schema"]["postgres"]:
                db.execute(statement)
            db.execute("CREATE TABLE countersign_migrations (name TEXT PRIMARY KEY, applied_ms BIGINT NOT NULL)")
            for migration in self.value["schema"]["migrations"]:
                row = {"name": migration, "applied_ms": self.now_ms}
                db.execute(_insert("countersign_migrations", row, "%s").encode(), list(row.values()))
            for name in self.value["tables"]:
                if name != "audit":
                    # Rows of the migrations' own: the record holds what became of them.
                    db.execute(f"DELETE FROM {name}".encode())  # noqa: S608 - names from the files
                for row in self.rows(name):
                    db.execute(_insert(name, row, "%s").encode(), list(row.values()))
            numbered = db.execute(
                "SELECT table_name FROM information_schema.columns "
                "WHERE table_schema = current_schema() AND is_identity = 'YES'"
            ).fetchall()
            for (name,) in numbered:
                newest = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608 - names from the catalog
                db.execute(newest.encode())

    def put_media(self, vod: VodSandbox) -> None:
        """Let VOD hold what it held, but for what it was asked to delete and has deleted since."""
        for facts in self.value["media"]["videos"]:
            if facts["video_id"] not in self.gone_since:
                vod.library.add_video(**_video(facts))
        for facts in self.value["media"]["images"]:
            vod.library.add_image(**{**facts, **_moment_and_tags(facts)})

    def put_messages(self, slack: SlackSandbox) -> None:
        """Let Slack hold the cards that can be clicked, the newest heads, and what is not known to be there."""
        behind_s = self.now_ms / 1000 - slack.clock.now().timestamp()
        if behind_s > 0:
            slack.clock.advance(behind_s)
        for kept in self.value["slack"]:
            slack.workspace.put_back(_message(kept, slack.bot_user_id))


@cache
def read(name: str) -> Kept:
    """Return the record of that name; what is in it is not to be changed."""
    value = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    return Kept(
        now_ms=value["now_ms"],
        proposals=value["proposals"],
        sent_before=frozenset(value["sent_before"]),
        gone_since=frozenset(value["gone_since"]),
        value=value,
    )


def _chained(kept: list[tuple[int, str, str]]) -> Iterator[Row]:
    """Fill in the columns that say again what the payload and the event before say."""
    prev = ""
    for seq, digest, payload in kept:
        said = json.loads(payload)
        event_hash = hashlib.sha256(payload.encode()).hexdigest()
        columns = {name: said[name] for name in ("at_ms", "actor", "action", "ref")}
        yield {"seq": seq, "prev": prev, "hash": digest, "event_hash": event_hash, **columns, "payload": payload}
        prev = digest


def event(*, actor: str, action: str, ref: str, data: Any, at_ms: int) -> Row:
    """Return an event as the log holds it, whoever knows what it means."""
    return {"action": action, "actor": actor, "at_ms": at_ms, "data": data, "ref": ref}


def link(said: Row, seq: int, prev: str) -> Row:
    """Return the row of the log that an event makes after the event with the hash ``prev``, by the log's format."""
    payload = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    event_hash = hashlib.sha256(payload.encode()).hexdigest()
    linked = b"countersign-audit-v1" + prev.encode() + seq.to_bytes(8, "big") + event_hash.encode()
    columns = {name: said[name] for name in ("at_ms", "actor", "action", "ref")}
    digest = hashlib.sha256(linked).hexdigest()
    return {"seq": seq, "prev": prev, "hash": digest, "event_hash": event_hash, **columns, "payload": payload}


def _insert(table: str, row: Row, mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join([mark] * len(row))})"  # noqa: S608 - names from the files


def _video(facts: Row) -> Row:
    snapshots = {SnapshotKind(kind): number for kind, number in facts["snapshots"].items()}
    source = Source(**facts["source"]) if facts["source"] else None
    streams = tuple(Stream(**stream) for stream in facts["streams"])
    return {**facts, **_moment_and_tags(facts), "snapshots": snapshots, "source": source, "streams": streams}


def _moment_and_tags(facts: Row) -> Row:
    return {"created": datetime.fromisoformat(facts["created"]), "tags": tuple(facts["tags"])}


def _message(kept: Row, user: str) -> Message:
    names = kept.get("files", ())
    blocks = tuple(kept.get("blocks", ()))
    posted = datetime.fromtimestamp(float(kept["ts"]), tz=UTC)
    return Message(
        channel=kept["channel"],
        ts=kept["ts"],
        user=user,
        text=kept["text"],
        blocks=blocks,
        metadata=kept.get("metadata"),
        thread_ts=kept.get("thread_ts"),
        ephemeral_to=None,
        broadcast=False,
        files=tuple(File(f"F{n}", name, name) for n, name in enumerate(names, 1)),
        answers=None,
        history=(Version(kept["text"], blocks, posted),),
    )
