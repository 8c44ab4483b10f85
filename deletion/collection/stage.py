"""Reading everything that a plan is to hold, into rows that survive whoever reads: the next one goes on from there.

The rows of a list are written as they are read, some at a time, each time only by who holds the job. At the end the
header over them is made; it becomes a plan only with that. Parts of one video are few: they are read in one go.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import vod
from deletion.collection import rows
from deletion.jobs.context import Context
from deletion.jobs.leases import Keeper, LeaseLostError, NotWantedError
from deletion.plan import merkle, plan
from deletion.plan.facts import StreamFact, sound_stream
from deletion.plan.library.reading import Reading, sendable
from deletion.plan.plan import LEFT_OUT_KEPT, Entry, Header, Plan, Whole
from deletion.plan.totals import Totalling
from deletion.plan.warnings import Titles, warnings_for
from deletion.terms import canonical
from deletion.terms.place import Place
from deletion.terms.requests.targets import (
    BATCH,
    Request,
    Streams,
    kind_of,
    media_of,
    to_json,
    with_ids,
    without_ids,
)
from deletion.terms.results.findings import LeftOutItem, ProblemFound
from storage import Tx
from storage.tables import jobs, plan_rows
from storage.tables.jobs import JobRow
from storage.tables.plan_rows import PlanTargetRow, RowSet

WRITTEN_AT_ONCE = 200
"""Rows written in one transaction; a list that is no longer is written only when it becomes a plan."""

WRITTEN_AFTER_MS = 5_000
"""After so long fewer rows are written: how far a slow reading is, is to be known, and nothing read twice."""

NAMED_AT_ONCE = 5_000
"""Ids that are kept in one transaction."""

LOOKED_AT = 500
"""Rows looked at in one transaction."""

STALE_MS = 15 * 60_000
"""After so long what was read of a list is read anew rather than gone on with."""

Names = Callable[[Tx, int, int], Sequence[str]]
"""The things to be read, in order: (transaction, start, how many)."""


class MixedReadingError(Exception):
    """The rows read are not those of one list; they were thrown away."""


@dataclass(frozen=True)
class Staged:
    """What was read, with the header over it, and ``problems`` that spoil the request.

    Of a long list the rows are in the record already (``rows_id``), else they are in hand (``whole``). ``left_out``
    are the first of what is not among them.
    """

    job: JobRow
    lease_ms: int
    header: Header
    rows_id: int | None = None
    whole: Whole | None = None
    left_out: tuple[LeftOutItem, ...] = ()
    problems: tuple[ProblemFound, ...] = ()

    def store(self, tx: Tx) -> int:
        """Store what is not stored yet and return the set of rows; LeaseLostError when others read by now."""
        hold(tx, self.job, self.lease_ms)
        if self.rows_id is not None:
            hold_rows(tx, self.job, self.rows_id)
            return self.rows_id
        rows_id = plan_rows.open_set(tx, self.job.kind, self.job.ref, place=self.header.place.text()).id
        plan_rows.clear(tx, rows_id)
        if self.whole is not None:
            plan_rows.add(tx, rows_id, [rows.of_entry(each) for each in self.whole.entries])
            plan_rows.add(tx, rows_id, [rows.of_left_out(*each) for each in enumerate(self.whole.left_out)])
        return rows_id

    @property
    def media(self) -> frozenset[str]:
        """Return the videos and images that what is in hand is about."""
        ids = tuple(each.target.id for each in (self.whole.entries if self.whole else ()))
        return media_of(with_ids(self.header.request, ids))

    @property
    def plan(self) -> Plan:
        """Return the plan that it would be."""
        return plan.of_header(self.header).leaving_out(self.left_out)


@dataclass
class Stage:
    """One reading by a job. ``check`` looks at each part (ids, what VOD said) before it is kept, and may raise.

    ``shown`` returns which of some ids were shown before: they are kept even if no call could name them any more.
    ``wanted`` is asked before each batch whether to go on; NotWantedError when it says no. ``kept`` is told of a
    long list, in the transaction that keeps some of it, how many of how many were read.
    """

    ctx: Context
    job: JobRow
    request: Request
    here: Place
    check: Callable[[Sequence[str], Reading], None] = lambda _, __: None
    shown: Callable[[Sequence[str]], frozenset[str]] = lambda _: frozenset()
    wanted: Callable[[Tx], bool] = lambda _: True
    kept: Callable[[Tx, int, int], None] = lambda _, __, ___: None
    _rows: RowSet = field(init=False)

    def read_list(self, names: Names, count: int) -> Staged:
        """Read things named one by one, ``count`` in all; go on where somebody stopped who read the same list."""
        if count <= WRITTEN_AT_ONCE:
            with closing(self._chunks(names, 0, count)) as chunks:
                return self._in_hand([reading for _, reading in chunks])
        rows.drop_unused(self.ctx, self._keeper())
        self._open(self._asked(names, count))
        targets, others = self._counts()
        self._keep((), targets, others, count)
        kept_ms = self.ctx.monotonic_ms()
        with closing(self._chunks(names, targets + others, count)) as chunks:
            some: list[tuple[Sequence[str], Reading]] = []
            try:
                for chunk in chunks:
                    some.append(chunk)
                    is_late = self.ctx.monotonic_ms() - kept_ms >= WRITTEN_AFTER_MS
                    if is_late or sum(len(ids) for ids, _ in some) >= WRITTEN_AT_ONCE:
                        targets, others = self._keep(some, targets, others, count)
                        some, kept_ms = [], self.ctx.monotonic_ms()
            except vod.VodError:
                # Or a VOD that answers now and then would be asked for the same again and again.
                self._keep(some, targets, others, count)
                raise
            self._keep(some, targets, others, count)
        return self._finish(count)

    def named_before(self) -> Sequence[str] | None:
        """Return what was named for this reading before, if it was named whole."""
        job, where = self.job, self.here.text()
        return self.ctx.database.read(lambda tx: plan_rows.named_before(tx, job.kind, job.ref, place=where))

    def name(self, ids: Sequence[str]) -> None:
        """Keep what a long list names, found once for all: whoever takes it over goes on with the same."""
        if len(ids) <= WRITTEN_AT_ONCE:
            return
        self._begin_anew()
        rows_id = self._rows.id
        for start in range(0, len(ids), NAMED_AT_ONCE):
            some = ids[start : start + NAMED_AT_ONCE]
            self.ctx.database.write(lambda tx, start=start, some=some: self._name(tx, rows_id, start, some))  # type: ignore[misc] # mypy cannot infer a lambda's default
        self.ctx.database.write(lambda tx: self._end_naming(tx, rows_id, len(ids)))

    def _end_naming(self, tx: Tx, rows_id: int, count: int) -> None:
        self._hold(tx)
        plan_rows.end_naming(tx, rows_id, count)

    def _name(self, tx: Tx, rows_id: int, start: int, ids: Sequence[str]) -> None:
        self._hold(tx)
        plan_rows.name(tx, rows_id, start, ids)

    def read_whole(self) -> Staged:
        """Read parts of one video."""
        reading = self.ctx.reader.read(self.request)
        self.check((), reading)
        fit = sendable(self.request, reading, shown=self.shown([each.id for each in reading.targets]))
        return replace(self._in_hand([fit]), problems=reading.problems)

    def _in_hand(self, readings: Sequence[Reading]) -> Staged:
        """Take up all of a few things without writing anything down yet."""
        entries, titles = list[Entry](), Titles(self.request)
        for reading in readings:
            entries += self._entries(reading, len(entries))
        for each in entries:
            titles.add(each.target.title)
        others = tuple(item for reading in readings for item in reading.left_out)
        whole = plan.of_entries(
            self.here,
            self.request,
            [rows.with_same_title(each, titles) for each in entries],
            others,
            stays=self._stays(readings, entries),
        )
        return Staged(
            self.job, self.ctx.lease_ms, whole.header, whole=whole, left_out=whole.left_out[:LEFT_OUT_KEPT]
        )

    def _stays(self, readings: Sequence[Reading], entries: Sequence[Entry]) -> tuple[StreamFact, ...] | None:
        """Return the streams of a video that are left when some of them go; None of anything else."""
        if not isinstance(self.request, Streams):
            return None
        going = {stream.job_id for each in entries for stream in each.target.streams}
        every = (stream for reading in readings for found in reading.siblings.values() for stream in found)
        left = (sound_stream(each) for each in every if each.job_id not in going)
        return tuple(sorted(left, key=lambda each: each.job_id))

    def _asked(self, names: Names, count: int) -> str:
        """Return a digest of what is to be read: request, and every name in its order."""
        made, keep = hashlib.sha256(canonical.dumps(to_json(without_ids(self.request))).encode()), self._keeper()
        for at in range(0, count, LOOKED_AT):
            keep()
            some = self.ctx.database.read(lambda tx, at=at: names(tx, at, min(LOOKED_AT, count - at)))  # type: ignore[misc] # mypy cannot infer a lambda's default
            made.update(canonical.dumps(list(some)).encode())
        return made.hexdigest()

    def _open(self, asked: str) -> None:
        """Take up the rows that were read before, unless others were read, elsewhere, or too long ago."""
        ctx, job, where = self.ctx, self.job, self.here.text()
        self._rows = ctx.database.write(lambda tx: plan_rows.open_set(tx, job.kind, job.ref, place=where))
        is_stale = self._rows.place != where or ctx.database.now_ms() - self._rows.created_ms > STALE_MS
        is_other = self._rows.asked is None and sum(self._counts()) > 0
        if is_stale or is_other or self._rows.asked not in {None, asked}:
            self._begin_anew()
        if self._rows.asked is None:
            ctx.database.write(lambda tx: self._put_asked(tx, asked))

    def _put_asked(self, tx: Tx, asked: str) -> None:
        self._hold(tx)
        plan_rows.put_asked(tx, self._rows.id, asked)

    def _begin_anew(self) -> None:
        ctx, job, where = self.ctx, self.job, self.here.text()
        self._rows = ctx.database.write(lambda tx: plan_rows.open_set(tx, job.kind, job.ref, place=where))
        rows.drop(ctx, self._rows.id, hold=self._hold)
        self._rows = ctx.database.write(lambda tx: plan_rows.open_set(tx, job.kind, job.ref, place=where))

    def _counts(self) -> tuple[int, int]:
        rows_id = self._rows.id
        return self.ctx.database.read(
            lambda tx: (
                plan_rows.count(tx, rows_id, plan_rows.TARGET),
                plan_rows.count(tx, rows_id, plan_rows.LEFT_OUT),
            )
        )

    def _chunks(self, names: Names, start: int, count: int) -> Generator[tuple[Sequence[str], Reading]]:
        """Yield what VOD says of each batch, in order, while the next ones are read."""
        keep, readers = self._keeper(), self.ctx.readers
        if readers == 1:
            for ids in self._batches(names, start, count):
                keep()
                yield ids, self._read(ids)
            return
        with ThreadPoolExecutor(readers, thread_name_prefix="reading") as pool:
            under_way: deque[tuple[Sequence[str], Future[Reading]]] = deque()
            try:
                for ids in self._batches(names, start, count):
                    under_way.append((ids, pool.submit(self._read, ids)))
                    if len(under_way) > readers:
                        yield self._arrived(under_way.popleft(), keep)
                while under_way:
                    yield self._arrived(under_way.popleft(), keep)
            finally:
                for _, found in under_way:
                    found.cancel()

    def _arrived(
        self, awaited: tuple[Sequence[str], Future[Reading]], keep: Keeper
    ) -> tuple[Sequence[str], Reading]:
        """Wait for a batch, however long VOD takes, and hold on to the job meanwhile."""
        ids, found = awaited
        while True:
            keep()
            try:
                return ids, found.result(timeout=self.ctx.lease_ms / 3_000)
            except TimeoutError:
                if found.done():
                    # It arrived just now, or failed; a time-out of its own is raised as that.
                    return ids, found.result()

    def _batches(self, names: Names, start: int, count: int) -> Iterator[Sequence[str]]:
        for at in range(start, count, LOOKED_AT):
            some = self.ctx.database.read(lambda tx, at=at: names(tx, at, min(LOOKED_AT, count - at)))  # type: ignore[misc] # mypy cannot infer a lambda's default
            for first in range(0, len(some), BATCH):
                yield some[first : first + BATCH]

    def _read(self, ids: Sequence[str]) -> Reading:
        request = with_ids(self.request, tuple(ids))
        reading = self.ctx.reader.read(request)
        self.check(ids, reading)
        return sendable(request, reading, shown=self.shown(ids))

    def _keep(
        self, some: Sequence[tuple[Sequence[str], Reading]], targets: int, others: int, count: int
    ) -> tuple[int, int]:
        """Write some of ``count`` things, and return how many targets and other things there are by now."""
        made: list[PlanTargetRow] = []
        for _, reading in some:
            for entry in self._entries(reading, targets):
                made.append(rows.of_entry(entry))
                targets += 1
            for item in reading.left_out:
                made.append(rows.of_left_out(others, item))
                others += 1
        rows_id = self._rows.id

        def write(tx: Tx) -> None:
            self._hold(tx)
            plan_rows.add(tx, rows_id, made)
            self.kept(tx, targets + others, count)

        self.ctx.database.write(write)
        return targets, others

    def _entries(self, reading: Reading, place: int) -> Iterator[Entry]:
        now = datetime.fromtimestamp(self.ctx.database.now_ms() / 1000, tz=UTC)
        found = warnings_for(
            self.request, reading.targets, now=now, not_writable=reading.not_writable, siblings=reading.siblings
        )
        for at, target in enumerate(reading.targets, place):
            yield Entry(at, target, tuple(warn for warn, name in found if name == target.id))

    def hold(self, tx: Tx) -> None:
        """Hold on to the job; LeaseLostError when somebody else reads by now, NotWantedError when nobody is to."""
        hold(tx, self.job, self.ctx.lease_ms)
        if not self.wanted(tx):
            raise NotWantedError

    def _hold(self, tx: Tx) -> None:
        """Hold on to the job, and to the rows that it writes."""
        self.hold(tx)
        hold_rows(tx, self.job, self._rows.id)

    def _keeper(self) -> Keeper:
        return Keeper(self.ctx, self.job, self.wanted)

    def _finish(self, count: int) -> Staged:
        """Warn of titles that are the same, and make the header."""
        rows.forget_names(self.ctx, self._rows.id, hold=self._hold)
        self._refuse_mixed(count)
        titles = self._titles()
        tree, totalling = merkle.Tree(), Totalling(kind_of(self.request))
        for page in self._pages(plan_rows.TARGET):
            changed = []
            for row in page:
                entry = plan.entry(row.ord, row.fields)
                warned = rows.with_same_title(entry, titles)
                kept = row if warned is entry else rows.of_entry(warned)
                if kept is not row:
                    changed.append(kept)
                tree.add(kept.leaf)
                totalling.add(warned.target, warned.warnings)
            self._rewrite(changed)
        others, left_out = merkle.Tree(), list[LeftOutItem]()
        for page in self._pages(plan_rows.LEFT_OUT):
            for row in page:
                others.add(row.leaf)
                if len(left_out) < LEFT_OUT_KEPT:
                    left_out.append(plan.left_out(row.fields))
        header = Header(
            self.here, self.request, tree.size, tree.root(), totalling.totals(), others.size, others.root()
        )
        return Staged(self.job, self.ctx.lease_ms, header, rows_id=self._rows.id, left_out=tuple(left_out))

    def _refuse_mixed(self, count: int) -> None:
        """Begin anew, at the next attempt, with rows that are not of the whole list, each thing once."""
        rows_id, (targets, others) = self._rows.id, self._counts()
        if targets + others == count and targets == self.ctx.database.read(
            lambda tx: plan_rows.count_distinct(tx, rows_id)
        ):
            return
        self._begin_anew()
        raise MixedReadingError(f"{targets} and {others} rows were read of {count} things")

    def _titles(self) -> Titles:
        titles, rows_id, at, keep = Titles(self.request), self._rows.id, 0, self._keeper()
        while some := self.ctx.database.read(
            lambda tx, at=at: plan_rows.targets(tx, rows_id, start=at, limit=LOOKED_AT)  # type: ignore[misc] # as above
        ):
            keep()
            for _, title in some:
                titles.add(title)
            at += LOOKED_AT
        return titles

    def _pages(self, part: int) -> Iterator[list[PlanTargetRow]]:
        rows_id, at, keep = self._rows.id, 0, self._keeper()
        while some := self.ctx.database.read(
            lambda tx, at=at: plan_rows.page(tx, rows_id, part, start=at, limit=LOOKED_AT)  # type: ignore[misc] # as above
        ):
            keep()
            yield some
            at += LOOKED_AT

    def _rewrite(self, changed: Sequence[PlanTargetRow]) -> None:
        rows_id = self._rows.id

        def write(tx: Tx) -> None:
            self._hold(tx)
            plan_rows.rewrite(tx, rows_id, changed)

        self.ctx.database.write(write)


def hold(tx: Tx, job: JobRow, lease_ms: int) -> None:
    """Hold on to a job for ``lease_ms`` more; LeaseLostError when it is somebody else's by now."""
    if not jobs.renew(tx, job, lease_ms=tx.now_ms() + lease_ms):
        raise LeaseLostError


def hold_rows(tx: Tx, job: JobRow, rows_id: int) -> None:
    """Raise LeaseLostError unless a set of rows is still the one that this job writes."""
    if not plan_rows.is_set_of(tx, rows_id, job.kind, job.ref):
        raise LeaseLostError


def in_order(ids: Sequence[str]) -> Names:
    """Return the names of things in hand."""
    return lambda _, start, limit: ids[start : start + limit]
