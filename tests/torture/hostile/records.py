"""The record's keeper: backs it up, restores it, loses its newest writes, and lets another server take over."""

import os
import shutil
import socket
import sqlite3
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

import psycopg

from tests.storage.postgres import Server

FRAME = 32 + 24
"""Bytes of a write-ahead log before the first page in it."""


class Keeper(ABC):
    """Keeps one record. ``url`` is what bots are told. Restore and lose only while no bot lives."""

    url: str

    @abstractmethod
    def back_up(self) -> None:
        """Make a copy as the README says, while bots are at work."""

    @abstractmethod
    def restore(self) -> None:
        """Put the copy in place."""

    @abstractmethod
    def begin_to_lose(self) -> None:
        """Let everything from now on be what is lost."""

    @abstractmethod
    def lose(self) -> None:
        """Lose it, without a word."""


class File(Keeper):
    """A SQLite file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "countersign.db"
        self._copy = folder / "copy.db"
        self.url = f"sqlite:///{self._file}"

    def back_up(self) -> None:
        with closing(sqlite3.connect(self._file, timeout=30)) as own, closing(sqlite3.connect(self._copy)) as other:
            own.backup(other)

    def restore(self) -> None:
        for rest in ("-wal", "-shm"):
            self._file.with_name(self._file.name + rest).unlink(missing_ok=True)
        shutil.copyfile(self._copy, self._file)

    def begin_to_lose(self) -> None:
        with closing(sqlite3.connect(self._file, timeout=30)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        # Bots that were killed leave the log as it is; this is the file without it.
        shutil.copyfile(self._file, self._copy)

    def lose(self) -> None:
        log = self._file.with_name(f"{self._file.name}-wal")
        wal = bytearray(log.read_bytes()) if log.exists() else bytearray()
        self.restore()
        if len(wal) > FRAME + 100:
            # One flipped byte in the first page: SQLite believes nothing from there on.
            wal[FRAME + 100] ^= 1
            log.write_bytes(wal)


class Servers(Keeper):
    """Two PostgreSQL servers behind one address, as behind a pooler; one of them is asked."""

    def __init__(self, folder: Path, *servers: Server) -> None:
        self._servers = list(servers)
        self._dump = folder / "dump.sql"
        self._front = Front()
        self._front.turn_to(_socket_of(self._servers[0].url))
        self.url = f"postgresql://postgres@127.0.0.1:{self._front.port}/postgres"

    def back_up(self) -> None:
        self._run("pg_dump", "--clean", "--if-exists", "--file", str(self._dump), self._servers[0].url)

    def restore(self) -> None:
        self._read_into(self._servers[0])

    def begin_to_lose(self) -> None:
        self.back_up()
        self._read_into(self._servers[1])

    def lose(self) -> None:
        self._servers.reverse()
        self._front.turn_to(_socket_of(self._servers[0].url))

    def close(self) -> None:
        """Close the address."""
        self._front.close()

    def _read_into(self, server: Server) -> None:
        with psycopg.connect(server.url, dbname="template1", autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'")
        server.empty_database()
        self._run("psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(self._dump), server.url)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._servers[0].programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, env={"PATH": os.environ["PATH"]}, timeout=60)


class Front:
    """An address that hands every connection on to a socket; whoever turns it elsewhere cuts the connections."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._target = Path()
        self._pairs: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def turn_to(self, target: Path) -> None:
        """Hand on to this socket from now on."""
        self._target = target
        cut, self._pairs = self._pairs, []
        for each in cut:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no connections any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.turn_to(self._target)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self._target))
            except OSError:
                near.close()
                continue
            self._pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
    one.close()


def _socket_of(url: str) -> Path:
    """Return the Unix socket of a server that the tests started."""
    host = dict(part.split("=", 1) for part in urlsplit(url).query.split("&"))["host"]
    return Path(unquote(host)) / ".s.PGSQL.5432"


@contextmanager
def keeping(engine: str, folder: Path) -> Iterator[Keeper]:
    """Keep an empty record on an engine."""
    if engine == "sqlite":
        yield File(folder)
        return
    with TemporaryDirectory(prefix="postgres-") as first, TemporaryDirectory(prefix="postgres-") as second:
        servers = [Server(Path(first) / "data"), Server(Path(second) / "data")]
        keeper = Servers(folder, *servers)
        try:
            yield keeper
        finally:
            keeper.close()
            for server in servers:
                server.stop()
