"""The record: one Store on SQLite, its SQL written once so that PostgreSQL can be a second adapter."""

from storage.database import Database, NewerSchemaError, Row, StorageError, Tx
from storage.sqlite import SqliteDatabase

__all__ = ["Database", "NewerSchemaError", "Row", "SqliteDatabase", "StorageError", "Tx"]
