"""What there is to show of a proposal, read in one snapshot, so that no message tells two stories."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from deletion.approval.ending import Ending
from deletion.approval.people import questions
from deletion.approval.people.questions import Question
from deletion.approval.proposal import proposer_of, subject_of
from deletion.approval.requests import again, asked, overlaps
from deletion.approval.requests.overlaps import Overlap
from deletion.approval.shown import digest_of
from deletion.audit import codec
from deletion.audit.events import Event
from deletion.audit.messages import audience, places
from deletion.audit.messages.audience import FileStands
from deletion.audit.messages.places import MessageKind
from deletion.collection import following
from deletion.collection.following import ReadingProgress
from deletion.execution import progress
from deletion.plan import cache, older
from deletion.plan.cache import PlanCache
from deletion.plan.plan import Entry, Plan
from deletion.plan.totals import Totals
from deletion.terms import canonical, ramp, vote_note
from deletion.terms.ids import NO_RECORD, Digest, RecordId
from deletion.terms.people import Actor
from deletion.terms.progress import NO_STRETCH, Progress, Stretch
from deletion.terms.ramp import Stage
from deletion.terms.requests.query import Query
from deletion.terms.requests.targets import Request, query_of, without_ids
from deletion.terms.results.causes import Halt
from deletion.terms.results.findings import Difference
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import OPEN, State
from storage import Tx
from storage.tables import anchor_losses, audit_log, freezes, items, outbox, proposals, revisions, votes
from storage.tables.audit_log import AuditRow
from storage.tables.freezes import FreezeRow
from storage.tables.items import ItemRow, ItemState
from storage.tables.proposals import ProposalRow
from storage.tables.revisions import PlanHead
from storage.tables.votes import VoteRow, VoteState

LISTED_AT_ONCE = 500
"""Entries of a list that are read at a time."""

SHOWN = 20
"""Items of a proposal that anything shows one by one."""


@dataclass(frozen=True)
class CardPlace:
    """Where a proposal's card is in Slack."""

    channel: str
    ts: str


class Stands:
    """How a proposal stands, as far as a glance tells it: whatever shows one is one of these.

    ``now_ms`` is when that is (UTC ms), ``tally`` how many of its items ended how, ``frozen`` the freeze that is
    open. ``lost``: the record does not lead to the newest head in the audit channel.
    """

    row: ProposalRow
    now_ms: int
    tally: Mapping[str, int]
    frozen: FreezeRow | None
    lost: bool

    @property
    def number(self) -> int:
        """Return what people call it by."""
        return self.row.id

    @property
    def state(self) -> State:
        """Return where it stands."""
        return State(self.row.state)

    @property
    def is_frozen(self) -> bool:
        """Say whether nothing of it may be deleted now, whatever people have approved."""
        return self.frozen is not None or self.lost

    @property
    def ending(self) -> Ending:
        """Return how it came to stand there."""
        return Ending.parse(self.row.state_note)

    @property
    def card(self) -> CardPlace | None:
        """Return where its card is, once it was posted."""
        return card_of(self.row)


@dataclass(frozen=True)
class ItemView:
    """One item: what it is called at VOD, the word for what became of it (None: nothing final yet), and why."""

    target: str
    outcome: Outcome | None
    note: ItemNote


@dataclass(frozen=True)
class OtherProposal:
    """A proposal that another one names: its number, and where its card is."""

    number: int
    card: CardPlace | None


@dataclass(frozen=True)
class ProposalView(Stands):
    """A proposal with everything a card says. ``plan`` is None before it was collected.

    ``request`` says level, options and query; ``asked`` is how many things it is about, 0 while nobody knows.

    ``items`` are only the first ones, ``troubled`` those that a result names first; ``tally`` counts all of them
    by outcome, ``waiting`` for those without one. ``record`` is the id of the record it is read from.
    ``card_trouble`` is what Slack said last to what is owed to the channel, while there is no card.
    ``overlaps`` are other open proposals about the same media, while it is open itself.
    ``lost``: the record does not lead to the newest head in the audit channel. ``again_of`` is the proposal whose
    rest this one is about, ``again`` the one that is about the rest of this one.
    ``lately`` is how far its deletion came in the last stretch.
    ``asked_digest`` names what was asked for, and ``reading`` is how far that was read, while it is being read.
    ``file`` is how it stands about the file under its card that people look at now: the list of its plan while they
    vote on it, what became of every item at the end; None where none was owed.
    ``questions`` are all that were asked about it.
    ``typed_from``: from so many items on approving opens a form; None where whoever shows it does not know.
    ``approvers`` are those who may approve by the rules of today (Slack user ids), empty where that is not known.
    """

    row: ProposalRow
    request: Request
    asked: int
    plan: Plan | None
    drift: tuple[Difference, ...]
    votes: tuple[VoteRow, ...]
    items: tuple[ItemView, ...]
    now_ms: int
    troubled: tuple[ItemView, ...] = ()
    tally: Mapping[str, int] = field(default_factory=dict)
    frozen: FreezeRow | None = None
    record: RecordId = NO_RECORD
    card_trouble: str | None = None
    overlaps: tuple[Overlap, ...] = ()
    lost: bool = False
    typed_from: int | None = None
    approvers: frozenset[str] = frozenset()
    again_of: OtherProposal | None = None
    again: OtherProposal | None = None
    lately: Stretch = NO_STRETCH
    asked_digest: Digest | None = None
    reading: ReadingProgress | None = None
    file: FileStands | None = None
    questions: tuple[Question, ...] = ()

    @property
    def asks_number(self) -> bool:
        """Say whether a click on Approve opens the form that asks for the number of items."""
        return self.typed_from is not None and self.plan is not None and self.plan.count >= self.typed_from

    @property
    def halt(self) -> Halt | None:
        """Return why its deletion was stopped under way, if it was."""
        return Halt.parse(self.row.halted) if self.row.halted is not None else None

    @property
    def proposer(self) -> Actor:
        """Return who made it."""
        return proposer_of(self.row)

    @property
    def audited(self) -> CardPlace | None:
        """Return where the audit channel shows it, once it does."""
        channel, ts = self.row.audit_channel, self.row.audit_ts
        return CardPlace(channel, ts) if channel and ts else None

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Return the Slack user ids of those whose approvals count, oldest first."""
        return tuple(vote.voter for vote in self.votes if vote.state is VoteState.COUNTED)

    @property
    def query(self) -> Query | None:
        """Return the query that found what it is about."""
        return query_of(self.request)

    @property
    def newcomers(self) -> int:
        """Return how many more things matched its query when the newest approval was counted."""
        counted = [vote for vote in self.votes if vote.state is VoteState.COUNTED]
        newest = max(counted, key=lambda vote: (vote.settled_ms or 0, vote.id), default=None)
        return vote_note.newcomers(newest.note) if newest else 0

    @property
    def being_counted(self) -> tuple[str, ...]:
        """Return the Slack user ids of those whose approvals are still to be counted, oldest first."""
        return tuple(vote.voter for vote in self.votes if vote.state is VoteState.CAST)

    def waits_for(self, user: str) -> bool:
        """Say whether it waits for a decision that this person has not made; that of its proposer is made."""
        decided = {self.row.proposer, *self.approved_by, *self.being_counted}
        return self.state is State.PENDING and user not in decided

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Return the questions that wait for an answer, while there is somebody to wait."""
        return tuple(each for each in self.questions if each.is_open) if self.state in OPEN else ()

    @property
    def comments(self) -> tuple[tuple[str, str], ...]:
        """Return what people say with approvals that stand, each with who (a Slack user id), oldest first."""
        live = (vote for vote in self.votes if vote.state is not VoteState.VOID)
        return tuple((vote.voter, vote.comment) for vote in live if vote.comment)

    def comment_with(self, vote_id: int | None) -> str:
        """Return what somebody says with one approval, '' for nothing."""
        return next((vote.comment or "" for vote in self.votes if vote.id == vote_id), "")

    @property
    def not_counting(self) -> tuple[str, ...]:
        """Return the Slack user ids of those who approved what is shown, and whose approvals do not count."""
        live = {vote.voter for vote in self.votes if vote.state is not VoteState.VOID}
        void = (vote.voter for vote in self.votes if vote.state is VoteState.VOID and vote.voter not in live)
        return tuple(dict.fromkeys(void))

    @property
    def progress(self) -> Progress:
        """Return how far its deletion is."""
        return progress.of(self.tally, self.lately)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Return the stages with which its deletion begins, up to the one it is in; () once it is past them."""
        return ramp.loads(self.row.ramp)[: self.row.ramp_stage + 1] if self.row.ramp_below is not None else ()


def proposal(
    tx: Tx, number: int, plans: PlanCache | None = None, *, also: Sequence[str] = (), buttons: bool = True
) -> ProposalView | None:
    """Return a proposal as it stands. Whoever shows one often keeps the plans it has read.

    ``also`` are targets that are named besides, so that the plan has them at hand. Without ``buttons`` what these
    would name is not worked out: what was asked for may be megabytes, of a long list that is still read.
    """
    row = proposals.get(tx, number)
    if row is None:
        return None
    drift = tuple(Difference(*each) for each in canonical.loads(revisions.drift_of(tx, number, row.revision)))
    troubled = items.troubled_first(tx, number, SHOWN) if row.state == State.FINISHED else ()
    named = (*also, *(each.target for each in troubled), *(each.target for each in drift[:SHOWN]))
    shown = (plans or PlanCache()).shown(tx, row, also=tuple(dict.fromkeys(named)))
    on_it = votes.of(tx, subject_of(number), *VoteState)
    request, count = (shown.request, shown.count) if shown else _asked(tx, row)
    text = proposals.request_of(tx, number) if buttons and row.state == State.COLLECTING else None
    reading = following.of(tx, number) if row.state == State.COLLECTING else None
    return ProposalView(
        row=row,
        request=without_ids(request),
        asked=count or following.named(reading),
        plan=shown,
        drift=drift,
        votes=tuple(vote for vote in on_it if vote.digest == row.digest),
        items=tuple(_item(each) for each in _first_items(tx, row, shown)),
        now_ms=tx.now_ms(),
        troubled=tuple(_item(each) for each in troubled),
        tally=items.tally(tx, number),
        frozen=freezes.current(tx),
        record=RecordId(audit_log.record_id(tx)),
        card_trouble=outbox.trouble_of(tx, places.APPROVALS) if row.card_ts is None else None,
        overlaps=overlaps.of(tx, number) if row.state == State.PENDING else (),
        lost=anchor_losses.current(tx) is not None,
        again_of=_other(proposals.get(tx, row.again_of)) if row.again_of is not None else None,
        again=_other(again.standing(tx, number)) if row.state == State.FINISHED else None,
        lately=progress.stretch_of(tx, row),
        asked_digest=digest_of(text) if text else None,
        reading=reading,
        file=_file(tx, row),
        questions=questions.of(tx, number),
    )


def _file(tx: Tx, row: ProposalRow) -> FileStands | None:
    match State(row.state):
        case State.PENDING:
            return audience.file_stands(tx, row.id, MessageKind.MANIFEST, revision=row.revision)
        case State.FINISHED:
            return audience.file_stands(tx, row.id, MessageKind.OUTCOMES)
        case _:
            return None


@dataclass(frozen=True)
class ToApprove:
    """What a person looks at once more before they approve: the plan, and what was asked about it."""

    plan: Plan
    questions: tuple[Question, ...]


def to_approve(tx: Tx, number: int, digest: str, plans: PlanCache) -> ToApprove | None:
    """Return what a proposal stands at, to be shown; None when its plan has another digest by now."""
    row = proposals.get(tx, number)
    plan = plans.shown(tx, row) if row is not None and row.digest == digest else None
    return ToApprove(plan, questions.of(tx, number)) if plan else None


def _first_items(tx: Tx, row: ProposalRow, shown: Plan | None) -> list[ItemRow]:
    first = [target.id for target in shown.first(SHOWN)] if shown else []
    return items.named(tx, row.id, first) if first else items.first(tx, row.id, SHOWN)


def _asked(tx: Tx, row: ProposalRow) -> tuple[Request, int]:
    found = asked.of(tx, row)
    return found.request, found.count


def _other(row: ProposalRow | None) -> OtherProposal | None:
    return OtherProposal(row.id, card_of(row)) if row else None


def _item(row: ItemRow) -> ItemView:
    final = Outcome(row.outcome) if row.state is ItemState.SETTLED and row.outcome else None
    return ItemView(row.target, final, ItemNote.parse(row.note))


def revision(tx: Tx, number: int, wanted: int) -> Plan | None:
    """Return one revision of a proposal's plan, as it is shown."""
    return cache.to_show(tx, number, wanted)


def entries(
    read: Callable[[Callable[[Tx], tuple[Entry, ...]]], tuple[Entry, ...]], number: int, wanted: int
) -> Iterator[Entry]:
    """Yield every entry of one revision of a plan; ``read`` reads the record, a snapshot for each page.

    A plan that is stored does not change any more, so the pages fit together.
    """
    start = 0
    while some := read(lambda tx, start=start: cache.page(tx, number, wanted, start=start, limit=LISTED_AT_ONCE)):  # type: ignore[misc] # mypy cannot infer a lambda's default
        yield from some
        start += LISTED_AT_ONCE


@dataclass(frozen=True)
class Planned:
    """What the plan of a proposal amounts to: how many targets, what of them, and the first one's title."""

    count: int
    totals: Totals
    first_title: str


def planned(tx: Tx, row: ProposalRow) -> Planned | None:
    """Return what the current plan amounts to, without its rows; one stored without that is read for it."""
    found = revisions.head_of_plan(tx, row.id, row.revision) if row.revision else None
    if found is not None:
        return Planned(found.targets, _totals(found), found.first_title)
    shown = revision(tx, row.id, row.revision) if row.revision else None
    return Planned(shown.count, shown.totals, shown.entries[0].target.title) if shown else None


def _totals(found: PlanHead) -> Totals:
    """Return what a plan amounts to; of one that is long or not readable, at least the bytes stored with it."""
    try:
        return older.parse(found.header).totals
    except canonical.MALFORMED:
        return Totals(bytes=found.bytes, sizes_untold=1)


def card_of(row: ProposalRow) -> CardPlace | None:
    """Return where a proposal's card is, once it was posted."""
    return CardPlace(row.card_channel, row.card_ts) if row.card_channel and row.card_ts else None


def events(tx: Tx, first: int, last: int) -> list[AuditRow]:
    """Return a stretch of the audit log."""
    return audit_log.between(tx, first, last)


def event(tx: Tx, seq: int) -> Event | None:
    """Return one event of the audit log."""
    found = audit_log.between(tx, seq, seq)
    return codec.decode(found[0].payload) if found else None
