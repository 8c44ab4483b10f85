"""The record as those above deletion know it: something to run transactions on, for a limited time."""

from storage import BusyError, Database, Record, SteadyClock, StorageError, Tx
from storage.engine.deadline import within

__all__ = ["BusyError", "Database", "Record", "SteadyClock", "StorageError", "Tx", "within"]
