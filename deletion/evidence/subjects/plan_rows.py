"""The rows of a proposal's plans: each compared with its own hash, and all of them with the root in the header.

Rows of a set that is no plan's are compared with nothing. Nobody is shown them; who goes on with a reading takes
them up, and what becomes of them is shown, and compared with VOD again at each approval.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from deletion.evidence.claims import Finding, Mismatch, Row, shown, strays
from deletion.plan import merkle, older, plan
from deletion.terms import canonical
from storage import Readable, Tx
from storage.tables import as_stored, plan_rows
from storage.tables.plan_rows import PlanTargetRow

AT_ONCE = 500
"""Rows read at a time."""

NAMED = 200
"""Findings about one plan that are kept; of more, these say enough."""

_PARTS = {plan_rows.TARGET: "targets", plan_rows.LEFT_OUT: "left out"}
"""The parts that the rows of a stored plan have."""


@dataclass
class PlanRows:
    """What the rows of proposal ``number`` hold: ids by digest, the first title by revision; and what is wrong."""

    number: int
    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    first_titles: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def read(self, record: Readable, stored: Row) -> None:
        """Take up the rows of one stored plan; one of earlier versions has none."""
        revision, rows_id = int(stored["revision"]), stored["rows_id"]
        header = _header(stored["plan"])
        if header is None:
            # What is stored is no plan at all, which is told of the plan itself.
            return
        name = f"revision {revision} of #{self.number}"
        if header.version < plan.VERSION:
            self.ids[header.digest] = tuple(each.target.id for each in header.entries)
            if rows_id is not None:
                self.findings.append(Mismatch("plans", name, "rows_id", shown(None), shown(rows_id)))
            return
        if rows_id is None:
            self.findings += strays("plan_rows", [f"of {name}"], missing=True)
            return
        read = _SetOfRows(record, rows_id, name)
        targets = read.part(plan_rows.TARGET, header.count, header.root)
        read.part(plan_rows.LEFT_OUT, header.left_out_count, header.left_out_root)
        read.others()
        self.findings += read.findings
        self.ids[header.digest] = targets.ids
        if targets.ids:
            self.first_titles[revision] = targets.first_title


@dataclass(frozen=True)
class _Targets:
    ids: tuple[str, ...]
    first_title: str


@dataclass
class _SetOfRows:
    """One set of rows, part by part; ``name`` is that of its plan."""

    record: Readable
    rows_id: int
    name: str
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts = self.record.read(lambda tx: as_stored.parts(tx, self.rows_id))

    def part(self, part: int, count: int, root: str) -> _Targets:
        """Compare a part with what the header says of it."""
        ids, tree, first_title = list[str](), merkle.Tree(), ""
        for row in self._rows(part):
            if not 0 <= row.ord < count:
                self._note(strays("plan_rows", [self._row_name(row)], missing=False))
                continue
            if not ids:
                first_title = row.title
            ids.append(row.target)
            tree.add(merkle.leaf(row.fields))
            self._note(self._of_row(row))
        name = f"{_PARTS[part]} of {self.name}"
        said, found = (count, 0, count - 1), self.parts.get(part, (0, 0, -1))
        if found != said:
            self._note([Mismatch("plan_rows", name, "ord", _places(said), _places(found))])
        if (tree.size, tree.root()) != (count, root):
            log, table = f"{count} rows with the root {root}", f"{tree.size} rows with the root {tree.root()}"
            self._note([Mismatch("plan_rows", name, "leaf", log, table)])
        return _Targets(tuple(ids), first_title)

    def others(self) -> None:
        """Name the rows of parts that no plan has."""
        for part in self.parts.keys() - _PARTS.keys():
            for row in self._rows(part):
                if not self._note(strays("plan_rows", [self._row_name(row)], missing=False)):
                    return

    def _rows(self, part: int) -> Iterator[PlanTargetRow]:
        return as_stored.rows_of_part(self.record, self.rows_id, part, at_once=AT_ONCE)

    def _note(self, findings: Iterable[Finding]) -> bool:
        """Keep findings; False when there are so many that more say nothing."""
        if len(self.findings) < NAMED:
            self.findings += findings
        return len(self.findings) < NAMED

    def _row_name(self, row: PlanTargetRow) -> str:
        part = {plan_rows.TARGET: "", plan_rows.LEFT_OUT: "left out, "}.get(row.part, f"part {row.part}, ")
        return f"row {row.ord + 1} ({part}{shown(row.target)}) of {self.name}"

    def _of_row(self, row: PlanTargetRow) -> Iterator[Finding]:
        name = self._row_name(row)
        if merkle.leaf(row.fields) != row.leaf:
            yield Mismatch("plan_rows", name, "fields", f"a text with the leaf hash {row.leaf}", shown(row.fields))
            return
        for column, said in _said(row).items():
            found = getattr(row, column)
            if found != said:
                yield Mismatch("plan_rows", name, column, shown(said), shown(found))


def read(record: Readable, number: int, plans: Sequence[Row]) -> PlanRows:
    """Read the rows of every plan of a proposal."""
    found = PlanRows(number)
    for stored in plans:
        found.read(record, stored)
    return found


def shared(tx: Tx) -> Iterator[Finding]:
    """Name each plan whose rows another one has too: every plan is stored with a set of its own."""
    for row in as_stored.shared_sets(tx, NAMED):
        name = f"revision {row['revision']} of #{row['proposal_id']}"
        yield Mismatch("plans", name, "rows_id", "a set of its own", f"{row['rows_id']}, which another plan has")


def _header(text: object) -> plan.Plan | None:
    try:
        found = older.parse(canonical.clean(str(text)))
    except canonical.MALFORMED:
        return None
    return found if type(found.count) is type(found.left_out_count) is int else None


def _said(row: PlanTargetRow) -> Mapping[str, str | int]:
    """Return what the columns beside the text say, as the text has it."""
    try:
        if row.part == plan_rows.LEFT_OUT:
            return {"target": plan.left_out(row.fields).name, "title": "", "warned": 0}
        entry = plan.entry(row.ord, row.fields)
    except canonical.MALFORMED:
        return {"fields": "a row of a plan"}
    return {"target": entry.target.id, "title": entry.target.title, "warned": len(entry.warnings)}


def _places(found: tuple[int, int, int]) -> str:
    count, first, last = found
    return f"{count} rows, from {first + 1} to {last + 1}" if count else "no rows"
