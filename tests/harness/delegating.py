"""A database that hands everything on to another: a test overrides what it wants to be otherwise."""

from collections.abc import Callable
from typing import TypeVar

from storage import Database, Tx

T = TypeVar("T")


class Delegating:
    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def place(self) -> str:
        return self._database.place

    def write(self, work: Callable[[Tx], T], /) -> T:
        return self._database.write(work)

    def read(self, work: Callable[[Tx], T], /) -> T:
        return self._database.read(work)

    def migrate(self) -> list[str]:
        return self._database.migrate()

    def check_schema(self) -> None:
        self._database.check_schema()

    def check_not_moved(self) -> None:
        self._database.check_not_moved()

    def now_ms(self) -> int:
        return self._database.now_ms()

    def subscribe(self, hear: Callable[[object], None], /) -> None:
        self._database.subscribe(hear)

    def analyze(self, table: str, /) -> None:
        self._database.analyze(table)

    def close(self) -> None:
        self._database.close()
