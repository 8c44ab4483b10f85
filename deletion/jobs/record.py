"""The record as those above deletion know it: something to run transactions on, for a limited time."""

from storage import Database, StorageError, Tx
from storage.engine.deadline import within

__all__ = ["Database", "StorageError", "Tx", "within"]
