"""Media that several open proposals are about: each is decided on by itself, so people are told of the others."""

from typing import NamedTuple

from deletion.terms import canonical
from deletion.terms.states import OPEN
from deletion.terms.targets import from_json, is_unresolved, media_of
from storage import Tx
from storage.tables import plan_rows, proposals


class Overlap(NamedTuple):
    """Another open proposal, and how many videos and images it has in common with this one, whole or in part."""

    number: int
    common: int


def of(tx: Tx, number: int, media: frozenset[str] | None = None) -> tuple[Overlap, ...]:
    """Return the other open proposals about something that this one is about, oldest first.

    ``media`` is what that is, where it is not stored yet.
    """
    others = proposals.numbers_in_states(tx, *sorted(OPEN), besides=number)
    if not others:
        # Mostly; what a long list is about is many things to look for.
        return ()
    mine = _media(tx, number) if media is None else media
    found: list[Overlap] = []
    for other in others:
        shared = len(mine & _media(tx, other))
        if shared:
            found.append(Overlap(other, shared))
    return tuple(found)


def _media(tx: Tx, number: int) -> frozenset[str]:
    """Return what a proposal is about: of one by query what its plan has found."""
    request = from_json(canonical.loads(proposals.request_of(tx, number)))
    return frozenset(plan_rows.ids_of_current(tx, number)) if is_unresolved(request) else media_of(request)
