"""What became of every item of a deletion, page by page: of a hundred thousand no more than a page is held."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from deletion.approval.requests import asked as asked_for
from deletion.plan import cache
from deletion.plan.facts import bytes_of
from deletion.terms import canonical
from deletion.terms.requests.targets import Kind, Request
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from storage import Tx
from storage.tables import items, proposals
from storage.tables.items import EndedRow, ItemState

PAGE = 500
"""Items that are read at once."""


NO_NOTE = ItemNote()


@dataclass(frozen=True)
class Planned:
    """One item as the plan has it; ``bytes`` is what VOD says that it frees, None where it does not say."""

    target: str
    title: str
    video_id: str | None
    bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Ended:
    """One item of a deletion, by its ``number`` on the list of its plan, and what became of it.

    ``outcome`` is None where it has no final word. ``call_id`` and VOD's ``request_id`` are of its last call;
    ``settled_ms`` is since when it has its word (UTC ms).
    """

    number: int
    planned: Planned
    outcome: Outcome | None = None
    note: ItemNote = NO_NOTE
    call_id: str | None = None
    request_id: str | None = None
    settled_ms: int | None = None


def asked(tx: Tx, number: int) -> tuple[Request, int] | None:
    """Return what a finished deletion was to delete, and how many items it had; None where there is none."""
    row = proposals.get(tx, number)
    if row is None or row.state != State.FINISHED:
        return None
    return asked_for.of(tx, row).request, items.count(tx, number)


def every(read: Callable[[Callable[[Tx], list[Ended]]], list[Ended]], number: int) -> Iterator[Ended]:
    """Yield every item of a proposal in its order; ``read`` reads the record, a snapshot for each page.

    What is over does not change any more, so the pages fit together.
    """
    start = 0
    while found := read(lambda tx, start=start: page(tx, number, start)):  # type: ignore[misc] # mypy cannot infer a lambda's default
        yield from found
        start += len(found)


def page(tx: Tx, number: int, start: int) -> list[Ended]:
    """Return a page of a proposal's items, from place ``start`` on; empty at the end."""
    planned = _planned(tx, number, start)
    if not planned:
        return []
    rows = items.ended(tx, number, [each.target for each in planned])
    return [_ended(place, each, rows.get(each.target)) for place, each in enumerate(planned, start + 1)]


def _planned(tx: Tx, number: int, start: int) -> Sequence[Planned]:
    """Return a page of what the plan of a proposal names: the one place here that looks into a plan."""
    row = proposals.get(tx, number)
    if row is None:
        return ()
    some = cache.page(tx, number, row.revision, start=start, limit=PAGE)
    found = ((each.target, bytes_of(Kind(row.kind), each.target)) for each in some)
    return [Planned(target.id, target.title, target.video_id, known or None) for target, known in found]


def _ended(place: int, planned: Planned, row: EndedRow | None) -> Ended:
    if row is None:
        return Ended(number=place, planned=planned)
    note, is_over = ItemNote.parse(row.note), row.state is ItemState.SETTLED and row.outcome is not None
    return Ended(
        number=place,
        planned=planned,
        outcome=Outcome(row.outcome) if is_over and row.outcome else None,
        note=note,
        call_id=row.call_id,
        request_id=_request_id(row) or (note.fault.request_id if note.fault else None),
        settled_ms=row.settled_ms,
    )


def _request_id(row: EndedRow) -> str | None:
    answer = canonical.loads(row.answer) if row.answer else {}
    return answer.get("request_id") if isinstance(answer, dict) else None
