"""What is not as it was shown, of a plan that was read again: the first differences, and how many there are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from deletion.collection.stage import Staged
from deletion.jobs.context import Context
from deletion.plan import cache, drift, merkle, plan
from deletion.plan.facts import Warn
from deletion.plan.plan import Entry, Plan
from deletion.terms.requests.targets import Streams
from deletion.terms.results.findings import Difference
from storage.tables import plan_rows
from storage.tables.proposals import ProposalRow

LISTED = 200
"""Differences that are kept one by one."""

LOOKED_AT = 200
"""Entries that are compared in one transaction."""


HASHED_AT = 1_000
"""Rows that are hashed in one transaction."""


@dataclass
class Changes:
    """Differences so far: the first ``LISTED`` of them, and ``count`` in all."""

    first: list[Difference] = field(default_factory=list)
    count: int = 0

    def add(self, some: Iterator[Difference]) -> None:
        """Take up more of them."""
        for each in some:
            self.count += 1
            if len(self.first) < LISTED:
                self.first.append(each)


def found(
    ctx: Context,
    row: ProposalRow,
    shown: Plan,
    fresh: Staged,
    keep: Callable[[], None],
    *,
    lost: frozenset[str] = frozenset(),
) -> Changes:
    """Compare what was shown with what was read again, dangers included: a stream may be the last one now.

    Where the Merkle roots are equal, of what is stored, of what was approved and of what was read, rows are not
    compared one by one: a long list takes seconds. What is ``lost`` to the query is told as that, whatever else
    changed in it. ``keep`` holds on to the job.
    """
    changes, warned = Changes(), Changes()
    changes.add(_no_longer_stays(shown, fresh))
    if not lost and _is_as_shown(ctx, row, shown, fresh, keep):
        return changes
    changes.add(Difference(name, "query", "yes", "no") for name in sorted(lost))
    for every in _shown(ctx, row, shown):
        keep()
        some = [each for each in every if each.target.id not in lost]
        now = _now(ctx, fresh, [each.target.id for each in some])
        targets = {name: each.target for name, each in now.items()}
        changes.add(iter(drift.drift([each.target for each in some], targets, version=shown.version)))
        warned.add(_warned(some, now))
    if shown.is_of_parts:
        # Of a list nothing is read that was not shown; of a video's parts there may be more.
        known = {each.target.id for some in _shown(ctx, row, shown) for each in some}
        for other in fresh.whole.entries if fresh.whole else ():
            if other.target.id not in known:
                changes.add(iter([Difference(other.target.id, "exists", "no", "yes")]))
                warned.add(_news(other.target.id, (), other.warnings))
    changes.add(iter(warned.first))
    changes.count += warned.count - len(warned.first)
    return changes


def _no_longer_stays(shown: Plan, fresh: Staged) -> Iterator[Difference]:
    """Yield what was to play afterwards and is not as it was: what goes now was not to stay either."""
    request, stays = shown.request, fresh.header.stays
    if isinstance(request, Streams) and stays is not None:
        yield from (Difference(request.video_id, *each) for each in drift.no_longer_stays(shown, stays))


def _is_as_shown(ctx: Context, row: ProposalRow, shown: Plan, fresh: Staged, keep: Callable[[], None]) -> bool:
    """Say whether every row is the same, the dangers that people saw included.

    People were shown the rows that are stored, so these are hashed: an edited one is found here, as it would be
    where it is compared with what VOD says.
    """
    read = fresh.header
    is_current = shown.version == plan.VERSION and shown.digest == row.digest
    if not is_current or (shown.count, shown.root) != (read.count, read.root):
        return False
    tree = merkle.Tree()
    for start in range(0, shown.count, HASHED_AT):
        keep()
        for text in ctx.database.read(
            lambda tx, start=start: cache.texts(tx, row.id, row.revision, start=start, limit=HASHED_AT)  # type: ignore[misc] # as below
        ):
            tree.add(merkle.leaf(text))
    return (tree.size, tree.root()) == (shown.count, shown.root)


def _now(ctx: Context, fresh: Staged, ids: Sequence[str]) -> dict[str, Entry]:
    rows_id, whole = fresh.rows_id, fresh.whole
    if rows_id is None:
        wanted = frozenset(ids)
        return {each.target.id: each for each in (whole.entries if whole else ()) if each.target.id in wanted}
    found = ctx.database.read(lambda tx: plan_rows.named(tx, rows_id, ids))
    return {each.target.id: each for each in (plan.entry(each.ord, each.fields) for each in found)}


def _shown(ctx: Context, row: ProposalRow, shown: Plan) -> Iterator[Sequence[Entry]]:
    if shown.version < plan.VERSION:
        # A plan of one text is at hand whole.
        yield from (shown.entries[start : start + LOOKED_AT] for start in range(0, shown.count, LOOKED_AT))
        return
    for start in range(0, shown.count, LOOKED_AT):
        yield ctx.database.read(
            lambda tx, start=start: cache.page(tx, row.id, row.revision, start=start, limit=LOOKED_AT)  # type: ignore[misc] # as above
        )


def _warned(shown: Sequence[Entry], now: dict[str, Entry]) -> Iterator[Difference]:
    for before in shown:
        after = now.get(before.target.id)
        if after is not None:
            yield from _news(before.target.id, before.warnings, after.warnings)


def _news(target: str, before: Sequence[Warn], after: Sequence[Warn]) -> Iterator[Difference]:
    """Yield the warnings that nobody saw; that something is recent is no danger of its own."""
    for warn in after:
        if warn not in before and warn is not Warn.RECENT:
            yield Difference(target, "warning", "none", warn)
