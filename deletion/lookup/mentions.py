"""Which proposals are, or were, about one video or image: as the record has it, whatever VOD still shows."""

from dataclasses import dataclass

from deletion import views
from deletion.approval.requests import asked
from deletion.terms import canonical
from deletion.terms.requests.targets import Request, from_json, ids_of, media_of
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from deletion.views import CardPlace
from storage import Tx
from storage.tables import items, listings, plan_rows, proposals, revisions
from storage.tables.items import ItemState
from storage.tables.proposals import ProposalRow

NAMED = 10
"""Proposals that are named, the newest ones."""

LOOKED_AT = 50


@dataclass(frozen=True)
class Mention:
    """A proposal about something. ``request`` says level and options; ``outcome`` is what became of the thing.

    It is None where that is not settled, and where the proposal is about parts of it.
    """

    number: int
    state: State
    request: Request
    count: int
    proposer: str
    created_ms: int
    outcome: Outcome | None
    card: CardPlace | None


@dataclass(frozen=True)
class Mentions:
    """The newest proposals about something, and whether there are older ones."""

    newest: tuple[Mention, ...]
    is_cut: bool


def of(tx: Tx, name: str) -> Mentions:
    """Return the proposals that name this, ask for parts of it, or found it by a query."""
    planned = set(plan_rows.proposals_with(tx, name, most=LOOKED_AT))
    asked_for = (each for each in listings.naming(tx, name, most=LOOKED_AT) if each not in planned)
    numbers = sorted(planned | {each for each in asked_for if _names(tx, each, name)}, reverse=True)
    rows = (proposals.get(tx, number) for number in numbers[:NAMED])
    return Mentions(tuple(_mention(tx, row, name) for row in rows if row is not None), len(numbers) > NAMED)


def _names(tx: Tx, number: int, name: str) -> bool:
    return name in media_of(from_json(canonical.loads(proposals.request_of(tx, number))))


def _mention(tx: Tx, row: ProposalRow, name: str) -> Mention:
    wanted = asked.of(tx, row)
    settled = [each for each in items.named(tx, row.id, [name]) if each.state is ItemState.SETTLED]
    is_whole = ids_of(wanted.request) is not None
    return Mention(
        number=row.id,
        state=State(row.state),
        request=wanted.request,
        count=revisions.targets_of_current(tx, row.id) or wanted.count,
        proposer=row.proposer,
        created_ms=row.created_ms,
        outcome=Outcome(settled[0].outcome) if is_whole and settled and settled[0].outcome else None,
        card=views.card_of(row),
    )
