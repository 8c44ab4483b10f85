"""What an operator asks of the record at a command line: proposals in any state, one of them whole, and the log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deletion import views
from deletion.approval.proposal import proposer_of, subject_of
from deletion.terms import canonical
from deletion.terms.ids import proposal_ref
from deletion.terms.requests.targets import from_json, kind_of, query_of, size_of, without_ids
from deletion.terms.states import OPEN, State
from storage import Tx
from storage.tables import audit_log, items, proposals, votes
from storage.tables.audit_log import AuditRow
from storage.tables.proposals import ProposalRow

PAGE = 500
"""Events that are read at once."""


@dataclass(frozen=True)
class Summary:
    """A proposal in one line. Times are UTC ms; people are Slack user ids.

    ``items`` is the number of its targets, or of the things asked for before they were read; ``bytes`` and
    ``title`` are of the plan, 0 and "" before there is one; ``at_least``: VOD did not tell all of the bytes.
    """

    number: int
    state: str
    level: str
    items: int
    bytes: int
    at_least: bool
    title: str
    proposer: str
    reason: str
    created_ms: int
    expires_ms: int


@dataclass(frozen=True)
class Vote:
    """One vote: ``state`` is cast, counted or void."""

    voter: str
    state: str
    digest: str
    cast_ms: int
    settled_ms: int | None


@dataclass(frozen=True)
class Detail:
    """A proposal with what decides about it; ``outcomes`` counts its items by word, ``waiting`` without one."""

    summary: Summary
    query: str | None
    digest: str | None
    revision: int
    needed: int
    votes: tuple[Vote, ...]
    outcomes: dict[str, int]
    note: str
    halted: str | None
    decided_ms: int | None
    hold_until_ms: int | None
    started_ms: int | None
    finished_ms: int | None
    channel: str | None
    ts: str | None


def listed(tx: Tx, *, only_open: bool, limit: int) -> list[Summary]:
    """Return the newest proposals, those that are not finished or all of them."""
    states = sorted(OPEN if only_open else frozenset(State))
    return [_summary(tx, row) for row in proposals.in_states(tx, *states, limit=limit)]


def detail(tx: Tx, number: int) -> Detail | None:
    """Return one proposal; None when there is none."""
    row = proposals.get(tx, number)
    if row is None:
        return None
    request = from_json(canonical.loads(proposals.request_of(tx, number)))
    query = query_of(request)
    return Detail(
        summary=_summary(tx, row),
        query=query.text() if query else None,
        digest=row.digest,
        revision=row.revision,
        needed=row.needed,
        votes=tuple(
            Vote(each.voter, each.state, each.digest, each.cast_ms, each.settled_ms)
            for each in votes.of(tx, subject_of(number), *votes.VoteState)
        ),
        outcomes=dict(items.tally(tx, number)),
        note=row.state_note,
        halted=row.halted,
        decided_ms=row.decided_ms,
        hold_until_ms=row.hold_until_ms,
        started_ms=row.started_ms,
        finished_ms=row.finished_ms,
        channel=row.card_channel,
        ts=row.card_ts,
    )


def newest_event(tx: Tx) -> int:
    """Return the number of the newest event."""
    return audit_log.newest(tx)


def events(
    read: Callable[[Callable[[Tx], list[AuditRow]]], list[AuditRow]], *, first: int, number: int | None = None
) -> Iterator[AuditRow]:
    """Yield the log from an event on, all of it or what is about one proposal, a page at a time."""
    about = str(proposal_ref(number)) if number else None
    while page := read(lambda tx, first=first: audit_log.between(tx, first, first + PAGE - 1)):  # type: ignore[misc] # mypy cannot infer a lambda's default
        yield from (row for row in page if about in {None, row.ref})
        first += PAGE


def _summary(tx: Tx, row: ProposalRow) -> Summary:
    request = from_json(canonical.loads(proposals.request_of(tx, row.id)))
    found = views.planned(tx, row)
    return Summary(
        number=row.id,
        state=row.state,
        level=kind_of(without_ids(request)),
        items=found.count if found else size_of(request),
        bytes=found.totals.bytes if found else 0,
        at_least=found is not None and found.totals.sizes_untold > 0,
        title=found.first_title if found else "",
        proposer=str(proposer_of(row)),
        reason=row.reason,
        created_ms=row.created_ms,
        expires_ms=row.expires_ms,
    )
