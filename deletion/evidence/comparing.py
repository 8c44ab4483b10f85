"""The tables compared with the log: one subject at a time, each in one snapshot; the bot may go on meanwhile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deletion.audit import codec
from deletion.audit.chain import Violation
from deletion.audit.events import Event, UnknownEvent
from deletion.evidence.claims import Finding, Row
from deletion.evidence.replay import Freezes, Lawful
from deletion.evidence.subjects import plan_rows
from deletion.evidence.subjects.freezes import Freeze
from deletion.evidence.subjects.losses import Loss
from deletion.evidence.subjects.posted import Posted, Table, reported
from deletion.evidence.subjects.proposals import Proposal, Stored
from deletion.evidence.subjects.votes import Votes
from deletion.terms.ids import ANCHOR, FREEZE, PROPOSAL, Ref, SubjectKind
from storage import Readable, Tx
from storage.tables import as_stored, audit_log
from storage.tables.audit_log import AuditRow

AT_ONCE = 1_000
"""Messages of the outbox that are looked at together."""


@dataclass
class Walked:
    """What a walk along the log leaves to be compared: its subjects, when everything was frozen, heads posted."""

    subjects: set[Ref] = field(default_factory=set)
    frozen: Freezes = field(default_factory=Freezes)
    posted: Posted = field(default_factory=Posted)
    events: int = 0
    _last: str = ""

    def along(self, rows: Iterable[AuditRow]) -> Iterator[AuditRow]:
        """Pass the log on, event by event, and note what is in it."""
        for row in rows:
            yield row
            # Whoever asked for the next one has found nothing wrong with this one.
            if row.ref != self._last:
                self._last = row.ref
                about = Ref.parse(row.ref)
                if about.number is not None:
                    self.subjects.add(about)
            if row.action.startswith(("freeze.", "anchor.")):
                self.frozen.follow(row.seq, codec.decode(row.payload))
            self.posted.take_event(row.payload)
            self.events += 1


def violations(record: Readable, walked: Walked, before: Table) -> Iterator[Violation]:
    """Compare every table that people or the program believe with the log that was walked along."""
    subjects = walked.subjects | record.read(_in_tables)
    losses = [each.number or 0 for each in subjects if each.kind == ANCHOR]
    for about in sorted(subjects, key=lambda each: (each.kind, each.number or 0)):
        if about.kind == ANCHOR:
            yield from _of_loss(record, about, is_followed=max(losses) != about.number)
        else:
            yield from _of_subject(record, about, walked.frozen)
    yield from map(_violation, record.read(lambda tx: list(plan_rows.shared(tx))))
    yield from map(_violation, _posted(record, walked.posted, before))


def anchored(tx: Tx) -> Table:
    """Return the anchors, how far the log was told, and the record's own id."""
    head = as_stored.head(tx)
    return Table({row["seq"]: row for row in as_stored.anchors(tx)}, head.get("posted_seq"), head.get("record_id"))


def _of_subject(record: Readable, about: Ref, frozen: Freezes) -> Iterator[Violation]:
    number = about.number or 0
    match about.kind:
        case kind if kind == PROPOSAL:
            yield from _of_proposal(record, number, frozen)
        case kind if kind == FREEZE:
            rows, stored, cast = record.read(
                lambda tx: (
                    as_stored.events_about(tx, str(about)),
                    as_stored.freeze(tx, number),
                    as_stored.votes_on(tx, FREEZE, number),
                )
            )
            freeze = Freeze(number)
            for row, event in _decoded(rows):
                freeze.follow(row.action, event)
            yield from map(_violation, freeze.findings(stored, cast))
        case kind:
            rows, cast = record.read(
                lambda tx: (as_stored.events_about(tx, str(about)), as_stored.votes_on(tx, kind, number))
            )
            votes = Votes(about)
            for row, event in _decoded(rows):
                votes.follow(row.action, event)
            yield from map(_violation, votes.findings(cast))


def _of_loss(record: Readable, about: Ref, *, is_followed: bool) -> Iterator[Violation]:
    number = about.number or 0
    rows, stored, cast = record.read(
        lambda tx: (
            as_stored.events_about(tx, str(about)),
            as_stored.loss(tx, number),
            as_stored.votes_on(tx, ANCHOR, number),
        )
    )
    loss = Loss(number, is_followed)
    for row, event in _decoded(rows):
        loss.follow(row.action, event)
    yield from map(_violation, loss.findings(stored, cast))


def _of_proposal(record: Readable, number: int, frozen: Freezes) -> Iterator[Violation]:
    about = str(Ref(PROPOSAL, number))
    rows, found, cast = record.read(
        lambda tx: (
            as_stored.events_about(tx, about),
            as_stored.of_proposal(tx, number),
            as_stored.votes_on(tx, PROPOSAL, number),
        )
    )
    planned = plan_rows.read(record, number, found["plans"])
    lawful, proposal, unread = Lawful(frozen, planned.ids), Proposal(number, rows=planned), False
    for row, event in _decoded(rows):
        yield from lawful.follow(row, event)
        proposal.follow(row.action, event)
        unread = unread or _cannot_be_read(event)
    yield from lawful.journal_violations(found["calls"])
    if not unread:
        yield from map(_violation, proposal.findings(Stored(**found, votes=cast)))


def _cannot_be_read(event: Event) -> bool:
    """Say whether something happened that is known by its name only: what follows from it is not known then."""
    return isinstance(event, UnknownEvent) and codec.is_known(event.named)


def _decoded(rows: Iterable[AuditRow]) -> Iterator[tuple[AuditRow, Event]]:
    return ((row, codec.decode(row.payload)) for row in rows)


def _posted(record: Readable, posted: Posted, before: Table) -> Iterator[Finding]:
    until = record.read(as_stored.last_message)
    page: list[Row] = []
    for message in as_stored.messages(record, until=until):
        page.append(message)
        if len(page) == AT_ONCE:
            _take_messages(record, posted, page)
            page = []
    _take_messages(record, posted, page)
    yield from posted.findings(before, record.read(anchored))


def _take_messages(record: Readable, posted: Posted, page: list[Row]) -> None:
    told = sorted(set(reported(page)))
    rows = record.read(lambda tx: audit_log.refs_of(tx, told)) if told else {}
    for message in page:
        posted.take_message(message, rows)


def _in_tables(tx: Tx) -> set[Ref]:
    found = {Ref(PROPOSAL, number) for number in as_stored.proposals_named(tx)}
    found |= {Ref(FREEZE, number) for number in as_stored.freezes_named(tx)}
    found |= {Ref(ANCHOR, number) for number in as_stored.losses_named(tx)}
    return found | {Ref(SubjectKind(kind), number) for kind, number in as_stored.subjects_of_votes(tx)}


def _violation(finding: Finding) -> Violation:
    return Violation(0, str(finding))
