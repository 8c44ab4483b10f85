"""Media that several open proposals are about: each is decided on by itself, so people are told of the others."""

from typing import NamedTuple

from deletion.plan import plan
from deletion.terms import canonical
from deletion.terms.states import OPEN
from deletion.terms.targets import Request, from_json, is_unresolved, media_of
from storage import Tx
from storage.tables import proposals


class Overlap(NamedTuple):
    """Another open proposal, and how many videos and images it has in common with this one, whole or in part."""

    number: int
    common: int


def of(tx: Tx, number: int, request: Request) -> tuple[Overlap, ...]:
    """Return the other open proposals about something that this request is about, oldest first."""
    mine = media_of(request)
    found: list[Overlap] = []
    for other, text in proposals.requests_in_states(tx, *sorted(OPEN), besides=number):
        shared = len(mine & media_of(_resolved(tx, other, from_json(canonical.loads(text)))))
        if shared:
            found.append(Overlap(other, shared))
    return tuple(found)


def _resolved(tx: Tx, number: int, request: Request) -> Request:
    """Return what the query of a proposal found, once that is known."""
    if not is_unresolved(request):
        return request
    row = proposals.get(tx, number)
    stored = proposals.plan_of(tx, number, row.revision) if row else None
    return plan.parse(stored.plan).request if stored else request
