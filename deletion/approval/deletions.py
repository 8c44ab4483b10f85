"""A deletion as a subject of approval: assets are read again before a vote counts; the quorum opens the hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import vod
from deletion.approval.ending import NO_ENDING
from deletion.approval.holds import holding
from deletion.approval.proposal import (
    SlackAction,
    close,
    proposer_of,
    refuse_unless_in,
    replayed,
    subject_of,
    transition,
    void_votes,
)
from deletion.approval.refusing import refuse
from deletion.approval.requests import collecting
from deletion.approval.requests.asking_again import Asked, ask_again, unmatched
from deletion.approval.shown import Shown
from deletion.approval.voting import PostponedError, void
from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages import audience
from deletion.audit.messages.audience import LISTED_ON_CARD, ReplyTo
from deletion.audit.notices import VoteWaits
from deletion.audit.record import record
from deletion.collection.changes import Changes, found
from deletion.collection.stage import Stage, Staged, in_order
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Context
from deletion.jobs.leases import Keeper
from deletion.plan import cache
from deletion.plan.library.reading import Reading, reading_fault
from deletion.plan.plan import VERSION, Plan
from deletion.policy import decisions
from deletion.policy.quorum import Entitled, Quorum
from deletion.terms import canonical, states
from deletion.terms.ids import PROPOSAL, Digest, ProposalNumber, Ref, SubjectKind, VoteId, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.place import Place
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.results.faults import VodFault
from deletion.terms.states import State
from storage import Tx
from storage.tables import audit_log, jobs, proposals, revisions, votes
from storage.tables.jobs import JobRow
from storage.tables.proposals import ProposalRow, Stamp
from storage.tables.votes import VoteRow, VoteState

NOT_SHOWN = "NotShown"
"""The code of a reading that hides something which was shown before, without saying that it is gone."""


@dataclass(frozen=True)
class Reread:
    """What reading the assets again came to: the new plan if they are not as they were shown, and what changed.

    ``elsewhere``: why nothing was read, because the plan was made for another place than the program works in now,
    or why nothing of what was read can be approved. ``newcomers`` match the query and are not in the plan.
    """

    fresh: Staged | None = None
    changes: Changes = field(default_factory=Changes)
    elsewhere: Refusal | None = None
    newcomers: int = 0


class _HiddenError(Exception):
    """VOD does not show something that was shown before, and does not say that it is gone."""


@dataclass
class Deletion:
    """One proposal that people approve."""

    row: ProposalRow
    _counted: int | None = field(default=None, init=False, repr=False)

    @property
    def ref(self) -> Ref:
        """Return how the log names it."""
        return proposal_ref(self.row.id)

    def refuses(
        self, tx: Tx, config: Config, actor: Actor, digest: str, *, typed: int | None = None
    ) -> Refusal | None:
        """Say why a vote by this person on this digest, with this number typed, is not cast or counted, or None."""
        refusal = refuse_unless_in(self.row, self.row.id, State.PENDING)
        entitled = refusal or self.entitles(config, actor)
        if isinstance(entitled, Refusal):
            return entitled
        standing = self._stands(tx, digest) or self._in_time(tx) or self._shown_whole(tx)
        return standing or self._typed_right(tx, config, typed)

    def asks_number(self, tx: Tx, config: Config) -> bool:
        """Say whether approving it takes typing how many items it deletes."""
        return decisions.asks_number(config.policy, self._count(tx))

    def entitles(self, config: Config, actor: Actor) -> Entitled | Refusal:
        """Say by which rule this person may approve, or why not."""
        return decisions.may_approve(config.policy, actor, proposer=proposer_of(self.row))

    def quorum(self, config: Config) -> Quorum:
        """Return how many approvers it takes, by the rule of the day it was proposed or today's if that is more."""
        needed = max(self.row.needed, config.policy.approvals_needed)
        return decisions.deletion_quorum(config.policy, proposer=proposer_of(self.row), needed=needed)

    def read_again(self, ctx: Context, job: JobRow, vote: VoteRow) -> Reread:
        """Read every asset again; PostponedError while VOD does not show all of them."""
        shown = ctx.database.read(lambda tx: cache.stored(tx, self.row.id, self.row.revision))
        if shown is None:
            return Reread(elsewhere=Refusal.about(Rule.DIGEST_UNKNOWN, self.row.id))
        try:
            here = ctx.where()
            if not shown.place.is_at(here):
                return Reread(elsewhere=_elsewhere(self.row.id, shown.place, here))
            asked = ask_again(ctx, self.row, shown, Keeper(ctx, job, _is_cast(vote)))
            if asked.lost and len(asked.lost) == shown.count:
                return Reread(elsewhere=Refusal.about(Rule.NO_LONGER_MATCHES, self.row.id))
            fresh = self._stage(ctx, job, shown, here, asked, _is_cast(vote))
            lost = asked.lost | unmatched(ctx, fresh)
        except vod.VodError as exc:
            if isinstance(exc, vod.Throttled):
                ctx.quota.throttled(exc.action)
            raise self._postponed(ctx, job, vote, reading_fault(exc)) from exc
        except _HiddenError:
            raise self._postponed(ctx, job, vote, VodFault(code=NOT_SHOWN, advice=vod.Advice.NOT_SHOWN)) from None
        if lost and not fresh.header.count:
            return Reread(elsewhere=Refusal.about(Rule.NO_LONGER_MATCHES, self.row.id))
        changes = found(ctx, self.row, shown, fresh, Keeper(ctx, job), lost=lost)
        return Reread(fresh if changes.count else None, changes, newcomers=asked.newcomers)

    def replaced(self, tx: Tx, config: Config, vote: VoteRow, read: Reread) -> bool:
        """Void every vote on what is not as it was shown and show the plan anew, or close when none is left."""
        fresh = read.fresh
        if read.elsewhere is not None:
            void(tx, self.ref, vote, read.elsewhere)
            return True
        if fresh is None:
            return False
        too_much = decisions.bytes_within(config.policy, fresh.plan)
        if too_much:
            void(tx, self.ref, vote, too_much)
            return True
        if not fresh.header.count:
            gone = events.AssetsGone(about=self.ref, drift=tuple(read.changes.first))
            close(tx, self.row, states.Event.ASSETS_GONE, ending=NO_ENDING, told=gone)
            return True
        self._show_anew(tx, vote, fresh, read.changes)
        return True

    def newcomers(self, read: Reread) -> int:
        """Return how many things match the query and are not in the plan."""
        return read.newcomers

    def approve(self, tx: Tx, config: Config, voters: frozenset[Actor]) -> Event:
        """Let the hold begin as soon as people can see it; at its end the deletion starts."""
        row, hold_s = self.row, config.policy.hold_s
        transition(tx, row, states.Event.QUORUM_REACHED)
        now = tx.now_ms()
        execute_by = now + (hold_s + config.policy.execute_within_s) * 1000
        proposals.stamp(tx, row.id, Stamp(decided_ms=now, execute_by_ms=execute_by))
        jobs.cancel(tx, JobKind.EXPIRE, row.id)
        jobs.revive(tx, JobKind.EXECUTE, row.id, due_ms=now + holding.LOOK_MS)
        proposals.await_hold(tx, row.id, hold_s=hold_s)
        return events.ProposalApproved(
            about=self.ref,
            digest=Digest(row.digest or ""),
            approvals=tuple(str(voter) for voter in sorted(voters)),
            execute_by_ms=execute_by,
            hold_s=hold_s,
            decided_ms=now,
            hold_no=row.hold_no + 1,
        )

    def _stands(self, tx: Tx, digest: str) -> Refusal | None:
        if digest == self.row.digest:
            return None
        known = digest in revisions.digests(tx, self.row.id)
        return Refusal.about(Rule.PLAN_CHANGED if known else Rule.DIGEST_UNKNOWN, self.row.id)

    def _in_time(self, tx: Tx) -> Refusal | None:
        return Refusal.about(Rule.TIME_IS_UP, self.row.id) if tx.now_ms() >= self.row.expires_ms else None

    def _shown_whole(self, tx: Tx) -> Refusal | None:
        """Refuse while a list was not posted, of a plan that its card does not show whole."""
        row = self.row
        if self._count(tx) <= LISTED_ON_CARD and not audience.asset_list_was_owed(
            tx, row.id, revision=row.revision
        ):
            return None
        posted = audience.asset_list_was_posted(tx, row.id, revision=row.revision)
        return None if posted else Refusal.about(Rule.LIST_NOT_SHOWN, row.id)

    def _typed_right(self, tx: Tx, config: Config, typed: int | None) -> Refusal | None:
        """Refuse a vote without the number of items where that is asked for, and one with another number always."""
        if typed is None:
            return Refusal.about(Rule.NUMBER_NOT_TYPED, self.row.id) if self.asks_number(tx, config) else None
        wrong = Refusal(Rule.WRONG_NUMBER, Seen(number=self.row.id, asked=typed))
        return None if typed == self._count(tx) else wrong

    def _count(self, tx: Tx) -> int:
        """Return how many items the current plan has; one that an earlier version did not count is read for it.

        It is asked once: fifty people who click at the same time wait for each other.
        """
        if self._counted is None:
            row = self.row
            self._counted = revisions.targets_of(tx, row.id, row.revision)
            if self._counted is None:
                shown = cache.stored(tx, row.id, row.revision)
                self._counted = shown.count if shown else 0
        return self._counted

    def _postponed(self, ctx: Context, job: JobRow, vote: VoteRow, fault: VodFault) -> PostponedError:
        """Tell the voter once that their vote waits."""
        if job.attempts == 1:
            notice = VoteWaits(number=ProposalNumber(self.row.id), vod=fault)
            ctx.database.write(lambda tx: audience.answer(tx, ReplyTo(vote.channel, vote.voter), notice))
        return PostponedError(fault.code)

    def _stage(
        self,
        ctx: Context,
        job: JobRow,
        shown: Plan,
        here: Place,
        query: Asked,
        wanted: Callable[[Tx], bool],
    ) -> Staged:
        """Read everything that was shown once more; _HiddenError when VOD does not show all of it."""
        row = self.row

        def check(asked: Sequence[str], reading: Reading) -> None:
            if any(map(reading.hides, asked)):
                raise _HiddenError

        if shown.is_of_parts:
            every = ctx.database.read(lambda tx: cache.page(tx, row.id, row.revision, start=0, limit=shown.count))
            known = frozenset(each.target.id for each in every)
            whole = Stage(
                ctx, job, shown.request, here, lambda _, reading: check(tuple(known), reading), lambda _: known
            )
            return whole.read_whole()

        stage = Stage(ctx, job, shown.request, here, check, frozenset, wanted)
        if query.ids is not None:
            # What it still finds may be less than when somebody began to read it.
            rest = [each for each in query.ids if each not in query.lost]
            return stage.read_list(in_order(rest), len(rest))
        if shown.version < VERSION:
            all_of_it = [each.target.id for each in shown.entries]
            return stage.read_list(in_order(all_of_it), len(all_of_it))

        def names(tx: Tx, start: int, limit: int) -> Sequence[str]:
            return cache.ids(tx, row.id, row.revision, start=start, limit=limit)

        return stage.read_list(names, shown.count)

    def _show_anew(self, tx: Tx, vote: VoteRow, read: Staged, changes: Changes) -> None:
        row = self.row
        transition(tx, row, states.Event.PLAN_CHANGED)
        changed = Refusal.about(Rule.PLAN_CHANGED, row.id)
        now = tx.now_ms()
        voided = void_votes(tx, row, changed, now_ms=now, besides=VoteId(vote.id))
        stored = collecting.store_plan(
            tx, row, read.header, read.store(tx), now_ms=now, drift=canonical.dumps(changes.first)
        )
        record(
            tx,
            events.PlanChanged(
                about=self.ref,
                old=Digest(vote.digest),
                digest=Digest(read.header.digest),
                drift=tuple(changes.first),
                drift_count=changes.count,
                count=read.header.count,
                votes_voided=voided,
                vote=VoteId(vote.id),
                stored_ms=stored.created_ms,
            ),
        )


class Deletions:
    """Proposals as subjects of approval."""

    kind: SubjectKind = PROPOSAL
    already: Rule = Rule.ALREADY_APPROVED
    ask_within_ms: int | None = None

    def find(self, tx: Tx, number: int, *, locked: bool) -> Deletion | None:
        """Return a proposal; locked, nobody else can change it until this transaction ends."""
        row = proposals.lock(tx, number) if locked else proposals.get(tx, number)
        return Deletion(row) if row else None


def asks_number(tx: Tx, config: Config, number: int) -> bool:
    """Say whether approving this proposal takes typing how many items it deletes."""
    count = revisions.targets_of_current(tx, number)
    if count is not None:
        return count >= config.policy.typed_from
    found = Deletions().find(tx, number, locked=False)
    return found is not None and found.asks_number(tx, config)


def in_vain(tx: Tx, config: Config, action: SlackAction, shown: Shown) -> Refusal | None:
    """Refuse a vote that is in vain as things stand, and log it; None when the proposal is to be locked and asked.

    Of fifty people who click at once nearly all do so in vain: they wait for the head of the log, and for no more.
    """
    found = Deletions().find(tx, shown.number, locked=False)
    if found is None or shown.digest != found.row.digest or shown.record != audit_log.record_id(tx):
        return None
    refusal = refuse_unless_in(found.row, shown.number, State.PENDING)
    entitled = refusal or found.entitles(config, action.actor)
    refusal = entitled if isinstance(entitled, Refusal) else _voted(tx, action.actor, shown)
    if refusal is None:
        return None
    refusal = replayed(tx, action) or refusal
    no = events.VoteRefused(about=shown.subject, by=action.actor, refusal=refusal, digest=shown.digest)
    return refuse(tx, no)


def may_open_approval(tx: Tx, config: Config, action: SlackAction, shown: Shown) -> Refusal | None:
    """Say why this person may not approve what they were shown, and log it; None when the number is to be typed."""
    actor, number = action.actor, shown.number
    found = Deletions().find(tx, number, locked=True)
    refusal = replayed(tx, action)
    if refusal is None:
        missing = Refusal.about(Rule.NO_SUCH_PROPOSAL, number)
        refusal = found.refuses(tx, config, actor, shown.digest) if found else missing
    if refusal is None or refusal.rule is Rule.NUMBER_NOT_TYPED:
        refusal = _voted(tx, actor, shown)
    if refusal is not None:
        refuse(tx, events.VoteRefused(about=shown.subject, by=actor, refusal=refusal, digest=shown.digest))
    return refusal


def _voted(tx: Tx, actor: Actor, shown: Shown) -> Refusal | None:
    live = votes.of(tx, subject_of(shown.number), VoteState.CAST, VoteState.COUNTED)
    if any((vote.voter_team, vote.voter, vote.digest) == (actor.team, actor.user, shown.digest) for vote in live):
        return Refusal.about(Rule.ALREADY_APPROVED, shown.number)
    return None


def _is_cast(vote: VoteRow) -> Callable[[Tx], bool]:
    """Say whether a vote is still to be counted: once it is void, nobody wants to know what its reading finds."""

    def wanted(tx: Tx) -> bool:
        found = votes.get(tx, vote.id)
        return found is not None and found.state is VoteState.CAST

    return wanted


def _elsewhere(number: int, planned: Place, here: Place) -> Refusal:
    return Refusal(Rule.OTHER_PLACE, Seen(number=number, place=planned.text(), here=here.text()))
