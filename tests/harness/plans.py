"""Plans of a few targets: made in memory, and stored as a reading would store them."""

from collections.abc import Iterable

from deletion.approval.requests import collecting
from deletion.collection import rows
from deletion.jobs.config import JobKind
from deletion.plan import cache, plan
from deletion.plan.facts import Target, Warn
from deletion.plan.plan import Plan, Whole
from deletion.terms.place import Place
from deletion.terms.requests.targets import Request, with_ids
from deletion.terms.results.findings import LeftOutItem
from deletion.views import ProposalView
from storage import Readable, Tx
from storage.tables import plan_rows
from storage.tables.proposals import ProposalRow
from storage.tables.revisions import PlanRow


def made(
    place: Place,
    request: Request,
    targets: Iterable[Target],
    left_out: tuple[LeftOutItem, ...] = (),
    warnings: Iterable[tuple[Warn, str]] = (),
) -> Plan:
    """Return a plan with all of its entries at hand."""
    return plan.whole(place, request, targets, left_out, warnings).plan


def with_targets(shown: Plan, targets: Iterable[Target], warnings: Iterable[tuple[Warn, str]] = ()) -> Plan:
    """Return a plan of the same request for other targets."""
    return made(shown.place, shown.request, targets, shown.left_out, warnings)


def targets_of(shown: Plan) -> list[Target]:
    """Return the targets at hand, which are all."""
    assert len(shown.entries) == shown.count
    return [each.target for each in shown.entries]


def ids_of(shown: Plan) -> list[str]:
    """Return the ids of all targets."""
    return [each.id for each in targets_of(shown)]


def store(tx: Tx, row: ProposalRow, whole: Whole) -> PlanRow:
    """Store a plan and its rows as a proposal's next revision."""
    place = whole.header.place.text()
    rows_id = plan_rows.open_set(tx, JobKind.COLLECT if not row.revision else JobKind.COUNT, row.id, place=place).id
    plan_rows.add(tx, rows_id, [rows.of_entry(each) for each in whole.entries])
    plan_rows.add(tx, rows_id, [rows.of_left_out(*each) for each in enumerate(whole.left_out)])
    return collecting.store_plan(tx, row, whole.header, rows_id, now_ms=tx.now_ms())


def every_id(record: Readable, view: ProposalView) -> list[str]:
    """Return the ids of all targets of a proposal's plan, however many there are."""
    number, revision = view.row.id, view.row.revision
    return list(record.read(lambda tx: cache.ids(tx, number, revision, start=0, limit=1_000_000)))


def every_title(record: Readable, view: ProposalView) -> list[str]:
    """Return the titles of all targets of a proposal's plan, however many there are."""
    number, revision = view.row.id, view.row.revision
    some = record.read(lambda tx: cache.page(tx, number, revision, start=0, limit=1_000_000))
    return [each.target.title for each in some]


def asked(view: ProposalView) -> Request:
    """Return what a proposal of a few targets is about, as a request that names them."""
    assert view.plan is not None
    return with_ids(view.plan.request, tuple(ids_of(view.plan)))
