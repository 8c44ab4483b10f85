"""The rows of a proposal's plans: each compared with its own hash, and all of them with the root in the header."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from deletion.evidence.claims import Finding, Mismatch, Row, shown, strays
from deletion.plan import merkle, older, plan
from deletion.terms import canonical
from storage import Readable
from storage.tables import plan_rows
from storage.tables.plan_rows import PlanTargetRow

AT_ONCE = 500
"""Rows read at a time."""


@dataclass
class PlanRows:
    """What the rows of proposal ``number`` hold: ids by digest, the first title by revision; and what is wrong."""

    number: int
    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    first_titles: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def read(self, record: Readable, stored: Row) -> None:
        """Take up the rows of one stored plan; one of earlier versions has none."""
        revision = int(stored["revision"])
        header = _header(stored["plan"])
        if header is None:
            # What is stored is no plan at all, which is told of the plan itself.
            return
        rows_id = stored["rows_id"]
        if header.version < plan.VERSION:
            self.ids[header.digest] = tuple(each.target.id for each in header.entries)
            return
        if rows_id is None:
            self.findings += strays("plan_rows", [f"of revision {revision} of #{self.number}"], missing=True)
            return
        ids, tree = list[str](), merkle.Tree()
        for row in _every(record, rows_id, plan_rows.TARGET):
            if not ids:
                self.first_titles[revision] = row.title
            ids.append(row.target)
            tree.add(merkle.leaf(row.fields))
            self.findings += self._of_row(revision, row)
        self._root(revision, "targets", (header.count, header.root), tree)
        others = merkle.Tree()
        for row in _every(record, rows_id, plan_rows.LEFT_OUT):
            others.add(merkle.leaf(row.fields))
            self.findings += self._of_row(revision, row)
        self._root(revision, "left out", (header.left_out_count, header.left_out_root), others)
        self.ids[header.digest] = tuple(ids)

    def _of_row(self, revision: int, row: PlanTargetRow) -> Iterator[Finding]:
        what = "" if row.part == plan_rows.TARGET else "left out, "
        name = f"row {row.ord + 1} ({what}{shown(row.target)}) of revision {revision} of #{self.number}"
        if merkle.leaf(row.fields) != row.leaf:
            yield Mismatch("plan_rows", name, "fields", f"a text with the leaf hash {row.leaf}", shown(row.fields))
            return
        for column, said in _said(row).items():
            found = getattr(row, column)
            if found != said:
                yield Mismatch("plan_rows", name, column, shown(said), shown(found))

    def _root(self, revision: int, part: str, said: tuple[int, str], tree: merkle.Tree) -> None:
        count, root = said
        if (tree.size, tree.root()) != said:
            name = f"{part} of revision {revision} of #{self.number}"
            log, found = f"{count} rows with the root {root}", f"{tree.size} rows with the root {tree.root()}"
            self.findings.append(Mismatch("plan_rows", name, "leaf", log, found))


def read(record: Readable, number: int, plans: Sequence[Row]) -> PlanRows:
    """Read the rows of every plan of a proposal."""
    found = PlanRows(number)
    for stored in plans:
        found.read(record, stored)
    return found


def _header(text: object) -> plan.Plan | None:
    try:
        return older.parse(canonical.clean(str(text)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _said(row: PlanTargetRow) -> Mapping[str, str | int]:
    """Return what the columns beside the text say, as the text has it."""
    try:
        if row.part == plan_rows.LEFT_OUT:
            return {"target": plan.left_out(row.fields).name, "title": "", "warned": 0}
        entry = plan.entry(row.ord, row.fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"fields": "a row of a plan"}
    return {"target": entry.target.id, "title": entry.target.title, "warned": len(entry.warnings)}


def _every(record: Readable, rows_id: int, part: int) -> Iterator[PlanTargetRow]:
    at = 0
    while some := record.read(lambda tx, at=at: plan_rows.page(tx, rows_id, part, start=at, limit=AT_ONCE)):  # type: ignore[misc] # mypy cannot infer a lambda's default
        yield from some
        at += AT_ONCE
