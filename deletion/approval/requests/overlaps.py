"""Media that several open proposals are about: each is decided on by itself, so people are told of the others."""

from dataclasses import dataclass
from typing import NamedTuple

from deletion.approval.requests import asked
from deletion.terms import canonical
from deletion.terms.requests.targets import from_json, ids_of, is_unresolved, media_of
from deletion.terms.states import OPEN
from storage import Tx
from storage.tables import plan_rows, proposal_counts, proposals

LOOKED_FOR = 500
"""Names that are looked for at once."""


class Overlap(NamedTuple):
    """Another open proposal, and how many videos and images it has in common with this one, whole or in part."""

    number: int
    common: int


def of(tx: Tx, number: int, media: frozenset[str] | None = None) -> tuple[Overlap, ...]:
    """Return the other open proposals about something that this one is about, oldest first.

    ``media`` is what that is, where it is not stored yet.
    """
    others = proposal_counts.numbers_in_states(tx, *sorted(OPEN), besides=number)
    if not others:
        # Mostly; what a long list is about is many things to look for.
        return ()
    mine = _media(tx, number) if media is None else media
    found = [Overlap(other, _in_common(tx, mine, _media(tx, other))) for other in others]
    return tuple(each for each in found if each.common)


@dataclass(frozen=True)
class _Rows:
    """What a long list is about: the targets of this set of rows."""

    set_id: int


def _media(tx: Tx, number: int) -> frozenset[str] | _Rows:
    """Return what a proposal is about: of one by query what its plan has found."""
    row = proposals.get(tx, number)
    set_id = plan_rows.set_of_current(tx, number)
    if row is not None and set_id is not None and (row.asked is None or row.asked > asked.FEW):
        wanted = asked.of(tx, row)
        if ids_of(wanted.request) is not None:
            return _Rows(set_id)
    request = from_json(canonical.loads(proposals.request_of(tx, number)))
    if not is_unresolved(request):
        return media_of(request)
    return frozenset(plan_rows.ids(tx, set_id)) if set_id is not None else frozenset()


def _in_common(tx: Tx, one: frozenset[str] | _Rows, other: frozenset[str] | _Rows) -> int:
    if isinstance(one, _Rows):
        if isinstance(other, _Rows):
            return plan_rows.in_common(tx, one.set_id, other.set_id)
        return _among(tx, one, other)
    return _among(tx, other, one) if isinstance(other, _Rows) else len(one & other)


def _among(tx: Tx, rows: _Rows, names: frozenset[str]) -> int:
    every = sorted(names)
    parts = (every[start : start + LOOKED_FOR] for start in range(0, len(every), LOOKED_FOR))
    return sum(plan_rows.count_named(tx, rows.set_id, some) for some in parts)
