"""What searches found: kept while the library stays as it is, and the tokens that lead on from page to page."""

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import uuid4

T = TypeVar("T")

TOKEN_LIFE = timedelta(minutes=5)
"""How long a token is good for after its last use. VOD does not say how long; tests may change it."""

_MOST_KEPT = 8

Key = tuple[datetime, str]
"""When something was created, and its id."""


@dataclass(frozen=True)
class Found(Generic[T]):
    """Everything that one search finds, oldest first, with the keys to find a place in it."""

    media: Sequence[T]
    keys: Sequence[Key]

    def within(self, low: datetime | None, high: datetime | None, *, closed: tuple[bool, bool]) -> slice:
        """Where the media of an interval stand."""
        start = 0 if low is None else (bisect_left if closed[0] else bisect_right)(self.keys, low, key=_created)
        end = len(self.keys)
        if high is not None:
            end = (bisect_right if closed[1] else bisect_left)(self.keys, high, key=_created)
        return slice(start, max(start, end))


@dataclass
class Scroll:
    """Where a traversal stands: the first key of every page it has been to, and of the one after the last."""

    query: Hashable
    used: datetime
    page: int = 1
    starts: dict[int, Key | None] = field(default_factory=lambda: {1: None})


class Searches:
    """Thread-safe. Of searches only the latest few are kept, of tokens all that are still good."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._found: OrderedDict[Hashable, Found[object]] = OrderedDict()
        self._scrolls: dict[str, Scroll] = {}
        self.token_life = TOKEN_LIFE

    def found(self, search: Hashable, look: Callable[[], Iterable[tuple[Key, T]]]) -> Found[T]:
        """Return what a search found before, or look; `search` names the state of the library too."""
        with self._lock:
            kept = self._found.get(search)
            if kept is None:
                pairs = sorted(look(), key=lambda pair: pair[0])
                kept = Found([media for _, media in pairs], [key for key, _ in pairs])
                self._found[search] = kept
                while len(self._found) > _MOST_KEPT:
                    self._found.popitem(last=False)
            return kept  # type: ignore[return-value]

    def begin(self, query: Hashable, now: datetime) -> tuple[str, Scroll]:
        """Give out a token of 32 characters."""
        with self._lock:
            self._scrolls = {token: one for token, one in self._scrolls.items() if now < one.used + self.token_life}
            token, scroll = uuid4().hex, Scroll(query, now)
            self._scrolls[token] = scroll
            return token, scroll

    def resume(self, token: str, now: datetime) -> Scroll | None:
        """Return where a token leads on from; None when it is not, or no longer, good."""
        with self._lock:
            scroll = self._scrolls.get(token)
            if scroll is None or now >= scroll.used + self.token_life:
                return None
            scroll.used = now
            return scroll

    def forget(self) -> None:
        """Let every token expire."""
        with self._lock:
            self._scrolls.clear()


def _created(key: Key) -> datetime:
    return key[0]
