"""Freezing everything, by anybody in the channel at once; and ending that, which two people have to approve.

While a freeze is open no delete call is begun, by any instance, for any proposal. Reading, voting and reading back
go on: none of them deletes anything.
"""

from dataclasses import dataclass

from deletion.approval.holds import holding
from deletion.approval.proposal import SlackAction, replayed
from deletion.approval.refusing import refuse
from deletion.approval.voting import Ballot, cast
from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.record import record
from deletion.jobs.config import Config
from deletion.jobs.context import Context
from deletion.policy import decisions
from deletion.policy.quorum import Entitled, Quorum
from deletion.terms import canonical
from deletion.terms.ids import FREEZE, Digest, Ref, SubjectKind, VoteId, freeze_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule, Seen
from storage import Tx
from storage.tables import freezes, rate_limits
from storage.tables.freezes import FreezeRow
from storage.tables.jobs import JobRow
from storage.tables.votes import VoteRow

ASK_WITHIN_MS = 15 * 60 * 1000
"""How long Slack is asked who a vote to unfreeze is from before it is void and has to be cast again."""


def freeze(
    tx: Tx, config: Config, action: SlackAction, *, channel: str, in_approvals: bool, why: str
) -> FreezeRow | Refusal:
    """Let nothing more be deleted, from this transaction's commit on: a request being sent is waited for."""
    rate_limits.lock_wire(tx)
    by = action.actor
    refusal = replayed(tx, action) or decisions.may_freeze(config.policy, by, in_channel=in_approvals)
    if refusal:
        return refuse(tx, events.FreezeRefused(about=freeze_ref(None), by=by, refusal=refusal))
    return _freeze(tx, by, channel=channel, why=why)


def freeze_as_operator(tx: Tx, by: Actor, *, why: str) -> FreezeRow | Refusal:
    """Let whoever has the database freeze everything: a brake asks nobody who they are."""
    rate_limits.lock_wire(tx)
    return _freeze(tx, by, channel="", why=why)


def _freeze(tx: Tx, by: Actor, *, channel: str, why: str) -> FreezeRow | Refusal:
    reason = canonical.clean(why)
    freeze_id = _begin(tx, by, channel, reason)
    while (row := freezes.current(tx)) is None:
        # What was in the way has been ended since. "Already frozen" is said only of a freeze that is open.
        freeze_id = _begin(tx, by, channel, reason)
    if freeze_id is None:
        frozen = Refusal(Rule.ALREADY_FROZEN, Seen(actor=row.person))
        return refuse(tx, events.FreezeRefused(about=freeze_ref(None), by=by, refusal=frozen))
    digest = Digest(row.digest)
    record(
        tx,
        events.FreezeBegun(about=freeze_ref(freeze_id), by=by, why=reason, digest=digest, frozen_ms=row.frozen_ms),
    )
    return row


def _begin(tx: Tx, by: Actor, channel: str, reason: str) -> int | None:
    """Open a freeze. What those who end it approve is its digest: who froze when, and why."""
    shown = canonical.dumps({"by": str(by), "at_ms": tx.now_ms(), "why": reason})
    return freezes.begin(tx, by=(by.team, by.user), channel=channel, reason=reason, digest=canonical.sha256(shown))


def thaw(tx: Tx, config: Config, action: SlackAction, *, channel: str) -> VoteId | Refusal:
    """Record one person's vote to end the freeze; return its number. It counts once Slack said who they are."""
    row = freezes.lock_current(tx)
    ballot = Ballot(row.id if row else 0, Digest(row.digest if row else ""), ReplyTo(channel, action.actor.user))
    return cast(tx, config, action, ballot, Thaws())


@dataclass(frozen=True)
class Thaw:
    """The end of a freeze, as a subject of approval; ``row`` None: there is no such freeze."""

    row: FreezeRow | None

    @property
    def ref(self) -> Ref:
        """Return how the log names the freeze."""
        return freeze_ref(self.row.id if self.row else None)

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
        if self.row is None or self.row.thawed_ms is not None or self.row.digest != digest:
            return Refusal(Rule.NOT_FROZEN)
        entitled = self.entitles(config, actor)
        return entitled if isinstance(entitled, Refusal) else None

    def entitles(self, config: Config, actor: Actor) -> Entitled | Refusal:
        """Say by which rule this person may vote, or why not."""
        return decisions.may_thaw(config.policy, actor)

    def quorum(self, config: Config) -> Quorum:
        """Return what it takes: two people, one of them an approver."""
        return decisions.thaw_quorum(config.policy)

    def read_again(self, ctx: Context, job: JobRow, vote: VoteRow) -> None:
        """Read nothing: what is voted on is in the record."""

    def newcomers(self, read: None) -> int:  # noqa: ARG002 - as a subject
        """Return none: this names nothing by a query."""
        return 0

    def replaced(self, tx: Tx, config: Config, vote: VoteRow, read: None) -> bool:  # noqa: ARG002 - as a subject
        """Return False: a freeze does not change."""
        return False

    def approve(self, tx: Tx, config: Config, voters: frozenset[Actor]) -> Event:
        """End the freeze and let what is approved go on, after a hold that begins anew."""
        now = tx.now_ms()
        freezes.end(tx, self.row.id if self.row else 0, now_ms=now)
        released = holding.begin_anew(tx, config.policy)
        people = tuple(str(voter) for voter in sorted(voters))
        return events.FreezeEnded(about=self.ref, people=people, thawed_ms=now, released=released)


class Thaws:
    """Ends of freezes as subjects of approval."""

    kind: SubjectKind = FREEZE
    already: Rule = Rule.ALREADY_THAWED
    ask_within_ms: int | None = ASK_WITHIN_MS

    def find(self, tx: Tx, number: int, *, locked: bool) -> Thaw | None:
        """Return the end of the freeze that is open; of one that is over, or of none, what takes no votes."""
        row = freezes.lock_current(tx) if locked else freezes.current(tx)
        return Thaw(row if row is not None and row.id == number else None)
