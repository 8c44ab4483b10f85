"""Entries of a plan as rows of the record, and rows that no plan needs any more."""

from collections.abc import Callable
from dataclasses import replace

from deletion.jobs.context import Context
from deletion.plan import merkle
from deletion.plan.facts import Warn
from deletion.plan.plan import Entry, left_out_text
from deletion.plan.warnings import Titles
from deletion.terms.results.findings import LeftOutItem
from storage import Tx
from storage.tables import plan_rows
from storage.tables.jobs import JobRow
from storage.tables.plan_rows import PlanTargetRow

DROPPED_AT_ONCE = 2_000
"""Rows deleted in one transaction."""

SETS_AT_ONCE = 4


def of_entry(entry: Entry) -> PlanTargetRow:
    """Return the row of an entry."""
    return PlanTargetRow(
        part=plan_rows.TARGET,
        ord=entry.place,
        target=entry.target.id,
        title=entry.target.title,
        warned=len(entry.warnings),
        fields=entry.text,
        leaf=merkle.leaf(entry.text),
    )


def of_left_out(place: int, item: LeftOutItem) -> PlanTargetRow:
    """Return the row of something that is not in the plan."""
    text = left_out_text(item)
    return PlanTargetRow(
        part=plan_rows.LEFT_OUT,
        ord=place,
        target=item.name,
        title="",
        warned=0,
        fields=text,
        leaf=merkle.leaf(text),
    )


def with_same_title(entry: Entry, titles: Titles) -> Entry:
    """Return an entry with the warning that others have its title, if they have."""
    besides = tuple(warn for warn in entry.warnings if warn is not Warn.SAME_TITLE)
    wanted = (*besides, *titles.warn(entry.target.title))
    return entry if wanted == entry.warnings else replace(entry, warnings=wanted)


def drop(ctx: Context, rows_id: int, *, hold: Callable[[Tx], None] = lambda _: None) -> None:
    """Delete a set of rows, some at a time; ``hold`` raises when it is not ours to delete any more."""

    def some(tx: Tx) -> bool:
        hold(tx)
        return plan_rows.drop(tx, rows_id, most=DROPPED_AT_ONCE)

    while not ctx.database.write(some):
        pass


def drop_unneeded(ctx: Context, job: JobRow, *, hold: Callable[[Tx], None]) -> None:
    """Delete what a job has read that became no plan."""
    rows_id = ctx.database.read(lambda tx: plan_rows.without_plan(tx, job.kind, job.ref))
    if rows_id is not None:
        drop(ctx, rows_id, hold=hold)


def forget_names(ctx: Context, rows_id: int, *, hold: Callable[[Tx], None]) -> None:
    """Delete what a set was read for, some at a time, once everything is read."""

    def some(tx: Tx) -> bool:
        hold(tx)
        return plan_rows.forget_names(tx, rows_id, most=DROPPED_AT_ONCE)

    while not ctx.database.write(some):
        pass


def drop_unused(ctx: Context, keep: Callable[[], None]) -> None:
    """Delete some of the sets that nobody needs, whose readers were killed before they could.

    Others do the same at the same time: each time it is asked again whether a set is there and not needed.
    """

    def some(tx: Tx, rows_id: int) -> bool:
        return not plan_rows.is_unused(tx, rows_id) or plan_rows.drop(tx, rows_id, most=DROPPED_AT_ONCE)

    for rows_id in ctx.database.read(lambda tx: plan_rows.unused(tx, SETS_AT_ONCE)):
        while not ctx.database.write(lambda tx, rows_id=rows_id: some(tx, rows_id)):  # type: ignore[misc] # mypy cannot infer a lambda's default
            keep()
