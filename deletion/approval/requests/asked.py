"""What a proposal asked for, besides the things that it names: those of a long list take up much room."""

import re
from dataclasses import dataclass

from deletion.terms import canonical
from deletion.terms.requests.targets import Request, from_json, size_of, without_ids
from storage import Tx
from storage.tables import proposals
from storage.tables.proposals import ProposalRow

FEW = 100
"""Things that are read with the rest; a hundred thousand of them take up twenty megabytes."""

_FIRST = re.compile(r'\{[^\[\]{}]*"(?:ids|urls)":\[(?=")')
"""How a list that has no query begins."""

_LAST = '"]}'
"""How it ends."""


@dataclass(frozen=True)
class Asked:
    """What was asked for: level and options (``request``, which names nothing by id), and how many things."""

    request: Request
    count: int


def of(tx: Tx, row: ProposalRow) -> Asked:
    """Return what a proposal asked for."""
    if row.asked is not None and row.asked > FEW:
        first, last = proposals.ends_of_request(tx, row.id)
        found = _FIRST.match(first)
        if found and last == _LAST:
            return Asked(from_json(canonical.loads(f"{found[0]}]}}")), row.asked)
    request = from_json(canonical.loads(proposals.request_of(tx, row.id)))
    return Asked(without_ids(request), size_of(request))
