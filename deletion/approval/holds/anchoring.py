"""Holding a record that does not lead to the heads in the audit channel, until two people say that it is true.

While such a finding is open no delete call is begun, by any instance. Reading, stopping and reading back go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from deletion.approval.holds import holding
from deletion.approval.voting import PostponedError
from deletion.audit import anchors, events
from deletion.audit.anchors import ChannelUnreadableError, Mismatch, OwnHead, PostedHead
from deletion.audit.events import Event
from deletion.audit.messages import places, silence
from deletion.audit.messages.delivery import CardShown
from deletion.audit.messages.silence import Silence
from deletion.audit.record import record
from deletion.jobs.config import Config
from deletion.jobs.context import Context
from deletion.jobs.trust import LOOK_EVERY_MS, Verdict
from deletion.policy import decisions
from deletion.policy.quorum import Entitled, Quorum
from deletion.terms import canonical
from deletion.terms.ids import ANCHOR, Digest, RecordId, Ref, SubjectKind, VoteId
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from storage import Tx
from storage.tables import anchor_losses, audit_log, proposals, rate_limits, votes
from storage.tables.anchor_losses import LossRow
from storage.tables.jobs import JobRow
from storage.tables.votes import VoteRow, VoteState

log = structlog.get_logger()

ASK_WITHIN_MS = 15 * 60 * 1000
"""How long Slack is asked who a vote is from before it is void and has to be cast again."""

WATCH_EVERY_MS = 60_000
"""How often each instance looks by itself while nothing is approved or under way, besides at its start."""


def look(ctx: Context) -> Verdict:
    """Compare the record with the audit channel now, and hold everything when it does not lead there."""
    with ctx.trust.looking:
        return _look(ctx)


def ensure(ctx: Context) -> Verdict:
    """Return what this instance found a moment ago; look anew when that was not so."""
    known = ctx.trust.known(within_ms=LOOK_EVERY_MS)
    if known is not Verdict.UNKNOWN:
        return known
    with ctx.trust.looking:
        known = ctx.trust.known(within_ms=LOOK_EVERY_MS)
        return known if known is not Verdict.UNKNOWN else _look(ctx)


def may_post_head(ctx: Context) -> bool:
    """Say whether a head may be posted: not before the newest ones were looked at, which it would hide."""
    known = ctx.trust.known(ctx.database.read(lambda tx: tx.server()))
    return known is not Verdict.UNKNOWN or look(ctx) is not Verdict.UNKNOWN


def watch(ctx: Context) -> bool:
    """Look at the start, whenever there is doubt, and now and then; False when it is too soon.

    More often while something is on hold or under way: an outage may begin and end within a hold.
    """
    if not ctx.trust.is_due(ctx.timings.retry[2] if ctx.trust.unread is not None else LOOK_EVERY_MS):
        return False
    is_idle = ctx.trust.unread is None and not ctx.trust.is_due(WATCH_EVERY_MS)
    if is_idle and not ctx.database.read(proposals.is_any_seen):
        return False
    found = look(ctx)
    listen(ctx)
    return found is Verdict.HOLDS


def _look(ctx: Context) -> Verdict:
    began_ms, doubts = ctx.trust.begin()
    try:
        heads = _read(ctx)
    except ChannelUnreadableError as exc:
        log.warning("anchor.not_read", error=str(exc))
        ctx.trust.not_read(str(exc))
        if exc.hides and not ctx.trust.is_hidden:
            _hide(ctx, Silence(places.APPROVALS, str(exc), ctx.database.now_ms()))
        return Verdict.UNKNOWN
    # Not before: what the channel shows was committed when it was posted.
    found, is_lost, server = ctx.database.read(lambda tx: (_found(tx, heads), _is_lost(tx), tx.server()))
    if found is not None and not is_lost:
        ctx.database.write(lambda tx: _lose(tx, heads))
    verdict = Verdict.LOST if found is not None or is_lost else Verdict.HOLDS
    was_hidden = ctx.trust.is_hidden
    ctx.trust.looked(verdict, server=server, began_ms=began_ms, doubts=doubts)
    if was_hidden:
        ctx.database.write(holding.show_unseen)
    return verdict


def _hide(ctx: Context, away: Silence) -> None:
    """Put everything on hold anew, and let no hold begin before a look finds that people can see it."""
    # First: a card that is settled meanwhile begins no hold any more, or one that is put on hold anew here.
    ctx.trust.hide()
    try:
        holding.begin_anew_unseen(ctx.database, ctx.config.policy, away)
    except BaseException:
        # The next look does it.
        ctx.trust.hide(yes=False)
        raise


def card_shown(ctx: Context, tx: Tx, card: CardShown) -> None:
    """Begin the hold that waits for this card, whose proposal is locked, unless people may not see the card.

    Slack may take it in an outage all the same. It is shown anew, and the hold begins, when the outage is over.
    """
    if not ctx.trust.is_hidden:
        holding.begin(tx, card)


def _read(ctx: Context) -> tuple[PostedHead, ...]:
    """Read the channels; a second time where Slack did not answer, since one lost answer is no outage."""
    try:
        return ctx.heads.recent()
    except ChannelUnreadableError as exc:
        if not exc.hides:
            raise
    return ctx.heads.recent()


def listen(ctx: Context) -> tuple[Silence, ...]:
    """Return which channels take no messages; every hold begins anew when people see none for a while."""
    found, now_ms = ctx.database.read(lambda tx: (silence.in_channels(tx), tx.now_ms()))
    for each in found:
        if each.hides and each.is_long(now_ms):
            holding.begin_anew_unseen(ctx.database, ctx.config.policy, each)
    return found


def _is_lost(tx: Tx) -> bool:
    return anchor_losses.current(tx) is not None


def own_head(tx: Tx) -> OwnHead:
    """Return the record's own head."""
    head = audit_log.head(tx)
    newest = audit_log.between(tx, head.seq, head.seq)
    at_ms = newest[0].at_ms if newest else None
    return OwnHead(RecordId(audit_log.record_id(tx)), head.seq, head.hash, at_ms)


def _found(tx: Tx, heads: Sequence[PostedHead]) -> Mismatch | None:
    numbers = sorted({head.seq for head in heads})
    hashes = {row.seq: row.hash for row in audit_log.numbered(tx, numbers)} if numbers else {}
    return anchors.mismatch(heads, own_head(tx), hashes, accepted=anchor_losses.accepted_ts(tx))


def _lose(tx: Tx, heads: Sequence[PostedHead]) -> None:
    """Hold everything from this transaction's commit on: a request being sent is waited for."""
    rate_limits.lock_wire(tx)
    found = _found(tx, heads)
    if found is not None:
        _hold(tx, found, heads)


def _hold(tx: Tx, found: Mismatch, heads: Sequence[PostedHead]) -> None:
    facts = _facts(found)
    digest, newest = canonical.sha256(facts), max(heads, key=lambda head: float(head.ts))
    number = anchor_losses.begin(tx, digest=digest, found=facts, seen_ts=newest.ts)
    if number is not None:
        lost = events.AnchorLost(
            about=Ref(ANCHOR, number),
            digest=Digest(digest),
            finding=found.finding,
            record=found.own.record,
            seq=found.own.seq,
            hash=found.own.hash,
            at_ms=found.own.at_ms,
            posted_record=found.posted.record,
            posted_seq=found.posted.seq,
            posted_hash=found.posted.hash,
            posted_ms=found.posted.at_ms,
            seen_ts=newest.ts,
        )
        record(tx, lost)


def _facts(found: Mismatch) -> str:
    """Return what was found as canonical JSON."""
    return canonical.dumps({"finding": found.finding, "own": found.own.__dict__, "posted": found.posted.__dict__})


@dataclass(frozen=True)
class Seen:
    """What the audit channel shows when a vote is about to count."""

    heads: tuple[PostedHead, ...]


@dataclass(frozen=True)
class Anchoring:
    """A record that two people are to take for the true one; ``row`` None: there is no such question open."""

    number: int
    row: LossRow | None

    @property
    def ref(self) -> Ref:
        """Return how the log names it."""
        return Ref(ANCHOR, self.number)

    def refuses(
        self,
        tx: Tx,  # noqa: ARG002 - a subject may ask the record
        config: Config,
        actor: Actor,
        digest: str,
        *,
        typed: int | None = None,  # noqa: ARG002 - nor is there a number to be typed here
    ) -> Refusal | None:
        """Say why this person's vote cannot be cast or counted now, or None."""
        if self.row is None or self.row.digest != digest:
            return Refusal(Rule.NOT_LOST)
        entitled = self.entitles(config, actor)
        return entitled if isinstance(entitled, Refusal) else None

    def entitles(self, config: Config, actor: Actor) -> Entitled | Refusal:
        """Say by which rule this person may vote, or why not: as to end a freeze."""
        entitled = decisions.may_thaw(config.policy, actor)
        if isinstance(entitled, Refusal) and entitled.rule is Rule.MAY_NOT_THAW:
            return Refusal(Rule.MAY_NOT_ANCHOR)
        return entitled

    def quorum(self, config: Config) -> Quorum:
        """Return what it takes: two people, one of them an approver."""
        return decisions.thaw_quorum(config.policy)

    def read_again(self, ctx: Context, job: JobRow, vote: VoteRow) -> Seen:  # noqa: ARG002 - as a subject
        """Read the channel again: it may show more by now."""
        try:
            return Seen(ctx.heads.recent())
        except ChannelUnreadableError as exc:
            raise PostponedError from exc

    def newcomers(self, read: Seen) -> int:  # noqa: ARG002 - as a subject
        """Return none: this names nothing by a query."""
        return 0

    def replaced(self, tx: Tx, config: Config, vote: VoteRow, read: Seen) -> bool:  # noqa: ARG002 - as a subject
        """Void every vote when the channel shows another head by now, and ask anew about that one."""
        found = _found(tx, read.heads)
        if self.row is None or found is None or found.posted.ts <= self.row.seen_ts:
            return False
        anchor_losses.close(tx, self.row.id, accepted=False)
        refusal, now = Refusal(Rule.NOT_LOST), tx.now_ms()
        note = canonical.dumps(refusal.to_json())
        live = votes.void_all(tx, votes.Subject(ANCHOR, self.row.id), note=note, now_ms=now)
        _hold(tx, found, read.heads)
        for each in live:
            record(tx, _voided(self.ref, each, refusal, now))
        return True

    def approve(self, tx: Tx, config: Config, voters: frozenset[Actor]) -> Event:
        """Take the record for the true one; what is approved is on hold anew, so that people can still stop it."""
        row = self.row
        now = tx.now_ms()
        anchor_losses.close(tx, row.id if row else 0, accepted=True, now_ms=now)
        released = holding.begin_anew(tx, config.policy)
        people = tuple(str(voter) for voter in sorted(voters))
        digest = Digest(row.digest if row else "")
        return events.AnchorRestored(about=self.ref, digest=digest, people=people, released=released, closed_ms=now)


def _voided(about: Ref, vote: VoteRow, refusal: Refusal, now_ms: int) -> events.VoteVoided:
    return events.VoteVoided(
        about=about,
        by=Actor(vote.voter_team, vote.voter),
        vote=VoteId(vote.id),
        digest=Digest(vote.digest),
        refusal=refusal,
        was_counted=vote.state is VoteState.COUNTED,
        settled_ms=now_ms,
    )


class Anchorings:
    """Questions whether a record is the true one, as subjects of approval."""

    kind: SubjectKind = ANCHOR
    already: Rule = Rule.ALREADY_ANCHORED
    ask_within_ms: int = ASK_WITHIN_MS

    def find(self, tx: Tx, number: int, *, locked: bool) -> Anchoring:
        """Return the question that is open; of one that is over, or of none, what takes no votes."""
        row = anchor_losses.current(tx, locked=locked)
        return Anchoring(number, row if row is not None and row.id == number else None)


def fault(ctx: Context) -> str | None:
    """Say for whoever runs the bot why nothing is deleted on account of the channels; None when it is."""
    if ctx.database.read(_is_lost):
        return (
            "the record does not lead to the newest head in the audit channel, so nothing is deleted; two people "
            "have to decide in the approvals channel whether it is the true one"
        )
    unread = ctx.trust.unread
    if unread is not None:
        return (
            f"the approvals channel or the audit channel cannot be read ({unread}), so nothing is deleted; see "
            "that neither is archived, invite the bot to both and check its scopes"
        )
    silent, now_ms = ctx.database.read(lambda tx: (silence.in_channels(tx), tx.now_ms()))
    if any(each.is_long(now_ms) for each in silent):
        named = ", ".join(f"{each.place}: {each.code}" for each in silent)
        return (
            f"a channel takes no messages ({named}), so nothing is deleted; let the bot post there, and see that "
            "it is not archived and that Slack is reached from here"
        )
    return None
