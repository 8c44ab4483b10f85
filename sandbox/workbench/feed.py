"""Tells a page what changed since it last asked, so that it need not fetch everything again."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Changes(Generic[T]):
    """What is new or different since a revision, what is gone, and the revision to ask from next time."""

    revision: int
    changed: list[T]
    gone: list[str]


class Feed(Generic[T]):
    """Numbers the changes of a collection of immutable things, each with a key. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, T] = {}
        self._revisions: dict[str, int] = {}
        self._revision = 0

    def update(self, items: Mapping[str, T]) -> bool:
        """Note how things are now; say whether anything changed. A thing is the same if it is the same object."""
        with self._lock:
            changed = [key for key, item in items.items() if self._items.get(key) is not item]
            changed += [key for key in self._items if key not in items]
            if not changed:
                return False
            self._revision += 1
            self._revisions.update(dict.fromkeys(changed, self._revision))
            self._items = dict(items)
            return True

    def since(self, revision: int) -> Changes[T]:
        """What changed after `revision`; 0 asks for everything."""
        with self._lock:
            keys = [key for key, at in self._revisions.items() if at > revision]
            there = [self._items[key] for key in keys if key in self._items]
            return Changes(self._revision, there, [key for key in keys if key not in self._items])
