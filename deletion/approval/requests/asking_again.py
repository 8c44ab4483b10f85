"""Asking the query of a plan again before a vote counts: what it no longer finds, and what else it finds now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from deletion.collection.stage import Staged
from deletion.jobs.context import Context
from deletion.plan import cache, plan
from deletion.plan.plan import Plan
from deletion.terms.requests.targets import query_of, with_ids
from deletion.terms.results.findings import LeftOut, LeftOutItem
from storage.tables import plan_rows, revisions
from storage.tables.proposals import ProposalRow

READ_AT_ONCE = 200
"""Things that are held in memory at the same time, with all that VOD says of them."""

LOOKED_AT = 500
"""Rows looked at in one transaction."""


@dataclass(frozen=True)
class Asked:
    """What came of asking the query of a plan again; None for ``ids`` where there is none.

    ``lost`` are targets that it no longer finds though they are there, ``newcomers`` others that it finds now.
    """

    ids: Sequence[str] | None = None
    lost: frozenset[str] = frozenset()
    newcomers: int = 0


def ask_again(ctx: Context, row: ProposalRow, shown: Plan, between: Callable[[], None]) -> Asked:
    """Ask a query again. What is gone is found by no query either: that it is gone is read, and said so."""
    if query_of(shown.request) is None:
        return Asked()
    ids = ctx.database.read(lambda tx: cache.ids(tx, row.id, row.revision, start=0, limit=shown.count))
    asked, seen, others = frozenset(ids), set[str](), 0
    # Of what is left out people know, whether it is found still or not.
    known = asked | {each.name for each in _left_out(ctx, _rows_of(ctx, row))}
    for page in ctx.reader.matches(shown.request, between):
        seen |= asked & set(page.ids)
        others += len(set(page.ids) - known)
    missed = tuple(each for each in ids if each not in seen)
    return Asked(ids, _still_there(ctx, shown, missed, between), others)


def unmatched(ctx: Context, fresh: Staged) -> frozenset[str]:
    """Return what the query found and whose own facts, read again, do not meet it."""
    if query_of(fresh.header.request) is None:
        return frozenset()
    left_out = fresh.whole.left_out if fresh.whole is not None else _left_out(ctx, fresh.rows_id)
    return frozenset(each.name for each in left_out if each.why is LeftOut.NOT_MATCHING)


def _still_there(ctx: Context, shown: Plan, missed: Sequence[str], between: Callable[[], None]) -> frozenset[str]:
    """Return what VOD shows of these; of what it does not show, the reading tells what became of it."""
    there = set[str]()
    for start in range(0, len(missed), READ_AT_ONCE):
        some = with_ids(shown.request, tuple(missed[start : start + READ_AT_ONCE]))
        there |= {target.id for target in ctx.reader.read(some, between).targets}
    return frozenset(there)


def _rows_of(ctx: Context, row: ProposalRow) -> int | None:
    found = ctx.database.read(lambda tx: revisions.plan_of(tx, row.id, row.revision))
    return found.rows_id if found else None


def _left_out(ctx: Context, rows_id: int | None) -> Iterator[LeftOutItem]:
    at = 0
    while rows_id is not None and (
        some := ctx.database.read(
            lambda tx, at=at: plan_rows.page(tx, rows_id, plan_rows.LEFT_OUT, start=at, limit=LOOKED_AT)  # type: ignore[misc] # mypy cannot infer a lambda's default
        )
    ):
        yield from (plan.left_out(each.fields) for each in some)
        at += LOOKED_AT
