"""Every engine the record can be kept on, opened the same way; the contract tests know nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field

from storage import Database, SqliteDatabase
from storage.engine.postgres import PostgresDatabase

START_MS = 1_700_000_000_000


class Clock:
    """A database's clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        return self.ms

    def advance(self, ms: int) -> None:
        self.ms += ms


def open_database(name: str, address: str, now_ms: Callable[[], int]) -> Database:
    """Open a database of the engine ``name``; ``address`` can be handed to another process."""
    match name:
        case "sqlite":
            return SqliteDatabase(address, now_ms=now_ms)
        case "postgres":
            return PostgresDatabase(address, now_ms=now_ms)
        case _:
            raise ValueError(name)


@dataclass
class Engine:
    """One empty place to keep a record in. ``open`` gives one more instance of the program a handle to it."""

    name: str
    address: str
    clock: Clock = field(default_factory=Clock)
    opened: list[Database] = field(default_factory=list)

    def open(self) -> Database:
        self.opened.append(open_database(self.name, self.address, self.clock))
        return self.opened[-1]

    def close(self) -> None:
        for database in self.opened:
            database.close()
