"""Whether what was read of something meets the query that found it: VOD's search may be behind its facts. Pure."""

from dataclasses import dataclass
from datetime import datetime

from deletion.plan import drift
from deletion.plan.facts import Target
from deletion.plan.warnings import parse_time
from deletion.terms.requests.query import Query


@dataclass(frozen=True)
class _Facts:
    """What a query can ask about, of a target."""

    title: str
    status: str | None
    size: int | None
    created: datetime | None
    category: str | None
    category_id: str | None
    tags: tuple[str, ...]
    storage_class: str | None


def matches(query: Query, target: Target) -> bool:
    """Say whether a target meets every condition by its own facts; what VOD does not say of it meets none."""
    facts = _Facts(
        title=target.title,
        status=target.status,
        size=target.size,
        created=parse_time(target.created) if target.created else None,
        category=target.category,
        category_id=drift.lines(target.told).get("CateId"),
        tags=target.tags,
        storage_class=target.storage_class,
    )
    return query.matches(facts)
