"""The record: SQL written once, and two engines to keep it on, SQLite and PostgreSQL."""

from storage.engine.address import Address, Engine, parse
from storage.engine.clock import SteadyClock
from storage.engine.database import (
    BusyError,
    Database,
    MovedError,
    NewerSchemaError,
    Readable,
    Reader,
    Record,
    Row,
    StorageError,
    Tx,
    UnknownCommitError,
)
from storage.engine.sqlite import SqliteDatabase

__all__ = [
    "Address",
    "BusyError",
    "Database",
    "Engine",
    "MovedError",
    "NewerSchemaError",
    "Readable",
    "Reader",
    "Record",
    "Row",
    "SqliteDatabase",
    "SteadyClock",
    "StorageError",
    "Tx",
    "UnknownCommitError",
    "parse",
]
