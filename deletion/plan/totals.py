"""What the targets of a plan amount to, counted a target at a time. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deletion.plan.facts import Target, Warn, bytes_of, is_size_told
from deletion.terms.canonical import LARGEST, Json
from deletion.terms.requests.targets import Kind

CATEGORIES = 10
"""Categories that are counted by name: those with the most targets."""


@dataclass(frozen=True)
class Totals:
    """What a plan amounts to. Bytes and ms; ``created`` texts are VOD's own, in UTC.

    ``sizes_untold`` and ``durations_untold`` are targets of which VOD did not say all of it: what is known of the
    others is then a minimum. ``categories`` are (name, count), the largest first; ``uncategorized`` have none, and
    those of further categories are in ``other_categories``. ``warned`` are targets with a warning of any kind.
    """

    bytes: int = 0
    sizes_untold: int = 0
    duration_ms: int = 0
    durations_untold: int = 0
    images: int = 0
    oldest: str | None = None
    newest: str | None = None
    categories: tuple[tuple[str, int], ...] = ()
    other_categories: int = 0
    uncategorized: int = 0
    warnings: tuple[tuple[Warn, int], ...] = ()
    warned: int = 0

    def of(self, warn: Warn) -> int:
        """Return how many targets there is this warning about."""
        return dict(self.warnings).get(warn, 0)

    def to_json(self) -> Json:
        """Return it as a value for canonical JSON."""
        return {
            "bytes": self.bytes,
            "sizes_untold": self.sizes_untold,
            "duration_ms": self.duration_ms,
            "durations_untold": self.durations_untold,
            "images": self.images,
            "oldest": self.oldest,
            "newest": self.newest,
            "categories": [list(each) for each in self.categories],
            "other_categories": self.other_categories,
            "uncategorized": self.uncategorized,
            "warnings": [list(each) for each in self.warnings],
            "warned": self.warned,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Totals":
        """Read back what ``to_json`` made."""
        categories = tuple((str(name), int(count)) for name, count in value["categories"])
        warnings = tuple((Warn(warn), int(count)) for warn, count in value["warnings"])
        return cls(**{**value, "categories": categories, "warnings": warnings})


@dataclass
class Totalling:
    """Counts targets, one at a time."""

    kind: Kind
    _numbers: Counter[str] = field(default_factory=Counter)
    _categories: Counter[str] = field(default_factory=Counter)
    _warnings: Counter[Warn] = field(default_factory=Counter)
    _oldest: str | None = None
    _newest: str | None = None

    def add(self, target: Target, warnings: Iterable[Warn]) -> None:
        """Count a target with its warnings."""
        found, numbers = frozenset(warnings), self._numbers
        unread = target.streams_unread or (not target.streams and Warn.NOT_WRITABLE in found)
        numbers["bytes"] += bytes_of(self.kind, target)
        numbers["sizes_untold"] += not is_size_told(self.kind, target, streams_unread=unread)
        numbers["duration_ms"] += target.duration_ms or 0
        numbers["durations_untold"] += target.duration_ms is None
        numbers["images"] += len(target.images)
        numbers["warned"] += bool(found)
        self._warnings.update(found)
        if target.category:
            self._categories[target.category] += 1
        else:
            numbers["uncategorized"] += 1
        if target.created:
            self._oldest = min(self._oldest or target.created, target.created)
            self._newest = max(self._newest or target.created, target.created)

    def totals(self) -> Totals:
        """Return what everything counted so far amounts to."""
        largest = sorted(self._categories.items(), key=lambda each: (-each[1], each[0]))
        numbers = {name: min(number, LARGEST) for name, number in self._numbers.items()}
        return Totals(
            **numbers,
            oldest=self._oldest,
            newest=self._newest,
            categories=tuple(largest[:CATEGORIES]),
            other_categories=sum(count for _, count in largest[CATEGORIES:]),
            warnings=tuple((warn, self._warnings[warn]) for warn in Warn if self._warnings[warn]),
        )
